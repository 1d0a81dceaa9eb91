//! Reading the JSON of others: objects whose errors say which field is wrong, and how.

use core::fmt;

use healthrecord_core::U256;
use healthrecord_core::grammar::json::JsonError;
use healthrecord_core::matter::hex::{self, HexError};
use serde_json::{Map, Value};

/// Why a JSON text has not the form that was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormError {
    /// Not JSON, or more of it than is read.
    Json {
        /// What is wrong, with line and column.
        message: String,
    },
    /// A field that must be there is missing.
    Missing {
        /// The field's path.
        field: String,
    },
    /// A field is of another type or range.
    Type {
        /// The field's path.
        field: String,
        /// What it should be.
        expected: &'static str,
    },
    /// A field is not the hex it should be.
    Hex {
        /// The field's path.
        field: String,
        /// What is wrong with it.
        error: HexError,
    },
}

impl fmt::Display for FormError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json { message } => write!(f, "not the JSON that was expected: {message}"),
            Self::Missing { field } => write!(f, "the field {field} is missing"),
            Self::Type { field, expected } => write!(f, "{field} is not {expected}"),
            Self::Hex { field, error } => write!(f, "{field}: {error}"),
        }
    }
}

impl core::error::Error for FormError {}

impl From<JsonError> for FormError {
    fn from(error: JsonError) -> Self {
        Self::Json { message: error.to_string() }
    }
}

/// Reads a text of at most `limit` bytes as JSON.
pub(crate) fn parse(json: &str, limit: usize) -> Result<Value, FormError> {
    if json.len() > limit {
        return Err(FormError::Json { message: format!("more than {limit} bytes") });
    }
    serde_json::from_str(json).map_err(|error| FormError::Json { message: error.to_string() })
}

/// A JSON object and the name by which errors speak of it.
pub(crate) struct Object<'a> {
    prefix: String,
    fields: &'a Map<String, Value>,
}

impl<'a> Object<'a> {
    /// The outermost object, whose fields go by their own names.
    pub(crate) fn outermost(value: &'a Value) -> Result<Self, FormError> {
        Ok(Self { prefix: String::new(), fields: object("the text", value)? })
    }

    /// An object inside another.
    pub(crate) fn inside(path: &str, value: &'a Value) -> Result<Self, FormError> {
        Ok(Self { prefix: format!("{path}."), fields: object(path, value)? })
    }

    pub(crate) fn path(&self, field: &str) -> String {
        format!("{}{field}", self.prefix)
    }

    /// A field that may be absent or null.
    pub(crate) fn find(&self, field: &str) -> Option<&'a Value> {
        self.fields.get(field).filter(|value| !value.is_null())
    }

    /// Refuses every field but these.
    pub(crate) fn only(&self, known: &[&str]) -> Result<(), FormError> {
        match self.fields.keys().find(|field| !known.contains(&field.as_str())) {
            Some(field) => Err(self.type_error(field, "a known field")),
            None => Ok(()),
        }
    }

    pub(crate) fn get(&self, field: &str) -> Result<&'a Value, FormError> {
        self.fields.get(field).ok_or_else(|| FormError::Missing { field: self.path(field) })
    }

    pub(crate) fn string(&self, field: &str) -> Result<&'a str, FormError> {
        self.get(field)?.as_str().ok_or_else(|| self.type_error(field, "a string"))
    }

    pub(crate) fn array(&self, field: &str) -> Result<&'a [Value], FormError> {
        let array = self.get(field)?.as_array().map(Vec::as_slice);
        array.ok_or_else(|| self.type_error(field, "an array"))
    }

    /// The objects of an array, each with its place.
    pub(crate) fn objects(&self, field: &str) -> Result<Vec<Self>, FormError> {
        let entries = self.array(field)?.iter().enumerate();
        entries.map(|(index, entry)| Self::inside(&format!("{}[{index}]", self.path(field)), entry)).collect()
    }

    /// What `read` makes of each string of an array; it gets the string's path too.
    pub(crate) fn strings<T>(
        &self,
        field: &str,
        read: impl Fn(&str, &str) -> Result<T, FormError>,
    ) -> Result<Vec<T>, FormError> {
        let read_entry = |(index, entry): (usize, &Value)| {
            let path = format!("{}[{index}]", self.path(field));
            match entry.as_str() {
                Some(text) => read(&path, text),
                None => Err(FormError::Type { field: path, expected: HEX }),
            }
        };
        self.array(field)?.iter().enumerate().map(read_entry).collect()
    }

    pub(crate) fn bytes(&self, field: &str) -> Result<Vec<u8>, FormError> {
        bytes(&self.path(field), self.hex(field)?)
    }

    pub(crate) fn fixed<const N: usize>(&self, field: &str) -> Result<[u8; N], FormError> {
        fixed(&self.path(field), self.hex(field)?)
    }

    /// A number below 2^256 in hex, with or without leading zeros.
    pub(crate) fn quantity(&self, field: &str) -> Result<U256, FormError> {
        quantity(self.hex(field)?).map_err(|error| FormError::Hex { field: self.path(field), error })
    }

    /// A number below 2^64 in hex.
    pub(crate) fn quantity64(&self, field: &str) -> Result<u64, FormError> {
        self.quantity(field)?.to_u64().ok_or_else(|| self.type_error(field, "a number below 2^64"))
    }

    /// A whole number below 2^64: a JSON number, or a string of decimal digits.
    pub(crate) fn uint(&self, field: &str) -> Result<u64, FormError> {
        let value = self.get(field)?;
        let digits = value.as_str().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        value
            .as_u64()
            .or_else(|| digits?.parse().ok())
            .ok_or_else(|| self.type_error(field, "a whole number below 2^64"))
    }

    pub(crate) fn type_error(&self, field: &str, expected: &'static str) -> FormError {
        FormError::Type { field: self.path(field), expected }
    }

    fn hex(&self, field: &str) -> Result<&'a str, FormError> {
        self.get(field)?.as_str().ok_or_else(|| self.type_error(field, HEX))
    }
}

/// The bytes of a hex string.
pub(crate) fn bytes(field: &str, text: &str) -> Result<Vec<u8>, FormError> {
    let mut out = vec![0; text.len() / 2];
    match hex::decode(text, &mut out).map(<[u8]>::len) {
        Ok(len) => {
            out.truncate(len);
            Ok(out)
        }
        Err(error) => Err(FormError::Hex { field: field.to_owned(), error }),
    }
}

/// The bytes of a hex string of a known length.
pub(crate) fn fixed<const N: usize>(field: &str, text: &str) -> Result<[u8; N], FormError> {
    hex::decode_array(text).map_err(|error| FormError::Hex { field: field.to_owned(), error })
}

/// A number below 2^256 in hex, with or without leading zeros, of an even or odd number of digits.
pub(crate) fn quantity(text: &str) -> Result<U256, HexError> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let significant = digits.trim_start_matches('0');
    let too_long = HexError::Length { expected: 32, found: significant.len().div_ceil(2) };
    let mut padded = [b'0'; 64];
    let zeros = padded.len().checked_sub(significant.len()).ok_or(too_long)?;
    padded.iter_mut().skip(zeros).zip(significant.bytes()).for_each(|(place, digit)| *place = digit);
    let padded = core::str::from_utf8(&padded).unwrap_or_default();
    hex::decode_array(padded).map(U256::from_be_bytes).map_err(|error| match error {
        // The offset is into the padded digits; the answer's own text may be shorter or longer.
        HexError::Digit { offset } => {
            HexError::Digit { offset: offset.saturating_add(text.len()).saturating_sub(padded.len()) }
        }
        HexError::OddLength { .. } | HexError::Length { .. } => too_long,
    })
}

/// What a field of bytes should be.
pub(crate) const HEX: &str = "a string of hex";

fn object<'a>(path: &str, value: &'a Value) -> Result<&'a Map<String, Value>, FormError> {
    value.as_object().ok_or_else(|| FormError::Type { field: path.to_owned(), expected: "a JSON object" })
}
