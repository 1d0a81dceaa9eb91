//! Why bytes, or a signature, are no transaction.

use core::fmt;

use crate::chain::signature::SignatureError;
use crate::grammar::rlp::{RlpError, RlpRule};
use crate::matter::bytes::Address;

/// A field of a transaction, by its name in the EIPs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// `chainId`
    ChainId,
    /// `nonce`
    Nonce,
    /// `gasPrice`
    GasPrice,
    /// `maxPriorityFeePerGas`
    MaxPriorityFeePerGas,
    /// `maxFeePerGas`
    MaxFeePerGas,
    /// `gasLimit`
    GasLimit,
    /// `to`
    To,
    /// `value`
    Value,
    /// `data`
    Data,
    /// `accessList`
    AccessList,
    /// `maxFeePerBlobGas`
    MaxFeePerBlobGas,
    /// `blobVersionedHashes`
    BlobVersionedHashes,
    /// `authorizationList`
    AuthorizationList,
    /// `v` or `yParity`
    V,
    /// `r`
    R,
    /// `s`
    S,
}

impl Field {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ChainId => "chainId",
            Self::Nonce => "nonce",
            Self::GasPrice => "gasPrice",
            Self::MaxPriorityFeePerGas => "maxPriorityFeePerGas",
            Self::MaxFeePerGas => "maxFeePerGas",
            Self::GasLimit => "gasLimit",
            Self::To => "to",
            Self::Value => "value",
            Self::Data => "data",
            Self::AccessList => "accessList",
            Self::MaxFeePerBlobGas => "maxFeePerBlobGas",
            Self::BlobVersionedHashes => "blobVersionedHashes",
            Self::AuthorizationList => "authorizationList",
            Self::V => "v",
            Self::R => "r",
            Self::S => "s",
        }
    }
}

/// Why bytes are no signed transaction, or a signature is none of a transaction's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TxError {
    /// No bytes at all.
    Empty,
    /// More than [`MAX_LEN`](super::MAX_LEN) bytes.
    TooLarge {
        /// How many.
        len: usize,
    },
    /// The first byte names no type that this crate knows (EIP-2718).
    UnknownType {
        /// It.
        found: u8,
    },
    /// A transaction of another type than the one asked for.
    OtherType {
        /// The type asked for.
        expected: u8,
        /// The type found.
        found: u8,
    },
    /// Bytes are not the list that a transaction is.
    Rlp(RlpError),
    /// A field breaks a rule of its encoding.
    Field {
        /// Which.
        field: Field,
        /// The rule; [`RlpRule::UnexpectedEnd`] where the field is missing, [`RlpRule::TrailingBytes`] where more
        /// fields follow.
        rule: RlpRule,
        /// Byte offset of the item at fault.
        offset: usize,
    },
    /// `v` is neither 27 or 28 nor `35 + 2 chainId` or one more (EIP-155), or `yParity` neither 0 nor 1.
    Parity,
    /// It is for another chain than the one expected.
    OtherChain {
        /// The chain expected.
        expected: u64,
        /// The chain that it names; none for a legacy transaction without EIP-155.
        found: Option<u64>,
    },
    /// The nonce is 2^64 - 1 (EIP-2681).
    NonceTooLarge,
    /// `maxPriorityFeePerGas` is above `maxFeePerGas` (EIP-1559).
    PriorityFeeAboveMaxFee,
    /// A type that creates no contract has no `to` (EIP-4844, EIP-7702).
    NoRecipient,
    /// No blob hashes (EIP-4844).
    NoBlobs,
    /// A blob hash does not begin with version 1 (EIP-4844).
    BlobVersion {
        /// Its place in the list.
        index: usize,
    },
    /// No authorisations (EIP-7702).
    NoAuthorizations,
    /// r, s or the recovery breaks a rule.
    Signature(SignatureError),
    /// The signature is somebody else's.
    OtherSender {
        /// Who should have signed.
        expected: Address,
        /// Who did.
        found: Address,
    },
}

impl TxError {
    /// That `field` breaks what `error` says.
    pub(super) const fn field(field: Field, error: RlpError) -> Self {
        Self::Field { field, rule: error.rule, offset: error.offset }
    }
}

impl fmt::Display for TxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("no bytes where a transaction should be"),
            Self::TooLarge { len } => {
                write!(f, "a transaction of {len} bytes, above the limit of {}", super::MAX_LEN)
            }
            Self::UnknownType { found } => write!(f, "no transaction has the type {found:#04x}"),
            Self::OtherType { expected, found } => {
                write!(f, "expected a transaction of type {expected}, found type {found}")
            }
            Self::Rlp(error) => write!(f, "the transaction: {error}"),
            Self::Field { field, rule, offset } => {
                let error = RlpError { rule: *rule, offset: *offset };
                write!(f, "the transaction's {}: {error}", field.name())
            }
            Self::Parity => f.write_str("the transaction's v or yParity has no meaning"),
            Self::OtherChain { expected, found: Some(found) } => {
                write!(f, "a transaction for chain {found}, expected chain {expected}")
            }
            Self::OtherChain { expected, found: None } => {
                write!(f, "a transaction that names no chain (EIP-155), expected chain {expected}")
            }
            Self::NonceTooLarge => f.write_str("the transaction's nonce is 2^64 - 1 (EIP-2681)"),
            Self::PriorityFeeAboveMaxFee => {
                f.write_str("the transaction's maxPriorityFeePerGas is above its maxFeePerGas")
            }
            Self::NoRecipient => f.write_str("a transaction of this type creates no contract and needs a to"),
            Self::NoBlobs => f.write_str("a blob transaction without blobVersionedHashes"),
            Self::BlobVersion { index } => {
                write!(f, "blobVersionedHashes[{index}] does not begin with version 1")
            }
            Self::NoAuthorizations => f.write_str("a transaction of type 4 without authorizationList"),
            Self::Signature(error) => write!(f, "the transaction: {error}"),
            Self::OtherSender { expected, found } => {
                write!(f, "the transaction is signed by {found}, expected {expected}")
            }
        }
    }
}

impl core::error::Error for TxError {}

impl From<RlpError> for TxError {
    fn from(error: RlpError) -> Self {
        Self::Rlp(error)
    }
}

impl From<SignatureError> for TxError {
    fn from(error: SignatureError) -> Self {
        Self::Signature(error)
    }
}
