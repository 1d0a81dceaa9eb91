//! What can be wrong with typed data.

use std::fmt;

use healthrecord_core::matter::checksum::AddressError;
use healthrecord_core::matter::hex::HexError;

use super::Path;
use super::types::MAX_TYPES;
use crate::form::FormError;

/// Why typed data cannot be hashed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TypedDataError {
    /// The JSON has not the outer form of typed data.
    Form(FormError),
    /// The name of a type or a member is empty, or has characters that part names, or is that of a
    /// type that every wallet knows.
    Name {
        /// The definition's path.
        path: String,
    },
    /// A type has two members of one name.
    DuplicateMember {
        /// The member's path.
        path: String,
    },
    /// A type is neither known nor defined.
    UnknownType {
        /// Where it is used.
        path: String,
        /// How it is written.
        name: String,
    },
    /// A struct holds itself.
    Circular {
        /// The struct.
        name: String,
    },
    /// More than [`MAX_TYPES`] structs.
    TooManyTypes {
        /// How many there are.
        found: usize,
    },
    /// The domain has a member that its type lacks: it would show and not be signed.
    UnsignedDomain {
        /// The member.
        member: String,
    },
    /// A member of a struct is missing.
    Missing {
        /// The member's path.
        path: String,
    },
    /// A value is not of its type.
    Value {
        /// The value's path.
        path: String,
        /// What it should be.
        expected: String,
    },
    /// A number is out of its type's range.
    Range {
        /// The number's path.
        path: String,
        /// Its type.
        expected: String,
    },
    /// An array or a `bytesN` has another length than its type.
    Length {
        /// The value's path.
        path: String,
        /// The type's length.
        expected: usize,
        /// Its own.
        found: usize,
    },
    /// A value of bytes is not `0x` and hex.
    Hex {
        /// The value's path.
        path: String,
        /// What is wrong with it.
        error: HexError,
    },
    /// A value is no address.
    Address {
        /// The value's path.
        path: String,
        /// What is wrong with it.
        error: AddressError,
    },
}

impl From<FormError> for TypedDataError {
    fn from(error: FormError) -> Self {
        Self::Form(error)
    }
}

impl fmt::Display for TypedDataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form(error) => error.fmt(f),
            Self::Name { path } => write!(f, "{path}: no name that a type or a member can have"),
            Self::DuplicateMember { path } => write!(f, "{path} is there twice"),
            Self::UnknownType { path, name } => write!(f, "{path}: the type {name:?} is not known"),
            Self::Circular { name } => write!(f, "the type {name:?} holds itself"),
            Self::TooManyTypes { found } => write!(f, "{found} types: at most {MAX_TYPES} are read"),
            Self::UnsignedDomain { member } => {
                write!(f, "the domain's type lacks its member {member:?}, which would not be signed")
            }
            Self::Missing { path } => write!(f, "{path} is missing"),
            Self::Value { path, expected } => write!(f, "{path} is not {expected}"),
            Self::Range { path, expected } => write!(f, "{path} is out of the range of {expected}"),
            Self::Length { path, expected, found } => {
                write!(f, "{path} has the length {found}: expected {expected}")
            }
            Self::Hex { path, error } => write!(f, "{path}: {error}"),
            Self::Address { path, error } => write!(f, "{path}: {error}"),
        }
    }
}

impl core::error::Error for TypedDataError {}

/// A value that is not what its type says.
pub(super) fn value(path: &Path<'_>, expected: fmt::Arguments<'_>) -> TypedDataError {
    TypedDataError::Value { path: path.to_string(), expected: expected.to_string() }
}

/// A type that is not defined.
pub(super) fn unknown(path: &Path<'_>, name: &str) -> TypedDataError {
    TypedDataError::UnknownType { path: path.to_string(), name: name.to_owned() }
}
