//! Proofs and hashes beside their peers: one account and slot of Ethereum's mainnet, a thousand slots
//! of one account among many, and Keccak-256 of many messages.
//!
//! `HEALTHRECORD_BENCH_PEER` names alloy-trie: which Keccak it was built with is for the caller to know.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

#[path = "../../../core/tests/common/mod.rs"]
mod common;
#[path = "../tests/tries/mod.rs"]
mod tries;

use std::hint::black_box;
use std::sync::Arc;

use alloy_primitives::Bytes;
use alloy_trie::{Nibbles, proof::verify_proof};
use common::{hex, json, quantity};
use criterion::{Criterion, criterion_group, criterion_main};
use eth_trie::{EthTrie, MemoryDB, Trie as _};
use ethereum_triedb::{EIP1186Layout, StorageProof, keccak::KeccakHasher};
use healthrecord::core::chain::trie::{Key, Keys, NodeRef, NodeSet};
use healthrecord::core::{Address, B256, U256, keccak256};
use healthrecord::keccak::{WideKeccak, keccak256_batch};
use serde_json::Value;
use trie_db::{Trie as _, TrieDBBuilder};
use tries::{StorageTrie, encode_word};

/// The name of alloy-trie in this build.
fn alloy() -> String {
    std::env::var("HEALTHRECORD_BENCH_PEER").unwrap_or_else(|_| "alloy-trie".to_owned())
}

fn account_and_slot(criterion: &mut Criterion) {
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
            let (mut accounts, mut slots) = ([Key::new(address)], [Key::new(slot)]);
            let keys = Keys { accounts: &mut accounts, slots: &mut slots };
            let mut set = NodeSet::batched(black_box(supplied), keys, &mut memory, &WideKeccak).unwrap();
            let account = set.account(state_root, &accounts[0]).unwrap().unwrap();
            let found = set.storage(account.storage_root, &slots[0]).unwrap();
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
    let value = encode_word(word);
    group.bench_function(alloy(), |bencher| {
        bencher.iter(|| {
            let path = Nibbles::unpack(alloy_primitives::keccak256(address.0));
            verify_proof(state_root.0.into(), path, Some(account.clone()), black_box(&account_proof))
                .unwrap();
            let path = Nibbles::unpack(alloy_primitives::keccak256(slot.0));
            verify_proof(storage_root.0.into(), path, Some(value.clone()), black_box(&storage_proof))
                .unwrap();
        });
    });
    let reader = EthTrie::new(Arc::new(MemoryDB::new(true)));
    group.bench_function("eth_trie", |bencher| {
        bencher.iter(|| {
            let key = alloy_primitives::keccak256(address.0);
            reader.verify_proof(state_root.0.into(), &key[..], black_box(account_nodes.clone())).unwrap();
            let key = alloy_primitives::keccak256(slot.0);
            reader.verify_proof(storage_root.0.into(), &key[..], black_box(storage_nodes.clone())).unwrap();
        });
    });
    group.bench_function("ethereum-triedb", |bencher| {
        bencher.iter(|| {
            triedb(state_root, &account_nodes, &[keccak256(&address.0)]);
            triedb(storage_root, &storage_nodes, &[keccak256(&slot.0)]);
        });
    });
    group.finish();
}

/// Reads every key from the nodes, as ethereum-triedb does.
fn triedb(root: B256, nodes: &[Vec<u8>], keys: &[B256]) {
    let db = StorageProof::new(nodes.iter().cloned()).into_memory_db::<KeccakHasher>();
    let root = root.0.into();
    let trie = TrieDBBuilder::<EIP1186Layout<KeccakHasher>>::new(&db, &root).build();
    for key in keys {
        black_box(trie.get(&key.0).unwrap().unwrap());
    }
}

/// Slots of one account whose storage holds 100,000 words, proved together.
fn many_slots(criterion: &mut Criterion) {
    let trie =
        StorageTrie::new((0..100_000_u64).map(|number| {
            (U256::from(number).into(), U256::from_be_bytes(keccak256(&number.to_be_bytes()).0))
        }));
    for count in [1_usize, 10, 100, 1_000, 10_000] {
        let asked: Vec<B256> = (0..count as u64).map(|number| U256::from(number * 7).into()).collect();
        let (root, proofs) = trie.prove(&asked);
        let nodes = tries::distinct(&proofs);
        let mut group = criterion.benchmark_group(format!("{count} slots"));
        let mut memory = vec![NodeRef::EMPTY; nodes.len()];
        let mut keys: Vec<Key<B256>> = vec![];
        println!(
            "{count} slots: {} nodes, {} bytes of nodes, {} bytes of memory lent",
            nodes.len(),
            nodes.iter().map(Vec::len).sum::<usize>(),
            size_of_val(&memory[..]) + count * size_of::<Key<B256>>()
        );
        group.bench_function("healthrecord", |bencher| {
            bencher.iter(|| {
                keys.clear();
                keys.extend(asked.iter().map(|slot| Key::new(*slot)));
                let supplied = nodes.iter().map(Vec::as_slice);
                let lent = Keys { accounts: &mut [], slots: &mut keys };
                let mut set = NodeSet::batched(black_box(supplied), lent, &mut memory, &WideKeccak).unwrap();
                for key in &keys {
                    black_box(set.storage(root, key).unwrap());
                }
                set.finish().unwrap();
            });
        });
        let entries: Vec<_> = asked
            .iter()
            .zip(&proofs)
            .map(|(slot, proof)| {
                (
                    slot,
                    encode_word(trie.word(slot)),
                    proof.iter().cloned().map(Bytes::from).collect::<Vec<_>>(),
                )
            })
            .collect();
        group.bench_function(alloy(), |bencher| {
            bencher.iter(|| {
                for (slot, value, proof) in &entries {
                    let path = Nibbles::unpack(alloy_primitives::keccak256(slot.0));
                    verify_proof(root.0.into(), path, Some(value.clone()), black_box(proof)).unwrap();
                }
            });
        });
        group.bench_function("ethereum-triedb, deduplicated", |bencher| {
            bencher.iter(|| {
                let keys: Vec<B256> = asked.iter().map(|slot| keccak256(&slot.0)).collect();
                triedb(root, &nodes, &keys);
            });
        });
        let reader = EthTrie::new(Arc::new(MemoryDB::new(true)));
        group.bench_function("eth_trie", |bencher| {
            bencher.iter(|| {
                for (slot, proof) in asked.iter().zip(&proofs) {
                    let key = alloy_primitives::keccak256(slot.0);
                    reader.verify_proof(root.0.into(), &key[..], black_box(proof.clone())).unwrap();
                }
            });
        });
        group.finish();
    }
}

fn batch(criterion: &mut Criterion) {
    for (name, lengths) in [("32 bytes", [32; 8]), ("mixed lengths", [32, 70, 532, 115, 64, 211, 532, 35])] {
        let messages: Vec<Vec<u8>> = (0..1024).map(|index| vec![7; lengths[index % 8]]).collect();
        let slices: Vec<&[u8]> = messages.iter().map(Vec::as_slice).collect();
        let mut hashes = vec![B256::ZERO; slices.len()];
        let mut group = criterion.benchmark_group(format!("keccak of 1024 messages, {name}"));
        group.bench_function("healthrecord", |bencher| {
            bencher.iter(|| keccak256_batch(black_box(&slices), &mut hashes));
        });
        group.bench_function("keccak-asm", |bencher| {
            bencher.iter(|| {
                for (message, hash) in black_box(&slices).iter().zip(&mut hashes) {
                    hash.0 = keccak_asm::Keccak256::digest(message).into();
                }
            });
        });
        group.finish();
    }
}

criterion_group!(benches, account_and_slot, many_slots, batch);
criterion_main!(benches);
