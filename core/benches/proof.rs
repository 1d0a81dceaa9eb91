//! One account and one storage slot of Ethereum's mainnet, beside alloy-trie.
//!
//! `HEALTHRECORD_BENCH_PEER` names the peer: which Keccak it was built with is for the caller to know.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

#[path = "../tests/common/mod.rs"]
mod common;

use std::hint::black_box;

use alloy_primitives::{Bytes, keccak256};
use alloy_trie::{Nibbles, proof::verify_proof};
use common::{hex, json, quantity};
use criterion::{Criterion, criterion_group, criterion_main};
use healthrecord_core::chain::trie::{NodeRef, NodeSet};
use healthrecord_core::{Address, B256, U256};
use serde_json::Value;

fn bench(criterion: &mut Criterion) {
    let Some(folder) = common::vectors(1) else { return };
    let file = json(folder.join("mpt/mainnet-23223655-weth-mapping.json"));
    let proof = &file["proof"];
    let state_root = B256(quantity(&file["header"]["stateRoot"]));
    let address = Address(hex(&proof["address"]).try_into().unwrap());
    let entry = &proof["storageProof"][0];
    let (slot, word) = (B256(quantity(&entry["key"])), U256::from_be_bytes(quantity(&entry["value"])));
    let nodes = |nodes: &Value| nodes.as_array().unwrap().iter().map(hex).collect::<Vec<_>>();
    let (account_nodes, storage_nodes) = (nodes(&proof["accountProof"]), nodes(&entry["proof"]));

    let mut group = criterion.benchmark_group("account and slot");
    let mut memory = vec![NodeRef::EMPTY; account_nodes.len() + storage_nodes.len()];
    group.bench_function("healthrecord", |bencher| {
        bencher.iter(|| {
            let supplied = account_nodes.iter().chain(&storage_nodes).map(Vec::as_slice);
            let mut set = NodeSet::new(black_box(supplied), &mut memory).unwrap();
            let account = set.account(state_root, &address).unwrap().unwrap();
            let found = set.storage(account.storage_root, &slot).unwrap();
            set.finish().unwrap();
            assert_eq!(found, word);
        });
    });

    let bytes = |nodes: &[Vec<u8>]| nodes.iter().cloned().map(Bytes::from).collect::<Vec<_>>();
    let (account_proof, storage_proof) = (bytes(&account_nodes), bytes(&storage_nodes));
    // The value that alloy is told to expect: it compares where we return.
    let mut stream = rlp::RlpStream::new_list(4);
    stream.append(&U256::from_be_bytes(quantity(&proof["nonce"])).minimal_be_bytes());
    stream.append(&U256::from_be_bytes(quantity(&proof["balance"])).minimal_be_bytes());
    stream.append(&hex(&proof["storageHash"]));
    stream.append(&hex(&proof["codeHash"]));
    let account = stream.out().to_vec();
    let storage_root = B256(quantity(&proof["storageHash"]));
    let value = rlp::encode(&word.minimal_be_bytes()).to_vec();
    let peer = std::env::var("HEALTHRECORD_BENCH_PEER").unwrap_or_else(|_| "alloy-trie".to_owned());
    group.bench_function(peer, |bencher| {
        bencher.iter(|| {
            let path = Nibbles::unpack(keccak256(address.0));
            verify_proof(state_root.0.into(), path, Some(account.clone()), black_box(&account_proof))
                .unwrap();
            let path = Nibbles::unpack(keccak256(slot.0));
            verify_proof(storage_root.0.into(), path, Some(value.clone()), black_box(&storage_proof))
                .unwrap();
        });
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
