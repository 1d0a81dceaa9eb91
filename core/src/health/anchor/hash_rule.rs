//! How a chain makes a block's hash from its header.

use super::error::AnchorError;
use crate::chain::header::Header;
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
    ///
    /// # Errors
    ///
    /// [`AnchorError`]: the header's extra data is not that of such a chain; never by
    /// [`Self::Plain`].
    pub fn hash(self, header: &Header<'_>) -> Result<B256, AnchorError> {
        match self {
            Self::Plain => Ok(keccak256(header.raw())),
        }
    }
}
