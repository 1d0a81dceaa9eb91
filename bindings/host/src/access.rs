//! Requests, deployments and decisions as JSON, and the verifying of bundles with owned memory.
//!
//! The rules are those of [`healthrecord_core::access`].

use healthrecord_core::access::{
    Bundle, Clock, Decision, Floor, Policy, RequestError, Verdict, VerdictAfter, VerdictAsOf, VerifyError,
};
use healthrecord_core::chain::trie::NodeRef;
use healthrecord_core::health::anchor::Anchor;
use healthrecord_core::health::record::BoundRecord;
use healthrecord_core::{Address, B256, access};
use serde_json::{Map, Value, json};

use crate::form::{self, FormError, Object};
use crate::keccak::WideKeccak;

pub use healthrecord_core::access::{Basis, Reason, Request};
pub use healthrecord_core::health::contract::{Operation, Purpose};

/// Greatest size of a request's or a deployment's JSON, in bytes.
pub const MAX_JSON_LEN: usize = 1 << 20;

/// Greatest size of a proof bundle, in bytes.
pub const MAX_BUNDLE_LEN: usize = 16 << 20;

/// How old a block may be where no policy says otherwise, in seconds.
pub const DEFAULT_MAX_AGE: u64 = 3600;

/// How far ahead of the clock a block may be where no policy says otherwise, in seconds.
pub const DEFAULT_MAX_SKEW: u64 = 60;

/// The contract whose word is law for a verifier, as it is kept in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// The chain that it is on.
    pub chain_id: u64,
    /// Its address.
    pub contract: Address,
    /// The hashes of the runtime codes that are accepted there.
    pub code_hashes: Vec<B256>,
}

impl Deployment {
    /// The deployment as JSON: `chainId`, `contract`, `codeHashes`.
    #[must_use]
    pub fn to_json(&self) -> String {
        let deployment = json!({
            "chainId": self.chain_id,
            "contract": self.contract.to_string(),
            "codeHashes": self.code_hashes.iter().map(B256::to_string).collect::<Vec<_>>(),
        });
        format!("{deployment:#}\n")
    }

    /// Reads what [`Self::to_json`] writes.
    ///
    /// # Errors
    ///
    /// [`FormError`] names the field and what was expected there.
    pub fn from_json(json: &str) -> Result<Self, FormError> {
        let value = form::parse(json, MAX_JSON_LEN)?;
        let fields = Object::outermost(&value)?;
        Ok(Self {
            chain_id: fields.uint("chainId")?,
            contract: Address(fields.fixed("contract")?),
            code_hashes: fields.strings("codeHashes", |path, text| form::fixed(path, text).map(B256))?,
        })
    }

    pub(crate) fn borrowed(&self) -> access::Deployment<'_> {
        access::Deployment {
            chain_id: self.chain_id,
            contract: self.contract,
            code_hashes: &self.code_hashes,
        }
    }
}

/// What a verifier puts up with, as it is kept in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyFile {
    /// How old a block may be, in seconds.
    pub max_age: u64,
    /// How far ahead of the clock a block may be, in seconds.
    pub max_skew: u64,
    /// By how many seconds the clock may be wrong, either way.
    pub clock_error: u64,
    /// Whether a storage leaf of value zero is taken for an absence: for Anvil, and only there.
    pub accept_zero_leaves: bool,
    /// Issuers whose credentials count as none.
    pub distrusted_issuers: Vec<Address>,
}

impl Default for PolicyFile {
    fn default() -> Self {
        Self {
            max_age: DEFAULT_MAX_AGE,
            max_skew: DEFAULT_MAX_SKEW,
            clock_error: 0,
            accept_zero_leaves: false,
            distrusted_issuers: vec![],
        }
    }
}

impl PolicyFile {
    /// The policy as JSON: `maxAge`, `maxSkew`, `clockError`, `acceptZeroLeaves`, `distrustedIssuers`.
    #[must_use]
    pub fn to_json(&self) -> String {
        let policy = json!({
            "maxAge": self.max_age,
            "maxSkew": self.max_skew,
            "clockError": self.clock_error,
            "acceptZeroLeaves": self.accept_zero_leaves,
            "distrustedIssuers": self.distrusted_issuers.iter().map(Address::to_string).collect::<Vec<_>>(),
        });
        format!("{policy:#}\n")
    }

    /// Reads what [`Self::to_json`] writes; a field that is absent has its default, one that is unknown is an
    /// error, since a rule that is not understood would not be kept.
    ///
    /// # Errors
    ///
    /// [`FormError`] names the field and what was expected there.
    pub fn from_json(json: &str) -> Result<Self, FormError> {
        let value = form::parse(json, MAX_JSON_LEN)?;
        let fields = Object::outermost(&value)?;
        fields.only(&["maxAge", "maxSkew", "clockError", "acceptZeroLeaves", "distrustedIssuers"])?;
        let mut policy = Self::default();
        for (name, seconds) in [
            ("maxAge", &mut policy.max_age),
            ("maxSkew", &mut policy.max_skew),
            ("clockError", &mut policy.clock_error),
        ] {
            if fields.find(name).is_some() {
                *seconds = fields.uint(name)?;
            }
        }
        if let Some(accept) = fields.find("acceptZeroLeaves") {
            let expected = fields.type_error("acceptZeroLeaves", "true or false");
            policy.accept_zero_leaves = accept.as_bool().ok_or(expected)?;
        }
        if fields.find("distrustedIssuers").is_some() {
            policy.distrusted_issuers =
                fields.strings("distrustedIssuers", |path, text| form::fixed(path, text).map(Address))?;
        }
        Ok(policy)
    }

    /// The rules of the policy.
    #[must_use]
    pub fn rules(&self) -> Policy<'_> {
        Policy { accept_zero_leaves: self.accept_zero_leaves, distrusted_issuers: &self.distrusted_issuers }
    }

    /// The limits of the policy, at a time in Unix seconds.
    #[must_use]
    pub const fn clock(&self, now: u64) -> Clock {
        Clock { now, error: self.clock_error, max_age: self.max_age, max_skew: self.max_skew }
    }

    /// The limits of the policy, where no more is known than that this time, in Unix seconds, has come.
    #[must_use]
    pub const fn floor(&self, time: u64) -> Floor {
        Floor { time, max_age: self.max_age }
    }
}

/// Why a JSON text is no request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestFileError {
    /// The text has not the form of a request.
    Form(FormError),
    /// What it asks cannot be asked.
    Request(RequestError),
}

impl core::fmt::Display for RequestFileError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Form(error) => error.fmt(f),
            Self::Request(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for RequestFileError {}

impl From<FormError> for RequestFileError {
    fn from(error: FormError) -> Self {
        Self::Form(error)
    }
}

impl From<RequestError> for RequestFileError {
    fn from(error: RequestError) -> Self {
        Self::Request(error)
    }
}

/// Reads a request: `accessor`, `operation` (READ, WRITE, SHARE, MANAGE), `purpose` (an HL7 v3 code),
/// `at` (Unix seconds), and where there are any `salt` and `delegator`; `patient` and `scopes` unless a
/// record is given, whose own they then are.
///
/// # Errors
///
/// [`RequestFileError`] names the field and what was expected there.
pub fn request_from_json(json: &str, record: Option<&BoundRecord>) -> Result<Request, RequestFileError> {
    let value = form::parse(json, MAX_JSON_LEN)?;
    let fields = Object::outermost(&value)?;
    let operations = [Operation::Read, Operation::Write, Operation::Share, Operation::Manage];
    let name = fields.string("operation")?;
    let operation = operations.into_iter().find(|operation| operation_name(*operation) == name);
    let operation =
        operation.ok_or_else(|| fields.type_error("operation", "READ, WRITE, SHARE or MANAGE"))?;
    let purpose = Purpose::from_code(fields.string("purpose")?)
        .ok_or_else(|| fields.type_error("purpose", "an HL7 v3 code of PurposeOfUse, such as TREAT"))?;
    let (accessor, at) = (Address(fields.fixed("accessor")?), fields.uint("at")?);
    let mut request = match record {
        Some(record) => Request::about_record(record, accessor, operation, purpose, at)?,
        None => {
            let scopes = fields.strings("scopes", |path, text| form::fixed(path, text).map(B256))?;
            let patient = Address(fields.fixed("patient")?);
            Request::about_scopes(patient, &scopes, accessor, operation, purpose, at)?
        }
    };
    if fields.find("salt").is_some() {
        request = request.blinded(B256(fields.fixed("salt")?))?;
    }
    if fields.find("delegator").is_some() {
        request = request.delegated_by(Address(fields.fixed("delegator")?))?;
    }
    Ok(request)
}

/// The request as JSON, as [`request_from_json`] reads it.
#[must_use]
pub fn request_to_json(request: &Request) -> String {
    let question = request.as_question();
    let mut fields = Map::new();
    fields.insert("patient".into(), question.patient.to_string().into());
    fields.insert("scopes".into(), question.scopes.iter().map(B256::to_string).collect());
    fields.insert("accessor".into(), question.accessor.to_string().into());
    fields.insert("operation".into(), operation_name(request.operation()).into());
    fields.insert("purpose".into(), request.purpose().code().into());
    fields.insert("at".into(), question.at.into());
    if !question.salt.is_zero() {
        fields.insert("salt".into(), question.salt.to_string().into());
    }
    if let Some(delegator) = request.delegator() {
        fields.insert("delegator".into(), delegator.to_string().into());
    }
    format!("{:#}\n", Value::Object(fields))
}

/// The decision as JSON: `permit`, then `basis`, `scope` and `until`, or `reason` and `scope`.
#[must_use]
pub fn decision_to_value(decision: &Decision) -> Value {
    match decision {
        Decision::Permit { basis, scope, until } => {
            json!({"permit": true, "basis": basis.name(), "scope": scope.to_string(), "until": until})
        }
        Decision::Deny { reason, scope } => {
            json!({"permit": false, "reason": reason.name(), "scope": scope.to_string()})
        }
    }
}

/// Verifies a bundle and decides the request now: [`access::verify`] with memory of its own.
///
/// # Errors
///
/// [`VerifyError`]: nothing was proved, which is not a deny.
pub fn verify(
    bundle: &[u8],
    anchor: &impl Anchor,
    deployment: &Deployment,
    request: &Request,
    policy: &Policy<'_>,
    clock: &Clock,
) -> Result<Verdict, VerifyError> {
    let mut memory = memory_for(bundle)?;
    let deployment = deployment.borrowed();
    access::verify_with(bundle, anchor, &deployment, request, policy, clock, &mut memory, &WideKeccak)
}

/// As [`verify`], knowing no more of the time than that some has surely come: [`access::verify_after`].
///
/// # Errors
///
/// [`VerifyError`]: nothing was proved, which is not a deny.
pub fn verify_after(
    bundle: &[u8],
    anchor: &impl Anchor,
    deployment: &Deployment,
    request: &Request,
    policy: &Policy<'_>,
    floor: &Floor,
) -> Result<VerdictAfter, VerifyError> {
    let mut memory = memory_for(bundle)?;
    let deployment = deployment.borrowed();
    access::verify_after_with(bundle, anchor, &deployment, request, policy, floor, &mut memory, &WideKeccak)
}

/// As [`verify`], without a clock or about the past: the answer holds as of the block.
///
/// # Errors
///
/// [`VerifyError`]: nothing was proved, which is not a deny.
pub fn verify_as_of(
    bundle: &[u8],
    anchor: &impl Anchor,
    deployment: &Deployment,
    request: &Request,
    policy: &Policy<'_>,
) -> Result<VerdictAsOf, VerifyError> {
    let mut memory = memory_for(bundle)?;
    let deployment = deployment.borrowed();
    access::verify_as_of_with(bundle, anchor, &deployment, request, policy, &mut memory, &WideKeccak)
}

/// The parameters of the `eth_getProof` call that a request's bundle is made from.
#[must_use]
pub fn eth_get_proof_params(request: &Request, contract: Address, block: &str) -> Value {
    let slots: Vec<String> = request.required_slots().iter().map(B256::to_string).collect();
    json!([contract.to_string(), slots, block])
}

pub(crate) fn memory_for(bundle: &[u8]) -> Result<Vec<NodeRef<'_>>, VerifyError> {
    let bundle = Bundle::decode(bundle).map_err(VerifyError::Bundle)?;
    Ok(vec![NodeRef::EMPTY; bundle.nodes().count()])
}

pub(crate) const fn operation_name(operation: Operation) -> &'static str {
    match operation {
        Operation::Read => "READ",
        Operation::Write => "WRITE",
        Operation::Share => "SHARE",
        Operation::Manage => "MANAGE",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let deployment =
            Deployment { chain_id: 1, contract: Address([1; 20]), code_hashes: vec![B256([2; 32])] };
        assert_eq!(Deployment::from_json(&deployment.to_json()), Ok(deployment));
        let (patient, accessor) = (Address([3; 20]), Address([4; 20]));
        let (operation, purpose) = (Operation::Share, Purpose::Research);
        let plain =
            Request::about_scopes(patient, &[B256([5; 32])], accessor, operation, purpose, 77).unwrap();
        assert_eq!(request_from_json(&request_to_json(&plain), None), Ok(plain.clone()));
        let named = plain.blinded(B256([6; 32])).unwrap().delegated_by(Address([7; 20])).unwrap();
        assert_eq!(request_from_json(&request_to_json(&named), None), Ok(named));
    }

    #[test]
    fn policies_are_read_with_their_defaults_and_nothing_unknown() {
        let policy = PolicyFile {
            max_age: 5,
            max_skew: 0,
            clock_error: 2,
            accept_zero_leaves: true,
            distrusted_issuers: vec![Address([8; 20]), Address([9; 20])],
        };
        assert_eq!(PolicyFile::from_json(&policy.to_json()), Ok(policy.clone()));
        assert_eq!(policy.rules().distrusted_issuers, policy.distrusted_issuers);
        assert_eq!(policy.clock(7), Clock { now: 7, error: 2, max_age: 5, max_skew: 0 });
        assert_eq!(policy.floor(7), Floor { time: 7, max_age: 5 });
        assert_eq!(PolicyFile::from_json("{}"), Ok(PolicyFile::default()));
        for (json, field) in [
            (r#"{"maxAge": -1}"#, "maxAge"),
            (r#"{"maxSkew": "soon"}"#, "maxSkew"),
            (r#"{"clockError": 1.5}"#, "clockError"),
            (r#"{"acceptZeroLeaves": 1}"#, "acceptZeroLeaves"),
            (r#"{"distrustedIssuers": [1]}"#, "distrustedIssuers[0]"),
            (r#"{"distrustedIssuer": []}"#, "distrustedIssuer"),
        ] {
            let Err(FormError::Type { field: found, .. }) = PolicyFile::from_json(json) else {
                unreachable!("{json} was read")
            };
            assert_eq!(found, field);
        }
    }

    #[test]
    fn bad_requests_name_the_field() {
        let (patient, accessor) = (Address([3; 20]), Address([4; 20]));
        let (operation, purpose) = (Operation::Read, Purpose::Treatment);
        let json =
            request_to_json(&Request::about_scopes(patient, &[], accessor, operation, purpose, 7).unwrap());
        for (from, to, field) in [
            ("\"READ\"", "\"PEEK\"", "operation"),
            ("\"TREAT\"", "\"treat\"", "purpose"),
            ("\"at\": 7", "\"at\": -7", "at"),
        ] {
            let Err(RequestFileError::Form(FormError::Type { field: found, .. })) =
                request_from_json(&json.replace(from, to), None)
            else {
                unreachable!("{field} was read")
            };
            assert_eq!(found, field);
        }
        let zero = json.replace(&accessor.to_string(), &Address::ZERO.to_string());
        assert_eq!(request_from_json(&zero, None), Err(RequestError::ZeroAccessor.into()));
    }
}
