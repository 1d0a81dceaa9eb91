//! Committing FHIR resources, beside reading them with `serde_json` and hashing each as a whole.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

#[path = "../tests/common/mod.rs"]
mod common;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use healthrecord_core::health::record::{Leaf, Memory, Metadata, Name, Secret, commit, measure};
use healthrecord_core::{Address, B256};
use sha3::{Digest as _, Keccak256};

/// Resources of 2 to 8 KB.
const RESOURCES: [&str; 3] = ["observation-example", "patient-example", "medicationrequest0301"];

fn bench(criterion: &mut Criterion) {
    let Some(folder) = common::vectors(RESOURCES.len()) else { return };
    let scopes = [B256([3; 32])];
    let metadata = Metadata {
        patient: Address([1; 20]),
        author: Address([2; 20]),
        kind: 1,
        issued: 1_700_000_000,
        scopes: &scopes,
        previous: None,
        attachments: &[],
    };
    let secret = Secret::from_bytes(&[9; 32]);
    for resource in RESOURCES {
        let document = std::fs::read(folder.join(format!("fhir/r4/{resource}.json"))).unwrap();
        let needs = measure(&document);
        let (mut leaves, mut names) = (vec![Leaf::EMPTY; needs.leaves + 5], vec![Name::EMPTY; needs.names]);
        let mut group = criterion.benchmark_group(format!("commit {resource}"));
        group.throughput(Throughput::Bytes(document.len() as u64));
        group.bench_function("healthrecord", |bencher| {
            bencher.iter(|| {
                let memory = Memory { leaves: &mut leaves, names: &mut names };
                commit(black_box(&document), &metadata, &secret, memory).unwrap()
            });
        });
        group.bench_function("serde_json and keccak of the whole", |bencher| {
            bencher.iter(|| {
                let value: serde_json::Value = serde_json::from_slice(black_box(&document)).unwrap();
                Keccak256::digest(serde_json::to_vec(&value).unwrap())
            });
        });
        group.finish();
    }
}

criterion_group!(benches, bench);
criterion_main!(benches);
