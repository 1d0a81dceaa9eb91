//! One resource: its type, its id, its kind of record, whose it is.

use std::collections::{BTreeMap, BTreeSet};

use healthrecord_core::grammar::json::JsonError;

use super::error::FhirError;
use super::json::{Members, Parts, Raw, find};
use super::reference::{Reference, Target};

/// A FHIR resource, its JSON as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource<'a> {
    /// Its bytes: what is committed. Contained resources are a part of it.
    pub json: &'a str,
    /// Byte offset at which it begins in the text that it was read from.
    pub offset: usize,
    /// Its type.
    pub resource_type: String,
    /// Its id.
    pub id: Option<String>,
    members: Members<'a>,
}

impl<'a> Resource<'a> {
    /// Reads a resource, of at most 16 MiB; what is inside of its elements is not looked at.
    ///
    /// # Errors
    ///
    /// [`FhirError::Json`] and [`FhirError::NoType`].
    pub fn read(json: &'a str) -> Result<Self, FhirError> {
        Self::from_raw(Raw::whole(json), "the text")
    }

    /// Reads the resource at a place.
    pub(super) fn from_raw(raw: Raw<'a>, at: &str) -> Result<Self, FhirError> {
        let none = || FhirError::NoType { at: at.to_owned(), offset: raw.offset };
        let Parts::Object(members) = raw.parts()? else { return Err(none()) };
        let string = |name| find(&members, name).map_or(Ok(None), Raw::string);
        let resource_type = string("resourceType")?.filter(|found| !found.is_empty()).ok_or_else(none)?;
        let id = string("id")?;
        // The white space around a whole text is not of the resource.
        let (text, before) = (raw.text.trim_ascii(), raw.text.len() - raw.text.trim_ascii_start().len());
        Ok(Self { json: text, offset: raw.offset.saturating_add(before), resource_type, id, members })
    }

    /// An element, as it is written.
    #[must_use]
    pub fn element(&self, name: &str) -> Option<&'a str> {
        self.raw(name).map(|raw| raw.text)
    }

    pub(super) fn raw(&self, name: &str) -> Option<Raw<'a>> {
        find(&self.members, name)
    }

    /// The kind of record that the resource is: `#kind` of a commitment, `kind` of an anchor.
    ///
    /// 2 for what was done with records, 3 for harm, 4 for medicines and supplies that were handed out or
    /// delivered (what was prescribed, ordered or given is clinical), 5 for what was claimed, answered and
    /// paid (not for coverage), 1 for all else. A profile, 6, is no resource.
    #[must_use]
    pub fn kind(&self) -> u16 {
        match self.resource_type.as_str() {
            "AuditEvent" => 2,
            "AdverseEvent" => 3,
            "MedicationDispense" | "SupplyDelivery" | "InventoryReport" => 4,
            "Claim"
            | "ClaimResponse"
            | "ExplanationOfBenefit"
            | "Invoice"
            | "PaymentNotice"
            | "PaymentReconciliation" => 5,
            _ => 1,
        }
    }

    /// The references to whose record it is, each once and in order: those to a patient, or to whom they do not tell.
    ///
    /// Most records have one, some none (an Organization, say), and some several (an Account of a family).
    /// A Patient's own is to itself.
    ///
    /// # Errors
    ///
    /// [`FhirError`] for an element of which two readers could read two things, and for contained resources
    /// that are none.
    pub fn patients(&self) -> Result<Vec<Reference>, FhirError> {
        if self.resource_type == PATIENT {
            let own = |id: &String| Reference::from_text(&format!("{PATIENT}/{id}"));
            return Ok(self.id.iter().map(own).collect());
        }
        let mut found = BTreeSet::new();
        let mut contained = None;
        for path in subjects(&self.resource_type) {
            let (first, rest) = path.split_once('.').unwrap_or((path, ""));
            for value in self.raw(first).map_or(Ok(vec![]), Raw::each)? {
                let inner = if rest.is_empty() { Some(value) } else { value.member(rest)? };
                let Some(reference) = inner.map_or(Ok(None), Reference::read)? else { continue };
                let inner = match &reference.target {
                    Target::Contained(id) => match &contained {
                        None => contained.insert(self.contained_types()?).get(id),
                        Some(types) => types.get(id),
                    },
                    Target::Relative { .. } | Target::Absolute(_) | Target::Logical { .. } => None,
                };
                let is_other = match inner {
                    Some(resource_type) => resource_type != PATIENT,
                    None if PARTICIPANTS.contains(path)
                        && matches!(reference.target, Target::Logical { .. }) =>
                    {
                        reference.resource_type.as_deref() != Some(PATIENT)
                    }
                    None => !reference.may_be(PATIENT),
                };
                if !is_other {
                    found.insert(reference);
                }
            }
        }
        Ok(found.into_iter().collect())
    }

    /// The types of the contained resources by their ids.
    fn contained_types(&self) -> Result<BTreeMap<String, String>, FhirError> {
        let mut types = BTreeMap::new();
        for raw in self.raw("contained").map_or(Ok(vec![]), Raw::each)? {
            let resource = Self::from_raw(raw, "contained")?;
            if let Some(id) = resource.id {
                types.insert(id, resource.resource_type);
            }
        }
        Ok(types)
    }

    /// The contained resource that a reference of this resource names.
    pub(super) fn contained(&self, reference: &Reference) -> Result<Option<Self>, FhirError> {
        let Target::Contained(id) = &reference.target else { return Ok(None) };
        for raw in self.raw("contained").map_or(Ok(vec![]), Raw::each)? {
            let has_id = |raw: Raw<'_>| -> Result<bool, JsonError> {
                Ok(raw.member("id")?.map_or(Ok(None), Raw::string)?.as_ref() == Some(id))
            };
            if has_id(raw)? {
                return Self::from_raw(raw, "contained").map(Some);
            }
        }
        Ok(None)
    }
}

const PATIENT: &str = "Patient";

/// The elements that name everybody and everything that takes part, where an identifier of no told type is
/// seldom a patient's.
const PARTICIPANTS: &[&str] =
    &["participant.actor", "actor", "agent.who", "entity.what", "member.entity", "link.target", "target"];

/// The elements that say whose record a resource is, of R4 and R5, as the Patient compartment has them: of
/// those that take part in something, the patients alone are meant.
fn subjects(resource_type: &str) -> &'static [&'static str] {
    match resource_type {
        "Appointment" => &["subject", "participant.actor"],
        "AppointmentResponse" | "Schedule" => &["actor"],
        "AuditEvent" => &["patient", "agent.who", "entity.what"],
        "Coverage" => &["beneficiary"],
        "EnrollmentRequest" => &["candidate"],
        "Group" => &["member.entity"],
        "Person" => &["link.target"],
        "Provenance" => &["patient", "target"],
        "ResearchSubject" => &["individual", "subject"],
        "SupplyRequest" => &["deliverFor", "deliverTo"],
        "Task" | "Transport" => &["for"],
        _ => &["patient", "subject"],
    }
}
