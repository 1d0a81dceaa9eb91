//! Terms as a FHIR Consent.

use healthrecord_core::B256;
use healthrecord_core::health::contract::{Operation, Purpose, Role, Terms};
use serde_json::{Value, json};

use super::map::Map;
use super::time::date_time;
use super::{ConsentError, Release, Term};

/// A Consent of HL7 FHIR that says the terms, for one grantee, and nothing else: [`import`](super::import)
/// with the same map gives them again.
///
/// `at` is when it was agreed to, in Unix seconds. Where the map says who keeps it, where its source is
/// and which policy stands behind it, and all that is permitted is to read, a Consent of R4 is one of IHE's
/// basic or intermediate profile, where purposes alone say what is permitted; any other names its actions.
///
/// # Errors
///
/// [`ConsentError`] for what has no name in the map, and for what FHIR cannot say.
pub fn export(terms: &[Term], map: &Map, release: Release, at: u64) -> Result<Value, ConsentError> {
    let first = terms.first().ok_or(ConsentError::NoTerms)?;
    let grantee = first.grantee();
    if terms.iter().any(|term| term.grantee() != grantee) {
        return Err(ConsentError::SeveralGrantees);
    }
    let found = map.parties.iter().find(|(_, address)| **address == grantee);
    let (name, _) = found.ok_or(ConsentError::NoReference { address: grantee })?;
    let mut grants = vec![];
    let mut denied = vec![];
    for term in terms {
        match term {
            Term::Grant { scope, terms, .. } => grants.push((scope, terms)),
            Term::Deny { scope, .. } => denied.push(data(*scope, map)?),
        }
    }
    // A deny of all records holds for each.
    let denies_all = denied.iter().any(Option::is_none);
    let denied: Vec<Value> = denied.into_iter().flatten().filter(|_| !denies_all).collect();
    let only_reads = grants.iter().all(|(_, terms)| terms.operations == Operation::Read.bit());
    let is_profiled = release == Release::R4
        && only_reads
        && (map.operations == 0 || map.operations == Operation::Read.bit())
        && [&map.organization, &map.source, &map.policy].iter().all(|element| element.is_some());
    let writer = Writer { map, name, with_actions: !is_profiled };
    let permits: Vec<Value> =
        grants.iter().map(|(scope, terms)| writer.permit(**scope, terms)).collect::<Result<_, _>>()?;
    let mut consent = match release {
        Release::R4 => r4(&writer, permits, denied, denies_all),
        Release::R5 => r5(&writer, permits, &denied, denies_all)?,
    };
    let profile = match consent.get("provision") {
        _ if !is_profiled => None,
        Some(root) if is_basic(root) => Some("consentBasic"),
        _ => Some("consentIntermediate"),
    };
    if let Some(profile) = profile {
        let url = format!("https://profiles.ihe.net/ITI/PCF/StructureDefinition/IHE.PCF.{profile}");
        set(&mut consent, "meta", json!({"profile": [url]}));
    }
    let date = date_time(at).ok_or(ConsentError::TooLate)?;
    about(&mut consent, map, release, &date);
    Ok(consent)
}

/// The base rule is the permit, where there is one; else a deny, which has the permits as exceptions.
fn r4(writer: &Writer<'_>, mut permits: Vec<Value>, denied: Vec<Value>, denies_all: bool) -> Value {
    let is_one = permits.len() == 1 && !denies_all;
    let mut root = match permits.pop() {
        Some(permit) if is_one => permit,
        last => {
            permits.extend(last);
            json!({"type": "deny", "actor": [writer.actor(&[])]})
        }
    };
    let deny = |data: &Value| json!({"type": "deny", "data": [data]});
    if permits.is_empty() && !is_one {
        if !denied.is_empty() {
            set(&mut root, "data", denied.into());
        }
    } else {
        if denies_all {
            permits.clear();
        }
        permits.extend(denied.iter().map(deny));
        if !permits.is_empty() {
            set(&mut root, "provision", permits.into());
        }
    }
    let rule = if is_one { ("OPTIN", "opt-in") } else { ("OPTOUT", "op-out") };
    let rule = json!({"coding": [coded("v3-ActCode", rule.0, rule.1)]});
    json!({"resourceType": "Consent", "status": "active", "policyRule": rule, "provision": root})
}

/// Each provision is an exception from what it stands in: permits from the decision, denies from a permit.
fn r5(
    writer: &Writer<'_>,
    mut permits: Vec<Value>,
    denied: &[Value],
    denies_all: bool,
) -> Result<Value, ConsentError> {
    let mut consent = json!({"resourceType": "Consent", "status": "active", "decision": "deny"});
    if denies_all {
        set(&mut consent, "grantee", json!([reference(writer.name)]));
        return Ok(consent);
    }
    for permit in &mut permits {
        if let Some(fields) = permit.as_object_mut() {
            fields.remove("type");
        }
    }
    let first = permits.first_mut().ok_or(ConsentError::DenyAlone)?;
    if !denied.is_empty() {
        set(first, "provision", denied.iter().map(|data| json!({"data": [data]})).collect());
    }
    set(&mut consent, "provision", permits.into());
    Ok(consent)
}

/// What is about the consent, and not about access.
fn about(consent: &mut Value, map: &Map, release: Release, date: &str) {
    let patient = reference(&map.patient_reference);
    let category = json!([{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}]);
    set(consent, "category", category);
    let organization = map.organization.as_deref().map(|name| json!([reference(name)]));
    let source = map.source.as_deref().map(reference);
    match release {
        Release::R4 => {
            set(
                consent,
                "scope",
                json!({"coding": [coded("consentscope", "patient-privacy", "Privacy Consent")]}),
            );
            set(consent, "patient", patient.clone());
            set(consent, "performer", json!([patient]));
            set(consent, "dateTime", date.into());
            organization.into_iter().for_each(|value| set(consent, "organization", value));
            source.into_iter().for_each(|value| set(consent, "sourceReference", value));
            if let (Some(policy), Some(fields)) = (&map.policy, consent.as_object_mut()) {
                fields.remove("policyRule");
                fields.insert("policy".to_owned(), json!([{"uri": policy}]));
            }
        }
        Release::R5 => {
            set(consent, "subject", patient.clone());
            set(consent, "grantor", json!([patient]));
            // A date has no time in R5.
            set(consent, "date", date.split('T').next().into());
            organization.into_iter().for_each(|value| set(consent, "controller", value));
            source.into_iter().for_each(|value| set(consent, "sourceReference", json!([value])));
            map.policy.iter().for_each(|policy| set(consent, "policyBasis", json!({"url": policy})));
        }
    }
}

struct Writer<'a> {
    map: &'a Map,
    /// How the grantee is referred to.
    name: &'a str,
    with_actions: bool,
}

impl Writer<'_> {
    fn permit(&self, scope: B256, terms: &Terms) -> Result<Value, ConsentError> {
        let last = terms.not_after.checked_sub(1).filter(|last| *last >= terms.not_before);
        let end = last.ok_or(ConsentError::EmptyWindow).map(date_time)?;
        let (start, end) = date_time(terms.not_before).zip(end).ok_or(ConsentError::TooLate)?;
        let roles = self.roles(terms.required_roles)?;
        let mut permit = json!({
            "type": "permit",
            "actor": [self.actor(&roles)],
            "purpose": purposes(terms.purposes)?,
            "period": {"start": start, "end": end},
        });
        if self.with_actions {
            set(&mut permit, "action", self.actions(terms.operations)?.into());
        }
        data(scope, self.map)?.into_iter().for_each(|data| set(&mut permit, "data", json!([data])));
        Ok(permit)
    }

    fn actor(&self, roles: &[Value]) -> Value {
        let recipient = coded("v3-ParticipationType", "IRCP", "information recipient");
        let roles: Vec<Value> = [recipient].into_iter().chain(roles.iter().cloned()).collect();
        json!({"role": {"coding": roles}, "reference": reference(self.name)})
    }

    fn roles(&self, mask: u16) -> Result<Vec<Value>, ConsentError> {
        let own = [(mask & Role::Practitioner.bit(), coded("v3-RoleClass", "PROV", "healthcare provider"))];
        pick("role", mask, own, &self.map.roles)
    }

    fn actions(&self, mask: u16) -> Result<Vec<Value>, ConsentError> {
        let action = |operations: u16, code, display| {
            let mask = if mask & operations == operations { operations } else { 0 };
            (mask, coded("consentaction", code, display))
        };
        let (read, write) = (Operation::Read.bit(), Operation::Write.bit());
        let own = [
            action(read, "access", "Access"),
            action(read | write, "correct", "Access and Correct"),
            action(Operation::Share.bit(), "disclose", "Disclose"),
        ];
        let codes = pick("operation", mask, own, &self.map.actions)?;
        Ok(codes.into_iter().map(|code| json!({"coding": [code]})).collect())
    }
}

/// Codes that together stand for a mask and for no bit beside it: HL7's first, then the map's.
fn pick<const N: usize>(
    of: &'static str,
    mask: u16,
    own: [(u16, Value); N],
    more: &std::collections::BTreeMap<String, u16>,
) -> Result<Vec<Value>, ConsentError> {
    let more = more.iter().map(|(name, bits)| {
        let (system, code) = name.rsplit_once('|').unwrap_or(("", name));
        (*bits, json!({"system": system, "code": code}))
    });
    let mut codes = vec![];
    let mut rest = mask;
    for (bits, code) in own.into_iter().chain(more) {
        if bits & !mask == 0 && bits & rest != 0 {
            rest &= !bits;
            codes.push(code);
        }
    }
    if rest == 0 { Ok(codes) } else { Err(ConsentError::NoCode { of, bits: rest.into() }) }
}

fn purposes(mask: u32) -> Result<Vec<Value>, ConsentError> {
    let named = Purpose::ALL.into_iter().filter(|purpose| mask & purpose.bit() != 0);
    let rest = Purpose::ALL.into_iter().fold(mask, |rest, purpose| rest & !purpose.bit());
    // No grant has it.
    let rest = rest | mask & Purpose::BreakGlass.bit();
    if rest != 0 || mask == 0 {
        return Err(ConsentError::NoCode { of: "purpose", bits: rest });
    }
    let system = "http://terminology.hl7.org/CodeSystem/v3-ActReason";
    Ok(named.map(|purpose| json!({"system": system, "code": purpose.code()})).collect())
}

/// The records of a scope; nothing for all.
fn data(scope: B256, map: &Map) -> Result<Option<Value>, ConsentError> {
    if scope.is_zero() {
        return Ok(None);
    }
    let found = map.records.iter().find(|(_, known)| **known == scope);
    let ((meaning, name), _) = found.ok_or(ConsentError::NoRecord { scope })?;
    Ok(Some(json!({"meaning": meaning, "reference": reference(name)})))
}

/// A `Reference` by the text that it is looked up by.
fn reference(name: &str) -> Value {
    match name.rsplit_once('|') {
        Some((system, value)) => json!({"identifier": {"system": system, "value": value}}),
        None => json!({"reference": name}),
    }
}

fn coded(system: &str, code: &str, display: &str) -> Value {
    let system = format!("http://terminology.hl7.org/CodeSystem/{system}");
    json!({"system": system, "code": code, "display": display})
}

/// Whether IHE's basic profile has all that the root says.
fn is_basic(root: &Value) -> bool {
    let purposes = root.get("purpose").and_then(Value::as_array).into_iter().flatten();
    let codes = purposes.map(|purpose| purpose.get("code").and_then(Value::as_str).unwrap_or_default());
    let is_plain = codes.into_iter().all(|code| ["TREAT", "HPAYMT", "HOPERAT"].contains(&code));
    is_plain && root.get("data").is_none() && root.get("provision").is_none()
}

fn set(object: &mut Value, name: &str, value: Value) {
    if let Some(fields) = object.as_object_mut() {
        fields.insert(name.to_owned(), value);
    }
}
