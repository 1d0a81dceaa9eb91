//! OpenZeppelin's Merkle trees: sorted leaves, sorted pairs, one complete binary tree.
//!
//! Source: `MerkleProof.sol` of OpenZeppelin Contracts and `SimpleMerkleTree` of
//! `@openzeppelin/merkle-tree`. An inner node is `keccak256(min ‖ max)` of its two children. The
//! leaves stand in ascending order; from the front of that order two at a time are joined, each new
//! node going to the back, until one is left: the root. One pass over a ring of the leaves' own
//! memory is therefore all that a root or a proof of many leaves (a multiproof) takes.

use core::fmt;
use core::num::NonZeroUsize;

use crate::matter::bytes::B256;
use crate::matter::keccak::Keccak;
use crate::matter::sort::sort;

/// A leaf while a tree is built: its hash, and whether a multiproof is to prove it.
#[derive(Clone, Copy, Debug)]
pub struct Leaf {
    /// The hash that stands in the tree.
    pub hash: B256,
    /// Whether the multiproof proves this leaf.
    pub disclosed: bool,
}

impl Leaf {
    /// An entry to fill the lent memory with.
    pub const EMPTY: Self = Self { hash: B256::ZERO, disclosed: false };
}

/// A part of a multiproof, in the order in which a verifier uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Both children are known: leaves that are proved, or nodes made from them.
    Join,
    /// One child is known; the other is this hash, the next of the proof.
    Sibling(B256),
}

/// The inner node over two children, in either order.
#[must_use]
pub fn join(one: &B256, other: &B256) -> B256 {
    let (low, high) = if one <= other { (one, other) } else { (other, one) };
    Keccak::new().chain(&low.0).chain(&high.0).finish()
}

/// Sorts `leaves`, gives their root, and the multiproof of the disclosed ones step by step.
///
/// `None` where there are no leaves. The memory of the leaves is used up. Time: one hash a leaf and
/// O(n log n) comparisons.
pub fn root(leaves: &mut [Leaf], mut step: impl FnMut(Step)) -> Option<B256> {
    sort(leaves, |one, other| one.hash < other.hash);
    let len = leaves.len();
    let mut read = 0;
    for write in 0..len.checked_sub(1)? {
        let one = *leaves.get(read % len)?;
        let other = *leaves.get(read.checked_add(1)? % len)?;
        read = read.checked_add(2)?;
        match (one.disclosed, other.disclosed) {
            (true, true) => step(Step::Join),
            (true, false) => step(Step::Sibling(other.hash)),
            (false, true) => step(Step::Sibling(one.hash)),
            (false, false) => {}
        }
        let hash = join(&one.hash, &other.hash);
        *leaves.get_mut(write)? = Leaf { hash, disclosed: one.disclosed || other.disclosed };
    }
    leaves.get(read % len).map(|root| root.hash)
}

/// The root that one leaf and its proof lead to.
#[must_use]
pub fn process_proof(leaf: B256, proof: &[B256]) -> B256 {
    proof.iter().fold(leaf, |node, sibling| join(&node, sibling))
}

/// The root that some leaves and their multiproof lead to.
///
/// `leaves` are in ascending order and their memory is used up; a flag is true for [`Step::Join`].
///
/// # Errors
///
/// [`MultiproofError`].
pub fn process_multiproof(
    leaves: &mut [B256],
    proof: &[B256],
    flags: &[bool],
) -> Result<B256, MultiproofError> {
    let error = MultiproofError::Length { leaves: leaves.len(), proof: proof.len(), flags: flags.len() };
    let len = NonZeroUsize::new(leaves.len()).ok_or(error)?;
    if leaves.len().checked_add(proof.len()) != flags.len().checked_add(1) {
        return Err(error);
    }
    let mut siblings = proof.iter();
    // The ring holds `waiting` nodes from `read` on; each step takes at least one and adds one.
    let (mut read, mut waiting) = (0_usize, len.get());
    for flag in flags {
        let mut take = || {
            waiting = waiting.checked_sub(1)?;
            let node = *leaves.get(read % len)?;
            read = read.checked_add(1)?;
            Some(node)
        };
        let one = take().ok_or(MultiproofError::Unused)?;
        let other = if *flag { take() } else { siblings.next().copied() }.ok_or(MultiproofError::Unused)?;
        let position = read.checked_add(waiting).ok_or(error)? % len;
        *leaves.get_mut(position).ok_or(error)? = join(&one, &other);
        waiting = waiting.checked_add(1).ok_or(error)?;
    }
    if waiting != 1 || siblings.next().is_some() {
        return Err(MultiproofError::Unused);
    }
    leaves.get(read % len).copied().ok_or(error)
}

/// Why a multiproof has no root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MultiproofError {
    /// A multiproof of n leaves and m hashes has n + m − 1 flags, and at least one leaf.
    Length {
        /// Leaves to prove.
        leaves: usize,
        /// Hashes of the proof.
        proof: usize,
        /// Flags.
        flags: usize,
    },
    /// The flags do not use every leaf and every hash exactly once.
    Unused,
}

impl fmt::Display for MultiproofError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length { leaves: 0, .. } => f.write_str("a multiproof of no leaves"),
            Self::Length { leaves, proof, flags } => write!(
                f,
                "a multiproof of {leaves} leaves and {proof} hashes has {flags} flags: expected {}",
                leaves.saturating_add(*proof).saturating_sub(1)
            ),
            Self::Unused => f.write_str("the multiproof does not use every leaf and hash exactly once"),
        }
    }
}

impl core::error::Error for MultiproofError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matter::keccak::keccak256;

    /// The tree as `@openzeppelin/merkle-tree` lays it out: node i over 2i + 1 and 2i + 2.
    fn plain_root(leaves: &[B256]) -> B256 {
        let mut sorted = [B256::ZERO; 40];
        let sorted = &mut sorted[..leaves.len()];
        sorted.copy_from_slice(leaves);
        sorted.sort_unstable();
        let len = 2 * leaves.len() - 1;
        let mut tree = [B256::ZERO; 80];
        for (position, leaf) in sorted.iter().enumerate() {
            tree[len - 1 - position] = *leaf;
        }
        for node in (0..leaves.len() - 1).rev() {
            tree[node] = join(&tree[2 * node + 1], &tree[2 * node + 2]);
        }
        tree[0]
    }

    #[test]
    fn roots_and_multiproofs_are_those_of_the_laid_out_tree() {
        for len in 1..40_usize {
            let mut hashes = [B256::ZERO; 40];
            for (number, hash) in hashes.iter_mut().enumerate() {
                *hash = keccak256(&[number.to_le_bytes()[0], 7]);
            }
            let hashes = &hashes[..len];
            let expected = plain_root(hashes);
            for mask in [0, 1, 2, 5, 0b1011_0110, 0xf0f0_f0f0, u64::MAX] {
                let mut leaves = [Leaf::EMPTY; 40];
                let mut disclosed = heapless::Vec::<B256, 40>::new();
                for (position, hash) in hashes.iter().enumerate() {
                    let is_disclosed = mask >> position & 1 == 1;
                    leaves[position] = Leaf { hash: *hash, disclosed: is_disclosed };
                    if is_disclosed {
                        disclosed.push(*hash).unwrap();
                    }
                }
                let mut proof = heapless::Vec::<B256, 40>::new();
                let mut flags = heapless::Vec::<bool, 80>::new();
                let found = root(&mut leaves[..len], |step| match step {
                    Step::Join => flags.push(true).unwrap(),
                    Step::Sibling(hash) => {
                        flags.push(false).unwrap();
                        proof.push(hash).unwrap();
                    }
                });
                assert_eq!(found, Some(expected));
                if !disclosed.is_empty() {
                    disclosed.sort_unstable();
                    assert_eq!(process_multiproof(&mut disclosed, &proof, &flags), Ok(expected));
                }
            }
        }
        assert_eq!(root(&mut [], |_| ()), None);
    }

    #[test]
    fn material_left_over_is_an_error() {
        let hash = |number| keccak256(&[number]);
        let mut two = [hash(1), hash(2)];
        two.sort_unstable();
        let length = |leaves, proof, flags| Err(MultiproofError::Length { leaves, proof, flags });
        assert_eq!(process_multiproof(&mut [], &[hash(1)], &[]), length(0, 1, 0));
        assert_eq!(process_multiproof(&mut two.clone(), &[], &[]), length(2, 0, 0));
        assert_eq!(process_multiproof(&mut two.clone(), &[], &[true]), Ok(join(&hash(1), &hash(2))));
        // A flag that takes a second leaf where none is left, so that a hash of the proof stays.
        assert_eq!(process_multiproof(&mut [hash(1)], &[hash(2)], &[true]), Err(MultiproofError::Unused));
        // Two hashes joined to leaves of their own: the leaves end as two roots.
        assert_eq!(
            process_multiproof(&mut two.clone(), &[hash(3)], &[false, false]),
            Err(MultiproofError::Unused)
        );
    }
}
