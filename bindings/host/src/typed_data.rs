//! Typed data to be signed (EIP-712), from the JSON that wallets take (`eth_signTypedData_v4`).
//!
//! `{types, primaryType, domain, message}`. Where the types lack `EIP712Domain`, it has the members
//! that the domain has, in the standard's order. Numbers are JSON integers, or strings in decimal or
//! in hex (`0x…`) with a minus where there is one; `bytes` and `bytesN` are `0x…`; letters of both cases in
//! an address must be its checksum. Whatever is not said to be signed is not hashed, and where wallets
//! disagree what a value means, it is refused.

mod error;
mod number;
mod types;

use std::fmt;

use healthrecord_core::B256;
use healthrecord_core::chain::message::{StructHash, typed_data_hash};
use healthrecord_core::grammar::abi::Word as _;
use healthrecord_core::matter::checksum::Checksummed;
use healthrecord_core::matter::hex;
use healthrecord_core::matter::keccak::{Keccak, keccak256};
use serde_json::{Map, Value};

pub use self::error::TypedDataError;
pub use self::types::MAX_TYPES;
use self::types::{DOMAIN, Kind, Type, Types};
use crate::form::{self, Object};

/// Greatest size of typed data, in bytes.
pub const MAX_TYPED_DATA_LEN: usize = 1 << 20;

/// Typed data, hashed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypedData {
    /// Name of the struct that is signed.
    pub primary_type: String,
    /// The type of that struct, as EIP-712 writes it.
    pub encoded_type: String,
    /// Hash of the domain.
    pub domain_separator: B256,
    /// Hash of the message.
    pub struct_hash: B256,
}

impl TypedData {
    /// Reads and hashes typed data.
    ///
    /// # Errors
    ///
    /// [`TypedDataError`] names the member at fault.
    pub fn from_json(json: &str) -> Result<Self, TypedDataError> {
        let value = form::parse(json, MAX_TYPED_DATA_LEN)?;
        Self::from_value(&value)
    }

    /// As [`Self::from_json`], from JSON that was parsed already.
    ///
    /// # Errors
    ///
    /// [`TypedDataError`] names the member at fault.
    pub fn from_value(value: &Value) -> Result<Self, TypedDataError> {
        let fields = Object::outermost(value)?;
        let primary_type = fields.string("primaryType")?.to_owned();
        let domain = fields.get("domain")?;
        let mut types = Types::read(fields.get("types")?)?;
        types.complete_domain(domain)?;
        let domain_separator = struct_hash(&types, DOMAIN, domain, &Path::Root("domain"))?;
        let encoded_type = types.encode(&primary_type, &Path::Root("primaryType"))?;
        let struct_hash = if primary_type == DOMAIN {
            domain_separator
        } else {
            struct_hash(&types, &primary_type, fields.get("message")?, &Path::Root("message"))?
        };
        Ok(Self { primary_type, encoded_type, domain_separator, struct_hash })
    }

    /// The hash that is signed. Where the domain itself is what is signed, no struct follows it.
    #[must_use]
    pub fn hash(&self) -> B256 {
        if self.primary_type == DOMAIN {
            return Keccak::new().chain(&[0x19, 0x01]).chain(&self.domain_separator.0).finish();
        }
        typed_data_hash(&self.domain_separator, &self.struct_hash)
    }
}

/// Where a value stands, for errors.
#[derive(Clone, Copy)]
enum Path<'a> {
    Root(&'a str),
    Member(&'a Path<'a>, &'a str),
    Index(&'a Path<'a>, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root(name) => f.write_str(name),
            Self::Member(parent, name) => write!(f, "{parent}.{name}"),
            Self::Index(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

/// Hashes a struct; the depth of the value, which the JSON parser bounds, bounds the recursion.
fn struct_hash(types: &Types, name: &str, value: &Value, path: &Path<'_>) -> Result<B256, TypedDataError> {
    let members = object(value, path, name)?;
    let mut hash = StructHash::new(&types.type_hash(name, path)?);
    for member in types.members(name, path)? {
        let path = Path::Member(path, &member.name);
        let value =
            members.get(&member.name).ok_or_else(|| TypedDataError::Missing { path: path.to_string() })?;
        hash = hash.word(&encode(types, &member.kind, value, &path)?);
    }
    Ok(hash.finish())
}

fn object<'v>(
    value: &'v Value,
    path: &Path<'_>,
    expected: &str,
) -> Result<&'v Map<String, Value>, TypedDataError> {
    value.as_object().ok_or_else(|| error::value(path, format_args!("an object of type {expected}")))
}

/// The word that a value is in the hash of what it is in.
fn encode(types: &Types, kind: &Type, value: &Value, path: &Path<'_>) -> Result<B256, TypedDataError> {
    if let Some((size, element)) = kind.element() {
        let elements = value.as_array().ok_or_else(|| error::value(path, format_args!("an array")))?;
        if let Some(expected) = size.filter(|size| *size != elements.len()) {
            return Err(TypedDataError::Length { path: path.to_string(), expected, found: elements.len() });
        }
        let mut hash = Keccak::new();
        for (index, value) in elements.iter().enumerate() {
            hash.update(&encode(types, &element, value, &Path::Index(path, index))?.0);
        }
        return Ok(hash.finish());
    }
    let text = || value.as_str().ok_or_else(|| error::value(path, format_args!("a string")));
    match &kind.kind {
        Kind::Struct(name) => struct_hash(types, name, value, path),
        Kind::String => Ok(keccak256(text()?.as_bytes())),
        Kind::Bytes => Ok(keccak256(&bytes(text()?, path)?)),
        Kind::FixedBytes(size) => {
            let bytes = bytes(text()?, path)?;
            if bytes.len() != *size {
                return Err(TypedDataError::Length {
                    path: path.to_string(),
                    expected: *size,
                    found: bytes.len(),
                });
            }
            let mut word = B256::ZERO;
            word.0.iter_mut().zip(&bytes).for_each(|(byte, source)| *byte = *source);
            Ok(word)
        }
        Kind::Bool => match value.as_bool() {
            Some(truth) => Ok(truth.to_word()),
            None => Err(error::value(path, format_args!("true or false"))),
        },
        Kind::Address => Checksummed::parse_lenient(text()?)
            .map(|address| address.0.to_word())
            .map_err(|error| TypedDataError::Address { path: path.to_string(), error }),
        Kind::Integer { signed, bits } => number::encode(*signed, *bits, value, path),
    }
}

/// The bytes of a hex string. Without its `0x`, some wallets would take the text itself for the bytes.
fn bytes(text: &str, path: &Path<'_>) -> Result<Vec<u8>, TypedDataError> {
    let fault = |error| TypedDataError::Hex { path: path.to_string(), error };
    if !text.starts_with("0x") {
        return Err(fault(hex::HexError::Digit { offset: 0 }));
    }
    let mut out = vec![0; text.len() / 2];
    let len = hex::decode(text, &mut out).map_err(fault)?.len();
    out.truncate(len);
    Ok(out)
}
