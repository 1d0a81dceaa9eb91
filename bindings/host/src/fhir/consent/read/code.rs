//! Codes, references and decisions, as a consent has them.

use serde_json::Value;

use crate::fhir::json::Raw;
use crate::fhir::reference::Reference;

/// HL7's code systems.
pub(super) const TERMINOLOGY: &str = "http://terminology.hl7.org/CodeSystem/";

/// Whether something permits; `None` if it says neither.
pub(super) fn decision_of(value: Option<&Value>) -> Option<bool> {
    match value?.as_str()? {
        "permit" => Some(true),
        "deny" => Some(false),
        _ => None,
    }
}

/// What a policy rule says by itself.
pub(super) fn opt(value: &Value) -> Option<bool> {
    codings(value).iter().find_map(|code| {
        match code.strip_prefix(TERMINOLOGY)?.strip_prefix("v3-ActCode|")? {
            "OPTIN" | "OPTINR" => Some(true),
            "OPTOUT" | "OPTOUTE" => Some(false),
            _ => None,
        }
    })
}

/// The elements of an array; of anything else, itself.
pub(super) fn each(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice).iter()
}

/// `system|code`
pub(super) fn coding(value: &Value) -> String {
    let text = |name| value.get(name).and_then(Value::as_str).unwrap_or_default();
    format!("{}|{}", text("system"), text("code"))
}

/// Each coding of a `CodeableConcept`.
pub(super) fn codings(value: &Value) -> Vec<String> {
    value.get("coding").into_iter().flat_map(each).map(coding).collect()
}

/// How a reference is looked up.
pub(super) fn name_of(reference: &Value) -> Option<String> {
    let text = reference.to_string();
    Some(Reference::read(Raw::whole(&text)).ok()??.to_string())
}
