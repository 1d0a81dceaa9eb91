//! Disclosures in their compact binary form.

use healthrecord_core::B256;
use healthrecord_core::health::record::{
    DisclosedLeaf, Disclosure, DisclosureMemory, EncodedDisclosure, EncodingError,
};

use super::{Bytes, OpenLeaf, OwnedDisclosure};

impl OwnedDisclosure {
    /// The disclosure as RLP `[1, commitment, leaves, proof, flags]`, about half as long as its JSON: each
    /// leaf is `[path, value, salt]`, each flag one bit, from the highest of the first byte.
    ///
    /// A device without an allocator opens it from these bytes:
    /// [`EncodedDisclosure`](healthrecord_core::health::record::EncodedDisclosure).
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
}
