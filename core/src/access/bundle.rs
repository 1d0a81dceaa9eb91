//! Proof bundles: all that a verifier needs beside its anchor.

use core::fmt;

use crate::grammar::rlp::{self, Reader, RlpError};
use crate::matter::bytes::Address;

/// The version of the format that is read and written.
pub const BUNDLE_VERSION: u64 = 1;

/// A proof bundle, taken apart and not believed.
///
/// RLP `[1, chainId, contract, header, ancestry, nodes]`: the header's RLP as a string; `ancestry` an
/// empty list; `nodes` a list of every distinct trie node once.
#[derive(Clone, Copy, Debug)]
pub struct Bundle<'a> {
    chain_id: u64,
    contract: Address,
    header: &'a [u8],
    nodes: Reader<'a>,
}

impl<'a> Bundle<'a> {
    /// Reads a bundle; its header and nodes are read as they are verified.
    ///
    /// # Errors
    ///
    /// [`BundleError`] names the field at fault.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, BundleError> {
        let field = |field| move |error| BundleError::Rlp { field, error };
        let mut fields = rlp::list(bytes).map_err(field("bundle"))?;
        let mut next = |name| fields.item().map_err(field(name));
        let version = next("version")?.uint64().map_err(field("version"))?;
        if version != BUNDLE_VERSION {
            return Err(BundleError::Version { found: version });
        }
        let chain_id = next("chainId")?.uint64().map_err(field("chainId"))?;
        let contract = Address(next("contract")?.array().map_err(field("contract"))?);
        let header = next("header")?.string().map_err(field("header"))?;
        let ancestry = next("ancestry")?.list().map_err(field("ancestry"))?;
        let nodes = next("nodes")?.list().map_err(field("nodes"))?;
        fields.finish().map_err(field("bundle"))?;
        if !ancestry.is_empty() {
            return Err(BundleError::Ancestry);
        }
        let mut check = nodes;
        while !check.is_empty() {
            check.item().and_then(|node| node.string().map(|_| ())).map_err(field("nodes"))?;
        }
        Ok(Self { chain_id, contract, header, nodes })
    }

    /// The chain that the bundle says it is from.
    #[must_use]
    pub const fn chain_id(&self) -> u64 {
        self.chain_id
    }

    /// The contract that the bundle says it is about.
    #[must_use]
    pub const fn contract(&self) -> Address {
        self.contract
    }

    /// The header's RLP.
    #[must_use]
    pub const fn header(&self) -> &'a [u8] {
        self.header
    }

    /// The trie nodes.
    pub fn nodes(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let mut nodes = self.nodes;
        // Every node was read once when the bundle was.
        core::iter::from_fn(move || nodes.item().ok().map(|node| node.payload))
    }
}

/// Why bytes are no proof bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BundleError {
    /// A field is not the canonical RLP that it should be.
    Rlp {
        /// The field.
        field: &'static str,
        /// The broken rule, with the offset into the bundle.
        error: RlpError,
    },
    /// A version that is not known here.
    Version {
        /// The version found.
        found: u64,
    },
    /// Older headers, which are not read here.
    Ancestry,
}

impl fmt::Display for BundleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rlp { field, error } => write!(f, "the proof bundle's {field}: {error}"),
            Self::Version { found } => {
                write!(f, "a proof bundle of version {found}: expected {BUNDLE_VERSION}")
            }
            Self::Ancestry => f.write_str("the proof bundle has older headers, which are not supported"),
        }
    }
}

impl core::error::Error for BundleError {}
