//! Batches: one root over many commitments, and the proof that a commitment is one of them.

use core::fmt;

use super::TAG_BATCH;
use crate::grammar::merkle::{self, Leaf, Step};
use crate::grammar::rlp::{self, RlpError};
use crate::matter::bytes::{B256, U256};
use crate::matter::keccak::Keccak;
use crate::matter::sink::{Full, Sink};

/// The version of the proof's format that is read and written.
pub const BATCH_PROOF_VERSION: u64 = 1;

/// Most hashes of a batch proof: the depth of a tree of 2^32 − 1 leaves.
pub const MAX_BATCH_DEPTH: usize = 32;

/// The leaf of a commitment at a place of a batch of two or more.
#[must_use]
pub fn batch_leaf(index: u32, commitment: &B256) -> B256 {
    Keccak::new().chain(&TAG_BATCH.0).chain(&index.to_be_bytes()).chain(&commitment.0).finish()
}

/// A batch whose commitments come one after the other.
///
/// ```text
/// leaf = keccak256(TAG_BATCH ‖ u32be(index) ‖ commitment)
/// ```
///
/// The leaves' tree is OpenZeppelin's ([`merkle`]). A leaf's preimage has 68 bytes, so that it can never be
/// read as an inner node, of 64. The root of a batch of one is the commitment itself.
#[derive(Debug)]
pub struct Batch<'m> {
    memory: &'m mut [Leaf],
    count: u32,
    first: B256,
}

impl<'m> Batch<'m> {
    /// Begins an empty batch; `memory` needs an entry of 33 bytes for each record.
    #[must_use]
    pub const fn new(memory: &'m mut [Leaf]) -> Self {
        Self { memory, count: 0, first: B256::ZERO }
    }

    /// Appends a record by its commitment, and gives its index, from 0.
    ///
    /// # Errors
    ///
    /// [`BatchError::TooMany`].
    pub fn push(&mut self, commitment: &B256) -> Result<u32, BatchError> {
        let (index, capacity) = (self.count, self.memory.len());
        let entry = usize::try_from(index).ok().and_then(|index| self.memory.get_mut(index));
        let (entry, count) = entry.zip(index.checked_add(1)).ok_or(BatchError::TooMany { capacity })?;
        if index == 0 {
            self.first = *commitment;
        }
        *entry = Leaf { hash: batch_leaf(index, commitment), disclosed: false };
        self.count = count;
        Ok(index)
    }

    /// How many records there are.
    #[must_use]
    pub const fn count(&self) -> u32 {
        self.count
    }

    /// The root, to be anchored with the count.
    ///
    /// Time: one hash a record, O(n log n) comparisons.
    ///
    /// # Errors
    ///
    /// [`BatchError::Empty`].
    pub fn root(self) -> Result<B256, BatchError> {
        self.root_over(&mut |_| ())
    }

    /// The root, and the proof of the record at `index`: each sibling on the way up, into `memory` of
    /// [`MAX_BATCH_DEPTH`] entries or fewer where the batch is known to be smaller.
    ///
    /// # Errors
    ///
    /// [`BatchError::Empty`], [`BatchError::Index`], [`BatchError::TooDeep`].
    pub fn prove(self, index: u32, memory: &mut [B256]) -> Result<(B256, BatchProof<'_>), BatchError> {
        let count = self.count;
        if count == 0 {
            return Err(BatchError::Empty);
        }
        let entry = usize::try_from(index).ok().filter(|_| index < count);
        let entry = entry.and_then(|index| self.memory.get_mut(index));
        entry.ok_or(BatchError::Index { index, count })?.disclosed = true;
        let (mut used, capacity) = (0_usize, memory.len());
        let root = self.root_over(&mut |sibling| {
            if let Some(entry) = memory.get_mut(used) {
                *entry = sibling;
            }
            used = used.saturating_add(1);
        })?;
        let siblings = memory.get(..used).ok_or(BatchError::TooDeep { capacity })?;
        Ok((root, BatchProof { count, index, siblings }))
    }

    fn root_over(self, sibling: &mut impl FnMut(B256)) -> Result<B256, BatchError> {
        let Self { memory, count, first } = self;
        if count == 1 {
            return Ok(first);
        }
        let leaves = usize::try_from(count).ok().and_then(|count| memory.get_mut(..count));
        let step = |step| match step {
            Step::Sibling(hash) => sibling(hash),
            // Of one leaf, the other child is never known.
            Step::Join => {}
        };
        merkle::root(leaves.unwrap_or_default(), step).ok_or(BatchError::Empty)
    }
}

/// The proof that a commitment is the one at `index` among the `count` of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchProof<'a> {
    /// Records of the batch. A verifier holds it against what was anchored.
    pub count: u32,
    /// The record's place, from 0.
    pub index: u32,
    /// The siblings on the way from the leaf to the root.
    pub siblings: &'a [B256],
}

impl<'a> BatchProof<'a> {
    /// The proof of a record that was anchored by itself.
    pub const ALONE: Self = Self { count: 1, index: 0, siblings: &[] };

    /// The root that a commitment and its proof lead to.
    ///
    /// # Errors
    ///
    /// [`BatchError::Empty`], [`BatchError::Index`], [`BatchError::ProofLength`].
    pub fn root(&self, commitment: &B256) -> Result<B256, BatchError> {
        let Self { count, index, siblings } = *self;
        let shallow = count.checked_ilog2().ok_or(BatchError::Empty)?;
        if index >= count {
            return Err(BatchError::Index { index, count });
        }
        // The leaves of a complete tree stand on two levels, on one where their number is a power of two.
        let deep = shallow.saturating_add(u32::from(!count.is_power_of_two()));
        if !u32::try_from(siblings.len()).is_ok_and(|found| (shallow..=deep).contains(&found)) {
            return Err(BatchError::ProofLength { found: siblings.len(), count });
        }
        if count == 1 {
            return Ok(*commitment);
        }
        Ok(merkle::process_proof(batch_leaf(index, commitment), siblings))
    }

    /// Holds the proof against a root and a count that the caller trusts.
    ///
    /// # Errors
    ///
    /// As [`Self::root`], and [`BatchError::Count`], [`BatchError::Root`].
    pub fn verify(&self, commitment: &B256, root: B256, count: u32) -> Result<(), BatchError> {
        if self.count != count {
            return Err(BatchError::Count { expected: count, found: self.count });
        }
        let found = self.root(commitment)?;
        if found == root { Ok(()) } else { Err(BatchError::Root { expected: root, found }) }
    }

    /// Writes the proof as RLP `[1, count, index, siblings]`: integers, then a list of 32-byte strings.
    ///
    /// # Errors
    ///
    /// [`Full`] when it does not fit; it has at most 1,073 bytes.
    pub fn encode(&self, sink: &mut impl Sink) -> Result<(), Full> {
        rlp::put_list(sink, |mut sink| {
            for number in [BATCH_PROOF_VERSION, self.count.into(), self.index.into()] {
                rlp::put_uint(&mut sink, U256::from(number))?;
            }
            rlp::put_list(&mut sink, |mut sink| {
                self.siblings.iter().try_for_each(|sibling| rlp::put_string(&mut sink, &sibling.0))
            })
        })
    }

    /// Reads what [`Self::encode`] writes, into `memory` of [`MAX_BATCH_DEPTH`] entries.
    ///
    /// # Errors
    ///
    /// [`BatchError::Rlp`], [`BatchError::Version`], [`BatchError::TooDeep`].
    pub fn decode(bytes: &[u8], memory: &'a mut [B256]) -> Result<Self, BatchError> {
        let field = |field| move |error| BatchError::Rlp { field, error };
        let mut fields = rlp::list(bytes).map_err(field("batch proof"))?;
        let mut next = |name| fields.item().map_err(field(name));
        let version = next("version")?.uint64().map_err(field("version"))?;
        if version != BATCH_PROOF_VERSION {
            return Err(BatchError::Version { found: version });
        }
        let count = next("count")?.uint32().map_err(field("count"))?;
        let index = next("index")?.uint32().map_err(field("index"))?;
        let mut siblings = next("siblings")?.list().map_err(field("siblings"))?;
        fields.finish().map_err(field("batch proof"))?;
        let (mut used, capacity) = (0_usize, memory.len());
        while !siblings.is_empty() {
            let sibling = siblings.item().and_then(|item| item.array()).map_err(field("siblings"))?;
            *memory.get_mut(used).ok_or(BatchError::TooDeep { capacity })? = B256(sibling);
            used = used.saturating_add(1);
        }
        Ok(Self { count, index, siblings: memory.get(..used).unwrap_or_default() })
    }
}

/// Why a batch has no root, or a proof proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchError {
    /// No record.
    Empty,
    /// More records than there is lent memory for, or than 2^32 − 1.
    TooMany {
        /// Entries of the lent memory.
        capacity: usize,
    },
    /// The index is not below the count.
    Index {
        /// The index.
        index: u32,
        /// Records of the batch.
        count: u32,
    },
    /// More hashes in a proof than there is lent memory for.
    TooDeep {
        /// Entries of the lent memory.
        capacity: usize,
    },
    /// No leaf of a tree of that many leaves has so many hashes in its proof.
    ProofLength {
        /// Hashes of the proof.
        found: usize,
        /// Records of the batch.
        count: u32,
    },
    /// The proof is from a batch of another size than the trusted one.
    Count {
        /// The trusted count.
        expected: u32,
        /// The proof's.
        found: u32,
    },
    /// The commitment is not the one at that place of the batch.
    Root {
        /// The trusted root.
        expected: B256,
        /// The root that commitment and proof lead to.
        found: B256,
    },
    /// A field is not the canonical RLP that it should be.
    Rlp {
        /// The field.
        field: &'static str,
        /// The broken rule, with the offset into the proof.
        error: RlpError,
    },
    /// A version that is not known here.
    Version {
        /// The version found.
        found: u64,
    },
}

impl fmt::Display for BatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("a batch of no records"),
            Self::TooMany { capacity } => {
                write!(f, "the batch has more records than the {capacity} that there is memory for")
            }
            Self::Index { index, count } => write!(f, "index {index} in a batch of {count} records"),
            Self::TooDeep { capacity } => {
                write!(f, "the batch proof has more hashes than the {capacity} that there is memory for")
            }
            Self::ProofLength { found, count } => {
                write!(f, "a batch proof of {found} hashes, which no leaf of a batch of {count} records has")
            }
            Self::Count { expected, found } => {
                write!(f, "the proof is from a batch of {found} records: expected {expected}")
            }
            Self::Root { expected, found } => {
                write!(f, "the commitment and its batch proof lead to the root {found}: expected {expected}")
            }
            Self::Rlp { field, error } => write!(f, "the batch proof's {field}: {error}"),
            Self::Version { found } => {
                write!(f, "a batch proof of version {found}: expected {BATCH_PROOF_VERSION}")
            }
        }
    }
}

impl core::error::Error for BatchError {}
