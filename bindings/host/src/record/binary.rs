//! Disclosures in their compact binary form, and files of either form.

use core::fmt;

use healthrecord_core::B256;
use healthrecord_core::health::record::{
    BatchError, DisclosedLeaf, Disclosure, DisclosureMemory, EncodedDisclosure, EncodingError,
};

use super::{Bytes, OpenLeaf, OwnedBatchProof, OwnedDisclosure};
use crate::form::FormError;

impl OwnedDisclosure {
    /// The disclosure as RLP `[1, commitment, leaves, proof, flags]`, about half as long as its JSON: each
    /// leaf is `[path, value, salt]`, each flag one bit, from the highest of the first byte.
    ///
    /// A device without an allocator opens it from these bytes:
    /// [`EncodedDisclosure`].
    #[must_use]
    pub fn to_rlp(&self) -> Vec<u8> {
        let leaves: Vec<_> = self.leaves.iter().map(OpenLeaf::as_disclosed).collect();
        let disclosure = Disclosure { leaves: &leaves, proof: &self.proof, flags: &self.flags };
        let mut rlp = Bytes(vec![]);
        // Growing memory is never full.
        disclosure.encode(&self.commitment, &mut rlp).unwrap_or_default();
        rlp.0
    }

    /// Reads what [`Self::to_rlp`] writes. Nothing of it is believed until it is opened.
    ///
    /// # Errors
    ///
    /// [`EncodingError`] names the field and the rule that it breaks.
    pub fn from_rlp(rlp: &[u8]) -> Result<Self, EncodingError> {
        let received = EncodedDisclosure::decode(rlp)?;
        let mut leaves = vec![DisclosedLeaf::EMPTY; received.leaf_count()];
        let mut proof = vec![B256::ZERO; received.proof_count()];
        let mut flags = vec![false; received.flag_count()];
        received.read(DisclosureMemory { leaves: &mut leaves, proof: &mut proof, flags: &mut flags })?;
        let leaf = |leaf: &DisclosedLeaf<'_>| OpenLeaf {
            path: leaf.path.to_owned(),
            value: leaf.value.to_vec(),
            salt: leaf.salt,
            hash: B256::ZERO,
        };
        let leaves = leaves.iter().map(leaf).collect();
        Ok(Self { commitment: received.commitment(), leaves, proof, flags })
    }

    /// Reads a disclosure in either form: JSON begins with a brace, which no RLP list does.
    ///
    /// # Errors
    ///
    /// [`RecordFileError`].
    pub fn from_file(content: &[u8]) -> Result<Self, RecordFileError> {
        match json_of(content) {
            Some(json) => Self::from_json(json).map_err(RecordFileError::Form),
            None => Self::from_rlp(content).map_err(RecordFileError::Disclosure),
        }
    }
}

impl OwnedBatchProof {
    /// Reads a batch proof in either form: JSON begins with a brace, which no RLP list does.
    ///
    /// # Errors
    ///
    /// [`RecordFileError`].
    pub fn from_file(content: &[u8]) -> Result<Self, RecordFileError> {
        match json_of(content) {
            Some(json) => Self::from_json(json).map_err(RecordFileError::Form),
            None => Self::from_rlp(content).map_err(RecordFileError::Batch),
        }
    }
}

/// The text of what is to be read as JSON.
fn json_of(content: &[u8]) -> Option<&str> {
    str::from_utf8(content).ok().filter(|text| text.trim_start().starts_with('{'))
}

/// Why a file is no disclosure, or no batch proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordFileError {
    /// The text has not the form of one.
    Form(FormError),
    /// The bytes are no disclosure.
    Disclosure(EncodingError),
    /// The bytes are no batch proof.
    Batch(BatchError),
}

impl fmt::Display for RecordFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form(error) => error.fmt(f),
            Self::Disclosure(error) => error.fmt(f),
            Self::Batch(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for RecordFileError {}
