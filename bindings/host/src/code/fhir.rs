//! Codes of FHIR resources and consents.

use super::{Code, Entry, codes};
use crate::fhir::FhirError;
use crate::fhir::consent::{ConsentError, Reason};

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

codes!(CONSENT, ConsentError, |error| error, {
    ConsentError::NotActive { .. } => "fhir_consent.not_active",
        "The FHIR consent is not active.",
        "A draft, or a consent that was ended or entered in error.",
        "Ask for the consent that is in force.";
    ConsentError::NotPrivacy => "fhir_consent.not_privacy",
        "The FHIR consent is not about privacy.",
        "A consent to a treatment or to research, or a directive about care in advance.",
        "Give a consent whose scope is patient-privacy.";
    ConsentError::OtherPatient { .. } => "fhir_consent.other_patient",
        "The FHIR consent is of another patient than the map is.",
        "Two files of different patients, or another way to refer to the same one.",
        "Give the map's patient the reference that the consent has.";
    ConsentError::TooMany { .. } => "fhir_consent.too_many",
        "The FHIR consent says more than is read: provisions, parties and records, or what cannot be expressed.",
        "A consent that lists what a group would name.",
        "Give the records a group, and name that; write several consents.";
    ConsentError::Inexpressible { .. } => "fhir_consent.inexpressible",
        "Not all that the FHIR consent says can be said to the contract.",
        "Limits that the contract does not know, or names that the map does not have.",
        "Read the report; complete the map, or accept the terms without what it lists.";
    ConsentError::NoTerms => "fhir_consent.no_terms",
        "There are no terms to write a FHIR consent of.",
        "A consent of which nothing could be expressed.",
        "Give one grant or deny at least.";
    ConsentError::SeveralGrantees => "fhir_consent.several_grantees",
        "The terms are for several grantees.",
        "All of a patient's grants in one file.",
        "Write a consent for each grantee.";
    ConsentError::NoReference { .. } => "fhir_consent.no_reference",
        "The map has no FHIR reference for the grantee's address.",
        "A grantee who is not listed among the parties, or a blinded address.",
        "Add the party to the map.";
    ConsentError::NoRecord { .. } => "fhir_consent.no_record",
        "The map has no FHIR reference for a scope.",
        "A record or group that is not listed among the records.",
        "Add the record to the map, or what all of the group has to do with.";
    ConsentError::NoCode { .. } => "fhir_consent.no_code",
        "There is no code for a role, an operation or a purpose of the terms.",
        "HL7 has none, or the bit has no name.",
        "Add a code of your own to the map's roles or actions.";
    ConsentError::EmptyWindow => "fhir_consent.empty_window",
        "The grant ends before it begins.",
        "Begin and end were exchanged.",
        "Give an end after the begin.";
    ConsentError::TooLate => "fhir_consent.too_late",
        "A time is beyond the year 9999, where FHIR ends.",
        "Milliseconds were given instead of seconds.",
        "Give Unix seconds.";
    ConsentError::DenyAlone => "fhir_consent.deny_alone",
        "FHIR R5 cannot deny some records alone.",
        "There its provisions are exceptions from what they stand in.",
        "Write it with the grant that it is an exception from, or as R4.";
} delegating {
    ConsentError::Json(error) => error;
    ConsentError::Fhir(error) => error;
});

codes!(REPORT, Reason, |reason| reason, {
    Reason::Limit => "fhir_report.limit",
        "An element of the consent limits it by what the contract does not know.",
        "Security labels, types or codes of data, or the time that the data is about.",
        "Give the records meant a group, and name that in the consent.";
    Reason::Unknown => "fhir_report.unknown",
        "An element of the consent is not known here and may change its meaning.",
        "An extension, a modifier, or an element of another release of FHIR.",
        "Find out what it means, and remove it if it does not matter.";
    Reason::Malformed => "fhir_report.malformed",
        "An element of the consent has not the form that FHIR gives it.",
        "A faulty export, or a file that was edited by hand.",
        "Mend the element.";
    Reason::Party(_) => "fhir_report.party",
        "The consent names somebody for whom the map has no address.",
        "The party has no address, or goes by another reference.",
        "Add it to the map's parties.";
    Reason::Record(_) => "fhir_report.record",
        "The consent names records for which the map has no scope.",
        "A record that was not committed, or data that only has to do with something.",
        "Add it to the map's records, with its meaning.";
    Reason::Role(_) => "fhir_report.role",
        "An actor of the consent has a role that is not known.",
        "A role beside that of an information recipient: an author, a custodian, a local code.",
        "Add the code to the map's roles, if a credential stands for it.";
    Reason::Action(_) => "fhir_report.action",
        "The consent names an action that the contract does not have.",
        "To collect, which nobody can hinder who reads; or a local code.",
        "Add the code to the map's actions, if an operation stands for it.";
    Reason::Purpose(_) => "fhir_report.purpose",
        "The consent names a purpose that has no bit.",
        "A finer code than the seventeen of the contract, or a code of another system.",
        "Write the consent with a purpose of the contract: none implies another.";
    Reason::BreakGlass => "fhir_report.break_glass",
        "The consent permits or denies breaking the glass.",
        "On the chain it rests on a clinician's credential and on the patient's flag.",
        "Set the patient's policy for it, apart from the consent.";
    Reason::NoPurpose => "fhir_report.no_purpose",
        "A permit of the consent names no purpose.",
        "The consent leaves it open.",
        "Give the map default purposes.";
    Reason::NoStart => "fhir_report.no_start",
        "A permit of the consent has no begin.",
        "The consent leaves it open.",
        "Give the map a default notBefore.";
    Reason::NoEnd => "fhir_report.no_end",
        "A permit of the consent has no end.",
        "The consent is for ever, which no grant is.",
        "Give the map a default notAfter.";
    Reason::EmptyWindow => "fhir_report.empty_window",
        "A permit of the consent ends before it begins, or before 1970.",
        "Begin and end were exchanged, or an exception has another time than what it is in.",
        "Mend the period.";
    Reason::Everybody => "fhir_report.everybody",
        "A provision of the consent is about everybody.",
        "It names no actor, which means all of a community.",
        "List the community in the map.";
    Reason::NoDecision => "fhir_report.no_decision",
        "It is not clear whether a provision of the consent permits or denies.",
        "Its type is missing, or contradicts the policy rule.",
        "Give the provision a type.";
    Reason::Policy(_) => "fhir_report.policy",
        "The consent rests on a policy that the map does not know.",
        "Its text, which nobody read here, may limit what the consent permits.",
        "Read it; if it says nothing beyond the consent, add it to the map's policies.";
    Reason::Category(_) => "fhir_report.category",
        "The consent has a category that may limit what it is about.",
        "A consent for emergencies or research, or a code that is not known.",
        "Give a consent to share records.";
    Reason::NotVerified => "fhir_report.not_verified",
        "The consent says of itself that it was not verified.",
        "Nobody has confirmed it with the patient or the family.",
        "Have it verified.";
    Reason::Outside => "fhir_report.outside",
        "An exception of the consent goes beyond what it is an exception from.",
        "It names other parties, records, actions or purposes than the provision around it.",
        "Make it a consent of its own.";
    Reason::ExceptionToDeny => "fhir_report.exception_to_deny",
        "The consent permits something inside a deny.",
        "On the chain a deny stands before every permit.",
        "Deny exactly what is to be denied.";
    Reason::PartialDeny => "fhir_report.partial_deny",
        "The consent denies something for some operations, purposes or times.",
        "On the chain a deny is for all of them.",
        "Deny it altogether, or grant less instead.";
    Reason::CutByDeny(_) => "fhir_report.cut_by_deny",
        "A permit was withheld, since a deny that would cut it cannot be expressed.",
        "Another entry of the report, at the place that it names.",
        "Mend that one.";
    Reason::SecondGrant => "fhir_report.second_grant",
        "The consent permits a grantee two different things for the same records.",
        "Two provisions with different times, or with purposes and operations that do not multiply.",
        "Give the records two groups, or write one provision.";
    Reason::Patient => "fhir_report.patient",
        "The consent denies the patient something.",
        "The patient is among those whom a provision names.",
        "Remove the patient from it: the patient is denied nothing.";
});
