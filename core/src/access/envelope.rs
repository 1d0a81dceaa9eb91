//! What every proof begins with: of which chain and contract it is, and under which header.

use core::fmt;

use crate::chain::trie::NodeSet;
use crate::grammar::rlp::{self, Item, Reader, RlpError};
use crate::health::anchor::{StepError, TrustedHeader};
use crate::matter::bytes::Address;

/// The version of the formats that is read and written.
pub const BUNDLE_VERSION: u64 = 1;

/// Most headers of a proof's ancestry: 64 steps of 8,191 blocks go back 72 days on a chain of 12 s a block.
pub const MAX_ANCESTORS: usize = 64;

/// The fields that bundles and event proofs share: `1, chainId, contract, header, ancestry`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Envelope<'a> {
    pub(super) chain_id: u64,
    pub(super) contract: Address,
    /// The RLP of the header that an anchor is asked about.
    pub(super) header: &'a [u8],
    /// The RLP of older headers, each of an older block than the one before.
    pub(super) ancestry: Strings<'a>,
}

impl<'a> Envelope<'a> {
    /// Reads the shared fields; the format's own are those that are left.
    pub(super) fn open(bytes: &'a [u8]) -> Result<(Self, Fields<'a>), BundleError> {
        let mut fields = Fields(rlp::list(bytes).map_err(in_field(WHOLE))?);
        let version = fields.uint("version")?;
        if version != BUNDLE_VERSION {
            return Err(BundleError::Version { found: version });
        }
        let envelope = Self {
            chain_id: fields.uint("chainId")?,
            contract: Address(fields.next("contract", |item| item.array())?),
            header: fields.next("header", |item| item.string())?,
            ancestry: fields.strings("ancestry")?,
        };
        if envelope.ancestry.count() > MAX_ANCESTORS {
            return Err(BundleError::TooManyAncestors { found: envelope.ancestry.count() });
        }
        Ok((envelope, fields))
    }
}

/// The RLP of older headers, each of an older block than the one before.
pub(super) type Ancestry<'a> = Strings<'a>;

impl<'a> Ancestry<'a> {
    /// From a trusted header to the oldest, step by step.
    pub(super) fn oldest(
        self,
        trusted: TrustedHeader<'a>,
        nodes: &mut NodeSet<'a, '_>,
    ) -> Result<TrustedHeader<'a>, AncestorError> {
        let mut steps = self.enumerate();
        steps.try_fold(trusted, |newer, (index, older)| {
            newer.step_back(older, nodes).map_err(|error| AncestorError { index, error })
        })
    }
}

/// Why an older header of an ancestry is not trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AncestorError {
    /// Its position in the ancestry, from 0.
    pub index: usize,
    /// What is wrong with it.
    pub error: StepError,
}

impl fmt::Display for AncestorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "older header {}: {}", self.index, self.error)
    }
}

impl core::error::Error for AncestorError {}

/// Takes fields from the front, each under its name.
pub(super) struct Fields<'a>(Reader<'a>);

impl<'a> Fields<'a> {
    pub(super) fn uint(&mut self, field: &'static str) -> Result<u64, BundleError> {
        self.next(field, |item| item.uint64())
    }

    pub(super) fn strings(&mut self, field: &'static str) -> Result<Strings<'a>, BundleError> {
        let list = self.next(field, |item| item.list())?;
        let mut check = list;
        while !check.is_empty() {
            check.item().and_then(|item| item.string()).map_err(in_field(field))?;
        }
        Ok(Strings(list))
    }

    pub(super) fn finish(self) -> Result<(), BundleError> {
        self.0.finish().map_err(in_field(WHOLE))
    }

    fn next<T>(
        &mut self,
        field: &'static str,
        read: impl FnOnce(Item<'a>) -> Result<T, RlpError>,
    ) -> Result<T, BundleError> {
        self.0.item().and_then(read).map_err(in_field(field))
    }
}

/// The strings of a list, every one of which was read before.
#[derive(Clone, Copy, Debug)]
pub(super) struct Strings<'a>(Reader<'a>);

impl Strings<'_> {
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> Iterator for Strings<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        self.0.item().ok().map(|string| string.payload)
    }
}

/// The name of the list of all fields.
const WHOLE: &str = "outermost list";

const fn in_field(field: &'static str) -> impl Fn(RlpError) -> BundleError {
    move |error| BundleError::Rlp { field, error }
}

/// Why bytes are no proof bundle, or no event proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BundleError {
    /// A field is not the canonical RLP that it should be.
    Rlp {
        /// The field.
        field: &'static str,
        /// The broken rule, with the offset into the bytes.
        error: RlpError,
    },
    /// A version that is not known here.
    Version {
        /// The version found.
        found: u64,
    },
    /// More than [`MAX_ANCESTORS`] older headers.
    TooManyAncestors {
        /// How many there are.
        found: usize,
    },
}

impl fmt::Display for BundleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rlp { field, error } => write!(f, "the proof's {field}: {error}"),
            Self::Version { found } => write!(f, "a proof of version {found}: expected {BUNDLE_VERSION}"),
            Self::TooManyAncestors { found } => {
                write!(f, "a proof with {found} older headers: at most {MAX_ANCESTORS} are accepted")
            }
        }
    }
}

impl core::error::Error for BundleError {}
