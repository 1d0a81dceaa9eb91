//! Committing FHIR resources, beside reading each, writing it canonically (RFC 8785) and hashing it as a
//! whole.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

#[path = "../../../core/tests/common/mod.rs"]
mod common;
mod race;

use std::hint::black_box;

use healthrecord::core::health::record as core_record;
use healthrecord::core::{Address, B256};
use healthrecord::record::{Committer, Metadata, Secret};
use keccak_asm::{Digest, Keccak256};
use race::Race;

/// Resources of 2 to 9 KB.
const RESOURCES: [&str; 3] = ["observation-example", "patient-example", "medicationrequest0301"];

fn main() {
    let Some(folder) = common::vectors(RESOURCES.len()) else { return };
    let metadata = Metadata {
        patient: Address([1; 20]),
        author: Address([2; 20]),
        kind: 1,
        issued: 1_700_000_000,
        scopes: vec![B256([3; 32])],
        previous: None,
        attachments: vec![],
    };
    let borrowed = core_record::Metadata {
        patient: metadata.patient,
        author: metadata.author,
        kind: metadata.kind,
        issued: metadata.issued,
        scopes: &metadata.scopes,
        previous: None,
        attachments: &[],
    };
    let secret = Secret::from_bytes(&[9; 32]);
    for resource in RESOURCES {
        let document = std::fs::read(folder.join(format!("fhir/r4/{resource}.json"))).unwrap();
        let needs = core_record::measure(&document);
        let mut leaves = vec![core_record::Leaf::EMPTY; needs.leaves + 5];
        let mut names = vec![core_record::Name::EMPTY; needs.names];
        let mut committer = Committer::default();
        let mut race = Race::new(format!("commit {resource}, {} bytes", document.len()));
        race.add("healthrecord", || {
            black_box(committer.commit(black_box(&document), &metadata, &secret).unwrap());
        });
        race.add("healthrecord one by one", || {
            let memory = core_record::Memory { leaves: &mut leaves, names: &mut names };
            black_box(core_record::commit(black_box(&document), &borrowed, &secret, memory).unwrap());
        });
        race.add("serde_json, json-canon and keccak-asm of the whole", || {
            let value: serde_json::Value = serde_json::from_slice(black_box(&document)).unwrap();
            black_box(<Keccak256 as Digest>::digest(json_canon::to_vec(&value).unwrap()));
        });
        race.run();
    }
}
