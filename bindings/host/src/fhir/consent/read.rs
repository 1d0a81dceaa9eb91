//! From a Consent's JSON to its rules: every element is read, passed over as one that changes no
//! meaning, or reported.

use std::collections::BTreeSet;

use healthrecord_core::health::contract::{Operation, Purpose, Role};
use serde_json::{Map as Fields, Value};

use super::map::Map;
use super::report::{Inexpressible, Loses, Reason};
use super::time::interval;
use super::weigh::{Actor, Rule, Rules, Window};
use super::{ConsentError, MAX_PROVISIONS, Release};
use crate::fhir::json::Raw;
use crate::fhir::reference::Reference;

/// The rules of a Consent.
pub(super) fn read(value: &Value, map: &Map) -> Result<Rules, ConsentError> {
    let none = Fields::new();
    let consent = value.as_object().unwrap_or(&none);
    let release = if consent.contains_key("scope") { Release::R4 } else { Release::R5 };
    let text = |name: &str| consent.get(name).and_then(Value::as_str).unwrap_or_default();
    if text("status") != "active" {
        return Err(ConsentError::NotActive { status: text("status").to_owned() });
    }
    let subject = consent.get(if release == Release::R4 { "patient" } else { "subject" }).and_then(name_of);
    if subject.as_deref() != Some(&map.patient_reference) {
        return Err(ConsentError::OtherPatient { found: subject.unwrap_or_default() });
    }
    let privacy = format!("{TERMINOLOGY}consentscope|patient-privacy");
    if consent.get("scope").is_some_and(|scope| !codings(scope).contains(&privacy)) {
        return Err(ConsentError::NotPrivacy);
    }
    let mut reader = Reader { map, release, rules: Rules::default(), provisions: 0 };
    let decision = decision_of(consent.get("decision"));
    let mut root = Rule::default();
    for (name, value) in consent {
        let at = format!("Consent.{name}");
        match (name.as_str(), release) {
            (name, _) if PASSED_OVER.contains(&name) => {}
            ("scope" | "patient" | "provision", Release::R4) => {}
            ("subject" | "provision" | "decision", Release::R5) => {}
            ("category", _) => reader.category(value, &at),
            ("policy", Release::R4) => reader.policies(value, &at),
            ("policyRule", Release::R4) => reader.policy_rule(value, &at),
            ("policyBasis", Release::R5) => reader.policy_basis(value, &at),
            ("regulatoryBasis", Release::R5) => each(value).for_each(|basis| reader.policy_code(basis, &at)),
            ("verification", _) => reader.verification(value, &at),
            ("period", Release::R5) => reader.period(&mut root, value, &at),
            ("grantee", Release::R5) => {
                let actors = each(value).enumerate();
                let read =
                    actors.filter_map(|(index, party)| reader.party(party, &format!("{at}[{index}]"), true));
                root.actors = Some(read.map(|address| Actor { address, roles: 0 }).collect());
            }
            _ => reader.whole(&at, Reason::Unknown),
        }
    }
    // A limit of the whole may stand behind a deny as well as behind a permit.
    reader.rules.is_limited |= root.is_limited;
    match release {
        Release::R4 => reader.root(consent, root)?,
        Release::R5 => {
            reader.base(root, decision, "Consent", consent.get("provision"))?;
        }
    }
    Ok(reader.rules)
}

/// HL7's code systems.
const TERMINOLOGY: &str = "http://terminology.hl7.org/CodeSystem/";

/// What is about the consent, and not about access. By FHIR's rules, a plain extension changes no meaning.
const PASSED_OVER: &[&str] = &[
    "resourceType",
    "id",
    "meta",
    "language",
    "text",
    "contained",
    "extension",
    "identifier",
    "status",
    "dateTime",
    "date",
    "performer",
    "organization",
    "grantor",
    "manager",
    "controller",
    "sourceAttachment",
    "sourceReference",
    "policyText",
    "_dateTime",
    "_date",
    "_language",
    "_id",
];

/// Categories of a consent to share records as its provisions say.
const CATEGORIES: &[&str] = &[
    "http://loinc.org|59284-0",
    "http://loinc.org|57016-8",
    "http://loinc.org|57017-6",
    "http://loinc.org|64292-6",
    "http://terminology.hl7.org/CodeSystem/v3-ActCode|INFA",
    "http://terminology.hl7.org/CodeSystem/v3-ActCode|INFAO",
    "http://terminology.hl7.org/CodeSystem/v3-ActCode|INFASO",
    "http://terminology.hl7.org/CodeSystem/v3-ActCode|IDSCL",
];

struct Reader<'m> {
    map: &'m Map,
    release: Release,
    rules: Rules,
    provisions: usize,
}

impl Reader<'_> {
    fn report(&mut self, at: &str, reason: Reason, permits: bool) {
        let loses = if permits { Loses::Permit } else { Loses::Deny };
        self.rules.report.push(Inexpressible { at: at.to_owned(), reason, loses });
    }

    /// Reports something that limits all of the consent.
    fn whole(&mut self, at: &str, reason: Reason) {
        self.rules.is_limited = true;
        self.report(at, reason, true);
    }

    fn category(&mut self, value: &Value, at: &str) {
        for (index, category) in each(value).enumerate() {
            let codes = codings(category);
            if !codes.iter().any(|code| CATEGORIES.contains(&code.as_str())) {
                self.whole(&format!("{at}[{index}]"), Reason::Category(codes.join(" ")));
            }
        }
    }

    fn policies(&mut self, value: &Value, at: &str) {
        for (index, policy) in each(value).enumerate() {
            for (name, value) in policy.as_object().into_iter().flatten() {
                match name.as_str() {
                    "uri" => self.policy(value, &format!("{at}[{index}].uri")),
                    // Who stands behind it.
                    "authority" | "id" | "extension" => {}
                    _ => self.whole(&format!("{at}[{index}].{name}"), Reason::Unknown),
                }
            }
        }
    }

    fn policy_basis(&mut self, value: &Value, at: &str) {
        for (name, value) in value.as_object().into_iter().flatten() {
            let at = format!("{at}.{name}");
            match name.as_str() {
                "url" => self.policy(value, &at),
                "reference" => self.policy(&name_of(value).into(), &at),
                "id" | "extension" => {}
                _ => self.whole(&at, Reason::Unknown),
            }
        }
    }

    fn policy(&mut self, name: &Value, at: &str) {
        let name = name.as_str().unwrap_or_default();
        if !self.map.policies.contains(name) {
            self.whole(at, Reason::Policy(name.to_owned()));
        }
    }

    fn policy_code(&mut self, value: &Value, at: &str) {
        let codes = codings(value);
        if !codes.iter().any(|code| self.map.policies.contains(code)) {
            self.whole(at, Reason::Policy(codes.join(" ")));
        }
    }

    fn policy_rule(&mut self, value: &Value, at: &str) {
        if opt(value).is_none() {
            self.policy_code(value, at);
        }
    }

    fn verification(&mut self, value: &Value, at: &str) {
        for (index, verification) in each(value).enumerate() {
            let at = format!("{at}[{index}]");
            if verification.get("verified") != Some(&Value::Bool(true)) {
                self.whole(&format!("{at}.verified"), Reason::NotVerified);
            }
            if verification.get("modifierExtension").is_some() {
                self.whole(&format!("{at}.modifierExtension"), Reason::Unknown);
            }
        }
    }

    /// R4's root provision, or its absence.
    fn root(&mut self, consent: &Fields<String, Value>, root: Rule) -> Result<(), ConsentError> {
        let none = Fields::new();
        let at = "Consent.provision";
        let rule = consent.get("policyRule").and_then(opt);
        let (fields, is_object) = match consent.get("provision") {
            None => (&none, true),
            Some(value) => (value.as_object().unwrap_or(&none), value.is_object()),
        };
        if !is_object {
            self.whole(at, Reason::Malformed);
        }
        let decision = match (fields.get("type").map(|decision| decision_of(Some(decision))), rule) {
            (None, rule) => {
                // Whether a provision without a type limits the policy or excepts from it is not agreed on.
                let limits = fields.keys().any(|name| !["id", "provision"].contains(&name.as_str()));
                rule.filter(|_| !limits)
            }
            (Some(Some(decision)), Some(rule)) if decision != rule => None,
            (Some(decision), _) => decision,
        };
        self.limits(fields, at, decision.unwrap_or(true), root, |reader, root| {
            reader.base(root, decision, at, fields.get("provision"))
        })
    }

    /// The base rule and its exceptions.
    fn base(
        &mut self,
        root: Rule,
        decision: Option<bool>,
        at: &str,
        exceptions: Option<&Value>,
    ) -> Result<(), ConsentError> {
        let root = Rule { at: at.to_owned(), ..root };
        if decision.is_none() {
            self.whole(at, Reason::NoDecision);
        }
        match decision {
            Some(true) => self.rules.permits.push(root.clone()),
            Some(false) => self.rules.base_deny = Some(root.clone()),
            None => {}
        }
        let is_permit = decision.unwrap_or_default();
        self.exceptions(exceptions, &format!("{at}.provision"), &root, is_permit, false)
    }

    fn exceptions(
        &mut self,
        value: Option<&Value>,
        at: &str,
        parent: &Rule,
        parent_permits: bool,
        is_in_deny: bool,
    ) -> Result<(), ConsentError> {
        let none = Fields::new();
        for (index, provision) in value.into_iter().flat_map(each).enumerate() {
            let at = format!("{at}[{index}]");
            self.provisions = self.provisions.saturating_add(1);
            if self.provisions > MAX_PROVISIONS {
                return Err(ConsentError::TooManyProvisions);
            }
            let fields = provision.as_object().unwrap_or(&none);
            let told = match self.release {
                Release::R4 => decision_of(fields.get("type")),
                Release::R5 => Some(!parent_permits),
            };
            let permits = told.unwrap_or_default();
            let mut own = Rule { at: at.clone(), ..Rule::default() };
            if told.is_none() || !provision.is_object() {
                own.is_limited = true;
                self.report(&at, Reason::NoDecision, false);
            }
            if permits && is_in_deny {
                self.report(&at, Reason::ExceptionToDeny, true);
                continue;
            }
            self.limits(fields, &at, permits, own, |reader, own| {
                let rule = if permits { reader.inside(own, parent) } else { inherit(own, parent) };
                let rules = &mut reader.rules;
                if permits { &mut rules.permits } else { &mut rules.denies }.push(rule.clone());
                let nested = format!("{at}.provision");
                reader.exceptions(fields.get("provision"), &nested, &rule, permits, !permits)
            })?;
        }
        Ok(())
    }

    /// Reads the elements that limit a rule into it.
    fn limits(
        &mut self,
        fields: &Fields<String, Value>,
        at: &str,
        permits: bool,
        mut rule: Rule,
        then: impl FnOnce(&mut Self, Rule) -> Result<(), ConsentError>,
    ) -> Result<(), ConsentError> {
        for (name, value) in fields {
            let at = format!("{at}.{name}");
            let repeats = ["actor", "action", "purpose", "data"].contains(&name.as_str());
            if repeats && value.as_array().is_none_or(Vec::is_empty) {
                rule.is_limited = true;
                self.report(&at, Reason::Malformed, permits);
                continue;
            }
            match name.as_str() {
                "id" | "provision" => {}
                "type" if self.release == Release::R4 => {}
                "period" => self.limit_period(&mut rule, value, &at, permits),
                "actor" => self.actors(&mut rule, value, &at, permits),
                "action" => self.actions(&mut rule, value, &at, permits),
                "purpose" => self.purposes(&mut rule, value, &at, permits),
                "data" => self.data(&mut rule, value, &at, permits),
                "securityLabel" | "class" | "code" | "dataPeriod" | "documentType" | "resourceType"
                | "expression" => {
                    rule.is_limited = true;
                    self.report(&at, Reason::Limit, permits);
                }
                _ => {
                    rule.is_limited = true;
                    self.report(&at, Reason::Unknown, permits);
                }
            }
        }
        then(self, rule)
    }

    fn period(&mut self, rule: &mut Rule, value: &Value, at: &str) {
        self.limit_period(rule, value, at, true);
    }

    fn limit_period(&mut self, rule: &mut Rule, value: &Value, at: &str, permits: bool) {
        let Some(fields) = value.as_object() else {
            rule.is_limited = true;
            return self.report(at, Reason::Malformed, permits);
        };
        for (name, value) in fields {
            let at = format!("{at}.{name}");
            let seconds = value.as_str().and_then(|text| interval(text, self.map.zone));
            // What was before 1970 is over.
            let from_1970 = |second: i64| Some(u64::try_from(second).unwrap_or_default());
            match (name.as_str(), seconds) {
                ("start", Some((begin, _))) => rule.window.begin = from_1970(begin),
                ("end", Some((_, end))) => rule.window.end = from_1970(end),
                ("id", _) => {}
                ("start" | "end", None) => {
                    rule.is_limited = true;
                    self.report(&at, Reason::Malformed, permits);
                }
                _ => {
                    rule.is_limited = true;
                    self.report(&at, Reason::Unknown, permits);
                }
            }
        }
    }

    /// The address of a party, or a report.
    fn party(&mut self, reference: &Value, at: &str, permits: bool) -> Option<healthrecord_core::Address> {
        let name = name_of(reference);
        let address = name.as_deref().and_then(|name| self.map.party(name));
        if address.is_none() {
            self.report(at, Reason::Party(name.unwrap_or_default()), permits);
        }
        address
    }

    fn actors(&mut self, rule: &mut Rule, value: &Value, at: &str, permits: bool) {
        let mut actors = BTreeSet::new();
        for (index, actor) in each(value).enumerate() {
            let at = format!("{at}[{index}]");
            let unknown = actor.as_object().into_iter().flat_map(Fields::keys);
            let mut is_known = true;
            for name in unknown.filter(|name| !["id", "role", "reference"].contains(&name.as_str())) {
                is_known = false;
                self.report(&format!("{at}.{name}"), Reason::Unknown, permits);
            }
            let roles =
                actor.get("role").map_or(Some(0), |role| self.roles(role, &format!("{at}.role"), permits));
            let reference = actor.get("reference").unwrap_or(&Value::Null);
            let address = self.party(reference, &format!("{at}.reference"), permits);
            match (address, roles) {
                (Some(address), Some(roles)) if is_known && (permits || roles == 0) => {
                    actors.insert(Actor { address, roles });
                }
                (Some(_), Some(_)) if is_known => {
                    rule.has_unknown_actor = true;
                    self.report(&format!("{at}.role"), Reason::Limit, permits);
                }
                _ => rule.has_unknown_actor = true,
            }
        }
        rule.actors = Some(actors);
    }

    /// The roles that an actor's credential must hold; `None`, and a report, for one that is not known.
    fn roles(&mut self, value: &Value, at: &str, permits: bool) -> Option<u16> {
        let codes = codings(value);
        let mut roles = (!codes.is_empty()).then_some(0);
        for code in &codes {
            let role = match code.strip_prefix(TERMINOLOGY) {
                Some("v3-ParticipationType|IRCP" | "v3-ParticipationType|PRCP") => Some(0),
                Some("v3-RoleClass|PROV") => Some(Role::Practitioner.bit()),
                _ => self.map.roles.get(code).copied(),
            };
            roles = roles.zip(role).map(|(roles, role)| roles | role);
        }
        if roles.is_none() {
            self.report(at, Reason::Role(codes.join(" ")), permits);
        }
        roles
    }

    fn actions(&mut self, rule: &mut Rule, value: &Value, at: &str, permits: bool) {
        let mut operations = 0;
        for (index, action) in each(value).enumerate() {
            let codes = codings(action);
            let operation = codes.iter().find_map(|code| match code.strip_prefix(TERMINOLOGY) {
                Some("consentaction|access" | "consentaction|use") => Some(Operation::Read.bit()),
                Some("consentaction|correct") => Some(Operation::Read.bit() | Operation::Write.bit()),
                Some("consentaction|disclose") => Some(Operation::Share.bit()),
                _ => self.map.actions.get(code).copied(),
            });
            match operation {
                Some(operation) => operations |= operation,
                None => {
                    rule.is_partly_lost = true;
                    self.report(&format!("{at}[{index}]"), Reason::Action(codes.join(" ")), permits);
                }
            }
        }
        rule.operations = Some(operations);
    }

    fn purposes(&mut self, rule: &mut Rule, value: &Value, at: &str, permits: bool) {
        let mut purposes = 0;
        for (index, purpose) in each(value).enumerate() {
            let at = format!("{at}[{index}]");
            let name = coding(purpose);
            let code = name.strip_prefix(TERMINOLOGY).and_then(|name| name.strip_prefix("v3-ActReason|"));
            match code.and_then(Purpose::from_code) {
                Some(Purpose::BreakGlass) if permits => self.report(&at, Reason::BreakGlass, permits),
                Some(purpose) => purposes |= purpose.bit(),
                None => {
                    rule.is_partly_lost = true;
                    self.report(&at, Reason::Purpose(name), permits);
                }
            }
        }
        rule.purposes = Some(purposes);
    }

    fn data(&mut self, rule: &mut Rule, value: &Value, at: &str, permits: bool) {
        let mut scopes = BTreeSet::new();
        for (index, data) in each(value).enumerate() {
            let at = format!("{at}[{index}]");
            let meaning = data.get("meaning").and_then(Value::as_str).unwrap_or_default().to_owned();
            let reference = data.get("reference").and_then(name_of).unwrap_or_default();
            let unknown = data.as_object().into_iter().flat_map(Fields::keys);
            let unknown =
                unknown.filter(|name| !["id", "meaning", "reference"].contains(&name.as_str())).count();
            let name = format!("{meaning} {reference}");
            match self.map.records.get(&(meaning, reference)) {
                Some(scope) if unknown == 0 => drop(scopes.insert(*scope)),
                Some(_) => {
                    rule.is_partly_lost = true;
                    self.report(&at, Reason::Unknown, permits);
                }
                None => {
                    rule.is_partly_lost = true;
                    self.report(&at, Reason::Record(name), permits);
                }
            }
        }
        rule.scopes = Some(scopes);
    }

    /// A permit within the limits of what it stands in.
    fn inside(&mut self, own: Rule, parent: &Rule) -> Rule {
        let mut is_outside = false;
        let actors = match (own.actors, &parent.actors) {
            (Some(own), Some(parent)) => {
                let count = own.len();
                let both = |actor: &Actor| {
                    let outer = parent.iter().find(|outer| outer.address == actor.address)?;
                    Some(Actor { roles: actor.roles | outer.roles, ..*actor })
                };
                let inner: BTreeSet<Actor> = own.iter().filter_map(both).collect();
                is_outside |= inner.len() < count;
                Some(inner)
            }
            (own, parent) => own.or_else(|| parent.clone()),
        };
        let scopes = match (own.scopes, &parent.scopes) {
            (Some(own), Some(parent)) => {
                is_outside |= !own.is_subset(parent);
                Some(own.intersection(parent).copied().collect())
            }
            (own, parent) => own.or_else(|| parent.clone()),
        };
        let (operations, purposes) =
            (both(own.operations, parent.operations), both(own.purposes, parent.purposes));
        is_outside |= operations.is_some_and(|inner| own.operations.is_some_and(|own| own != inner))
            || purposes.is_some_and(|inner| own.purposes.is_some_and(|own| own != inner));
        if is_outside {
            self.report(&own.at, Reason::Outside, true);
        }
        let window = Window {
            begin: own.window.begin.max(parent.window.begin),
            end: own.window.end.into_iter().chain(parent.window.end).min(),
        };
        let is_limited = own.is_limited || parent.is_limited;
        Rule { at: own.at, actors, scopes, operations, purposes, window, is_limited, ..Rule::default() }
    }
}

/// A deny is for whom, and for what records, it does not say itself.
fn inherit(own: Rule, parent: &Rule) -> Rule {
    Rule {
        actors: own.actors.or_else(|| parent.actors.clone()),
        scopes: own.scopes.or_else(|| parent.scopes.clone()),
        ..own
    }
}

/// The bits of both masks, where there are two.
fn both<T: std::ops::BitAnd<Output = T>>(one: Option<T>, other: Option<T>) -> Option<T> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one & other),
        (one, other) => one.or(other),
    }
}

/// Whether something permits; `None` if it says neither.
fn decision_of(value: Option<&Value>) -> Option<bool> {
    match value?.as_str()? {
        "permit" => Some(true),
        "deny" => Some(false),
        _ => None,
    }
}

/// What a policy rule says by itself.
fn opt(value: &Value) -> Option<bool> {
    codings(value).iter().find_map(|code| {
        match code.strip_prefix(TERMINOLOGY)?.strip_prefix("v3-ActCode|")? {
            "OPTIN" | "OPTINR" => Some(true),
            "OPTOUT" | "OPTOUTE" => Some(false),
            _ => None,
        }
    })
}

/// The elements of an array; of anything else, itself.
fn each(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice).iter()
}

/// `system|code`
fn coding(value: &Value) -> String {
    let text = |name| value.get(name).and_then(Value::as_str).unwrap_or_default();
    format!("{}|{}", text("system"), text("code"))
}

/// Each coding of a `CodeableConcept`.
fn codings(value: &Value) -> Vec<String> {
    value.get("coding").into_iter().flat_map(each).map(coding).collect()
}

/// How a reference is looked up.
fn name_of(reference: &Value) -> Option<String> {
    let text = reference.to_string();
    Some(Reference::read(Raw::whole(&text)).ok()??.to_string())
}
