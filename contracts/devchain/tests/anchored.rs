//! A disclosure counts as anchored by the words of the real contract, and by nothing else.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use common::CHAIN;
use common::story::{Story, party};
use healthrecord::access::Deployment;
use healthrecord::bundle;
use healthrecord::code::Code as _;
use healthrecord::record::{
    AnchoredCheckError, Batch, Metadata, OwnedBatchProof, OwnedDisclosure, Parties, Secret, Selection,
    disclose,
};
use healthrecord::rpc::{BlockHeader, EthGetProof};
use healthrecord_core::access::{AnchorRequest, AnchoredError, AnchoredRecord, Clock, Policy, VerifyError};
use healthrecord_core::health::anchor::{HashRule, PinnedHash};
use healthrecord_core::health::contract::{Call, Slot};
use healthrecord_core::health::record::BatchError;
use healthrecord_core::{Address, B256, U256};
use healthrecord_devchain::contract;

const REGISTRAR: u8 = 1;
const HOSPITAL: u8 = 2;
const STRANGER: u8 = 3;
const PATIENT: Address = Address([0xaa; 20]);
const BINDING: [&str; 4] = ["#patient", "#author", "#kind", "#scope"];

/// The disclosure of one value of a record by its number.
fn record(number: u8, author: u8, kind: u16, shown: &[&str]) -> OwnedDisclosure {
    let metadata = Metadata {
        patient: PATIENT,
        author: party(author),
        kind,
        issued: 1_700_000_000,
        scopes: vec![B256([number; 32])],
        previous: None,
        attachments: vec![],
    };
    let document = format!(r#"{{"resourceType":"Observation","valueQuantity":{{"value":{number}.0}}}}"#);
    let secret = Secret::from_bytes(&[number; 32]);
    disclose(document.as_bytes(), &metadata, &secret, &Selection::exactly(shown)).unwrap()
}

fn shown(number: u8, author: u8) -> OwnedDisclosure {
    record(number, author, 1, &[&BINDING[..], &["/valueQuantity/value"]].concat())
}

fn anchor(story: &mut Story, by: u8, root: B256, count: u32, kind: u16) {
    story.act(by, &Call::Anchor { root, count, kind }).unwrap();
}

fn deployment(story: &Story) -> Deployment {
    let code_hashes = vec![contract::code_hash()];
    Deployment { chain_id: CHAIN, contract: story.contract, code_hashes }
}

/// The bundle of these slots in the newest block, and the block's hash.
fn bundle_of(story: &Story, slots: &[B256]) -> (Vec<u8>, PinnedHash) {
    let head = story.chain.head();
    let block = story.chain.block_json(head.number).unwrap().to_string();
    let header = BlockHeader::from_json(&block, HashRule::Plain).unwrap();
    let answer = story.chain.proof(story.contract, slots).to_json().to_string();
    let bundle = bundle::build(CHAIN, &header, &EthGetProof::from_json(&answer).unwrap());
    (bundle, PinnedHash::new(head.hash, HashRule::Plain))
}

fn check(
    story: &Story,
    disclosure: &OwnedDisclosure,
    batch: Option<&OwnedBatchProof>,
    parties: &Parties,
) -> Result<AnchoredRecord, AnchoredCheckError> {
    let request = disclosure.anchor_request(batch, parties)?;
    let (bundle, trusted) = bundle_of(story, &request.required_slots());
    disclosure.check_anchored(batch, parties, &bundle, &trusted, &deployment(story), &Policy::default())
}

fn refused(outcome: Result<AnchoredRecord, AnchoredCheckError>) -> AnchoredError {
    match outcome {
        Err(AnchoredCheckError::Anchored(error)) => error,
        outcome => panic!("{outcome:?}"),
    }
}

#[test]
fn a_record_counts_as_anchored_by_its_author_alone_and_until_it_is_retracted() {
    let mut story = Story::begin(None, 3);
    let disclosure = shown(7, HOSPITAL);
    let (author, root) = (party(HOSPITAL), disclosure.commitment);
    let anyone = Parties::default();
    let never = AnchoredError::NeverAnchored { author, root };
    assert_eq!(refused(check(&story, &disclosure, None, &anyone)), never);

    // A stranger anchors the hospital's commitment first: it is the stranger's anchor.
    anchor(&mut story, STRANGER, root, 1, 1);
    assert_eq!(refused(check(&story, &disclosure, None, &anyone)), never);

    anchor(&mut story, HOSPITAL, root, 1, 1);
    let anchored_at = story.time;
    story.wait(100);
    let parties = Parties { patient: Some(PATIENT), author: Some(author) };
    let anchored = check(&story, &disclosure, None, &parties).unwrap();
    assert_eq!((anchored.record.patient(), anchored.record.author()), (PATIENT, author));
    assert_eq!(anchored.record.commitment(), root);
    assert_eq!((anchored.kind, anchored.root, anchored.anchored_at), (1, root, anchored_at));
    assert_eq!((anchored.block_number, anchored.block_time), (story.chain.head().number, story.time));
    let clock = Clock { now: story.time + 60, error: 0, max_age: 60, max_skew: 0 };
    assert_eq!(anchored.age(&clock), Ok(60));
    let late = Clock { now: story.time + 61, ..clock };
    assert!(matches!(anchored.age(&late), Err(VerifyError::Stale { .. })));

    let (expected, found) = (Address([1; 20]), PATIENT);
    let other = Parties { patient: Some(expected), ..parties };
    assert_eq!(refused(check(&story, &disclosure, None, &other)), AnchoredError::Patient { expected, found });
    let (expected, found) = (party(STRANGER), author);
    let other = Parties { author: Some(expected), ..parties };
    assert_eq!(refused(check(&story, &disclosure, None, &other)), AnchoredError::Author { expected, found });

    // The stranger's retraction is the stranger's; the author's ends it.
    story.act(STRANGER, &Call::Retract { commitment: root, reason: 9 }).unwrap();
    assert!(check(&story, &disclosure, None, &parties).is_ok());
    story.act(HOSPITAL, &Call::Retract { commitment: root, reason: 4 }).unwrap();
    let retracted = refused(check(&story, &disclosure, None, &parties));
    assert_eq!(retracted, AnchoredError::Retracted { retracted_at: story.time, reason: 4 });
    assert_eq!(retracted.code(), "anchored.retracted");
    assert!(retracted.is_about_the_record() && retracted.to_string().ends_with("for reason 4"));
}

#[test]
fn each_record_of_a_batch_counts_at_its_place() {
    let mut story = Story::begin(None, 3);
    let records: Vec<OwnedDisclosure> = (1..=11).map(|number| shown(number, HOSPITAL)).collect();
    let commitments: Vec<B256> = records.iter().map(|record| record.commitment).collect();
    let batch = Batch::new(commitments.iter().copied()).unwrap();
    let proof_of = |index: u32| batch.proof(index, &commitments[index as usize]).unwrap();
    anchor(&mut story, HOSPITAL, batch.root(), 11, 1);
    let anyone = Parties::default();
    for (index, record) in (0..).zip(&records) {
        let proof = proof_of(index);
        assert_eq!(OwnedBatchProof::from_file(proof.to_json().as_bytes()).unwrap(), proof);
        assert_eq!(OwnedBatchProof::from_file(&proof.to_rlp()).unwrap(), proof);
        let anchored = check(&story, record, Some(&proof), &anyone).unwrap();
        assert_eq!((anchored.root, anchored.record.commitment()), (batch.root(), record.commitment));
        // By itself, and at another's place, it was never anchored.
        for wrong in [None, Some(&proof_of((index + 1) % 11))] {
            let error = refused(check(&story, record, wrong, &anyone));
            assert!(matches!(error, AnchoredError::NeverAnchored { .. }), "{error:?}");
        }
    }
    // The same tree, said to be of another size where the proof's length allows it.
    let proof = proof_of(3);
    for (count, expected) in [
        (12, BatchError::Count { expected: 11, found: 12 }),
        (2, BatchError::Index { index: 3, count: 2 }),
        (4, BatchError::ProofLength { found: proof.siblings.len(), count: 4 }),
    ] {
        let other = OwnedBatchProof { count, ..proof.clone() };
        assert_eq!(
            refused(check(&story, &records[3], Some(&other), &anyone)),
            AnchoredError::Batch(expected)
        );
    }
    // One of them is retracted, and the others stand.
    story.act(HOSPITAL, &Call::Retract { commitment: commitments[3], reason: 1 }).unwrap();
    let error = refused(check(&story, &records[3], Some(&proof), &anyone));
    assert_eq!(error, AnchoredError::Retracted { retracted_at: story.time, reason: 1 });
    assert!(check(&story, &records[4], Some(&proof_of(4)), &anyone).is_ok());
}

#[test]
fn kind_and_binding_must_be_shown_and_equal() {
    let mut story = Story::begin(None, 3);
    let everything = [&BINDING[..], &["/valueQuantity/value"]].concat();
    let claim = record(5, HOSPITAL, 5, &everything);
    anchor(&mut story, HOSPITAL, claim.commitment, 1, 1);
    let error = refused(check(&story, &claim, None, &Parties::default()));
    assert_eq!(error, AnchoredError::Kind { committed: 5, anchored: 1 });
    for hidden in BINDING {
        let rest: Vec<&str> = everything.iter().copied().filter(|path| *path != hidden).collect();
        let error = refused(check(&story, &record(5, HOSPITAL, 5, &rest), None, &Parties::default()));
        assert!(matches!(error, AnchoredError::Unbound(unbound) if unbound.path == hidden), "{error:?}");
    }
    let mut altered = record(5, HOSPITAL, 5, &everything);
    altered.leaves.last_mut().unwrap().value = b"n6.0".to_vec();
    let outcome = check(&story, &altered, None, &Parties::default());
    assert!(matches!(outcome, Err(AnchoredCheckError::Disclosure(_))), "{outcome:?}");
}

/// The author of an honest record is not the one who anchors an inner node of it: a part of the record under
/// another commitment, of which what was not asked for is missing.
#[test]
fn an_inner_node_is_nobodys_record() {
    let mut story = Story::begin(None, 3);
    let honest = shown(8, HOSPITAL);
    let node = honest.proof[0];
    anchor(&mut story, STRANGER, node, 1, 1);
    let forged = OwnedDisclosure { commitment: node, ..honest };
    let outcome = check(&story, &forged, None, &Parties::default());
    assert!(matches!(outcome, Err(AnchoredCheckError::Disclosure(_))), "{outcome:?}");
}

#[test]
fn a_bundle_that_proves_nothing_is_an_error_and_no_answer() {
    let mut story = Story::begin(None, 3);
    let disclosure = shown(7, HOSPITAL);
    anchor(&mut story, HOSPITAL, disclosure.commitment, 1, 1);
    let parties = Parties::default();
    let request: AnchorRequest = disclosure.anchor_request(None, &parties).unwrap();
    let slots = request.required_slots();
    let check = |bundle: &[u8], trusted: &PinnedHash, deployment: &Deployment| {
        let outcome =
            disclosure.check_anchored(None, &parties, bundle, trusted, deployment, &Policy::default());
        match outcome {
            Err(error) if !error.is_about_the_record() => error.code(),
            outcome => panic!("{outcome:?}"),
        }
    };
    let right = deployment(&story);
    let (bundle, trusted) = bundle_of(&story, &slots);
    assert_eq!(check(&bundle[1..], &trusted, &right), "bundle.rlp");
    let elsewhere = PinnedHash::new(B256([1; 32]), HashRule::Plain);
    assert_eq!(check(&bundle, &elsewhere, &right), "anchor.hash_mismatch");
    assert_eq!(check(&bundle, &trusted, &Deployment { chain_id: 1, ..right.clone() }), "verify.chain");
    let other_code = Deployment { code_hashes: vec![B256([9; 32])], ..right.clone() };
    assert_eq!(check(&bundle, &trusted, &other_code), "verify.code_hash");
    // Another slot is proved instead of the retraction, or none.
    let mut strangers = vec![];
    for number in 1..=4 {
        let (author, root) = (party(REGISTRAR), B256([number; 32]));
        anchor(&mut story, REGISTRAR, root, 1, 1);
        strangers.push(Slot::Anchor { author, root }.key());
    }
    let (more, trusted) = bundle_of(&story, &[&slots[..], &strangers].concat());
    assert_eq!(check(&more, &trusted, &right), "proof.unused_node");
    let (less, trusted) = bundle_of(&story, &strangers[..1]);
    assert_eq!(check(&less, &trusted, &right), "proof.missing_node");
    // A word that is not understood decides nothing.
    let request_slot = Slot::Anchor { author: party(HOSPITAL), root: disclosure.commitment };
    story.set_word(request_slot, U256::MAX);
    story.wait(12);
    let (odd, trusted) = bundle_of(&story, &slots);
    assert_eq!(check(&odd, &trusted, &right), "word.unknown_bits");
}
