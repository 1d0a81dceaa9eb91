//! Batches with owned memory: one root to anchor for many records, and each record's proof.

use healthrecord_core::B256;
use healthrecord_core::health::record::{BatchError, BatchProof, MAX_BATCH_DEPTH, batch_leaf};
use serde_json::{Value, json};

use super::Bytes;
use crate::form::{self, FormError, Object};
use crate::merkle::MerkleTree;

/// Greatest size of a batch proof in either form, in bytes.
pub const MAX_BATCH_PROOF_LEN: usize = 16 << 10;

/// A batch and its whole tree, from which every record's proof is read: 64 bytes a record.
#[derive(Clone, Debug)]
pub struct Batch {
    tree: MerkleTree,
    count: u32,
}

/// The proof of one record of a batch, with memory of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnedBatchProof {
    /// Records of the batch. A verifier holds it against what was anchored.
    pub count: u32,
    /// The record's place, from 0.
    pub index: u32,
    /// The siblings on the way from the leaf to the root.
    pub siblings: Vec<B256>,
}

impl Batch {
    /// The batch of these commitments, in this order.
    ///
    /// # Errors
    ///
    /// [`BatchError::Empty`], [`BatchError::TooMany`].
    pub fn new(commitments: impl IntoIterator<Item = B256>) -> Result<Self, BatchError> {
        let mut commitments = commitments.into_iter();
        let first = commitments.next().ok_or(BatchError::Empty)?;
        let mut leaves = Vec::with_capacity(commitments.size_hint().0.saturating_add(1).min(RESERVED));
        leaves.push(batch_leaf(0, &first));
        let mut count = 1_u32;
        for commitment in commitments {
            leaves.push(batch_leaf(count, &commitment));
            count = count.checked_add(1).ok_or(BatchError::TooMany { capacity: CAPACITY })?;
        }
        if count == 1 {
            // A batch of one is its record.
            leaves = vec![first];
        }
        Ok(Self { tree: MerkleTree::new(leaves), count })
    }

    /// How many records there are.
    #[must_use]
    pub const fn count(&self) -> u32 {
        self.count
    }

    /// The root, to be anchored with the count.
    #[must_use]
    pub fn root(&self) -> B256 {
        // There is a record at least.
        self.tree.root().unwrap_or_default()
    }

    /// The proof of the record at an index, from its commitment; `None` where the record there is another.
    #[must_use]
    pub fn proof(&self, index: u32, commitment: &B256) -> Option<OwnedBatchProof> {
        let leaf = if self.count == 1 { *commitment } else { batch_leaf(index, commitment) };
        let position = self.tree.position(&leaf)?;
        let siblings = self.tree.proof(position).collect();
        (index < self.count).then_some(OwnedBatchProof { count: self.count, index, siblings })
    }
}

/// Records that a batch has at most, 2^32 − 1, as the contract counts them.
const CAPACITY: usize = u32::MAX as usize;

/// Room for leaves that is made at once, however many an iterator promises.
const RESERVED: usize = 1 << 20;

impl OwnedBatchProof {
    /// The proof, to be verified.
    #[must_use]
    pub fn borrowed(&self) -> BatchProof<'_> {
        BatchProof { count: self.count, index: self.index, siblings: &self.siblings }
    }

    /// The proof as RLP `[1, count, index, siblings]`.
    #[must_use]
    pub fn to_rlp(&self) -> Vec<u8> {
        let mut rlp = Bytes(vec![]);
        // Growing memory is never full.
        self.borrowed().encode(&mut rlp).unwrap_or_default();
        rlp.0
    }

    /// Reads what [`Self::to_rlp`] writes. Nothing of it is believed until it is verified.
    ///
    /// # Errors
    ///
    /// [`BatchError`] names the field and the rule that it breaks.
    pub fn from_rlp(rlp: &[u8]) -> Result<Self, BatchError> {
        let mut memory = [B256::ZERO; MAX_BATCH_DEPTH];
        let BatchProof { count, index, siblings } = BatchProof::decode(rlp, &mut memory)?;
        Ok(Self { count, index, siblings: siblings.to_vec() })
    }

    /// The proof as JSON: `count`, `index` and the `siblings`.
    #[must_use]
    pub fn to_json(&self) -> String {
        format!("{:#}\n", self.to_value())
    }

    /// As [`Self::to_json`], on one line.
    #[must_use]
    pub fn to_json_line(&self) -> String {
        format!("{}\n", self.to_value())
    }

    fn to_value(&self) -> Value {
        json!({
            "format": FORMAT,
            "count": self.count,
            "index": self.index,
            "siblings": self.siblings.iter().map(B256::to_string).collect::<Vec<_>>(),
        })
    }

    /// Reads what [`Self::to_json`] writes. Nothing of it is believed until it is verified.
    ///
    /// # Errors
    ///
    /// [`FormError`] names the field and what was expected there.
    pub fn from_json(json: &str) -> Result<Self, FormError> {
        let value = form::parse(json, MAX_BATCH_PROOF_LEN)?;
        let fields = Object::outermost(&value)?;
        if fields.string("format")? != FORMAT {
            return Err(fields.type_error("format", "the format of a batch proof, \"hr1 batch proof\""));
        }
        let number = |field| {
            u32::try_from(fields.uint(field)?).map_err(|_| fields.type_error(field, "a number below 2^32"))
        };
        let siblings = fields.strings("siblings", |path, text| form::fixed(path, text).map(B256))?;
        if siblings.len() > MAX_BATCH_DEPTH {
            return Err(fields.type_error("siblings", "a list of at most 32 hashes"));
        }
        Ok(Self { count: number("count")?, index: number("index")?, siblings })
    }
}

/// What a batch proof's JSON says that it is.
const FORMAT: &str = "hr1 batch proof";
