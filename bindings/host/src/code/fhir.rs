//! Codes of FHIR resources and consents.

use super::{Code, Entry, codes};
use crate::fhir::FhirError;

codes!(FHIR, FhirError, |error| error, {
    FhirError::NoType { .. } => "fhir.no_type",
        "Something that should be a FHIR resource is none: it has no resourceType.",
        "Another file, or JSON of another standard.",
        "Give a FHIR resource, R4 or R5, in JSON.";
    FhirError::Type { .. } => "fhir.type",
        "An element of a FHIR resource is of another type than FHIR has it.",
        "A faulty export, or a file that was edited by hand.",
        "Mend the element that the message names.";
    FhirError::OtherType { .. } => "fhir.other_type",
        "The FHIR resource is of another type than the one that is read here.",
        "A single resource was given for a Bundle, or another file.",
        "Give a resource of the type that the message names.";
    FhirError::NoResource { .. } => "fhir.no_resource",
        "An entry of a Bundle holds no resource.",
        "A faulty export: only entries with a request or a response may be without.",
        "Remove the entry that the message names, or export the Bundle again.";
} delegating {
    FhirError::Json(error) => error;
});
