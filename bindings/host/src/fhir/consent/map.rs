//! What a FHIR consent's names mean here: given by the caller, believed.

use std::collections::{BTreeMap, BTreeSet};

use healthrecord_core::health::contract::{Operation, Purpose, Role};
use healthrecord_core::{Address, B256};

use super::time::zone_of;
use crate::fhir::Reference;
use crate::form::{self, FormError, Object};

/// Greatest size of a map's JSON, in bytes.
pub const MAX_MAP_LEN: usize = 1 << 20;

/// How FHIR's references, codes and policies are read, and written.
///
/// References go by their text without the version (`Practitioner/1`, `urn:uuid:…`), logical ones by
/// `system|value`, and codes by `system|code`. What is not here has no meaning and is reported.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Map {
    /// The patient's address.
    pub patient: Address,
    /// How consents refer to the patient.
    pub patient_reference: String,
    /// Addresses by references: practitioners, organizations, devices.
    pub parties: BTreeMap<String, Address>,
    /// Who is meant where nobody is named; `None` if that is not known.
    pub community: Option<Vec<Address>>,
    /// Scopes by what the data has to do with the reference (`instance` for the record itself, `related`,
    /// `dependents`, `authoredby`), and the reference.
    pub records: BTreeMap<(String, String), B256>,
    /// Policies that say nothing beyond the consents that name them, by their URLs or codes.
    pub policies: BTreeSet<String>,
    /// Roles that an actor's credential must hold, by codes.
    pub roles: BTreeMap<String, u16>,
    /// Operations by codes, beside those of HL7.
    pub actions: BTreeMap<String, u16>,
    /// What a permit without a purpose is for; 0 if that is not known.
    pub purposes: u32,
    /// What a permit without an action is for; 0 is to read.
    pub operations: u16,
    /// When a permit without a begin begins, in Unix seconds.
    pub not_before: Option<u64>,
    /// First second after a permit without an end.
    pub not_after: Option<u64>,
    /// Whether somebody to whom a consent permits nothing, and whom it denies some operations, purposes or
    /// times, is denied everything; else that is reported.
    pub widens_denies: bool,
    /// The time zone of dates, in seconds east of UTC.
    pub zone: i64,
    /// Who keeps the consents that are written and enforces them.
    pub organization: Option<String>,
    /// What was signed for the consents that are written: a reference to a document, for one.
    pub source: Option<String>,
    /// The URL of the policy behind the consents that are written; it is a known one.
    pub policy: Option<String>,
}

impl Map {
    /// Reads a map:
    ///
    /// ```json
    /// {
    ///   "patient": {"reference": "Patient/1", "address": "0x…"},
    ///   "parties": [{"reference": "Practitioner/2", "address": "0x…"}],
    ///   "community": ["0x…"],
    ///   "records": [{"reference": "Observation/3", "meaning": "instance", "scope": "0x…"}],
    ///   "policies": ["https://example.org/policy"],
    ///   "roles": [{"code": "system|code", "roles": ["PRACTITIONER"]}],
    ///   "actions": [{"code": "system|code", "operations": ["WRITE"]}],
    ///   "defaults": {"purposes": ["TREAT"], "operations": ["READ"], "notBefore": 0, "notAfter": 1,
    ///                "zone": "+01:00", "widenDenies": false},
    ///   "about": {"organization": "Organization/4", "source": "DocumentReference/5", "policy": "https://example.org/policy"}
    /// }
    /// ```
    ///
    /// All but `patient` may be absent, and so may `meaning` (`instance`) and each of the defaults; `about` is
    /// for consents that are written.
    ///
    /// # Errors
    ///
    /// [`FormError`] names the field and what was expected there; a reference or code that stands twice is
    /// one.
    pub fn from_json(json: &str) -> Result<Self, FormError> {
        let value = form::parse(json, MAX_MAP_LEN)?;
        let fields = Object::outermost(&value)?;
        fields.only(&[
            "patient",
            "parties",
            "community",
            "records",
            "policies",
            "roles",
            "actions",
            "defaults",
        ])?;
        let patient = Object::inside("patient", fields.get("patient")?)?;
        patient.only(&["reference", "address"])?;
        let mut map =
            Self { patient: address(&patient)?, patient_reference: reference(&patient)?, ..Self::default() };
        each(&fields, "parties", &["reference", "address"], |party| {
            add(&mut map.parties, party, "reference", reference(party)?, address(party)?)
        })?;
        if fields.find("community").is_some() {
            map.community =
                Some(fields.strings("community", |path, text| form::fixed(path, text).map(Address))?);
        }
        each(&fields, "records", &["reference", "meaning", "scope"], |record| {
            let meaning = if record.find("meaning").is_some() { record.string("meaning")? } else { INSTANCE };
            let scope = B256(record.fixed("scope")?);
            if scope.is_zero() {
                return Err(
                    record.type_error("scope", "the scope of a record or group: 0 is that of all records")
                );
            }
            add(&mut map.records, record, "reference", (meaning.to_owned(), reference(record)?), scope)
        })?;
        if fields.find("policies").is_some() {
            map.policies = fields.strings("policies", |_, text| Ok(text.to_owned()))?.into_iter().collect();
        }
        each(&fields, "roles", &["code", "roles"], |role| {
            let roles = bits(role, "roles", "the names of roles, such as PRACTITIONER", role_of)?;
            add(&mut map.roles, role, "code", role.string("code")?.to_owned(), roles)
        })?;
        each(&fields, "actions", &["code", "operations"], |action| {
            let operations = bits(action, "operations", OPERATIONS, operation_of)?;
            add(&mut map.actions, action, "code", action.string("code")?.to_owned(), operations)
        })?;
        if let Some(defaults) = fields.find("defaults") {
            map.read_defaults(&Object::inside("defaults", defaults)?)?;
        }
        if let Some(about) = fields.find("about") {
            let about = Object::inside("about", about)?;
            about.only(&["organization", "source", "policy"])?;
            let text = |field| about.find(field).map(|_| about.string(field).map(str::to_owned)).transpose();
            (map.organization, map.source, map.policy) =
                (text("organization")?, text("source")?, text("policy")?);
            map.policies.extend(map.policy.clone());
        }
        Ok(map)
    }

    fn read_defaults(&mut self, fields: &Object<'_>) -> Result<(), FormError> {
        fields.only(&["purposes", "operations", "notBefore", "notAfter", "zone", "widenDenies"])?;
        if fields.find("purposes").is_some() {
            // Grants have no break-glass.
            let purpose =
                |name: &str| Purpose::from_code(name).filter(|purpose| *purpose != Purpose::BreakGlass);
            let expected = "HL7 v3 codes of PurposeOfUse, such as TREAT, without BTG";
            self.purposes = bits(fields, "purposes", expected, |name| purpose(name).map(Purpose::bit))?;
        }
        if fields.find("operations").is_some() {
            self.operations = bits(fields, "operations", OPERATIONS, operation_of)?;
        }
        if let Some(widens) = fields.find("widenDenies") {
            self.widens_denies =
                widens.as_bool().ok_or_else(|| fields.type_error("widenDenies", "true or false"))?;
        }
        let second = |field| match fields.find(field).map(|_| fields.uint(field)).transpose()? {
            Some(second) if second >> 40 != 0 => Err(fields.type_error(field, "Unix seconds, below 2^40")),
            second => Ok(second),
        };
        (self.not_before, self.not_after) = (second("notBefore")?, second("notAfter")?);
        if fields.find("zone").is_some() {
            let zone = zone_of(fields.string("zone")?);
            self.zone = zone.ok_or_else(|| fields.type_error("zone", "a time zone, such as +01:00 or Z"))?;
        }
        Ok(())
    }

    /// The address of a reference: the patient's too.
    pub(super) fn party(&self, reference: &str) -> Option<Address> {
        if reference == self.patient_reference {
            return Some(self.patient);
        }
        self.parties.get(reference).copied()
    }
}

/// The meaning of data that is the record itself.
pub(super) const INSTANCE: &str = "instance";

const OPERATIONS: &str = "READ, WRITE, SHARE and MANAGE";

fn operation_of(name: &str) -> Option<u16> {
    let all = [Operation::Read, Operation::Write, Operation::Share, Operation::Manage];
    all.into_iter().find(|operation| crate::access::operation_name(*operation) == name).map(Operation::bit)
}

fn role_of(name: &str) -> Option<u16> {
    let role = match name {
        "ISSUER" => Role::Issuer,
        "PRACTITIONER" => Role::Practitioner,
        "EMERGENCY" => Role::Emergency,
        "INSURER" => Role::Insurer,
        "MANUFACTURER" => Role::Manufacturer,
        "RESEARCHER" => Role::Researcher,
        "LABORATORY" => Role::Laboratory,
        "PHARMACY" => Role::Pharmacy,
        _ => return None,
    };
    Some(role.bit())
}

/// The bits of a list of names, of which there is one at least.
fn bits<T: Default + std::ops::BitOr<Output = T> + PartialEq>(
    fields: &Object<'_>,
    field: &str,
    expected: &'static str,
    bit: impl Fn(&str) -> Option<T>,
) -> Result<T, FormError> {
    let read = |path: &str, name: &str| {
        bit(name).ok_or_else(|| FormError::Type { field: path.to_owned(), expected })
    };
    let bits = fields.strings(field, read)?.into_iter().fold(T::default(), |bits, bit| bits | bit);
    if bits == T::default() { Err(fields.type_error(field, expected)) } else { Ok(bits) }
}

fn address(fields: &Object<'_>) -> Result<Address, FormError> {
    let address = Address(fields.fixed("address")?);
    if address == Address::ZERO {
        Err(fields.type_error("address", "an address: 0 is nobody's"))
    } else {
        Ok(address)
    }
}

/// A reference as consents are looked up by.
fn reference(fields: &Object<'_>) -> Result<String, FormError> {
    Ok(Reference::from_text(fields.string("reference")?).to_string())
}

fn each(
    fields: &Object<'_>,
    field: &str,
    known: &[&str],
    mut read: impl FnMut(&Object<'_>) -> Result<(), FormError>,
) -> Result<(), FormError> {
    if fields.find(field).is_none() {
        return Ok(());
    }
    fields.objects(field)?.iter().try_for_each(|entry| {
        entry.only(known)?;
        read(entry)
    })
}

fn add<K: Ord, V>(
    entries: &mut BTreeMap<K, V>,
    fields: &Object<'_>,
    field: &str,
    key: K,
    value: V,
) -> Result<(), FormError> {
    match entries.insert(key, value) {
        None => Ok(()),
        Some(_) => Err(fields.type_error(field, "named once")),
    }
}
