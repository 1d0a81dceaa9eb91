//! What of a FHIR consent cannot be said to the contract.

use core::fmt;

/// A part of a consent that the terms do not say.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Inexpressible {
    /// Its place, as FHIR's paths have it: `Consent.provision.provision[0].dataPeriod`.
    pub at: String,
    /// Why.
    pub reason: Reason,
    /// What the terms are short of.
    pub loses: Loses,
}

/// What the terms are short of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Loses {
    /// Something that the consent permits is not granted.
    Permit,
    /// Something that the consent denies is denied by no term; nothing that it speaks of is granted either,
    /// but what was granted before goes on.
    Deny,
}

/// Why a part of a consent is not in the terms.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// An element that limits by what the contract does not know: labels, types, codes, the time of data.
    Limit,
    /// An element that is not known here, or a modifier extension.
    Unknown,
    /// An element that has not the form that FHIR gives it.
    Malformed,
    /// A party that the map does not give an address.
    Party(String),
    /// A record, or records that have to do with something, that the map does not give a scope.
    Record(String),
    /// A role of an actor that the map does not know.
    Role(String),
    /// An action that the map does not know.
    Action(String),
    /// A purpose that has no bit.
    Purpose(String),
    /// Breaking the glass rests on a clinician's credential and the patient's flag, not on grants.
    BreakGlass,
    /// No purpose, and no default in the map.
    NoPurpose,
    /// No begin, and no default in the map.
    NoStart,
    /// No end, and no default in the map.
    NoEnd,
    /// A window in which no second is.
    EmptyWindow,
    /// Everybody, and no community in the map.
    Everybody,
    /// Neither permit nor deny where one of them is needed, or both.
    NoDecision,
    /// A policy that is not among those that the map takes as known.
    Policy(String),
    /// A category that may limit what the consent is about.
    Category(String),
    /// The consent was not verified.
    NotVerified,
    /// An exception that is not inside what it is an exception from.
    Outside,
    /// A permit inside a deny: for the contract, a deny stands before every permit.
    ExceptionToDeny,
    /// A deny for some operations, purposes or times, where the contract's are for all.
    PartialDeny,
    /// A permit that a deny would cut which is not in the terms.
    CutByDeny(String),
    /// Other terms for a grantee and a scope that have terms already.
    SecondGrant,
    /// The patient, whom nobody denies anything.
    Patient,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Limit => "a limit that the contract does not know",
            Self::Unknown => "an element that is not known here, and may change the meaning",
            Self::Malformed => "not what FHIR has there",
            Self::Party(name) => return write!(f, "the map has no address for {name:?}"),
            Self::Record(name) => return write!(f, "the map has no scope for {name:?}"),
            Self::Role(name) => return write!(f, "the map does not know the role {name:?}"),
            Self::Action(name) => return write!(f, "the map does not know the action {name:?}"),
            Self::Purpose(name) => return write!(f, "the contract has no purpose {name:?}"),
            Self::BreakGlass => {
                "breaking the glass rests on a credential and the patient's flag, not on a grant"
            }
            Self::NoPurpose => "no purpose is named, and the map has no default",
            Self::NoStart => "no begin is named, and the map has no default",
            Self::NoEnd => "no end is named, and the map has no default: no grant is for ever",
            Self::EmptyWindow => "a time that ends before it begins, or before 1970",
            Self::Everybody => "nobody is named, which means everybody, and the map has no community",
            Self::NoDecision => "it does not say whether it permits or denies",
            Self::Policy(name) => return write!(f, "the map does not know the policy {name:?}"),
            Self::Category(name) => return write!(f, "the category {name:?} may limit what is meant"),
            Self::NotVerified => "the consent was not verified",
            Self::Outside => "an exception beyond what it is an exception from",
            Self::ExceptionToDeny => "a permit inside a deny, which no permit lifts",
            Self::PartialDeny => "a deny for some operations, purposes or times: the contract's are for all",
            Self::CutByDeny(at) => {
                return write!(f, "withheld, for {at} would cut it and cannot be expressed");
            }
            Self::SecondGrant => "other terms for a grantee and records that have terms already",
            Self::Patient => "the patient is denied nothing",
        };
        f.write_str(text)
    }
}

impl fmt::Display for Inexpressible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lost = match self.loses {
            Loses::Permit => "not granted",
            Loses::Deny => "not denied",
        };
        write!(f, "{}: {} ({lost})", self.at, self.reason)
    }
}
