//! What the records of a batch have in common, and what each has of its own.

use std::collections::BTreeMap;
use std::path::Path;

use healthrecord::code::Code as _;
use healthrecord::core::{Address, B256};
use healthrecord::fhir::{Reference, Resource, Target};
use healthrecord::record::Metadata;
use serde_json::Value;

use super::input::Document;
use super::{CHANGED, KIND, PATIENT};
use crate::access::unix_now;
use crate::args;
use crate::failure::Failure;
use crate::files;
use crate::record::kind_of;

/// Greatest size of the file of patients, in bytes.
const MAX_PATIENTS_LEN: usize = 64 << 20;

/// What the metadata of each record is made from.
pub(super) struct Terms {
    author: Address,
    patient: Whose,
    kind: Kind,
    groups: Vec<B256>,
    issued: Option<u64>,
}

/// Whose records they are.
enum Whose {
    One(Address),
    /// By the references in the records.
    Each(BTreeMap<Target, Address>),
}

/// What kind the batch is anchored as.
#[derive(Clone, Copy)]
enum Kind {
    /// The user says so, whatever the records are.
    Given(u16),
    /// That of the first record, and of every other.
    Found(u16),
    /// No record was read yet.
    Unknown,
}

impl Terms {
    /// What the options say.
    pub(super) fn of(args: &args::Batch) -> Result<Self, Failure> {
        let patient = match (&args.patients, args.patient) {
            (Some(path), _) => Whose::Each(read_patients(path)?),
            // clap demands one of the two; a zero patient is refused where it is committed.
            (None, patient) => Whose::One(patient.unwrap_or(Address::ZERO)),
        };
        let kind = args.kind.map_or(Kind::Unknown, Kind::Given);
        let args::Batch { author, scope, issued, .. } = args;
        Ok(Self { author: *author, patient, kind, groups: scope.clone(), issued: *issued })
    }

    /// The kind that the batch is anchored as.
    pub(super) const fn kind(&self) -> u16 {
        match self.kind {
            Kind::Given(kind) | Kind::Found(kind) => kind,
            Kind::Unknown => 1,
        }
    }

    /// Settles what is still open, by the first record.
    pub(super) fn begin_with(&mut self, chunk: &[Document]) {
        self.issued.get_or_insert_with(unix_now);
        if let (Kind::Unknown, [first, ..]) = (self.kind, chunk) {
            self.kind = Kind::Found(kind_of(&first.bytes));
        }
    }

    /// Goes on with what a batch was begun with, if that does not differ.
    pub(super) fn hold(&mut self, begun: &Metadata, out: &Path) -> Result<(), Failure> {
        self.issued.get_or_insert(begun.issued);
        if matches!(self.kind, Kind::Unknown) {
            self.kind = Kind::Found(begun.kind);
        }
        let groups = begun.scopes.get(1..).unwrap_or_default();
        let same = self.author == begun.author
            && self.kind() == begun.kind
            && self.issued == Some(begun.issued)
            && self.groups == groups
            && match self.patient {
                Whose::One(patient) => patient == begun.patient,
                Whose::Each(_) => true,
            };
        if same {
            return Ok(());
        }
        let what = "what is there was begun with another author, patient, kind, scope or time";
        Err(Failure::new(CHANGED, what).in_file(out))
    }

    /// The metadata of a record of this random id.
    pub(super) fn metadata(&self, id: B256, document: &Document) -> Result<Metadata, Failure> {
        let kind = self.kind();
        if let Kind::Found(_) = self.kind {
            let found = kind_of(&document.bytes);
            if found != kind {
                let what = format!("a record of kind {found}, and the batch is of kind {kind}");
                return Err(Failure::new(KIND, what).of(&document.source));
            }
        }
        let patient = match &self.patient {
            Whose::One(patient) => *patient,
            Whose::Each(patients) => patient_of(document, patients)?,
        };
        let mut scopes = Vec::with_capacity(self.groups.len() + 1);
        scopes.push(id);
        scopes.extend(&self.groups);
        let issued = self.issued.unwrap_or_default();
        Ok(Metadata {
            patient,
            author: self.author,
            kind,
            issued,
            scopes,
            previous: None,
            attachments: vec![],
        })
    }
}

/// The address of the one patient that a resource refers to.
fn patient_of(document: &Document, patients: &BTreeMap<Target, Address>) -> Result<Address, Failure> {
    let fail = |failure: Failure| failure.of(&document.source);
    let text = std::str::from_utf8(&document.bytes).unwrap_or_default();
    let found = Resource::read(text).and_then(|resource| resource.patients());
    let found = found.map_err(|error| fail(Failure::new(error.code(), error)))?;
    let [patient] = found.as_slice() else {
        let what = format!("a record that refers to {} patients: expected one", found.len());
        return Err(fail(Failure::new(PATIENT, what)));
    };
    let address = patients.get(&patient.target).copied();
    address.ok_or_else(|| fail(Failure::new(PATIENT, format!("{patient} is not in the file of patients"))))
}

/// What a text names: `Patient/123`, a URL, or an identifier as `system|value`.
fn target_of(text: &str) -> Target {
    match text.rsplit_once('|') {
        None => Reference::from_text(text).target,
        Some((system, value)) => {
            let system = Some(system).filter(|system| !system.is_empty()).map(str::to_owned);
            Target::Logical { system, value: value.to_owned() }
        }
    }
}

/// Reads references and addresses.
fn read_patients(path: &Path) -> Result<BTreeMap<Target, Address>, Failure> {
    let text = files::read_text(path, MAX_PATIENTS_LEN)?;
    let broken = |what: String| Failure::new(PATIENT, what).in_file(path);
    let Ok(Value::Object(entries)) = serde_json::from_str(&text) else {
        return Err(broken("expected a JSON object of references and addresses".to_owned()));
    };
    let read = |(reference, address): (String, Value)| {
        let parsed = address.as_str().and_then(|address| address.parse().ok());
        let wrong = || broken(format!("{reference:?}: expected an address in hex"));
        parsed.map(|parsed| (target_of(&reference), parsed)).ok_or_else(wrong)
    };
    entries.into_iter().map(read).collect()
}
