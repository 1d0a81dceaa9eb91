//! The caller vouches for a hash.

use super::error::AnchorError;
use super::hash_rule::HashRule;
use super::trusted::{Anchor, TrustedHeader};
use crate::chain::header::Header;
use crate::matter::bytes::B256;

/// An anchor by which the caller vouches for one block hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinnedHash {
    hash: B256,
    rule: HashRule,
}

impl PinnedHash {
    /// Trusts the block of this hash, on a chain that hashes by `rule`.
    #[must_use]
    pub const fn new(hash: B256, rule: HashRule) -> Self {
        Self { hash, rule }
    }
}

impl Anchor for PinnedHash {
    /// Holds the hash of the header against the pinned one.
    ///
    /// # Errors
    ///
    /// [`AnchorError::Header`], [`AnchorError::HashMismatch`], and those of [`HashRule::hash`].
    fn trust<'a>(&self, header: &'a [u8]) -> Result<TrustedHeader<'a>, AnchorError> {
        let header = Header::decode(header).map_err(AnchorError::Header)?;
        let hash = self.rule.hash(&header)?;
        if hash != self.hash {
            return Err(AnchorError::HashMismatch { expected: self.hash, found: hash });
        }
        Ok(TrustedHeader::new(header, hash, self.rule))
    }
}
