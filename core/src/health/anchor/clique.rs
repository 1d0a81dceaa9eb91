//! Clique (EIP-225): one signer a block, and nothing final.

use core::fmt;

use super::error::SealError;
use super::extra::{CliqueExtra, ExtraError};
use super::hash_rule::{HashRule, clique_hash};
use super::seals::signer;
use crate::chain::header::{Header, HeaderError};
use crate::matter::bytes::{Address, B256};
use crate::matter::keccak::keccak256;

/// The signers of a Clique chain, who make its blocks by turns.
///
/// It is no anchor. A signer's seal says that a block was made, and a block is undone when others make a
/// heavier chain without it: whoever relies on one waits until enough blocks stand on it, and pins its
/// hash. Whose turn it was, and whether a signer sealed too soon again, are not looked at: both hang on
/// the blocks before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clique<'s> {
    signers: &'s [Address],
}

/// A header that a signer sealed: **probable, never final**. It makes no
/// [`TrustedHeader`](super::TrustedHeader).
#[derive(Clone, Copy, Debug)]
pub struct ProbableHeader<'a> {
    header: Header<'a>,
    extra: CliqueExtra<'a>,
    hash: B256,
    signer: Address,
}

impl<'s> Clique<'s> {
    /// A chain of these signers, in any order.
    #[must_use]
    pub const fn new(signers: &'s [Address]) -> Self {
        Self { signers }
    }

    /// Reads the RLP of a header and checks that one of the signers sealed it. Time: one recovery.
    ///
    /// # Errors
    ///
    /// [`CliqueError`]. The genesis block has no seal: none recovers its signer.
    pub fn recover<'a>(&self, header: &'a [u8]) -> Result<ProbableHeader<'a>, CliqueError> {
        let header = Header::decode(header).map_err(CliqueError::Header)?;
        let extra = CliqueExtra::decode(header.extra_data()).map_err(CliqueError::Extra)?;
        let sealed = clique_hash(&header, &extra).map_err(CliqueError::Header)?;
        let signer = signer(extra.seal(), &sealed).map_err(CliqueError::Seal)?;
        if !self.signers.contains(&signer) {
            return Err(CliqueError::NotSigner { signer });
        }
        Ok(ProbableHeader { header, extra, hash: keccak256(header.raw()), signer })
    }
}

impl<'a> ProbableHeader<'a> {
    /// The header.
    #[must_use]
    pub const fn header(&self) -> &Header<'a> {
        &self.header
    }

    /// The hash of its block, by [`HashRule::Clique`].
    #[must_use]
    pub const fn hash(&self) -> B256 {
        self.hash
    }

    /// How its chain makes a block's hash.
    #[must_use]
    pub const fn hash_rule(&self) -> HashRule {
        HashRule::Clique
    }

    /// Who sealed it.
    #[must_use]
    pub const fn signer(&self) -> Address {
        self.signer
    }

    /// The signers from this block on, where it is an epoch's first; else none.
    pub fn signers(&self) -> impl Iterator<Item = Address> + use<'a> {
        self.extra.signers()
    }
}

/// Why a Clique header is not even probable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CliqueError {
    /// The bytes are no header.
    Header(HeaderError),
    /// The header's extra data is not that of a Clique chain.
    Extra(ExtraError),
    /// The seal has no signer.
    Seal(SealError),
    /// A stranger sealed.
    NotSigner {
        /// Who.
        signer: Address,
    },
}

impl fmt::Display for CliqueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(error) => error.fmt(f),
            Self::Extra(error) => error.fmt(f),
            Self::Seal(error) => write!(f, "the header's seal: {error}"),
            Self::NotSigner { signer } => write!(f, "the header is sealed by {signer}, who is no signer"),
        }
    }
}

impl core::error::Error for CliqueError {}
