//! Proofs and hashes beside their peers: one account and slot of Ethereum's mainnet, up to 10,000 slots
//! of one account among many, and Keccak-256 of many messages; ours also as a processor with AVX2
//! alone, or with neither, would run it. The peers hash with their assembly Keccak.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

#[path = "../../../core/tests/common/mod.rs"]
mod common;
mod race;
#[path = "../tests/tries/mod.rs"]
mod tries;

use std::hint::black_box;
use std::sync::Arc;

use alloy_primitives::Bytes;
use alloy_trie::{Nibbles, proof::verify_proof};
use common::{hex, json, quantity};
use eth_trie::{EthTrie, MemoryDB, Trie as _};
use ethereum_triedb::{EIP1186Layout, StorageProof, keccak::KeccakHasher};
use healthrecord::core::chain::trie::{Key, Keys, NodeRef, NodeSet};
use healthrecord::core::matter::batch::{BatchKeccak as _, Messages};
use healthrecord::core::{Address, B256, U256, keccak256};
use healthrecord::keccak::AtMost;
use race::Race;
use serde_json::Value;
use trie_db::{Trie as _, TrieDBBuilder};
use tries::{StorageTrie, encode_word};

const ALLOY: &str = "alloy-trie with asm-keccak";

/// Ours by the most messages that it hashes at a time.
const WIDTHS: [(&str, AtMost); 3] = [
    ("healthrecord", AtMost(usize::MAX)),
    ("healthrecord with AVX2", AtMost(4)),
    ("healthrecord one by one", AtMost(1)),
];

fn account_and_slot() {
    let Some(folder) = common::vectors(1) else { return };
    let file = json(folder.join("mpt/mainnet-23223655-weth-mapping.json"));
    let proof = &file["proof"];
    let state_root = B256(quantity(&file["header"]["stateRoot"]));
    let address = Address(hex(&proof["address"]).try_into().unwrap());
    let entry = &proof["storageProof"][0];
    let (slot, word) = (B256(quantity(&entry["key"])), U256::from_be_bytes(quantity(&entry["value"])));
    let nodes = |nodes: &Value| nodes.as_array().unwrap().iter().map(hex).collect::<Vec<_>>();
    let (account_nodes, storage_nodes) = (nodes(&proof["accountProof"]), nodes(&entry["proof"]));

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
    let reader = EthTrie::new(Arc::new(MemoryDB::new(true)));

    let mut race = Race::new("account and slot");
    for (name, width) in WIDTHS {
        let mut memory = vec![NodeRef::EMPTY; account_nodes.len() + storage_nodes.len()];
        let supplied = account_nodes.iter().chain(&storage_nodes).map(Vec::as_slice);
        race.add(name, move || {
            let (mut accounts, mut slots) = ([Key::new(address)], [Key::new(slot)]);
            let keys = Keys { accounts: &mut accounts, slots: &mut slots };
            let supplied = black_box(supplied.clone());
            let mut set = NodeSet::batched(supplied, keys, &mut memory, &width).unwrap();
            let account = set.account(state_root, accounts[0]).unwrap().unwrap();
            let found = set.storage(account.storage_root, slots[0]).unwrap();
            set.finish().unwrap();
            assert_eq!(found, word);
        });
    }
    race.add(ALLOY, || {
        let path = Nibbles::unpack(asm(&address.0).0);
        verify_proof(state_root.0.into(), path, Some(account.clone()), black_box(&account_proof)).unwrap();
        let path = Nibbles::unpack(asm(&slot.0).0);
        verify_proof(storage_root.0.into(), path, Some(value.clone()), black_box(&storage_proof)).unwrap();
    });
    race.add("eth_trie", || {
        let (account, slot) = (asm(&address.0).0, asm(&slot.0).0);
        reader.verify_proof(state_root.0.into(), &account, black_box(account_nodes.clone())).unwrap();
        reader.verify_proof(storage_root.0.into(), &slot, black_box(storage_nodes.clone())).unwrap();
    });
    race.add("ethereum-triedb", || {
        triedb(state_root, &account_nodes, &[asm(&address.0)]);
        triedb(storage_root, &storage_nodes, &[asm(&slot.0)]);
    });
    race.run();
}

/// The hash of a key, as peers hash it.
fn asm(name: &[u8]) -> B256 {
    B256(alloy_primitives::keccak256(name).0)
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
fn many_slots() {
    let trie =
        StorageTrie::new((0..100_000_u64).map(|number| {
            (U256::from(number).into(), U256::from_be_bytes(keccak256(&number.to_be_bytes()).0))
        }));
    let mut costs = vec![];
    for count in [1_usize, 10, 100, 1_000, 10_000] {
        let asked: Vec<B256> = (0..count as u64).map(|number| U256::from(number * 7).into()).collect();
        let (root, proofs) = trie.prove(&asked);
        let nodes = tries::distinct(&proofs);
        let entries: Vec<_> = asked
            .iter()
            .zip(&proofs)
            .map(|(slot, proof)| {
                let proof = proof.iter().cloned().map(Bytes::from).collect::<Vec<_>>();
                (slot, encode_word(trie.word(slot)), proof)
            })
            .collect();
        let reader = EthTrie::new(Arc::new(MemoryDB::new(true)));

        let mut race = Race::new(format!("{count} slots"));
        for (name, width) in WIDTHS {
            let mut memory = vec![NodeRef::EMPTY; nodes.len()];
            let mut keys: Vec<Key<B256>> = vec![];
            let (asked, nodes) = (&asked, &nodes);
            race.add(name, move || {
                keys.clear();
                keys.extend(asked.iter().map(|slot| Key::new(*slot)));
                let supplied = nodes.iter().map(Vec::as_slice);
                let lent = Keys { accounts: &mut [], slots: &mut keys };
                let mut set = NodeSet::batched(black_box(supplied), lent, &mut memory, &width).unwrap();
                for key in &keys {
                    black_box(set.storage(root, key).unwrap());
                }
                set.finish().unwrap();
            });
        }
        race.add(ALLOY, || {
            for (slot, value, proof) in &entries {
                let path = Nibbles::unpack(asm(&slot.0).0);
                verify_proof(root.0.into(), path, Some(value.clone()), black_box(proof)).unwrap();
            }
        });
        race.add("ethereum-triedb, deduplicated", || {
            let keys: Vec<B256> = asked.iter().map(|slot| asm(&slot.0)).collect();
            triedb(root, &nodes, &keys);
        });
        race.add("eth_trie", || {
            for (slot, proof) in asked.iter().zip(&proofs) {
                let key = asm(&slot.0).0;
                reader.verify_proof(root.0.into(), &key, black_box(proof.clone())).unwrap();
            }
        });
        let size = nodes.iter().map(Vec::len).sum::<usize>();
        let lent = nodes.len() * size_of::<NodeRef<'_>>() + count * size_of::<Key<B256>>();
        if let Some(time) = race.run().first() {
            let time = time / 1e3;
            let each = time / nodes.len() as f64;
            costs.push(format!("| {count} | {} | {size} | {lent} | {time:.1} | {each:.2} |", nodes.len()));
        }
    }
    println!("\n| slots | distinct nodes | their bytes | bytes lent | time, µs | µs a node |");
    println!("|---|---|---|---|---|---|\n{}\n", costs.join("\n"));
}

/// Messages beside the places for their hashes.
struct Hashing<'a> {
    messages: &'a [Vec<u8>],
    hashes: Vec<B256>,
}

impl Messages for Hashing<'_> {
    fn count(&self) -> usize {
        self.messages.len()
    }

    fn message(&self, index: usize) -> &[u8] {
        &self.messages[index]
    }

    fn put(&mut self, index: usize, hash: B256) {
        self.hashes[index] = hash;
    }
}

fn batch() {
    for (name, lengths) in [("32 bytes", [32; 8]), ("mixed lengths", [32, 70, 532, 115, 64, 211, 532, 35])] {
        let messages: Vec<Vec<u8>> = (0..1024).map(|index| vec![7; lengths[index % 8]]).collect();
        let mut race = Race::new(format!("keccak of 1024 messages, {name}"));
        for (name, width) in WIDTHS {
            let mut hashing = Hashing { messages: &messages, hashes: vec![B256::ZERO; messages.len()] };
            race.add(name, move || width.hash_all(black_box(&mut hashing)));
        }
        let mut hashes = vec![B256::ZERO; messages.len()];
        let messages = &messages;
        race.add("keccak-asm", move || {
            for (message, hash) in black_box(messages).iter().zip(&mut hashes) {
                hash.0 = keccak_asm::Keccak256::digest(message).into();
            }
        });
        race.run();
    }
}

fn main() {
    account_and_slot();
    many_slots();
    batch();
}
