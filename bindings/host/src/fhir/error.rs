//! Why a text is no FHIR resource that can be read.

use core::fmt;

use healthrecord_core::grammar::json::JsonError;

/// Why a text is no FHIR resource, or no Bundle.
///
/// Offsets are in bytes of the whole text, places are as FHIR's paths have them: `Bundle.entry[3].resource`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FhirError {
    /// Not strict JSON.
    Json(JsonError),
    /// Not an object with a `resourceType`.
    NoType {
        /// The place.
        at: String,
        /// Where the value begins.
        offset: usize,
    },
    /// An element is of another type than FHIR has it.
    Type {
        /// The place.
        at: String,
        /// Where the value begins.
        offset: usize,
        /// What it should be.
        expected: &'static str,
    },
    /// A resource of another type than the one asked for.
    OtherType {
        /// The type asked for.
        expected: &'static str,
        /// The type found.
        found: String,
    },
    /// An entry of a Bundle that holds no resource, and neither a request nor a response instead.
    NoResource {
        /// The place.
        at: String,
        /// Where the entry begins.
        offset: usize,
    },
}

impl fmt::Display for FhirError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(error) => error.fmt(f),
            Self::NoType { at, offset } => {
                write!(
                    f,
                    "{at} is no FHIR resource: an object with a resourceType is expected, at byte {offset}"
                )
            }
            Self::Type { at, offset, expected } => write!(f, "{at} is not {expected}, at byte {offset}"),
            Self::OtherType { expected, found } => {
                write!(f, "the resource is {found:?}: expected {expected}")
            }
            Self::NoResource { at, offset } => write!(f, "{at} holds no resource, at byte {offset}"),
        }
    }
}

impl core::error::Error for FhirError {}

impl From<JsonError> for FhirError {
    fn from(error: JsonError) -> Self {
        Self::Json(error)
    }
}
