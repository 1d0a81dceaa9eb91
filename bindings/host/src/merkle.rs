//! OpenZeppelin's Merkle trees, kept whole: the root, and the proof of any leaf.
//!
//! The tree is that of [`healthrecord_core::grammar::merkle`], laid out as `@openzeppelin/merkle-tree`
//! lays it out: the root at 0, the children of node i at 2i + 1 and 2i + 2, the leaves in ascending order
//! from the back.

use healthrecord_core::B256;
use healthrecord_core::matter::batch::{BatchKeccak as _, Messages};

use crate::keccak::WideKeccak;

/// How many nodes are hashed at a time.
const BATCH: usize = 256;

/// A Merkle tree: 64 bytes a leaf.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MerkleTree {
    nodes: Vec<B256>,
    leaf_count: usize,
}

impl MerkleTree {
    /// The tree over some leaves, in any order.
    ///
    /// Time: one hash a leaf, beside sorting.
    #[must_use]
    pub fn new(leaves: Vec<B256>) -> Self {
        let mut tree = Self { leaf_count: leaves.len(), nodes: leaves };
        tree.build();
        tree
    }

    /// Builds the tree over other leaves in the same memory and gives its root.
    pub(crate) fn root_of(&mut self, leaves: impl IntoIterator<Item = B256>) -> Option<B256> {
        self.nodes.clear();
        self.nodes.extend(leaves);
        self.leaf_count = self.nodes.len();
        self.build();
        self.root()
    }

    fn build(&mut self) {
        sort(&mut self.nodes);
        let inner = self.leaf_count.saturating_sub(1);
        self.nodes.resize(self.leaf_count + inner, B256::ZERO);
        self.nodes.reverse();
        let mut batch = Batch { pairs: [[0; 64]; BATCH], nodes: &mut self.nodes, first: inner, count: 0 };
        while batch.first > 0 {
            // As many as have their children: node i's, 2i + 1 and 2i + 2, are not below `first`.
            batch.count = (batch.first - batch.first / 2).min(BATCH);
            batch.first -= batch.count;
            batch.load();
            WideKeccak.hash_all(&mut batch);
        }
    }

    /// How many leaves there are.
    #[must_use]
    pub const fn leaf_count(&self) -> usize {
        self.leaf_count
    }

    /// The root; `None` of no leaves.
    #[must_use]
    pub fn root(&self) -> Option<B256> {
        self.nodes.first().copied()
    }

    /// Where a leaf is in ascending order; `None` where it is no leaf of the tree.
    #[must_use]
    pub fn position(&self, leaf: &B256) -> Option<usize> {
        let leaves = self.nodes.get(self.leaf_count.saturating_sub(1)..)?;
        let from_front = leaves.binary_search_by(|other| leaf.cmp(other)).ok()?;
        self.leaf_count.checked_sub(1)?.checked_sub(from_front)
    }

    /// The proof of the leaf at `position` in ascending order, from its sibling up; empty where there is
    /// no such leaf, and for a leaf alone.
    pub fn proof(&self, position: usize) -> impl Iterator<Item = B256> + '_ {
        let last = self.nodes.len().saturating_sub(1);
        let mut node = if position < self.leaf_count { last.saturating_sub(position) } else { 0 };
        core::iter::from_fn(move || {
            let parent = node.checked_sub(1)? / 2;
            // Siblings are an odd place and the even one after it.
            let sibling = if node % 2 == 1 { node + 1 } else { node - 1 };
            node = parent;
            self.nodes.get(sibling).copied()
        })
    }
}

/// Sorts by the first bytes, which nearly always tell.
fn sort(hashes: &mut [B256]) {
    let front = |hash: &B256| hash.0.first_chunk().copied().map_or(0, u64::from_be_bytes);
    hashes.sort_unstable_by(|one, other| front(one).cmp(&front(other)).then_with(|| one.cmp(other)));
}

/// Nodes that are hashed together: each message is its two children, the lesser first.
struct Batch<'a> {
    pairs: [[u8; 64]; BATCH],
    nodes: &'a mut [B256],
    first: usize,
    count: usize,
}

impl Batch<'_> {
    /// Takes the children of the nodes from `first` on.
    fn load(&mut self) {
        let children = self.nodes.get(2 * self.first + 1..).unwrap_or_default().as_chunks().0;
        for (pair, [one, other]) in self.pairs.iter_mut().zip(children).take(self.count) {
            let (low, high) = if one <= other { (one, other) } else { (other, one) };
            let (front, back) = pair.split_at_mut(32);
            front.copy_from_slice(&low.0);
            back.copy_from_slice(&high.0);
        }
    }
}

impl Messages for Batch<'_> {
    fn count(&self) -> usize {
        self.count
    }

    fn message(&self, index: usize) -> &[u8] {
        self.pairs.get(index).map_or(&[], |pair| pair)
    }

    fn put(&mut self, index: usize, hash: B256) {
        if let Some(node) = self.nodes.get_mut(self.first + index) {
            *node = hash;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use healthrecord_core::grammar::merkle::{self, Leaf, process_proof};
    use healthrecord_core::keccak256;

    use super::*;

    #[test]
    fn roots_are_the_cores_and_every_leaf_has_its_proof() {
        for count in (1..70).chain([255, 256, 257, 511, 512, 513, 514, 1_000, 1_025]) {
            let leaves: Vec<B256> = (0..count).map(|number: u32| keccak256(&number.to_be_bytes())).collect();
            let mut lent: Vec<Leaf> =
                leaves.iter().map(|hash| Leaf { hash: *hash, disclosed: false }).collect();
            let expected = merkle::root(&mut lent, |_| ());
            let tree = MerkleTree::new(leaves.clone());
            assert_eq!(tree.root(), expected, "{count} leaves");
            let mut sorted = leaves;
            sorted.sort_unstable();
            for (position, leaf) in sorted.iter().enumerate() {
                assert_eq!(tree.position(leaf), Some(position));
                let proof: Vec<B256> = tree.proof(position).collect();
                assert_eq!(Some(process_proof(*leaf, &proof)), expected);
            }
            assert_eq!(tree.position(&B256([7; 32])), None);
            assert_eq!(tree.proof(sorted.len()).count(), 0);
        }
        assert_eq!(MerkleTree::new(vec![]).root(), None);
    }
}
