//! Why a header is not trusted.

use core::fmt;

use crate::chain::header::HeaderError;
use crate::matter::bytes::B256;

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
