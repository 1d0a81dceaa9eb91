//! Batches with owned memory: one root to anchor for many records, and each record's proof.

use healthrecord_core::B256;
use healthrecord_core::grammar::merkle;
use healthrecord_core::health::record::{BatchError, BatchProof, MAX_BATCH_DEPTH, batch_leaf};
use serde_json::json;

use super::Bytes;
use crate::form::{self, FormError, Object};

/// Greatest size of a batch proof in either form, in bytes.
pub const MAX_BATCH_PROOF_LEN: usize = 16 << 10;

/// A batch and its whole tree, from which every record's proof is read: 68 bytes a record.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The tree as OpenZeppelin lays it out, node i over 2i + 1 and 2i + 2.
    nodes: Vec<B256>,
    /// Where the leaf of each record stands among the nodes.
    places: Vec<u32>,
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
    /// [`BatchError::Empty`]; [`BatchError::TooMany`] beyond 2^31 records, whose tree the 32 bits of a place
    /// do not number.
    pub fn new(commitments: &[B256]) -> Result<Self, BatchError> {
        let too_many = BatchError::TooMany { capacity: 1 << 31 };
        let count =
            u32::try_from(commitments.len()).ok().filter(|count| *count <= 1 << 31).ok_or(too_many)?;
        let [first, ..] = commitments else { return Err(BatchError::Empty) };
        if count == 1 {
            return Ok(Self { nodes: vec![*first], places: vec![0] });
        }
        let mut leaves: Vec<(B256, u32)> = (0..count)
            .zip(commitments)
            .map(|(index, commitment)| (batch_leaf(index, commitment), index))
            .collect();
        // The greatest comes first among the nodes: leaves stand in descending order.
        leaves.sort_unstable_by(|one, other| other.cmp(one));
        let inner = commitments.len() - 1;
        let mut nodes = vec![B256::ZERO; inner];
        nodes.extend(leaves.iter().map(|(leaf, _)| *leaf));
        let mut places = vec![0; commitments.len()];
        for (place, (_, index)) in (count - 1..).zip(&leaves) {
            if let Some(entry) = usize::try_from(*index).ok().and_then(|index| places.get_mut(index)) {
                *entry = place;
            }
        }
        drop(leaves);
        for node in (0..inner).rev() {
            let (above, below) = nodes.split_at_mut(node + 1);
            // Node i's children are 2i + 1 and 2i + 2, and those below begin with i + 1.
            if let (Some(own), Some([one, other])) = (above.last_mut(), below.get(node..node + 2)) {
                *own = merkle::join(one, other);
            }
        }
        Ok(Self { nodes, places })
    }

    /// How many records there are.
    #[must_use]
    pub fn count(&self) -> u32 {
        u32::try_from(self.places.len()).unwrap_or(u32::MAX)
    }

    /// The root, to be anchored with the count.
    #[must_use]
    pub fn root(&self) -> B256 {
        self.nodes.first().copied().unwrap_or_default()
    }

    /// The proof of the record at an index.
    ///
    /// # Errors
    ///
    /// [`BatchError::Index`].
    pub fn proof(&self, index: u32) -> Result<OwnedBatchProof, BatchError> {
        let count = self.count();
        let place = usize::try_from(index).ok().and_then(|index| self.places.get(index));
        let mut place = *place.ok_or(BatchError::Index { index, count })?;
        let mut siblings = vec![];
        while place > 0 {
            let sibling = if place % 2 == 0 { place - 1 } else { place + 1 };
            let node = usize::try_from(sibling).ok().and_then(|sibling| self.nodes.get(sibling));
            siblings.extend(node);
            place = (place - 1) / 2;
        }
        Ok(OwnedBatchProof { count, index, siblings })
    }
}

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
        let proof = json!({
            "format": FORMAT,
            "count": self.count,
            "index": self.index,
            "siblings": self.siblings.iter().map(B256::to_string).collect::<Vec<_>>(),
        });
        format!("{proof:#}\n")
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
