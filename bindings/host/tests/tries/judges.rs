//! One question, asked of each verifier: this one, the second walker, alloy-trie and `eth_trie`.
#![allow(dead_code, reason = "each binary uses its own part")]

use std::panic::catch_unwind;
use std::sync::Arc;

use alloy_primitives::Bytes;
use alloy_trie::{Nibbles, proof::verify_proof};
use eth_trie::{EthTrie, MemoryDB, Trie as _};
use healthrecord::core::chain::account::Account;
use healthrecord::core::chain::trie::{Key, Keys, NodeRef, NodeSet, TrieError};
use healthrecord::core::matter::batch::{BatchKeccak, Messages};
use healthrecord::core::{Address, B256, U256, keccak256};

use crate::walker::{self, Refusal, Way};

/// What the leaves of a trie hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Words,
    Accounts,
    /// The first question is for an account, the others for words of its storage.
    Contract,
}

impl Kind {
    /// What the question at `index` is for.
    pub(crate) const fn of(self, index: usize) -> Self {
        match self {
            Self::Contract if index == 0 => Self::Accounts,
            Self::Contract => Self::Words,
            Self::Words | Self::Accounts => self,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Absent,
    Word(U256),
    Account(Account),
}

/// Hashes nodes, and puts a given path where the hash of a key belongs: so a trie may have entries
/// that nobody knows a slot or an address for.
struct Paths<'p> {
    nodes: usize,
    paths: &'p [B256],
}

impl BatchKeccak for Paths<'_> {
    fn hash_all(&self, messages: &mut impl Messages) {
        for index in 0..messages.count() {
            let path = index.checked_sub(self.nodes).map(|key| self.paths[key]);
            let hash = path.unwrap_or_else(|| keccak256(messages.message(index)));
            messages.put(index, hash);
        }
    }
}

/// The answer to each path, and whether every node was needed.
pub(crate) struct Ours {
    /// Those for words end with the account, where there is none.
    pub(crate) answers: Vec<Result<Answer, TrieError>>,
    pub(crate) finish: Result<(), TrieError>,
}

/// # Errors
///
/// Where the set of nodes is refused as such.
pub(crate) fn ours(nodes: &[Vec<u8>], root: B256, kind: Kind, paths: &[B256]) -> Result<Ours, TrieError> {
    let mut memory = vec![NodeRef::EMPTY; nodes.len()];
    let supplied = nodes.iter().map(Vec::as_slice);
    let hasher = Paths { nodes: nodes.len(), paths };
    let account_count = (0..paths.len()).filter(|index| kind.of(*index) == Kind::Accounts).count();
    let mut accounts = vec![Key::new(Address::ZERO); account_count];
    let mut slots = vec![Key::new(B256::ZERO); paths.len() - account_count];
    let keys = Keys { accounts: &mut accounts, slots: &mut slots };
    let mut set = NodeSet::batched(supplied, keys, &mut memory, &hasher)?;
    let mut answers = vec![];
    for account in &accounts {
        answers.push(set.account(root, account).map(|found| found.map_or(Answer::Absent, Answer::Account)));
    }
    let storage_root = match (kind, answers.first()) {
        (Kind::Contract, Some(Ok(Answer::Account(account)))) => Some(account.storage_root),
        (Kind::Contract, _) => None,
        (Kind::Words | Kind::Accounts, _) => Some(root),
    };
    for (slot, storage_root) in slots.iter().zip(storage_root.into_iter().cycle()) {
        let word = set.storage(storage_root, slot);
        answers.push(word.map(|word| if word.is_zero() { Answer::Absent } else { Answer::Word(word) }));
    }
    Ok(Ours { answers, finish: set.finish() })
}

/// What the second walker's end means.
pub(crate) fn answer(way: &Way, kind: Kind) -> Result<Answer, Refusal> {
    match &way.end {
        Err(refusal) => Err(*refusal),
        Ok(end) => end.value.as_ref().map_or(Ok(Answer::Absent), |value| decode(value, kind)),
    }
}

/// What the value of a leaf means.
pub(crate) fn decode(value: &[u8], kind: Kind) -> Result<Answer, Refusal> {
    let number = |bytes: &[u8]| U256::from_be_slice(bytes).ok_or(Refusal::Value);
    let hash = |bytes: &[u8]| bytes.try_into().map(B256).map_err(|_| Refusal::Value);
    if kind == Kind::Words {
        return walker::word(value).and_then(|word| number(&word)).map(Answer::Word);
    }
    let [nonce, balance, storage_root, code_hash] = walker::account(value)?;
    Ok(Answer::Account(Account {
        nonce: number(&nonce)?.to_u64().ok_or(Refusal::Value)?,
        balance: number(&balance)?,
        storage_root: hash(&storage_root)?,
        code_hash: hash(&code_hash)?,
    }))
}

/// What alloy-trie does with a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alloy {
    Takes,
    Refuses,
    Panics,
}

/// What alloy-trie does with `way` as the proof of `value`, or of absence.
pub(crate) fn alloy<'n>(
    root: B256,
    path: &B256,
    value: Option<Vec<u8>>,
    way: impl IntoIterator<Item = &'n Vec<u8>>,
) -> Alloy {
    let way: Vec<Bytes> = way.into_iter().map(|node| Bytes::copy_from_slice(node)).collect();
    match catch_unwind(|| verify_proof(root.0.into(), Nibbles::unpack(path.0), value, &way)) {
        Ok(Ok(())) => Alloy::Takes,
        Ok(Err(_)) => Alloy::Refuses,
        Err(_) => Alloy::Panics,
    }
}

/// The value that `eth_trie` reads; `None` where it takes the proof for one of absence.
///
/// It panics on nodes that are none.
pub(crate) fn eth_trie(root: B256, path: &B256, proof: &[Vec<u8>]) -> Option<Vec<u8>> {
    let reader = EthTrie::new(Arc::new(MemoryDB::new(true)));
    reader.verify_proof(root.0.into(), &path.0, proof.to_vec()).unwrap()
}

/// The trie of `eth_trie` that has these entries.
pub(crate) fn eth_trie_of<'e>(
    entries: impl IntoIterator<Item = (&'e B256, &'e Vec<u8>)>,
) -> EthTrie<MemoryDB> {
    let mut trie = EthTrie::new(Arc::new(MemoryDB::new(true)));
    for (path, value) in entries {
        trie.insert(&path.0, value).unwrap();
    }
    trie
}
