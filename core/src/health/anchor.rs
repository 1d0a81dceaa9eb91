//! What makes a header trusted.
//!
//! Every anchor ends in one block hash. How a chain hashes its headers is said, never guessed.

use core::fmt;

use crate::chain::header::{Header, HeaderError};
use crate::matter::bytes::B256;
use crate::matter::keccak::keccak256;

/// How a chain makes a block's hash from its header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HashRule {
    /// Keccak-256 of the header's RLP: Ethereum's mainnet, its test networks, geth, Anvil.
    Plain,
}

impl HashRule {
    /// The hash by which the chain names the block of `header`.
    #[must_use]
    pub fn hash(self, header: &Header<'_>) -> B256 {
        match self {
            Self::Plain => keccak256(header.raw()),
        }
    }
}

/// A header that an anchor vouches for; only anchors make one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrustedHeader<'a> {
    header: Header<'a>,
    hash: B256,
}

impl<'a> TrustedHeader<'a> {
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
}

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

    /// Reads the RLP of a header and holds its hash against the pinned one.
    ///
    /// # Errors
    ///
    /// [`AnchorError::Header`], [`AnchorError::HashMismatch`].
    pub fn trust<'a>(&self, header: &'a [u8]) -> Result<TrustedHeader<'a>, AnchorError> {
        let header = Header::decode(header).map_err(AnchorError::Header)?;
        let hash = self.rule.hash(&header);
        if hash != self.hash {
            return Err(AnchorError::HashMismatch { expected: self.hash, found: hash });
        }
        Ok(TrustedHeader { header, hash })
    }
}

/// Why a header is not trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnchorError {
    /// The bytes are no header.
    Header(HeaderError),
    /// The header is that of another block than the trusted one.
    HashMismatch {
        /// The trusted hash.
        expected: B256,
        /// The hash of the header.
        found: B256,
    },
}

impl fmt::Display for AnchorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(error) => error.fmt(f),
            Self::HashMismatch { expected, found } => {
                write!(f, "the header has the block hash {found}: the trusted one is {expected}")
            }
        }
    }
}

impl core::error::Error for AnchorError {}
