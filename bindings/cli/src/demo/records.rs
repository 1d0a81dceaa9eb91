//! The records of a FHIR Bundle.

use healthrecord::code::{Code as _, Entry};
use healthrecord::fhir::{self, Bundle};

use crate::failure::Failure;

/// Greatest size of a Bundle, in bytes.
pub(crate) const MAX_BUNDLE_LEN: usize = 16 << 20;

/// The codes that only a Bundle gives, for the table of all codes.
pub(crate) const CODES: &[Entry] = &[Entry {
    code: NOT_A_BUNDLE,
    meaning: "The file is no FHIR Bundle that the demo can tell its story about.",
    cause: "A Bundle with one resource, or without a laboratory value.",
    remedy: "Give a Bundle whose entries hold resources, one of them an Observation with a valueQuantity.",
}];

const NOT_A_BUNDLE: &str = "demo.bundle";

/// One resource, its JSON verbatim.
pub(crate) struct Resource<'a> {
    pub(crate) kind: String,
    pub(crate) id: String,
    pub(crate) json: &'a str,
    /// Whether it is an Observation with a measured value.
    pub(crate) is_measured: bool,
}

impl<'a> Resource<'a> {
    fn new(resource: &fhir::Resource<'a>) -> Self {
        let kind = resource.resource_type.clone();
        let is_measured = kind == "Observation" && resource.element("valueQuantity").is_some();
        Self { kind, id: resource.id.clone().unwrap_or_default(), json: resource.json, is_measured }
    }

    /// As people name it.
    pub(crate) fn name(&self) -> String {
        if self.id.is_empty() { self.kind.clone() } else { format!("{}/{}", self.kind, self.id) }
    }

    /// A file name for it, whatever the Bundle says that it is called.
    pub(crate) fn file_name(&self, index: usize) -> String {
        let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
        let name: String = self.name().chars().map(plain).take(100).collect();
        format!("{index:03}-{name}")
    }
}

/// A patient's records.
pub(crate) struct Records<'a> {
    pub(crate) all: Vec<Resource<'a>>,
    /// The laboratory value that the story is about.
    pub(crate) laboratory: usize,
    /// The record of somebody whom nobody shall find: of mental health where there is one.
    pub(crate) private: usize,
}

impl<'a> Records<'a> {
    pub(crate) fn read(text: &'a str) -> Result<Self, Failure> {
        let wrong = |what: &str| Failure::new(NOT_A_BUNDLE, format!("not a FHIR Bundle: {what}"));
        let bundle = Bundle::read(text).map_err(|error| Failure::new(error.code(), error))?;
        let all: Vec<_> = bundle.entries().iter().map(|entry| Resource::new(&entry.resource)).collect();
        let laboratory = all.iter().position(|resource| resource.is_measured && is_laboratory(resource.json));
        let laboratory = laboratory.or_else(|| all.iter().position(|resource| resource.is_measured));
        let laboratory =
            laboratory.ok_or_else(|| wrong("no entry is an Observation with a valueQuantity"))?;
        let other = |index: &usize| *index != laboratory;
        let private = (0..all.len()).filter(other).find(|index| {
            all.get(*index).is_some_and(|resource| resource.kind == "Condition" && is_mental(resource.json))
        });
        let private = private.or_else(|| (0..all.len()).find(other));
        let private = private.ok_or_else(|| wrong("it has one resource: expected at least two"))?;
        Ok(Self { all, laboratory, private })
    }
}

fn is_laboratory(json: &str) -> bool {
    json.contains("\"laboratory\"")
}

fn is_mental(json: &str) -> bool {
    let json = json.to_lowercase();
    ["depress", "psychiatr", "anxiety", "mental"].iter().any(|word| json.contains(word))
}
