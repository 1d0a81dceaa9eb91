//! Why a FHIR consent has no terms, or terms no FHIR consent.

use std::fmt;

use healthrecord_core::grammar::json::JsonError;
use healthrecord_core::{Address, B256};

use crate::fhir::FhirError;

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
    /// More than is read: of provisions, of parties times records in one of them, of entries in the report.
    TooMany {
        /// What of.
        of: &'static str,
        /// How much is read.
        limit: usize,
    },
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
            Self::TooMany { of, limit } => write!(f, "the consent has more than {limit} {of}"),
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
