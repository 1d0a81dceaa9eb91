//! What an anchor is, and what it makes.

use super::bft::Bft;
use super::error::AnchorError;
use super::hash_rule::HashRule;
use super::pinned::PinnedHash;
use crate::chain::header::Header;
use crate::matter::bytes::B256;

/// What makes a header trusted. Sealed: no code outside this module can vouch for a header.
pub trait Anchor: sealed::Sealed {
    /// Reads the RLP of a header and says whether it is trusted.
    ///
    /// # Errors
    ///
    /// [`AnchorError`]: the header is not trusted.
    fn trust<'a>(&self, header: &'a [u8]) -> Result<TrustedHeader<'a>, AnchorError>;
}

mod sealed {
    pub trait Sealed {}
}

impl sealed::Sealed for PinnedHash {}

impl<const N: usize> sealed::Sealed for Bft<N> {}

/// A header that an anchor vouches for; only anchors make one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrustedHeader<'a> {
    header: Header<'a>,
    hash: B256,
    rule: HashRule,
}

impl<'a> TrustedHeader<'a> {
    pub(super) const fn new(header: Header<'a>, hash: B256, rule: HashRule) -> Self {
        Self { header, hash, rule }
    }

    /// The header.
    #[must_use]
    pub const fn header(&self) -> &Header<'a> {
        &self.header
    }

    /// The hash of its block.
    #[must_use]
    pub const fn hash(&self) -> B256 {
        self.hash
    }

    /// How its chain makes a block's hash.
    #[must_use]
    pub const fn hash_rule(&self) -> HashRule {
        self.rule
    }
}
