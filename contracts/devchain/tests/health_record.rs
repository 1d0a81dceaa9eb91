//! The committed contract, deployed and used by signed transactions: its words, its events, its refusals,
//! its proofs, and the same on Anvil.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use common::CHAIN;
use common::story::{Story, key, party};
use healthrecord_core::access::{
    Basis, CheckedConsent, Clock, Consent, Decision, Deployment, Policy, Reason, Request, Verdict,
    VerifyError, verify,
};
use healthrecord_core::chain::trie::NodeRef;
use healthrecord_core::health::anchor::{AnchorError, HashRule, PinnedHash};
use healthrecord_core::health::contract::message::{Grant, domain};
use healthrecord_core::health::contract::{
    AccountWord, AnchorWord, Call, CredentialWord, Event, GrantWord, Operation, Purpose, RetractionWord,
    Revert, Role, Slot, State, Terms, Writer, blind,
};
use healthrecord_core::{Address, B256, U256};
use healthrecord_devchain::contract;

const DAY: u64 = 86_400;
const RECORD: B256 = B256([0x77; 32]);
const ROOT: B256 = B256([0x88; 32]);

/// Keys of the parties, and two who only receive.
const REGISTRAR: u8 = 1;
const HOSPITAL: u8 = 2;
const PATIENT: u8 = 3;
const DOCTOR: Address = Address([0xd0; 20]);
const PSYCHIATRIST: Address = Address([0xe0; 20]);

fn grant_word(story: &mut Story, grantee: Address, scope: B256) -> GrantWord {
    let patient = party(PATIENT);
    let word = story.word(Slot::Grant { patient, grantee, scope });
    let answer = story.view(&Call::GrantOf { patient, grantee, scope }).unwrap();
    let decoded = GrantWord::decode(word).unwrap();
    assert_eq!(GrantWord::from_answer(&answer), Ok(decoded));
    decoded
}

fn ask(story: &Story, accessor: Address, purpose: Purpose) -> Request {
    let (patient, operation) = (party(PATIENT), Operation::Read);
    Request::about_scopes(patient, &[RECORD], accessor, operation, purpose, story.time).unwrap()
}

fn verify_by(
    bundle: &[u8],
    request: &Request,
    hash: B256,
    deployment: &Deployment<'_>,
    now: u64,
) -> Result<Verdict, VerifyError> {
    let clock = Clock { now, error: 0, max_age: 3600, max_skew: 30 };
    let anchor = PinnedHash::new(hash, HashRule::Plain);
    verify(bundle, &anchor, deployment, request, &Policy::default(), &clock, &mut [NodeRef::EMPTY; 128])
}

fn terms(not_before: u64, days: u64) -> Terms {
    Terms {
        not_before,
        not_after: not_before + days * DAY,
        purposes: Purpose::Treatment.bit(),
        operations: Operation::Read.bit(),
        required_roles: 0,
    }
}

/// Whether somebody may read the record.
fn decide(story: &mut Story, accessor: Address, purpose: Purpose) -> Decision {
    let request = ask(story, accessor, purpose);
    story.decide(&request)
}

fn run(anvil: Option<&std::ffi::OsStr>) {
    let mut story = Story::begin(anvil, 3);
    let (patient, doctor) = (party(PATIENT), DOCTOR);
    let deny = |reason| Decision::Deny { reason, scope: RECORD };

    let anchor = Call::Anchor { root: ROOT, count: 3, kind: 1 };
    let author = party(HOSPITAL);
    let written = AnchorWord { anchored_at: story.time + 12, count: 3, kind: 1 };
    assert_eq!(story.act(2, &anchor), Ok(Event::Anchored { author, root: ROOT, word: written.encode() }));
    assert_eq!(story.act(2, &anchor), Err(Revert::AlreadyAnchored { author, root: ROOT }));
    let word = story.word(Slot::Anchor { author, root: ROOT });
    assert_eq!(AnchorWord::decode(word), Ok(written));
    let answer = story.view(&Call::AnchorOf { author, root: ROOT }).unwrap();
    assert_eq!(AnchorWord::from_answer(&answer), Ok(written));

    let never = Decision::Deny { reason: Reason::NeverGranted, scope: B256::ZERO };
    assert_eq!(decide(&mut story, doctor, Purpose::Treatment), never);

    let granted = terms(story.time, 30);
    let grant = Call::Grant { grantee: doctor, scope: RECORD, terms: granted, document: B256::ZERO };
    let event = story.act(3, &grant).unwrap();
    let expected = GrantWord {
        terms: granted,
        epoch: 0,
        revision: 1,
        state: State::Permit,
        written_at: story.time,
        by: Writer::Patient,
    };
    assert_eq!(grant_word(&mut story, doctor, RECORD), expected);
    let word = expected.encode();
    let by = patient;
    assert_eq!(
        event,
        Event::Granted { patient, grantee: doctor, scope: RECORD, word, by, document: B256::ZERO }
    );
    let permit = Decision::Permit { basis: Basis::Grant, scope: RECORD, until: granted.not_after };
    assert_eq!(decide(&mut story, doctor, Purpose::Treatment), permit);
    assert_eq!(decide(&mut story, doctor, Purpose::Research), deny(Reason::Purpose));
    assert_eq!(decide(&mut story, patient, Purpose::Research).code(), Basis::Own as u8);

    let salt = B256([0x5a; 32]);
    let hidden = blind(&patient, &PSYCHIATRIST, &salt);
    let all = Call::Grant { grantee: hidden, scope: B256::ZERO, terms: granted, document: B256::ZERO };
    story.act(3, &all).unwrap();
    let request = ask(&story, PSYCHIATRIST, Purpose::Treatment);
    assert_eq!(story.decide(&request), never, "whoever does not know the salt learns nothing");
    let broad = Decision::Permit { basis: Basis::Grant, scope: B256::ZERO, until: granted.not_after };
    assert_eq!(story.decide(&request.blinded(salt).unwrap()), broad);

    story.act(3, &Call::Revoke { grantee: doctor, scope: RECORD }).unwrap();
    assert_eq!(decide(&mut story, doctor, Purpose::Treatment), deny(Reason::Revoked));
    assert_eq!(grant_word(&mut story, doctor, RECORD).revision, 2);
    let everything = Call::Grant { grantee: doctor, scope: B256::ZERO, terms: granted, document: ROOT };
    story.act(3, &everything).unwrap();
    assert_eq!(decide(&mut story, doctor, Purpose::Treatment), broad);
    story.act(3, &Call::Deny { grantee: doctor, scope: RECORD, document: B256::ZERO }).unwrap();
    assert_eq!(decide(&mut story, doctor, Purpose::Treatment), deny(Reason::Explicit), "all but this record");

    // Roles: the grant requires one, the registrar gives it, and takes it away.
    let required = Terms { required_roles: Role::Practitioner.bit(), ..granted };
    let again = Call::Grant { grantee: doctor, scope: RECORD, terms: required, document: B256::ZERO };
    story.act(3, &again).unwrap();
    story.act(3, &Call::Revoke { grantee: doctor, scope: B256::ZERO }).unwrap();
    assert_eq!(decide(&mut story, doctor, Purpose::Treatment).code(), Reason::Revoked as u8);
    let credential = CredentialWord {
        not_before: story.time,
        not_after: story.time + DAY,
        roles: Role::Practitioner.bit() | Role::Emergency.bit(),
        issuer: party(REGISTRAR),
    };
    let CredentialWord { not_before, not_after, roles, .. } = credential;
    let accredit = Call::Accredit { account: doctor, roles, not_before, not_after };
    assert_eq!(
        story.act(3, &accredit),
        Err(Revert::NotIssuer { caller: patient }),
        "a self-appointed doctor"
    );
    story.act(1, &accredit).unwrap();
    let word = story.word(Slot::Credential(doctor));
    assert_eq!(CredentialWord::decode(word), credential);
    let answer = story.view(&Call::CredentialOf { account: doctor }).unwrap();
    assert_eq!(CredentialWord::from_answer(&answer), Ok(credential));
    let permit = Decision::Permit { basis: Basis::Grant, scope: RECORD, until: not_after };
    assert_eq!(decide(&mut story, doctor, Purpose::Treatment), permit, "until the credential ends");
    story.act(1, &Call::Discredit { account: doctor }).unwrap();
    assert_eq!(decide(&mut story, doctor, Purpose::Treatment).code(), Reason::Revoked as u8);

    story.act(3, &Call::SetPolicy { flags: 1, cards: 4 }).unwrap();
    let fell = Revert::CardsFell { current: 4, proposed: 3 };
    assert_eq!(story.act(3, &Call::SetPolicy { flags: 0, cards: 3 }), Err(fell));
    story.act(3, &Call::RevokeAll).unwrap();
    let word = story.word(Slot::Account(patient));
    let account = AccountWord { epoch: 1, no_break_glass: true, revision: 2, cards: 4 };
    assert_eq!(AccountWord::decode(word), Ok(account));
    let answer = story.view(&Call::AccountOf { account: patient }).unwrap();
    assert_eq!(AccountWord::from_answer(&answer), Ok(account));
    let psychiatrist = ask(&story, PSYCHIATRIST, Purpose::Treatment).blinded(salt).unwrap();
    assert_eq!(story.decide(&psychiatrist).code(), Reason::RevokedAll as u8);
    let emergency = ask(&story, doctor, Purpose::BreakGlass);
    assert_eq!(story.decide(&emergency).code(), Reason::EmergencyForbidden as u8);

    story.act(2, &Call::Retract { commitment: ROOT, reason: 7 }).unwrap();
    let retracted = RetractionWord { retracted_at: story.time, reason: 7 };
    let word = story.word(Slot::Retraction { author, commitment: ROOT });
    assert_eq!(RetractionWord::decode(word), Ok(retracted));
    let answer = story.view(&Call::RetractionOf { author, commitment: ROOT }).unwrap();
    assert_eq!(RetractionWord::from_answer(&answer), Ok(retracted));

    story.act(1, &Call::TransferRegistrar { pending: author }).unwrap();
    assert_eq!(story.act(3, &Call::AcceptRegistrar), Err(Revert::NotPendingRegistrar { caller: patient }));
    story.act(2, &Call::AcceptRegistrar).unwrap();
    let word = story.word(Slot::Registrar);
    assert_eq!(word, U256::from_be_slice(&author.0).unwrap());
    assert!(story.word(Slot::PendingRegistrar).is_zero());
}

#[test]
fn the_contract_is_used_from_deployment_to_handover() {
    run(None);
}

#[test]
fn anvil_runs_the_same_story_to_the_same_words_for_the_same_gas() {
    match std::env::var_os("HEALTHRECORD_ANVIL") {
        Some(program) => run(Some(&program)),
        None => println!("SKIPPED 1"),
    }
}

/// A consent that was never relayed: no gas, until a revoke on the chain, its relay, or another contract.
#[test]
fn a_consent_counts_for_its_own_contract_until_the_chain_says_otherwise() {
    let mut story = Story::begin(None, 8);
    let patient = party(PATIENT);
    let grant = Grant {
        patient,
        grantee: DOCTOR,
        scope: RECORD,
        terms: terms(story.time, 30),
        document: B256::ZERO,
        epoch: 0,
        revision: 0,
        deadline: story.time + 20 * DAY,
    };
    let hash = grant.signing_hash(&domain(CHAIN, story.contract));
    let consent = Consent { grant, signature: key(PATIENT).sign_hash(&hash) };
    let hashes = [contract::code_hash()];
    let show = |story: &Story, consent: CheckedConsent| {
        let request = ask(story, DOCTOR, Purpose::Treatment).consented(consent);
        let bundle = story.bundle(&request);
        let deployment = Deployment { chain_id: CHAIN, contract: story.contract, code_hashes: &hashes };
        let hash = story.chain.head().hash;
        verify_by(&bundle, &request, hash, &deployment, story.time).unwrap().decision
    };
    let checked = consent.check(CHAIN, story.contract);
    let permit = Decision::Permit { basis: Basis::Consent, scope: RECORD, until: grant.deadline + 1 };
    assert_eq!(show(&story, checked), permit);
    assert_eq!(decide(&mut story, DOCTOR, Purpose::Treatment).code(), Reason::NeverGranted as u8);
    // Signed and checked for another contract, it is no more than a piece of paper here.
    let elsewhere = Address([0xcc; 20]);
    let hash = grant.signing_hash(&domain(CHAIN, elsewhere));
    let foreign = Consent { grant, signature: key(PATIENT).sign_hash(&hash) }.check(CHAIN, elsewhere);
    assert!(foreign.is_signed());
    let refused = Decision::Deny { reason: Reason::ConsentSignature, scope: RECORD };
    assert_eq!(show(&story, foreign), refused);

    story.act(PATIENT, &Call::Revoke { grantee: DOCTOR, scope: RECORD }).unwrap();
    let revoked = Decision::Deny { reason: Reason::Revoked, scope: RECORD };
    assert_eq!(show(&story, checked), revoked);
    assert_eq!(story.relay(PATIENT, grant), Err(Revert::StaleRevision { current: 1, signed: 0 }));
    // Signed anew for the tombstone's revision it counts again, and relayed it is the grant that it was.
    let grant = Grant { revision: 1, ..grant };
    let hash = grant.signing_hash(&domain(CHAIN, story.contract));
    let consent = Consent { grant, signature: key(PATIENT).sign_hash(&hash) }.check(CHAIN, story.contract);
    assert_eq!(show(&story, consent), permit);
    story.relay(PATIENT, grant).unwrap();
    let relayed = Decision::Permit { basis: Basis::Grant, scope: RECORD, until: grant.terms.not_after };
    assert_eq!(show(&story, consent), relayed);
    story.act(PATIENT, &Call::RevokeAll).unwrap();
    let ended = Decision::Deny { reason: Reason::RevokedAll, scope: RECORD };
    assert_eq!(show(&story, consent), ended);
}

#[test]
fn what_proves_nothing_is_an_error_of_its_own_and_never_a_decision() {
    let mut story = Story::begin(None, 3);
    let doctor = DOCTOR;
    let grant =
        Call::Grant { grantee: doctor, scope: RECORD, terms: terms(story.time, 30), document: B256::ZERO };
    story.act(3, &grant).unwrap();
    let request = ask(&story, doctor, Purpose::Treatment);
    let bundle = story.bundle(&request);
    let hashes = [contract::code_hash()];
    let verify = |story: &Story, bundle: &[u8], request: &Request| {
        let deployment = Deployment { chain_id: CHAIN, contract: story.contract, code_hashes: &hashes };
        verify_by(bundle, request, story.chain.head().hash, &deployment, story.time)
    };
    assert!(verify(&story, &bundle, &request).unwrap().decision.is_permit());

    let pinned = Deployment { chain_id: CHAIN, contract: story.contract, code_hashes: &hashes };
    let hash = story.chain.head().hash;
    let by = |deployment: &Deployment<'_>| verify_by(&bundle, &request, hash, deployment, story.time);
    let other = [B256([1; 32])];
    assert_eq!(
        by(&Deployment { code_hashes: &other, ..pinned }),
        Err(VerifyError::CodeHash { found: contract::code_hash() })
    );
    assert_eq!(
        by(&Deployment { code_hashes: &[], ..pinned }),
        Err(VerifyError::CodeHash { found: hashes[0] })
    );
    assert_eq!(
        by(&Deployment { chain_id: 1, ..pinned }),
        Err(VerifyError::Chain { expected: 1, found: CHAIN })
    );
    let elsewhere = Address([0xcc; 20]);
    let contract = Err(VerifyError::Contract { expected: elsewhere, found: story.contract });
    assert_eq!(by(&Deployment { contract: elsewhere, ..pinned }), contract);

    let before = story.chain.block_hash(story.chain.head().number - 1).unwrap();
    let mismatch = VerifyError::Anchor(AnchorError::HashMismatch { expected: before, found: hash });
    assert_eq!(verify_by(&bundle, &request, before, &pinned, story.time), Err(mismatch));

    let late = story.time + 3601;
    let stale = VerifyError::Stale { block_time: story.time, now: late, max_age: 3600 };
    assert_eq!(verify_by(&bundle, &request, hash, &pinned, late), Err(stale));
    let early = story.time - 31;
    let future = VerifyError::Future { block_time: story.time, now: early, max_skew: 30 };
    assert_eq!(verify_by(&bundle, &request, hash, &pinned, early), Err(future));

    let another = ask(&story, PSYCHIATRIST, Purpose::Treatment);
    assert!(matches!(verify(&story, &bundle, &another), Err(VerifyError::Trie(_))));
    for len in 0..bundle.len() {
        assert!(verify(&story, &bundle[..len], &request).is_err(), "cut to {len} bytes");
    }
    let mut flipped = bundle.clone();
    for bit in 0..bundle.len() * 8 {
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(verify(&story, &flipped, &request).is_err(), "bit {bit}");
        flipped[bit / 8] ^= 1 << (bit % 8);
    }

    // A word with bits that mean nothing: proved, and still no decision.
    let slot = Slot::Account(party(PATIENT)).key();
    let mut word = [0; 32];
    word[0] = 1;
    story.chain.hazmat_set_storage(story.contract, slot, U256::from_be_bytes(word)).unwrap();
    story.chain.mine(story.time + 1).unwrap();
    assert!(matches!(verify(&story, &story.bundle(&request), &request), Err(VerifyError::Word(_))));
}
