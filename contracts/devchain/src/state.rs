//! The accounts of the chain and their storage.

use std::convert::Infallible;
use std::sync::Arc;

use alloy_rlp::{Encodable, Header};
use healthrecord_core::chain::account;
use healthrecord_core::{B256, U256, keccak256};
use revm::primitives::{self as evm, Bytes, KECCAK_EMPTY};
use revm::state::{AccountInfo, Bytecode, EvmState};
use revm::{Database, DatabaseCommit};

use crate::block::Block;
use crate::convert;
use crate::trie::{Leaf, Trie};

/// All accounts after a block, or between two; a clone is a snapshot and costs next to nothing.
///
/// Neither zero words nor accounts that EIP-161 calls empty are ever in it.
#[derive(Clone, Default)]
pub(crate) struct State(Trie<Account>);

/// One account with all that belongs to it.
#[derive(Clone)]
pub(crate) struct Account {
    pub(crate) nonce: u64,
    pub(crate) balance: evm::U256,
    pub(crate) code: Bytecode,
    pub(crate) code_hash: evm::B256,
    pub(crate) storage: Storage,
}

/// An account's storage.
#[derive(Clone, Default)]
pub(crate) struct Storage(Trie<evm::U256>);

impl State {
    pub(crate) fn get(&self, address: evm::Address) -> Option<&Account> {
        self.0.get(&keccak256(address.as_slice()).0)
    }

    /// Writes an account; an empty one is removed.
    pub(crate) fn set(&mut self, address: evm::Address, account: Account) {
        let key = keccak256(address.as_slice());
        if account.is_empty() {
            self.0.remove(&key.0);
        } else {
            self.0.insert(&key.0, account);
        }
    }

    /// The state root.
    pub(crate) fn root(&self) -> B256 {
        self.0.root()
    }

    /// The nodes that prove the account at `address`, or its absence.
    pub(crate) fn proof(&self, address: evm::Address) -> Vec<Vec<u8>> {
        self.0.proof(&keccak256(address.as_slice()).0)
    }

    /// Takes over what an execution changed.
    fn apply(&mut self, changes: EvmState) {
        for (address, changed) in changes {
            if !changed.is_touched() {
                continue;
            }
            let mut account = match self.get(address) {
                Some(account) if !changed.is_created() => account.clone(),
                _ => Account::default(),
            };
            if changed.is_selfdestructed() {
                self.set(address, Account::default());
                continue;
            }
            for (slot, value) in changed.changed_storage_slots() {
                account.storage.set(*slot, value.present_value());
            }
            account.nonce = changed.info.nonce;
            account.balance = changed.info.balance;
            account.code_hash = changed.info.code_hash;
            if let Some(code) = changed.info.code {
                account.code = code;
            }
            self.set(address, account);
        }
    }
}

impl Default for Account {
    fn default() -> Self {
        Self {
            nonce: 0,
            balance: evm::U256::ZERO,
            code: Bytecode::default(),
            code_hash: KECCAK_EMPTY,
            storage: Storage::default(),
        }
    }
}

impl Account {
    /// Sets the code. Bytes that begin like an EIP-7702 delegation and are none are kept as plain code,
    /// which halts at its first byte.
    pub(crate) fn with_code(mut self, code: &[u8]) -> Self {
        if code.is_empty() {
            return self;
        }
        let bytes = Bytes::copy_from_slice(code);
        self.code_hash = evm::keccak256(&bytes);
        self.code = Bytecode::new_raw_checked(bytes.clone()).unwrap_or_else(|_| Bytecode::new_legacy(bytes));
        self
    }

    /// Neither nonce nor balance nor code (EIP-161).
    pub(crate) fn is_empty(&self) -> bool {
        self.nonce == 0 && self.balance.is_zero() && self.code_hash == KECCAK_EMPTY
    }

    /// The account as the state trie keeps it.
    pub(crate) fn summary(&self) -> account::Account {
        account::Account {
            nonce: self.nonce,
            balance: convert::u256(self.balance),
            storage_root: self.storage.0.root(),
            code_hash: convert::b256(self.code_hash),
        }
    }
}

impl Storage {
    /// The word in `slot`, 0 if none was written.
    pub(crate) fn get(&self, slot: evm::U256) -> evm::U256 {
        self.0.get(&key(slot).0).copied().unwrap_or_default()
    }

    /// Writes a word; 0 removes.
    pub(crate) fn set(&mut self, slot: evm::U256, word: evm::U256) {
        if word.is_zero() {
            self.0.remove(&key(slot).0);
        } else {
            self.0.insert(&key(slot).0, word);
        }
    }

    /// The nodes that prove the word in `slot`, or its absence.
    pub(crate) fn proof(&self, slot: U256) -> Vec<Vec<u8>> {
        self.0.proof(&key(convert::evm_u256(slot)).0)
    }
}

fn key(slot: evm::U256) -> B256 {
    keccak256(&slot.to_be_bytes::<32>())
}

impl Leaf for Account {
    fn encode(&self) -> Vec<u8> {
        let storage_root = self.storage.0.root().0;
        let fields: [&dyn Encodable; 4] = [&self.nonce, &self.balance, &storage_root, &self.code_hash];
        let payload_length = fields.iter().copied().map(Encodable::length).sum();
        let mut out = vec![];
        Header { list: true, payload_length }.encode(&mut out);
        for field in fields {
            field.encode(&mut out);
        }
        out
    }
}

impl Leaf for evm::U256 {
    fn encode(&self) -> Vec<u8> {
        alloy_rlp::encode(self)
    }
}

/// What the EVM reads while it executes: a state of its own, and the blocks before.
pub(crate) struct Db<'a> {
    pub(crate) state: State,
    pub(crate) blocks: &'a [Arc<Block>],
}

impl Database for Db<'_> {
    type Error = Infallible;

    fn basic(&mut self, address: evm::Address) -> Result<Option<AccountInfo>, Infallible> {
        Ok(self.state.get(address).map(|account| AccountInfo {
            nonce: account.nonce,
            balance: account.balance,
            code_hash: account.code_hash,
            code: Some(account.code.clone()),
            account_id: None,
        }))
    }

    /// Never asked for: every account comes with its code.
    fn code_by_hash(&mut self, _: evm::B256) -> Result<Bytecode, Infallible> {
        Ok(Bytecode::default())
    }

    fn storage(&mut self, address: evm::Address, slot: evm::U256) -> Result<evm::U256, Infallible> {
        Ok(self.state.get(address).map(|account| account.storage.get(slot)).unwrap_or_default())
    }

    fn block_hash(&mut self, number: u64) -> Result<evm::B256, Infallible> {
        let block = usize::try_from(number).ok().and_then(|index| self.blocks.get(index));
        Ok(block.map(|block| evm::B256::new(block.hash.0)).unwrap_or_default())
    }
}

impl DatabaseCommit for Db<'_> {
    fn commit(&mut self, changes: revm::primitives::AddressMap<revm::state::Account>) {
        self.state.apply(changes);
    }
}
