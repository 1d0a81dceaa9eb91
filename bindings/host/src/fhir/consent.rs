//! FHIR Consents (R4, R5, and the basic and intermediate profiles of IHE's Privacy Consent on FHIR) as
//! grants and denies, and back.
//!
//! [`import`] gives the terms that a consent says, and a report of all that it says beside them. **The terms
//! never permit what the consent does not**: a permit with a limit that the contract does not know is
//! not granted, and neither is one that a deny would cut which cannot be written. Elements that are not
//! known here count as limits. What is left of the report's losses is for the caller to accept, or not.
//!
//! How a consent is read:
//! - It must be active, about privacy, and of the patient; its policy, where it names one, must be among those
//!   that the map takes as known: its text is nowhere read.
//! - R4: `provision.type` is the base rule, or else `policyRule` is (OPTIN, OPTOUT), beside a provision that
//!   has nothing but exceptions: HL7's own examples do not agree on whether others limit or except. R5:
//!   `decision` is the base rule, and provisions are exceptions: each says the opposite of what it stands in.
//! - Limits hold for all that stands below them, and what is absent is inherited. Nobody named is everybody:
//!   the map's community. A base deny of everybody, with exceptions, is what the contract does by itself.
//! - Every deny beats every permit, as on the chain; but one of fewer than all records does not stop a
//!   clinician who breaks the glass. One for some purposes, operations or times narrows the
//!   permits of the same consent; for whom it permits nothing, it is reported, or written as a whole one where
//!   the map says so.
//! - `action`: access and use are READ, correct is READ and WRITE, disclose is SHARE; collect (to keep
//!   for oneself) is nothing that the contract has. Absent, it is READ for a permit and everything for a deny.
//! - `purpose`: HL7 v3 `ActReason`, code by code; none implies another. BTG is in no grant.
//! - `period`: from the first second of its begin to the last of its end, however precise; both are needed.
//! - `actor.role`: IRCP and PRCP ask for nothing, PROV for a PRACTITIONER's credential, others are the map's.
//! - `data`: what the map has a scope for.
//!
//! What is about the consent and not about access (text, dates, who performed and who keeps it, its source)
//! is not read; neither are extensions outside the provisions, which by FHIR's rules change no meaning.

mod error;
mod map;
mod read;
mod report;
mod term;
mod time;
mod weigh;
mod write;

pub use self::error::ConsentError;
pub use self::map::{MAX_MAP_LEN, Map};
pub use self::report::{Inexpressible, Loses, Reason};
pub use self::term::{MAX_TERMS_LEN, Signing, Term, terms_from_json};
pub use self::write::export;
use super::error::FhirError;
use super::json::check;
use super::resource::Resource;

/// What a FHIR consent comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    terms: Vec<Term>,
    report: Vec<Inexpressible>,
}

impl Import {
    /// All that the consent says of it that the terms do not.
    #[must_use]
    pub fn report(&self) -> &[Inexpressible] {
        &self.report
    }

    /// The terms, which say all of the consent: the denies first, so that at no time a grant stands without
    /// its exceptions.
    ///
    /// # Errors
    ///
    /// [`ConsentError::Inexpressible`] where there is a report.
    pub fn terms(&self) -> Result<&[Term], ConsentError> {
        match self.report.len() {
            0 => Ok(&self.terms),
            count => Err(ConsentError::Inexpressible { count }),
        }
    }

    /// The terms for a caller who has read the report and accepts what they are short of.
    #[must_use]
    pub fn terms_accepting_report(&self) -> &[Term] {
        &self.terms
    }
}

/// Which release of FHIR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release {
    /// R4 (4.0.1) and R4B (4.3.0).
    R4,
    /// R5 (5.0.0).
    R5,
}

/// The terms that a Consent says; [the module](self) tells how it is read.
///
/// One with a `scope`, which R5 does not have, is of R4.
///
/// # Errors
///
/// [`ConsentError`] where there is no consent to speak of: not one, not active, not about privacy, not of this
/// patient, more than is read.
pub fn import(json: &str, map: &Map) -> Result<Import, ConsentError> {
    check(json).map_err(ConsentError::Json)?;
    let resource = Resource::read(json).map_err(ConsentError::Fhir)?;
    if resource.resource_type != CONSENT {
        let error = FhirError::OtherType { expected: CONSENT, found: resource.resource_type };
        return Err(ConsentError::Fhir(error));
    }
    // Never fails: the text was found to be strict JSON.
    let value = serde_json::from_str(json).unwrap_or_default();
    let read = read::read(&value, map)?;
    weigh::weigh(read, map)
}

const CONSENT: &str = "Consent";

/// How many provisions a consent may have.
pub const MAX_PROVISIONS: usize = 256;

/// How many words a provision may come to: parties times scopes.
pub const MAX_WORDS: usize = 1024;

/// How many entries a report may have, beside those that follow from others.
pub const MAX_REPORT: usize = 4096;
