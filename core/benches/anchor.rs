//! A sealed header, trusted, beside the curve's work alone: recovering the key of each seal by k256.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "../tests/common/sealed.rs"]
mod sealed;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use healthrecord_core::health::anchor::{Anchor as _, HashRule};
use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};
use sealed::{Block, DAY};

/// Sets of validators of which so many seals are the quorum.
const SETS: [(u8, u8); 3] = [(4, 3), (21, 14), (50, 34)];

fn trust(criterion: &mut Criterion) {
    for (validators, quorum) in SETS {
        let first = Block::first(HashRule::Qbft, 0..validators);
        // A round that is not 0 is the dearer case: block hash and signed hash differ.
        let block = Block { round: 1, ..first.next() };
        let (anchor, header) = (first.anchor(DAY), block.sealed(0..quorum));
        assert_eq!(anchor.trust(&header).unwrap().hash(), block.hash());

        let hash = block.commit_hash();
        let seals: Vec<_> = block
            .seals(0..quorum)
            .iter()
            .map(|seal| {
                let (parity, signature) = seal.split_last().unwrap();
                (Signature::from_slice(signature).unwrap(), RecoveryId::from_byte(*parity).unwrap())
            })
            .collect();
        let mut group = criterion.benchmark_group(format!("trust a header with {quorum} seals"));
        group.bench_function("healthrecord", |bencher| {
            bencher.iter(|| anchor.trust(black_box(&header)).unwrap());
        });
        group.bench_function("k256 recover alone", |bencher| {
            bencher.iter(|| {
                for (signature, id) in black_box(&seals) {
                    black_box(VerifyingKey::recover_from_prehash(&hash.0, signature, *id).unwrap());
                }
            });
        });
        group.finish();
    }
}

criterion_group!(benches, trust);
criterion_main!(benches);
