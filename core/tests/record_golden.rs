//! The commitments, trees and multiproofs that a second implementation, in Python, made from the
//! format's page alone: this one makes the same.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use std::path::Path;

use common::{hex, json, read, vectors};
use healthrecord_core::grammar::json::{Event, Reader};
use healthrecord_core::grammar::merkle::{self, Leaf, Step};
use healthrecord_core::health::record::{LeafView, Memory, Metadata, Name, Secret, disclose, measure};
use healthrecord_core::matter::keccak::{Keccak, keccak256};
use healthrecord_core::{Address, B256};
use serde_json::Value;

fn golden(name: &str) -> Value {
    json(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/golden").join(name))
}

fn word(value: &Value) -> B256 {
    B256(hex(value).try_into().unwrap())
}

fn words(value: &Value) -> Vec<B256> {
    value.as_array().unwrap().iter().map(word).collect()
}

/// A multiproof, step by step.
#[derive(Default)]
struct Multiproof {
    proof: Vec<B256>,
    flags: Vec<bool>,
}

impl Multiproof {
    fn step(&mut self, step: Step) {
        match step {
            Step::Join => self.flags.push(true),
            Step::Sibling(hash) => {
                self.flags.push(false);
                self.proof.push(hash);
            }
        }
    }

    /// What `fhir.json` has in place of the multiproof itself.
    fn digest(&self) -> B256 {
        let hashes = self.proof.iter().fold(Keccak::new(), |hashed, hash| hashed.chain(&hash.0));
        let flags: Vec<u8> = self.flags.iter().copied().map(u8::from).collect();
        hashes.chain(&flags).finish()
    }
}

/// A record's commitment, the hashes of its leaves, and the multiproof of those whose path is shown.
fn disclosed(
    document: &str,
    metadata: &Value,
    secret: B256,
    shown: impl Fn(&str) -> bool,
) -> (B256, Vec<B256>, Multiproof) {
    let scopes = words(&metadata["scope"]);
    let metadata = Metadata {
        patient: Address(hex(&metadata["patient"]).try_into().unwrap()),
        author: Address(hex(&metadata["author"]).try_into().unwrap()),
        kind: u16::try_from(metadata["kind"].as_u64().unwrap()).unwrap(),
        issued: metadata["issued"].as_str().unwrap().parse().unwrap(),
        scopes: &scopes,
        previous: None,
        attachments: &[],
    };
    let needs = measure(document.as_bytes());
    let (mut leaves, mut names) = (vec![Leaf::EMPTY; needs.leaves + 5], vec![Name::EMPTY; needs.names]);
    let memory = Memory { leaves: &mut leaves, names: &mut names };
    let (mut hashes, mut multiproof) = (vec![], Multiproof::default());
    let mut select = |leaf: &LeafView<'_>| {
        hashes.push(leaf.hash());
        shown(&leaf.path().to_string())
    };
    let secret = Secret::from_bytes(&secret.0);
    let commitment = disclose(document.as_bytes(), &metadata, &secret, memory, &mut select, &mut |step| {
        multiproof.step(step);
    });
    (commitment.unwrap(), hashes, multiproof)
}

/// The texts of a Bundle's resources, `/entry/n/resource`, in order.
fn resources(bundle: &str) -> Vec<&str> {
    let mut reader = Reader::new(bundle.as_bytes()).unwrap();
    let (mut depth, mut member, mut inner, mut begin, mut found) = (0, "", "", 0, vec![]);
    while let Some(event) = reader.next_event().unwrap() {
        let is_resource = |depth| depth == 3 && member == "entry" && inner == "resource";
        match event {
            Event::Name(name) if depth == 1 => member = name.raw(),
            Event::Name(name) if depth == 3 => inner = name.raw(),
            Event::BeginArray | Event::BeginObject => {
                if is_resource(depth) {
                    begin = reader.offset();
                }
                depth += 1;
            }
            Event::EndArray | Event::EndObject => {
                depth -= 1;
                if is_resource(depth) {
                    found.push(&bundle[begin..=reader.offset()]);
                }
            }
            Event::Name(_) | Event::Scalar(_) => {}
        }
    }
    found
}

#[test]
fn fhir_resources_have_the_commitments_and_multiproofs_of_the_second_implementation() {
    let golden = golden("fhir.json");
    let cases = golden["cases"].as_array().unwrap();
    let Some(folder) = vectors(1) else { return };
    let mut checked = 0;
    for of_file in cases.chunk_by(|one, next| one["file"] == next["file"]) {
        let file = of_file[0]["file"].as_str().unwrap();
        let text = read(folder.join("fhir").join(file));
        let mut documents = vec![text.as_str()];
        if file.starts_with("synthea/") {
            documents.extend(resources(&text));
        }
        assert_eq!(documents.len(), of_file.len(), "{file}");
        for (number, (document, case)) in documents.into_iter().zip(of_file).enumerate() {
            let pointer = case["pointer"].as_str().unwrap();
            let expected = number.checked_sub(1).map(|entry| format!("/entry/{entry}/resource"));
            assert_eq!(pointer, expected.unwrap_or_default(), "{file}");
            let shown = case["shown"].as_str().unwrap();
            let is_shown = |path: &str| {
                path == shown || shown.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'))
            };
            let (commitment, hashes, multiproof) =
                disclosed(document, &golden["metadata"], word(&case["secret"]), is_shown);
            assert_eq!(commitment, word(&case["commitment"]), "{file} {pointer}");
            assert_eq!(hashes.len() as u64, case["leaves"].as_u64().unwrap(), "{file} {pointer}");
            assert_eq!(multiproof.digest(), word(&case["multiproof"]), "{file} {pointer} {shown}");
            checked += 1;
        }
    }
    assert_eq!(checked, cases.len());
    assert!(checked > 270, "{checked} resources");
}

/// The hashes of a batch's leaves, by the format's formula: one record alone is its own batch.
fn batch_leaves(commitments: &[B256]) -> Vec<B256> {
    let tag = keccak256(b"healthrecord/hr1/batch");
    let leaf = |(index, commitment): (usize, &B256)| {
        let index = u32::try_from(index).unwrap().to_be_bytes();
        Keccak::new().chain(&tag.0).chain(&index).chain(&commitment.0).finish()
    };
    match commitments {
        [alone] => vec![*alone],
        many => many.iter().enumerate().map(leaf).collect(),
    }
}

#[test]
fn trees_have_the_roots_proofs_and_multiproofs_of_the_second_implementation() {
    let (golden, metadata) = (golden("trees.json"), &golden("fhir.json")["metadata"]);
    let (mut proofs, mut multiproofs) = (0, 0);
    for case in golden["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let (leaves, root) = (words(&case["leaves"]), word(&case["root"]));
        if let Some(document) = case.get("document") {
            let document = document.as_str().unwrap();
            let (commitment, mut hashes, _) = disclosed(document, metadata, word(&case["secret"]), |_| false);
            hashes.sort();
            assert_eq!((commitment, hashes), (root, leaves.clone()), "{name}");
        } else {
            assert_eq!(batch_leaves(&words(&case["commitments"])), leaves, "{name}");
        }
        for proof in case["proofs"].as_array().unwrap() {
            let leaf = leaves[usize::try_from(proof["leaf"].as_u64().unwrap()).unwrap()];
            assert_eq!(merkle::process_proof(leaf, &words(&proof["proof"])), root, "{name}");
            proofs += 1;
        }
        for case in case["multiproofs"].as_array().unwrap() {
            let positions: Vec<u64> = serde_json::from_value(case["leaves"].clone()).unwrap();
            let flags: Vec<bool> = serde_json::from_value(case["flags"].clone()).unwrap();
            let entry = |(position, hash): (usize, &B256)| Leaf {
                hash: *hash,
                disclosed: positions.contains(&(position as u64)),
            };
            let mut memory: Vec<Leaf> = leaves.iter().enumerate().map(entry).collect();
            let mut found = Multiproof::default();
            assert_eq!(merkle::root(&mut memory, |step| found.step(step)), Some(root), "{name}");
            assert_eq!((&found.proof, &found.flags), (&words(&case["proof"]), &flags), "{name}");
            let mut some: Vec<B256> =
                positions.iter().map(|position| leaves[usize::try_from(*position).unwrap()]).collect();
            assert!(some.is_sorted(), "{name}");
            assert_eq!(merkle::process_multiproof(&mut some, &found.proof, &flags), Ok(root), "{name}");
            multiproofs += 1;
        }
    }
    assert!(proofs > 130 && multiproofs > 60, "{proofs} proofs, {multiproofs} multiproofs");
}
