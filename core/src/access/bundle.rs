//! Proof bundles: all that a verifier needs beside its anchor.

use super::envelope::{BundleError, Envelope, Strings};
use crate::matter::bytes::Address;

/// A proof bundle, taken apart and not believed.
///
/// RLP `[1, chainId, contract, header, ancestry, nodes]`: the header's RLP as a string; `ancestry` a list
/// of the RLP of older headers, each of an older block than the one before, empty where the header's own
/// state answers; `nodes` a list of every distinct trie node once, those that lead from header to header
/// among them.
#[derive(Clone, Copy, Debug)]
pub struct Bundle<'a> {
    envelope: Envelope<'a>,
    nodes: Strings<'a>,
}

impl<'a> Bundle<'a> {
    /// Reads a bundle; its headers and nodes are read as they are verified.
    ///
    /// # Errors
    ///
    /// [`BundleError`] names the field at fault.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, BundleError> {
        let (envelope, mut fields) = Envelope::open(bytes)?;
        let nodes = fields.strings("nodes")?;
        fields.finish()?;
        Ok(Self { envelope, nodes })
    }

    /// The chain that the bundle says it is from.
    #[must_use]
    pub const fn chain_id(&self) -> u64 {
        self.envelope.chain_id
    }

    /// The contract that the bundle says it is about.
    #[must_use]
    pub const fn contract(&self) -> Address {
        self.envelope.contract
    }

    /// The RLP of the header that an anchor is asked about.
    #[must_use]
    pub const fn header(&self) -> &'a [u8] {
        self.envelope.header
    }

    /// The RLP of the older headers; the last is of the block whose state answers.
    pub fn ancestry(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        self.envelope.ancestry
    }

    /// The trie nodes.
    pub fn nodes(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        self.nodes
    }

    pub(super) const fn envelope(&self) -> &Envelope<'a> {
        &self.envelope
    }
}
