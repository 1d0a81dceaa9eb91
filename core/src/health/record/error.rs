//! Why a record cannot be committed.

use core::fmt;

use super::metadata::{MAX_ATTACHMENT_NAME_LEN, MAX_SCOPES};
use crate::grammar::json::JsonError;

/// Why a record cannot be committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordError {
    /// The document is not the JSON that is accepted.
    Json(JsonError),
    /// The metadata breaks a rule.
    Metadata(MetadataError),
    /// More leaves than there is lent memory for.
    TooManyLeaves {
        /// Entries of the lent memory.
        capacity: usize,
    },
    /// More member names (of the objects that are open at a time) or attachments than there is lent
    /// memory for.
    TooManyNames {
        /// Entries of the lent memory.
        capacity: usize,
    },
}

/// The rule that metadata breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetadataError {
    /// The patient is the zero address.
    ZeroPatient,
    /// The author is the zero address.
    ZeroAuthor,
    /// The kind is 0.
    ZeroKind,
    /// No scope, or more than [`MAX_SCOPES`].
    ScopeCount {
        /// How many there are.
        found: usize,
    },
    /// A scope is 0, which is never listed: it is always implied.
    ZeroScope {
        /// Its position.
        index: usize,
    },
    /// A scope is listed twice.
    RepeatedScope {
        /// Position of the second.
        index: usize,
    },
    /// An attachment's name is empty, or has more than [`MAX_ATTACHMENT_NAME_LEN`] bytes.
    AttachmentName {
        /// The attachment's position.
        index: usize,
        /// Length of the name, in bytes.
        len: usize,
    },
    /// Two attachments have one name.
    RepeatedAttachment {
        /// Position of the second.
        index: usize,
    },
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(error) => error.fmt(f),
            Self::Metadata(error) => error.fmt(f),
            Self::TooManyLeaves { capacity } => {
                write!(f, "the record has more leaves than the {capacity} that there is memory for")
            }
            Self::TooManyNames { capacity } => {
                write!(f, "the record has more names than the {capacity} that there is memory for")
            }
        }
    }
}

impl fmt::Display for MetadataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ZeroPatient => f.write_str("the patient is the zero address"),
            Self::ZeroAuthor => f.write_str("the author is the zero address"),
            Self::ZeroKind => f.write_str("the kind is 0: expected the number of a kind of record"),
            Self::ScopeCount { found } => write!(f, "{found} scopes: expected 1 to {MAX_SCOPES}"),
            Self::ZeroScope { index } => {
                write!(f, "scope {index} is 0, which is implied and never listed")
            }
            Self::RepeatedScope { index } => write!(f, "scope {index} is listed before"),
            Self::AttachmentName { index, len } => write!(
                f,
                "attachment {index} has a name of {len} bytes: expected 1 to {MAX_ATTACHMENT_NAME_LEN}"
            ),
            Self::RepeatedAttachment { index } => {
                write!(f, "attachment {index} has the name of one before it")
            }
        }
    }
}

impl core::error::Error for RecordError {}
impl core::error::Error for MetadataError {}
