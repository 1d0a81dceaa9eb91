//! What this project knows of HL7 FHIR (R4 and R5), which is little: a document's type and id, the kind of
//! record that it is, whose it is, and the records in a Bundle.
//!
//! Nothing is validated, and nothing is rewritten: records stay the bytes that they were.

mod bundle;
pub mod consent;
mod error;
mod json;
mod reference;
mod resource;

pub use self::bundle::{Bundle, Entry};
pub use self::error::FhirError;
pub use self::reference::{Reference, Target};
pub use self::resource::Resource;
