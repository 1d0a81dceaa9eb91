//! Record commitments, format `hr1`: one hash that hides a record, and proofs of single elements of it.
//!
//! A record is a JSON document (a FHIR resource, say) and its [`Metadata`]. It becomes one leaf for
//! each scalar and each container of the document, and one *reserved* leaf for each part of the
//! metadata:
//!
//! ```text
//! salt = keccak256(TAG_SALT ‖ secret ‖ u32be(len(path)) ‖ path)
//! leaf = keccak256(TAG_LEAF ‖ salt   ‖ u32be(len(path)) ‖ path ‖ value)
//! ```
//!
//! `path` is the RFC 6901 JSON Pointer in UTF-8 (the whole document has the empty path), or the name
//! of a reserved leaf, which begins with `#` as no pointer can. `value` is one tag byte and content:
//!
//! | tag | content |
//! |---|---|
//! | `s` | a string, decoded, in UTF-8 |
//! | `n` | a number, exactly as written |
//! | `t` `f` `z` | `true`, `false`, `null`: nothing |
//! | `[` | length: u32 |
//! | `{` | number of members: u32; then each name, sorted by its UTF-8 bytes: length: u32, name |
//! | `b` | a reserved leaf's bytes |
//!
//! Integers are big-endian. The leaves' Merkle tree is OpenZeppelin's ([`merkle`](crate::grammar::merkle));
//! its root is the commitment. Many commitments make a [`Batch`], anchored by one root. Member order and white space are not committed; presence, absence, type
//! and completeness are.

mod batch;
mod commit;
mod disclosure;
mod encoding;
mod error;
mod leaf;
mod metadata;
mod walk;

pub use self::batch::{BATCH_PROOF_VERSION, Batch, BatchError, BatchProof, MAX_BATCH_DEPTH, batch_leaf};
pub use self::commit::{Memory, commit, disclose, for_each_leaf};
pub use self::disclosure::{BoundRecord, DisclosedLeaf, Disclosure, DisclosureError, Opened, UnboundError};
pub use self::encoding::{DISCLOSURE_VERSION, DisclosureMemory, EncodedDisclosure, EncodingError};
pub use self::error::{MetadataError, RecordError};
pub use self::leaf::{LeafView, Names, PathView, PlainLeaf, Value};
pub use self::metadata::{Attachment, MAX_ATTACHMENT_NAME_LEN, MAX_SCOPES, Metadata, Secret};
pub use self::walk::{Name, Needs, measure};
pub use crate::grammar::merkle::{Leaf, Step};

use crate::matter::bytes::B256;

/// `keccak256("healthrecord/hr1/salt")`
pub const TAG_SALT: B256 = B256([
    0x3a, 0x86, 0x08, 0x36, 0x1e, 0x14, 0xad, 0x76, 0xb5, 0x96, 0xd8, 0x96, 0xc5, 0xe7, 0x2c, 0xcb, 0x69,
    0x24, 0x0c, 0x00, 0xae, 0xfa, 0x0d, 0xf7, 0x1b, 0xcd, 0xe6, 0x31, 0x46, 0x74, 0x95, 0xd4,
]);

/// `keccak256("healthrecord/hr1/leaf")`
pub const TAG_LEAF: B256 = B256([
    0x62, 0xca, 0x38, 0x2d, 0x65, 0x7a, 0xd2, 0x5f, 0x59, 0x22, 0x7d, 0x0e, 0x81, 0x3a, 0x67, 0x97, 0x88,
    0x63, 0x26, 0xa3, 0x16, 0x1d, 0x97, 0xb5, 0xf5, 0xe0, 0x07, 0xab, 0x11, 0xd9, 0x0d, 0x8a,
]);

/// `keccak256("healthrecord/hr1/batch")`
pub const TAG_BATCH: B256 = B256([
    0x6f, 0xda, 0x54, 0xde, 0x70, 0x84, 0xad, 0xb1, 0x47, 0x5e, 0x81, 0x0f, 0x72, 0xa0, 0xfe, 0x91, 0x7a,
    0xce, 0xb3, 0xf7, 0x7c, 0x60, 0x35, 0x26, 0xb4, 0xde, 0x40, 0xaf, 0x5c, 0xdd, 0xda, 0xaf,
]);

/// Names of the reserved leaves.
pub mod reserved {
    /// The patient's address: 20 bytes.
    pub const PATIENT: &str = "#patient";
    /// The author's address: 20 bytes.
    pub const AUTHOR: &str = "#author";
    /// The kind of record: u16.
    pub const KIND: &str = "#kind";
    /// When the record was issued, in Unix seconds: u64.
    pub const ISSUED: &str = "#issued";
    /// The record's scopes, most specific first: 1 to 5 times 32 bytes.
    pub const SCOPE: &str = "#scope";
    /// The commitment of the version before: 32 bytes.
    pub const PREVIOUS: &str = "#previous";
    /// What stands before an attachment's name: u64 length and the Keccak-256 of its bytes.
    pub const ATTACHMENT: &str = "#attachment/";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matter::keccak::keccak256;

    #[test]
    fn the_tags_are_what_they_say() {
        assert_eq!(TAG_SALT, keccak256(b"healthrecord/hr1/salt"));
        assert_eq!(TAG_LEAF, keccak256(b"healthrecord/hr1/leaf"));
        assert_eq!(TAG_BATCH, keccak256(b"healthrecord/hr1/batch"));
    }
}
