//! Why a header is not trusted.

use core::fmt;

use super::bft::MAX_COPIES;
use super::extra::ExtraError;
use crate::chain::header::HeaderError;
use crate::chain::signature::SignatureError;
use crate::matter::bytes::{Address, B256};

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
    /// The header's extra data is not that of the chain.
    Extra(ExtraError),
    /// The validators do not vouch for the header.
    Bft(BftError),
}

/// Why the validators of a chain do not vouch for a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BftError {
    /// The trusting period is 0.
    TrustingPeriod,
    /// No copies of a block, or more than [`MAX_COPIES`].
    Copies {
        /// How many there are.
        found: usize,
    },
    /// The validators are no longer trusted.
    Expired {
        /// The last second in which they were, in Unix seconds.
        until: u64,
        /// The time, or that of the header.
        time: u64,
    },
    /// The block is lower than the highest one taken.
    Lower {
        /// The highest number taken.
        highest: u64,
        /// The header's.
        found: u64,
    },
    /// The block is higher than the last one taken, and older.
    Older {
        /// The latest time taken, in Unix seconds.
        latest: u64,
        /// The header's.
        found: u64,
    },
    /// Another block was taken at this height: another chain's, or two final blocks.
    Conflict {
        /// The height.
        number: u64,
        /// The hash of the block taken.
        expected: B256,
        /// The header's.
        found: B256,
    },
    /// The block after the last one taken follows another.
    Parent {
        /// The hash of the block taken.
        expected: B256,
        /// The hash that the header names.
        found: B256,
    },
    /// The header lists no validators.
    EmptySet,
    /// The header lists a validator twice.
    DuplicateValidator {
        /// The validator.
        validator: Address,
    },
    /// The header lists more validators than there is memory for.
    TooManyValidators {
        /// How many there may be.
        max: usize,
    },
    /// More than one validator came or went since the last block taken.
    SetChange {
        /// How many came.
        added: usize,
        /// How many went.
        removed: usize,
    },
    /// A committed seal is none.
    Seal {
        /// Position of the copy of the block.
        copy: usize,
        /// Position of the seal in it.
        index: usize,
        /// What is wrong with it.
        error: SealError,
    },
    /// A committed seal is by nobody whom the header lists, or of another block, round or rule.
    NotMember {
        /// Position of the copy of the block.
        copy: usize,
        /// Position of the seal in it.
        index: usize,
        /// Who sealed.
        signer: Address,
    },
    /// A validator sealed one copy twice.
    DuplicateSeal {
        /// Position of the copy of the block.
        copy: usize,
        /// Position of the second seal in it.
        index: usize,
        /// Who sealed.
        signer: Address,
    },
    /// Too few of the validators that the header lists sealed.
    Quorum {
        /// How many did.
        found: usize,
        /// How many must.
        needed: usize,
    },
    /// Too few of the validators that were trusted before sealed the change of the set.
    OldQuorum {
        /// How many did.
        found: usize,
        /// How many must.
        needed: usize,
    },
    /// A copy is one of another block than the first.
    OtherBlock {
        /// Position of the copy.
        copy: usize,
        /// The first copy's hash.
        expected: B256,
        /// This one's.
        found: B256,
    },
    /// A copy was sealed in another round than the first.
    OtherRound {
        /// Position of the copy.
        copy: usize,
        /// The first copy's round.
        expected: u32,
        /// This one's.
        found: u32,
    },
}

/// Why a seal has no signer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealError {
    /// Its last byte, the parity of y, is neither 0 nor 1.
    Parity {
        /// The byte.
        found: u8,
    },
    /// It is no signature.
    Signature(SignatureError),
}

impl From<BftError> for AnchorError {
    fn from(error: BftError) -> Self {
        Self::Bft(error)
    }
}

impl From<SignatureError> for SealError {
    fn from(error: SignatureError) -> Self {
        Self::Signature(error)
    }
}

impl fmt::Display for AnchorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(error) => error.fmt(f),
            Self::HashMismatch { expected, found } => {
                write!(f, "the header has the block hash {found}: the trusted one is {expected}")
            }
            Self::Extra(error) => error.fmt(f),
            Self::Bft(error) => error.fmt(f),
        }
    }
}

impl fmt::Display for BftError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TrustingPeriod => f.write_str("a trusting period of 0 s trusts nobody"),
            Self::Copies { found } => {
                write!(f, "{found} copies of a block: expected 1 to {MAX_COPIES}")
            }
            Self::Expired { until, time } => {
                write!(f, "the validators were trusted until {until}: it is {time}")
            }
            Self::Lower { highest, found } => {
                write!(f, "block {found} is below block {highest}, which the anchor has taken")
            }
            Self::Older { latest, found } => {
                write!(f, "the block's time is {found}: an earlier block has the time {latest}")
            }
            Self::Conflict { number, expected, found } => {
                write!(
                    f,
                    "block {number} has the hash {found}: the anchor has taken {expected} at that height"
                )
            }
            Self::Parent { expected, found } => {
                write!(f, "the block follows {found}: the block before it is {expected}")
            }
            Self::EmptySet => f.write_str("the header lists no validators"),
            Self::DuplicateValidator { validator } => {
                write!(f, "the header lists the validator {validator} twice")
            }
            Self::TooManyValidators { max } => {
                write!(f, "the header lists more validators than {max}, the most that there is memory for")
            }
            Self::SetChange { added, removed } => {
                write!(f, "{added} validators came and {removed} went: one at a time is accepted")
            }
            Self::Seal { copy, index, error } => write!(f, "seal {index} of copy {copy}: {error}"),
            Self::NotMember { copy, index, signer } => {
                write!(f, "seal {index} of copy {copy} is by {signer}, who is no validator")
            }
            Self::DuplicateSeal { copy, index, signer } => {
                write!(f, "seal {index} of copy {copy} is the second by {signer}")
            }
            Self::Quorum { found, needed } => {
                write!(f, "{found} of the header's validators sealed it: {needed} must")
            }
            Self::OldQuorum { found, needed } => {
                write!(f, "{found} of the validators trusted before sealed the header: {needed} must")
            }
            Self::OtherBlock { copy, expected, found } => {
                write!(f, "copy {copy} is one of block {found}: the first is one of {expected}")
            }
            Self::OtherRound { copy, expected, found } => {
                write!(f, "copy {copy} was sealed in round {found}: the first in round {expected}")
            }
        }
    }
}

impl fmt::Display for SealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parity { found } => write!(f, "the parity of y is {found}: expected 0 or 1"),
            Self::Signature(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for AnchorError {}

impl core::error::Error for BftError {}

impl core::error::Error for SealError {}
