//! Records with owned memory: both forms of a disclosure, partial documents, versions, batches.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use healthrecord::code::Code as _;
use healthrecord::core::health::record::DisclosureError;
use healthrecord::core::{Address, B256};
use healthrecord::record::{
    self, Batch, BatchError, Change, DiffError, DiscloseError, Metadata, OwnedBatchProof, OwnedDisclosure,
    PartialError, RecordFileError, RecordKey, Secret, Selection, Value, Version, Which,
};

const OBSERVATION: &str = r#"{"resourceType":"Observation","status":"final","a/b":{"c~d":"\u0000é"},
    "component":[{"code":"x","value":2.00},{"code":"y","value":1E+2},null],"note":[[],{}],"":true}"#;

fn metadata() -> Metadata {
    Metadata {
        patient: Address([1; 20]),
        author: Address([2; 20]),
        kind: 1,
        issued: 1_700_000_000,
        scopes: vec![B256([3; 32])],
        previous: None,
        attachments: vec![],
    }
}

fn disclose(document: &str, paths: &[&str], subtrees: bool) -> OwnedDisclosure {
    let selection = Selection { paths, subtrees, modifiers: false };
    record::disclose(document.as_bytes(), &metadata(), &Secret::from_bytes(&[4; 32]), &selection).unwrap()
}

/// The partial document and its holes.
fn rebuilt(disclosure: &OwnedDisclosure) -> (String, Vec<String>) {
    let partial = disclosure.open(disclosure.commitment).unwrap().document().unwrap();
    (partial.json, partial.holes)
}

#[test]
fn both_forms_of_a_disclosure_hold_the_same() {
    for paths in [&[""][..], &["#patient"], &["/component/1/value", "/a~1b/c~0d", "#scope"], &["/"]] {
        for subtrees in [false, true] {
            let disclosure = disclose(OBSERVATION, paths, subtrees);
            let (json, rlp) = (disclosure.to_json(), disclosure.to_rlp());
            assert!(rlp.len() * 2 < json.len(), "{} and {} bytes", rlp.len(), json.len());
            for file in [json.as_bytes(), &rlp] {
                let read = OwnedDisclosure::from_file(file).unwrap();
                assert_eq!(read.to_rlp(), rlp);
                assert_eq!(read.to_json(), json);
                assert!(read.open(disclosure.commitment).is_ok());
                assert!(matches!(read.open(B256([9; 32])), Err(DisclosureError::Root { .. })));
            }
        }
    }
    let bad = |file: &[u8]| OwnedDisclosure::from_file(file).unwrap_err();
    assert_eq!(bad(b"").code(), "disclosure.rlp");
    assert_eq!(bad(b"{}").code(), "form.missing_field");
    assert!(matches!(bad(b"{\xff"), RecordFileError::Disclosure(_)));
}

#[test]
fn a_partial_document_keeps_its_indexes_and_marks_its_holes() {
    let whole = disclose(OBSERVATION, &[""], true);
    let (json, holes) = rebuilt(&whole);
    let sorted = r#"{"":true,"a/b":{"c~d":"\u0000é"},"component":[{"code":"x","value":2.00},{"code":"y","value":1E+2},null],"note":[[],{}],"resourceType":"Observation","status":"final"}"#;
    assert_eq!((json.as_str(), holes.len()), (sorted, 0), "numbers are as they were written");
    // What is rebuilt without a hole is the record: it has the same commitment.
    let again = record::commit(json.as_bytes(), &metadata(), &Secret::from_bytes(&[4; 32])).unwrap();
    assert_eq!(again, whole.commitment);

    let one = disclose(OBSERVATION, &["/component/1/value", "/a~1b"], false);
    let (json, holes) = rebuilt(&one);
    assert_eq!(
        json,
        r#"{"":null,"a/b":{"c~d":null},"component":[null,{"code":null,"value":1E+2},null],"note":null,"resourceType":null,"status":null}"#
    );
    let expected = [
        "/",
        "/a~1b/c~0d",
        "/component/0",
        "/component/1/code",
        "/component/2",
        "/note",
        "/resourceType",
        "/status",
    ];
    assert_eq!(holes, expected);
    // A disclosed null is no hole.
    let (_, holes) = rebuilt(&disclose(OBSERVATION, &["/component/2"], false));
    assert!(!holes.contains(&"/component/2".to_owned()) && holes.contains(&"/component/1".to_owned()));
    assert_eq!(rebuilt(&disclose(OBSERVATION, &["#kind"], false)), ("null".into(), vec![String::new()]));
    assert_eq!(rebuilt(&disclose("3.10", &[""], false)), ("3.10".into(), vec![]));
}

/// What an author commits who obeys no rule: a lone array that says it has 2^32 − 1 elements, and ones that
/// stand deeper than any document's.
#[test]
fn a_disclosure_of_no_document_takes_no_memory_without_bound() {
    let leaf = |path: String, value: &[u8]| record::OpenLeaf {
        path,
        value: value.to_vec(),
        salt: B256([5; 32]),
        hash: B256::ZERO,
    };
    let forged = |leaves: Vec<record::OpenLeaf>| {
        let flags = vec![true; leaves.len() - 1];
        let mut forged = OwnedDisclosure { commitment: B256::ZERO, leaves, proof: vec![], flags };
        let Err(DisclosureError::Root { found, .. }) = forged.open(B256::ZERO) else { panic!("no root") };
        forged.commitment = found;
        forged
    };
    let refused = |disclosure: &OwnedDisclosure| {
        disclosure.open(disclosure.commitment).unwrap().document().unwrap_err()
    };
    let long = forged(vec![leaf(String::new(), b"[\xff\xff\xff\xff")]);
    assert_eq!(refused(&long), PartialError::TooLarge);
    let deep = (0..100).map(|depth| leaf("/0".repeat(depth), &[b'[', 0, 0, 0, 1])).collect();
    assert_eq!(refused(&forged(deep)), PartialError::TooDeep);
    let deepest = (0..64).map(|depth| leaf("/0".repeat(depth), &[b'[', 0, 0, 0, 1])).collect();
    let (json, holes) = rebuilt(&forged(deepest));
    assert_eq!((json.len(), holes), (64 * 2 + 4, vec!["/0".repeat(64)]));
}

#[test]
fn patterns_and_pointers_choose_together() {
    let wanted = ["Observation.component.value", "/status", "#issued"];
    let paths = record::resolve(OBSERVATION.as_bytes(), &wanted).unwrap();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    assert_eq!(paths, ["/component/0/value", "/component/1/value", "/status", "#issued"]);
    let (json, _) = rebuilt(&disclose(OBSERVATION, &paths, true));
    assert!(json.contains(r#"[{"code":null,"value":2.00},{"code":null,"value":1E+2},null]"#), "{json}");
}

fn key(document: &str, previous: Option<B256>, secret: u8) -> RecordKey {
    let metadata = Metadata { previous, ..metadata() };
    let secret = Secret::from_bytes(&[secret; 32]);
    let commitment = record::commit(document.as_bytes(), &metadata, &secret).unwrap();
    RecordKey { metadata, commitment, secret }
}

#[test]
fn a_version_is_compared_with_the_one_that_it_follows() {
    let next = OBSERVATION
        .replace("final", "amended")
        .replace("2.00", "2.0")
        .replace(r#","":true"#, "")
        .replace("null]", r#"null,{"code":"z"}]"#);
    let old = key(OBSERVATION, None, 7);
    let new = key(&next, Some(old.commitment), 8);
    let before = Version { document: OBSERVATION.as_bytes(), key: &old };
    let after = Version { document: next.as_bytes(), key: &new };
    let changes = record::diff(&before, &after).unwrap();
    let told: Vec<String> = changes
        .iter()
        .map(|change| match change {
            Change::Added { path, value } => format!("+{path} {:?}", Value::decode(value).unwrap()),
            Change::Removed { path, value } => format!("-{path} {:?}", Value::decode(value).unwrap()),
            Change::Changed { path, old, new } if path.is_empty() => {
                let names = |value: &[u8]| {
                    let Some(Value::Object(names)) = Value::decode(value) else { panic!("no object") };
                    names.iter().count()
                };
                format!("!{} {}", names(old), names(new))
            }
            Change::Changed { path, old, new } => {
                format!("!{path} {:?} {:?}", Value::decode(old).unwrap(), Value::decode(new).unwrap())
            }
        })
        .collect();
    assert_eq!(told[0], format!("+#previous Bytes({:?})", old.commitment.0));
    let rest = [
        "!6 5",
        r#"!/status String("final") String("amended")"#,
        "!/component Array(3) Array(4)",
        r#"!/component/0/value Number("2.00") Number("2.0")"#,
    ];
    assert_eq!(told[1..5], rest);
    assert!(told[5].starts_with("+/component/3 Object("), "{}", told[5]);
    assert_eq!(told[6..], [r#"+/component/3/code String("z")"#, "-/ Bool(true)"]);
    assert!(!format!("{changes:?}").contains("amended"), "values do not print");

    let (expected, found) = (new.commitment, None);
    assert_eq!(record::diff(&after, &before), Err(DiffError::Previous { expected, found }));
    let altered = Version { document: OBSERVATION.as_bytes(), ..after };
    let refused = record::diff(&before, &altered).unwrap_err();
    assert!(matches!(refused, DiffError::Commitment { which: Which::New, .. }), "{refused}");
    let broken = Version { document: b"{", ..before };
    let refused = record::diff(&broken, &after).unwrap_err();
    assert_eq!((refused.code(), &refused.to_string()[..17]), ("json.unexpected_end", "the older version"));
}

#[test]
fn a_disclosure_of_nothing_is_refused_where_it_is_made() {
    let refused = {
        let (secret, selection) = (Secret::from_bytes(&[4; 32]), Selection::exactly(&[]));
        record::disclose(OBSERVATION.as_bytes(), &metadata(), &secret, &selection).unwrap_err()
    };
    assert_eq!((refused.code(), refused), ("disclosure.nothing", DiscloseError::Nothing));
}

#[test]
fn a_batch_has_one_root_however_it_is_made() {
    for count in [1_u8, 2, 3, 7, 8, 100] {
        let commitments: Vec<B256> = (0..count).map(|number| B256([number; 32])).collect();
        let batch = Batch::new(commitments.iter().copied()).unwrap();
        let mut memory = vec![healthrecord::core::health::record::Leaf::EMPTY; usize::from(count)];
        let mut lent = healthrecord::core::health::record::Batch::new(&mut memory);
        for commitment in &commitments {
            lent.push(commitment).unwrap();
        }
        assert_eq!(lent.root().unwrap(), batch.root());
        let count = batch.count();
        for index in 0..count {
            let own = &commitments[index as usize];
            let proof = batch.proof(index, own).unwrap();
            assert_eq!(proof.borrowed().verify(own, batch.root(), count), Ok(()));
            // There is no such record there, nor the same elsewhere.
            assert_eq!(batch.proof(index, &B256([0xff; 32])), None);
            assert_eq!(batch.proof(index + 1, own), None);
        }
    }
    assert_eq!(Batch::new([]).unwrap_err(), BatchError::Empty);
    let bad = |json: &str| OwnedBatchProof::from_json(json).unwrap_err().code();
    let good =
        Batch::new([B256([1; 32]), B256([2; 32])]).unwrap().proof(0, &B256([1; 32])).unwrap().to_json();
    assert_eq!(bad(&good.replace("hr1 batch", "hr2 batch")), "form.type");
    assert_eq!(bad(&good.replace("\"count\": 2", "\"count\": 4294967296")), "form.type");
    let many = vec![format!("\"{}\"", B256::ZERO); 33].join(",");
    let long = format!(r#"{{"format":"hr1 batch proof","count":1,"index":0,"siblings":[{many}]}}"#);
    assert_eq!(bad(&long), "form.type");
}

/// What the fuzzer does for longer, on every run: bytes near a good disclosure are refused, or are another one
/// that is written again the same and rebuilt without a panic.
#[test]
fn bytes_near_a_disclosure_never_panic() {
    let good = disclose(OBSERVATION, &["#patient", "#kind", "/component/1/value", "/a~1b"], true).to_rlp();
    let mut state = 1_u64;
    let mut random = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    let (mut read, mut opened) = (0, 0);
    for _ in 0..5_000 {
        let mut bytes = good.clone();
        for _ in 0..=random(3) {
            let place = random(bytes.len());
            match random(4) {
                0 => bytes[place] ^= 1 << random(8),
                1 => bytes[place] = u8::try_from(random(256)).unwrap(),
                2 => drop(bytes.remove(place)),
                _ => bytes.insert(place, u8::try_from(random(256)).unwrap()),
            }
        }
        let Ok(mut disclosure) = OwnedDisclosure::from_rlp(&bytes) else { continue };
        read += 1;
        assert_eq!(disclosure.to_rlp(), bytes);
        assert_eq!(OwnedDisclosure::from_json(&disclosure.to_json()), Ok(disclosure.clone()));
        let Err(DisclosureError::Root { found, .. }) = disclosure.open(B256::ZERO) else { continue };
        opened += 1;
        disclosure.commitment = found;
        let _ = disclosure.open(found).unwrap().document();
    }
    assert!(read > 500 && opened > 100, "{read} read, {opened} opened");
}
