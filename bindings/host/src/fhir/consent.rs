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
//!   permits of the same consent.
//! - `action`: access and use are READ, correct is READ and WRITE, disclose is SHARE; collect (to keep
//!   for oneself) is nothing that the contract has. Absent, it is READ for a permit and everything for a deny.
//! - `purpose`: HL7 v3 ActReason, code by code; none implies another. BTG is in no grant.
//! - `period`: from the first second of its begin to the last of its end, however precise; both are needed.
//! - `actor.role`: IRCP and PRCP ask for nothing, PROV for a PRACTITIONER's credential, others are the map's.
//! - `data`: what the map has a scope for.
//!
//! What is about the consent and not about access (text, dates, who performed and who keeps it, its source)
//! is not read; neither are extensions outside the provisions, which by FHIR's rules change no meaning.

mod map;
mod read;
mod report;
mod time;
mod weigh;
mod write;

use std::fmt;

use healthrecord_core::chain::message::Domain;
use healthrecord_core::grammar::json::JsonError;
use healthrecord_core::health::contract::message::{Deny, Grant, Message, REVISIONS_AHEAD, domain};
use healthrecord_core::health::contract::{Call, Terms};
use healthrecord_core::{Address, B256};
use serde_json::{Value, json};

pub use self::map::{MAX_MAP_LEN, Map};
pub use self::report::{Inexpressible, Loses, Reason};
pub use self::write::export;
use super::error::FhirError;
use super::json::check;
use super::resource::Resource;

/// What a patient writes for one grantee at one scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Term {
    /// A deny of everything.
    Deny {
        /// Whom.
        grantee: Address,
        /// At which scope.
        scope: B256,
    },
    /// A permit.
    Grant {
        /// To whom.
        grantee: Address,
        /// At which scope.
        scope: B256,
        /// What, for which purposes, until when.
        terms: Terms,
    },
}

impl Term {
    /// For whom it is.
    #[must_use]
    pub const fn grantee(&self) -> Address {
        match self {
            Self::Deny { grantee, .. } | Self::Grant { grantee, .. } => *grantee,
        }
    }

    /// At which scope it is.
    #[must_use]
    pub const fn scope(&self) -> B256 {
        match self {
            Self::Deny { scope, .. } | Self::Grant { scope, .. } => *scope,
        }
    }

    /// The patient's own call; `document` is the commitment of the consent, or 0.
    #[must_use]
    pub const fn call(&self, document: B256) -> Call<'static> {
        match *self {
            Self::Deny { grantee, scope } => Call::Deny { grantee, scope, document },
            Self::Grant { grantee, scope, terms } => Call::Grant { grantee, scope, terms, document },
        }
    }

    /// The message to sign where somebody else pays the gas, or for a consent that nobody relays.
    ///
    /// `revision` is that of the word now, 0 where none was written; a deny is for a revision ahead, so that
    /// nobody outruns it by relaying an older consent.
    #[must_use]
    pub fn message(&self, patient: Address, document: B256, signing: &Signing) -> Message {
        let Signing { epoch, revision, deadline, .. } = *signing;
        match *self {
            Self::Deny { grantee, scope } => {
                let revision = revision.saturating_add(REVISIONS_AHEAD);
                Deny { patient, grantee, scope, document, revision, deadline }.into()
            }
            Self::Grant { grantee, scope, terms } => {
                Grant { patient, grantee, scope, terms, document, epoch, revision, deadline }.into()
            }
        }
    }

    /// [`Self::message`] as the JSON that wallets take (`eth_signTypedData_v4`).
    #[must_use]
    pub fn typed_data(&self, patient: Address, document: B256, signing: &Signing) -> Value {
        let revision = match self {
            Self::Deny { .. } => signing.revision.saturating_add(REVISIONS_AHEAD),
            Self::Grant { .. } => signing.revision,
        };
        let mut message = json!({
            "patient": patient.to_string(), "grantee": self.grantee().to_string(),
            "scope": self.scope().to_string(), "document": document.to_string(), "revision": revision,
            "deadline": signing.deadline,
        });
        let encoded = match self {
            Self::Deny { .. } => Deny::TYPE,
            Self::Grant { terms, .. } => {
                for (name, value) in [
                    ("notBefore", terms.not_before),
                    ("notAfter", terms.not_after),
                    ("purposes", terms.purposes.into()),
                    ("operations", terms.operations.into()),
                    ("requiredRoles", terms.required_roles.into()),
                    ("epoch", signing.epoch.into()),
                ] {
                    if let Some(fields) = message.as_object_mut() {
                        fields.insert(name.to_owned(), value.into());
                    }
                }
                Grant::TYPE
            }
        };
        let (name, members) = encoded.trim_end_matches(')').split_once('(').unwrap_or_default();
        let members = members.split(',').filter_map(|member| member.split_once(' '));
        let members: Value = members.map(|(kind, name)| json!({"name": name, "type": kind})).collect();
        let Domain { name: of, version, chain_id, verifying_contract } =
            domain(signing.chain_id, signing.contract);
        json!({
            "types": {
                "EIP712Domain": [
                    {"name": "name", "type": "string"}, {"name": "version", "type": "string"},
                    {"name": "chainId", "type": "uint256"}, {"name": "verifyingContract", "type": "address"},
                ],
                name: members,
            },
            "primaryType": name,
            "domain": {
                "name": of, "version": version, "chainId": chain_id,
                "verifyingContract": verifying_contract.to_string(),
            },
            "message": message,
        })
    }
}

/// What a signature is for, beside the terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signing {
    /// The chain.
    pub chain_id: u64,
    /// The contract there.
    pub contract: Address,
    /// The patient's epoch now.
    pub epoch: u32,
    /// The word's revision now; 0 if it was never written.
    pub revision: u32,
    /// The last second, in Unix time, at which the signature has any effect.
    pub deadline: u64,
}

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
/// patient.
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
    Ok(weigh::weigh(read, map))
}

const CONSENT: &str = "Consent";

/// How many provisions a consent may have.
pub const MAX_PROVISIONS: usize = 256;

/// Why a FHIR consent has no terms, or terms no FHIR consent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConsentError {
    /// Not strict JSON.
    Json(JsonError),
    /// Not a Consent.
    Fhir(FhirError),
    /// A consent that is not active: a draft, or one that has ended.
    NotActive {
        /// Its status.
        status: String,
    },
    /// A consent to a treatment, to research, or about care in advance: not about privacy.
    NotPrivacy,
    /// A consent of another patient.
    OtherPatient {
        /// The reference to the patient.
        found: String,
    },
    /// More than [`MAX_PROVISIONS`].
    TooManyProvisions,
    /// Not all of the consent can be said to the contract.
    Inexpressible {
        /// How much of it.
        count: usize,
    },
    /// No terms to write.
    NoTerms,
    /// Terms for several grantees, whose consents are each their own.
    SeveralGrantees,
    /// The map has no reference for an address.
    NoReference {
        /// The address.
        address: Address,
    },
    /// The map has no record for a scope.
    NoRecord {
        /// The scope.
        scope: B256,
    },
    /// There is no code for some bits.
    NoCode {
        /// What they are: a role, an operation, a purpose.
        of: &'static str,
        /// The bits.
        bits: u32,
    },
    /// A grant with no second in its window.
    EmptyWindow,
    /// A time beyond the year 9999, where FHIR ends.
    TooLate,
    /// R5 has no way to deny some records to somebody to whom the consent permits nothing.
    DenyAlone,
}

impl fmt::Display for ConsentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(error) => error.fmt(f),
            Self::Fhir(error) => error.fmt(f),
            Self::NotActive { status } => {
                write!(f, "the consent's status is {status:?}: expected \"active\"")
            }
            Self::NotPrivacy => f.write_str("the consent's scope is not patient-privacy"),
            Self::OtherPatient { found } => {
                write!(f, "the consent is of {found:?}, who is not the map's patient")
            }
            Self::TooManyProvisions => write!(f, "the consent has more than {MAX_PROVISIONS} provisions"),
            Self::Inexpressible { count } => write!(f, "{count} parts of the consent cannot be expressed"),
            Self::NoTerms => f.write_str("there are no terms to write"),
            Self::SeveralGrantees => f.write_str("the terms are for several grantees"),
            Self::NoReference { address } => write!(f, "the map has no reference for {address}"),
            Self::NoRecord { scope } => write!(f, "the map has no record for the scope {scope}"),
            Self::NoCode { of, bits } => write!(f, "there is no code for the {of} of the bits {bits:#x}"),
            Self::EmptyWindow => f.write_str("the grant ends before it begins"),
            Self::TooLate => f.write_str("FHIR has no time beyond the year 9999"),
            Self::DenyAlone => {
                f.write_str("R5 cannot deny some records alone: it needs a permit to except them from")
            }
        }
    }
}

impl core::error::Error for ConsentError {}
