//! Storage tries built by alloy-trie, and the proofs that it makes from them.
#![allow(dead_code, reason = "each binary uses its own part")]

use std::collections::{BTreeMap, HashSet};

use alloy_trie::proof::ProofRetainer;
use alloy_trie::{HashBuilder, Nibbles};
use healthrecord::core::matter::sink::Buffer;
use healthrecord::core::{B256, U256, grammar::rlp, keccak256};

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

    /// The root, and the proof of each slot.
    pub(crate) fn prove(&self, asked: &[B256]) -> (B256, Vec<Vec<Vec<u8>>>) {
        prove(self.words.iter().map(|(slot, word)| (slot.0, encode_word(*word))), asked)
    }
}

/// The root of a secured trie, and the proof of each key from the root down, without the nodes that stand
/// inside others.
pub(crate) fn prove<K: AsRef<[u8]>>(
    entries: impl IntoIterator<Item = (K, Vec<u8>)>,
    asked: &[impl AsRef<[u8]>],
) -> (B256, Vec<Vec<Vec<u8>>>) {
    let path = |key: &[u8]| Nibbles::unpack(keccak256(key).0);
    let leaves: BTreeMap<_, _> =
        entries.into_iter().map(|(key, value)| (path(key.as_ref()), value)).collect();
    let retainer = ProofRetainer::new(asked.iter().map(|key| path(key.as_ref())).collect());
    let mut builder = HashBuilder::default().with_proof_retainer(retainer);
    for (path, value) in &leaves {
        builder.add_leaf(*path, value);
    }
    let root = B256(builder.root().0);
    let mut nodes = BTreeMap::new();
    for (path, node) in builder.take_proof_nodes().into_inner() {
        nodes.insert(path, node.to_vec());
    }
    let proof_of = |path: Nibbles| {
        let prefixes = (0..=path.len()).map(|len| path.slice(..len));
        let way = prefixes.filter_map(|prefix| nodes.get(&prefix));
        // An empty trie is its root; a short node stands inside its parent.
        way.enumerate()
            .filter(|(depth, node)| **node != [0x80] && (*depth == 0 || node.len() >= 32))
            .map(|(_, node)| node.clone())
            .collect()
    };
    (root, asked.iter().map(|key| proof_of(path(key.as_ref()))).collect())
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
