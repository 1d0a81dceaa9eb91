//! The elements by which a provision is limited.

use std::collections::BTreeSet;

use healthrecord_core::Address;
use healthrecord_core::health::contract::{Operation, Purpose, Role};
use serde_json::{Map as Fields, Value};

use super::Reader;
use super::code::{TERMINOLOGY, coding, codings, each, name_of};
use crate::fhir::consent::report::Reason;
use crate::fhir::consent::time::interval;
use crate::fhir::consent::weigh::{Actor, Rule};
use crate::fhir::consent::{ConsentError, Release};

impl Reader<'_> {
    /// Reads the elements that limit a rule into it.
    pub(super) fn limits(
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

    pub(super) fn period(&mut self, rule: &mut Rule, value: &Value, at: &str) {
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
    pub(super) fn party(&mut self, reference: &Value, at: &str, permits: bool) -> Option<Address> {
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
}
