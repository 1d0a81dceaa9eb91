//! What a patient writes to say a consent.

use healthrecord_core::chain::message::Domain;
use healthrecord_core::health::contract::message::{Deny, Grant, Message, REVISIONS_AHEAD, domain};
use healthrecord_core::health::contract::{Call, Terms};
use healthrecord_core::matter::sink::Buffer;
use healthrecord_core::{Address, B256};
use serde_json::{Value, json};

use crate::consent::terms;
use crate::form::{self, FormError, Object};

/// Greatest size of the JSON of terms, in bytes.
pub const MAX_TERMS_LEN: usize = 16 << 20;

/// Reads the `terms` of a JSON object, each as [`Term::to_value`] writes it; other members of the object and of
/// the terms are not read.
///
/// # Errors
///
/// [`FormError`] names the field and what was expected there.
pub fn terms_from_json(json: &str) -> Result<Vec<Term>, FormError> {
    let value = form::parse(json, MAX_TERMS_LEN)?;
    Object::outermost(&value)?.objects("terms")?.iter().map(Term::from_fields).collect()
}

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

    /// The term as JSON: `term` (`grant` or `deny`), `grantee`, `scope`, and of a grant the terms under the
    /// names that a consent has for them.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let (grantee, scope) = (self.grantee().to_string(), self.scope().to_string());
        match self {
            Self::Deny { .. } => json!({"term": "deny", "grantee": grantee, "scope": scope}),
            Self::Grant { terms, .. } => json!({
                "term": "grant", "grantee": grantee, "scope": scope, "notBefore": terms.not_before,
                "notAfter": terms.not_after, "purposes": terms.purposes, "operations": terms.operations,
                "requiredRoles": terms.required_roles,
            }),
        }
    }

    fn from_fields(fields: &Object<'_>) -> Result<Self, FormError> {
        let (grantee, scope) = (Address(fields.fixed("grantee")?), B256(fields.fixed("scope")?));
        match fields.string("term")? {
            "deny" => Ok(Self::Deny { grantee, scope }),
            "grant" => Ok(Self::Grant { grantee, scope, terms: terms(fields)? }),
            _ => Err(fields.type_error("term", "\"grant\" or \"deny\"")),
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

    /// [`Self::call`] as calldata.
    #[must_use]
    pub fn calldata(&self, document: B256) -> Vec<u8> {
        // A selector and at most eight words.
        let mut memory = [0; 4 + 8 * 32];
        let mut buffer = Buffer::new(&mut memory);
        // Never full.
        self.call(document).write(&mut buffer).unwrap_or_default();
        buffer.into_written().to_vec()
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
