//! From the JSON of an `eth_getProof` answer to proved words, ours beside serde and alloy-trie: 1 and
//! 1,000 slots of one account among 100,000, whose storage holds 100,000 words.
//!
//! The peer is what a client of alloy's does: `EIP1186AccountProofResponse`, whose fields are declared here
//! as alloy-rpc-types-eth declares them (the crate itself would bring alloy's whole RPC stack), and
//! `verify_proof` with the assembly Keccak. Both sides prove the account and every slot under the state
//! root. They take turns in one process; of each the least time counts.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

mod race;
#[path = "../tests/tries/mod.rs"]
mod tries;

use std::hint::black_box;

use alloy_primitives::Bytes;
use alloy_trie::{Nibbles, proof::verify_proof};
use healthrecord::core::health::anchor::{HashRule, PinnedHash};
use healthrecord::core::{Address, B256, U256, keccak256};
use healthrecord::rpc::{self, EthGetProof};
use race::Race;
use serde::Deserialize;
use serde_json::json;
use tries::{StorageTrie, Trie, encode_word};

fn main() {
    for count in [1, 1_000] {
        let asked = Asked::new(count);
        let mut race = Race::new(format!("{count} slots from {} bytes of JSON", asked.json.len()));
        race.add("healthrecord", || asked.ours());
        race.add("serde_json and alloy-trie with asm-keccak", || asked.theirs());
        race.run();
    }
}

/// A question's answer, and what is trusted.
struct Asked {
    json: String,
    header: Vec<u8>,
    hash: B256,
    state_root: B256,
    words: Vec<U256>,
}

impl Asked {
    fn new(count: u64) -> Self {
        let word = |number: u64| U256::from_be_bytes(keccak256(&number.to_be_bytes()).0);
        let storage = StorageTrie::new((0..100_000).map(|number| (U256::from(number).into(), word(number))));
        let slots: Vec<B256> = (0..count).map(|number| U256::from(number * 7).into()).collect();
        let (storage_root, proofs) = storage.prove(&slots);
        let contract = Address([0xc0; 20]);
        let others = (0..100_000_u64).map(|number| {
            (keccak256(&number.to_be_bytes()), encode_account(U256::from(1_u64), B256::ZERO, B256::ZERO))
        });
        let path = keccak256(&contract.0);
        let account = encode_account(U256::from(1_u64), storage_root, CODE_HASH);
        let (state_root, account_proof) = Trie::new(others.chain([(path, account)])).prove(&[path]);
        let hex = |nodes: &[Vec<u8>]| nodes.iter().cloned().map(Bytes::from).collect::<Vec<_>>();
        let storage_proof: Vec<_> = slots
            .iter()
            .zip(&proofs)
            .map(|(slot, proof)| {
                json!({"key": slot.to_string(), "value": quantity(storage.word(slot)), "proof": hex(proof)})
            })
            .collect();
        let result = json!({
            "address": contract.to_string(), "nonce": "0x1", "balance": "0x0",
            "storageHash": storage_root.to_string(), "codeHash": CODE_HASH.to_string(),
            "accountProof": hex(&account_proof[0]), "storageProof": storage_proof,
        });
        let json = json!({"jsonrpc": "2.0", "id": 1, "result": result}).to_string();
        let header = header(state_root);
        let words = slots.iter().map(|slot| storage.word(slot)).collect();
        Self { json, hash: keccak256(&header), header, state_root, words }
    }

    fn ours(&self) {
        let answer = EthGetProof::from_json(black_box(&self.json)).unwrap();
        let anchor = PinnedHash::new(self.hash, HashRule::Plain);
        let proved = rpc::verify_proof(&answer, &self.header, &anchor).unwrap();
        assert!(proved.slots.iter().map(|(_, word)| word).eq(&self.words));
    }

    fn theirs(&self) {
        let answer = serde_json::from_str::<Envelope>(black_box(&self.json)).unwrap().result;
        let path = Nibbles::unpack(alloy_primitives::keccak256(answer.address));
        let storage_root = answer.storage_hash;
        let nonce = U256::from_be_bytes(answer.nonce.to_be_bytes());
        let account = encode_account(nonce, B256(storage_root.0), B256(answer.code_hash.0));
        assert!(answer.balance.is_zero());
        verify_proof(self.state_root.0.into(), path, Some(account), &answer.account_proof).unwrap();
        for slot in &answer.storage_proof {
            let path = Nibbles::unpack(alloy_primitives::keccak256(slot.key));
            let value = encode_word(U256::from_be_bytes(slot.value.to_be_bytes()));
            verify_proof(storage_root, path, Some(value), &slot.proof).unwrap();
        }
        let words = answer.storage_proof.iter().map(|slot| U256::from_be_bytes(slot.value.to_be_bytes()));
        assert!(words.eq(self.words.iter().copied()));
    }
}

/// alloy's side of the wire.
#[derive(Deserialize)]
struct Envelope {
    result: Response,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response {
    address: alloy_primitives::Address,
    balance: alloy_primitives::U256,
    code_hash: alloy_primitives::B256,
    nonce: alloy_primitives::U256,
    storage_hash: alloy_primitives::B256,
    account_proof: Vec<Bytes>,
    storage_proof: Vec<Slot>,
}

#[derive(Deserialize)]
struct Slot {
    key: alloy_primitives::B256,
    value: alloy_primitives::U256,
    proof: Vec<Bytes>,
}

/// The hash of the contract's code.
const CODE_HASH: B256 = B256([2; 32]);

/// An account's leaf; its balance is nothing.
fn encode_account(nonce: U256, storage_root: B256, code_hash: B256) -> Vec<u8> {
    let mut account = rlp::RlpStream::new_list(4);
    account.append(&nonce.minimal_be_bytes());
    account.append_empty_data();
    account.append(&&storage_root.0[..]);
    account.append(&&code_hash.0[..]);
    account.out().to_vec()
}

/// A number as geth writes it.
fn quantity(number: U256) -> String {
    let digits = B256::from(number).to_string();
    let digits = digits[2..].trim_start_matches('0');
    format!("0x{digits:0>1}")
}

/// A header with this state root.
fn header(state_root: B256) -> Vec<u8> {
    let mut header = rlp::RlpStream::new_list(15);
    for field in [&[0; 32][..], &[0; 32], &[0; 20], &state_root.0, &[0; 32], &[0; 32], &[0; 256]] {
        header.append(&field);
    }
    for number in [0_u64, 1, 30_000_000, 0, 1_700_000_000] {
        header.append(&number);
    }
    for field in [&[][..], &[0; 32], &[0; 8]] {
        header.append(&field);
    }
    header.out().to_vec()
}
