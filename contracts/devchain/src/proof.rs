//! Proofs (EIP-1186) and blocks, as JSON-RPC spells them.

use alloy_rlp::{Encodable, Header};
use healthrecord_core::chain::account::Account;
use healthrecord_core::matter::hex::Hex;
use healthrecord_core::{Address, B256, U256};
use revm::primitives as evm;
use serde_json::{Map, Value, json};

use crate::block::Block;
use crate::convert;
use crate::state::{self, State};

/// An account and words of its storage, with the trie nodes that prove them under a block's state root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The address that was asked for.
    pub address: Address,
    /// The account; `None` where the nodes prove that there is none.
    pub account: Option<Account>,
    /// The nodes from the state root down, each referred to by hash.
    pub account_proof: Vec<Vec<u8>>,
    /// One entry for each slot, in the order of the question.
    pub storage_proof: Vec<SlotProof>,
}

/// A word of an account's storage and the nodes that prove it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotProof {
    /// The slot.
    pub slot: B256,
    /// The word; 0 where the nodes prove that none was written.
    pub word: U256,
    /// The nodes from the account's storage root down; none where the account has no storage.
    pub proof: Vec<Vec<u8>>,
}

impl Proof {
    pub(crate) fn new(state: &State, address: Address, slots: &[B256]) -> Self {
        let evm_address = convert::evm_address(address);
        let account = state.get(evm_address);
        let storage_proof = slots.iter().map(|slot| {
            let (word, proof) = match account {
                None => (U256::ZERO, vec![]),
                Some(account) => {
                    let word = account.storage.get(convert::evm_u256((*slot).into()));
                    (convert::u256(word), account.storage.proof((*slot).into()))
                }
            };
            SlotProof { slot: *slot, word, proof }
        });
        Self {
            address,
            account: account.map(state::Account::summary),
            account_proof: state.proof(evm_address),
            storage_proof: storage_proof.collect(),
        }
    }

    /// The result of `eth_getProof`, spelled like geth's: an account that does not exist has the code
    /// hash and the storage hash zero. Slots are written with all their 32 bytes.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let absent =
            Account { nonce: 0, balance: U256::ZERO, storage_root: B256::ZERO, code_hash: B256::ZERO };
        let account = self.account.unwrap_or(absent);
        let storage_proof = self.storage_proof.iter().map(|slot| {
            json!({
                "key": slot.slot.to_string(),
                "value": slot.word.to_string(),
                "proof": nodes(&slot.proof),
            })
        });
        json!({
            "address": self.address.to_string(),
            "accountProof": nodes(&self.account_proof),
            "balance": account.balance.to_string(),
            "codeHash": account.code_hash.to_string(),
            "nonce": quantity(account.nonce),
            "storageHash": account.storage_root.to_string(),
            "storageProof": storage_proof.collect::<Vec<_>>(),
        })
    }
}

/// The result of `eth_getBlockByNumber` without full transactions, spelled like geth's.
pub(crate) fn block_json(block: &Block) -> Value {
    let header = &block.header;
    let mut fields = Map::new();
    let mut put = |name: &str, value: String| fields.insert(name.to_owned(), Value::String(value));
    put("baseFeePerGas", quantity(header.base_fee_per_gas.unwrap_or_default()));
    put("difficulty", convert::u256(header.difficulty).to_string());
    put("extraData", hex(&header.extra_data));
    put("gasLimit", quantity(header.gas_limit));
    put("gasUsed", quantity(header.gas_used));
    put("hash", block.hash.to_string());
    put("logsBloom", hex(header.logs_bloom.as_slice()));
    put("miner", hex(header.beneficiary.as_slice()));
    put("mixHash", hex(header.mix_hash.as_slice()));
    put("nonce", hex(header.nonce.as_slice()));
    put("number", quantity(header.number));
    put("parentHash", hex(header.parent_hash.as_slice()));
    put("receiptsRoot", hex(header.receipts_root.as_slice()));
    put("sha3Uncles", hex(header.ommers_hash.as_slice()));
    put("size", quantity(size(block)));
    put("stateRoot", hex(header.state_root.as_slice()));
    put("timestamp", quantity(header.timestamp));
    put("transactionsRoot", hex(header.transactions_root.as_slice()));
    let numbers = [("blobGasUsed", header.blob_gas_used), ("excessBlobGas", header.excess_blob_gas)];
    for (name, number) in numbers {
        if let Some(number) = number {
            put(name, quantity(number));
        }
    }
    let hashes: [(&str, Option<evm::B256>); 3] = [
        ("parentBeaconBlockRoot", header.parent_beacon_block_root),
        ("requestsHash", header.requests_hash),
        ("withdrawalsRoot", header.withdrawals_root),
    ];
    for (name, hash) in hashes {
        if let Some(hash) = hash {
            put(name, hex(hash.as_slice()));
        }
    }
    let transactions = block.transactions.iter().map(|(hash, _)| Value::String(hash.to_string()));
    fields.insert("transactions".to_owned(), transactions.collect());
    fields.insert("uncles".to_owned(), json!([]));
    fields.insert("withdrawals".to_owned(), json!([]));
    Value::Object(fields)
}

/// Bytes of the block's RLP: header, transactions (typed ones as strings), no uncles, no withdrawals.
fn size(block: &Block) -> usize {
    let list = |payload_length| Header { list: true, payload_length }.length_with_payload();
    let transactions = block.transactions.iter().map(|(_, raw)| match raw.first() {
        Some(0xc0..) => raw.len(),
        _ => raw.as_slice().length(),
    });
    list(block.rlp.len() + list(transactions.sum()) + list(0) + list(0))
}

fn nodes(nodes: &[Vec<u8>]) -> Value {
    nodes.iter().map(|node| Value::String(hex(node))).collect()
}

fn hex(bytes: &[u8]) -> String {
    Hex::new(bytes).to_string()
}

fn quantity(number: impl std::fmt::LowerHex) -> String {
    format!("{number:#x}")
}
