//! From a Consent's JSON to its rules: every element is read, passed over as one that changes no
//! meaning, or reported.

mod code;
mod limit;

use std::collections::BTreeSet;

use serde_json::{Map as Fields, Value};

use super::map::Map;
use super::report::{Inexpressible, Loses, Reason};
use super::weigh::{Actor, Rule, Rules, Window};
use super::{ConsentError, MAX_PROVISIONS, MAX_REPORT, Release};

use self::code::{TERMINOLOGY, codings, decision_of, each, name_of, opt};

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
    match reader.rules.report.len() {
        0..=MAX_REPORT => Ok(reader.rules),
        _ => Err(ConsentError::TooMany { of: "parts that cannot be expressed", limit: MAX_REPORT }),
    }
}

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
        // One more than is read is too many already.
        if self.rules.report.len() <= MAX_REPORT {
            self.rules.report.push(Inexpressible { at: at.to_owned(), reason, loses });
        }
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
                return Err(ConsentError::TooMany { of: "provisions", limit: MAX_PROVISIONS });
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
