//! Tries built by alloy-trie, and the proofs that it makes from them.
#![allow(dead_code, reason = "each binary uses its own part")]

use std::collections::{BTreeMap, HashSet};

use alloy_trie::proof::ProofRetainer;
use alloy_trie::{HashBuilder, Nibbles};
use healthrecord::core::matter::sink::Buffer;
use healthrecord::core::{B256, U256, grammar::rlp, keccak256};

/// The entries of a trie, by their paths: hashes of slots or addresses.
pub(crate) struct Trie {
    leaves: BTreeMap<B256, Vec<u8>>,
}

impl Trie {
    pub(crate) fn new(leaves: impl IntoIterator<Item = (B256, Vec<u8>)>) -> Self {
        Self { leaves: leaves.into_iter().collect() }
    }

    pub(crate) fn insert(&mut self, path: B256, value: Vec<u8>) {
        self.leaves.insert(path, value);
    }

    pub(crate) fn value(&self, path: &B256) -> Option<&Vec<u8>> {
        self.leaves.get(path)
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = (&B256, &Vec<u8>)> {
        self.leaves.iter()
    }

    pub(crate) fn paths(&self) -> impl Iterator<Item = &B256> {
        self.leaves.keys()
    }

    /// The root, and the proof of each path from the root down, without the nodes that stand inside
    /// others.
    pub(crate) fn prove(&self, asked: &[B256]) -> (B256, Vec<Vec<Vec<u8>>>) {
        let retainer = ProofRetainer::new(asked.iter().map(|path| Nibbles::unpack(path.0)).collect());
        let mut builder = HashBuilder::default().with_proof_retainer(retainer);
        for (path, value) in &self.leaves {
            builder.add_leaf(Nibbles::unpack(path.0), value);
        }
        let root = B256(builder.root().0);
        let mut nodes = BTreeMap::new();
        for (path, node) in builder.take_proof_nodes().into_inner() {
            nodes.insert(path, node.to_vec());
        }
        let proof_of = |path: &B256| {
            let path = Nibbles::unpack(path.0);
            let prefixes = (0..=path.len()).map(|len| path.slice(..len));
            let way = prefixes.filter_map(|prefix| nodes.get(&prefix));
            // An empty trie is its root; a short node stands inside its parent.
            way.enumerate()
                .filter(|(depth, node)| **node != [0x80] && (*depth == 0 || node.len() >= 32))
                .map(|(_, node)| node.clone())
                .collect()
        };
        (root, asked.iter().map(proof_of).collect())
    }
}

/// The words of a contract's storage.
pub(crate) struct StorageTrie {
    words: BTreeMap<B256, U256>,
}

impl StorageTrie {
    pub(crate) fn new(words: impl IntoIterator<Item = (B256, U256)>) -> Self {
        Self { words: words.into_iter().collect() }
    }

    pub(crate) fn word(&self, slot: &B256) -> U256 {
        self.words.get(slot).copied().unwrap_or_default()
    }

    pub(crate) fn slots(&self) -> impl Iterator<Item = &B256> {
        self.words.keys()
    }

    /// As [`Trie::prove`], by slots.
    pub(crate) fn prove(&self, asked: &[B256]) -> (B256, Vec<Vec<Vec<u8>>>) {
        let leaves = self.words.iter().map(|(slot, word)| (keccak256(&slot.0), encode_word(*word)));
        let paths: Vec<B256> = asked.iter().map(|slot| keccak256(&slot.0)).collect();
        Trie::new(leaves).prove(&paths)
    }
}

/// Every distinct node of some proofs, in the order of its first appearance.
pub(crate) fn distinct(proofs: &[Vec<Vec<u8>>]) -> Vec<Vec<u8>> {
    let mut seen = HashSet::new();
    proofs.iter().flatten().filter(|node| seen.insert(*node)).cloned().collect()
}

/// A word as the leaf of its slot holds it.
pub(crate) fn encode_word(word: U256) -> Vec<u8> {
    let mut value = [0; 40];
    let mut buffer = Buffer::new(&mut value);
    rlp::put_uint(&mut buffer, word).unwrap();
    buffer.into_written().to_vec()
}
