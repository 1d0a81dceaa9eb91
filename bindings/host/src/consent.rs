//! Consents that were never relayed, as files: bytes for a QR code, JSON for everything else.

use healthrecord_core::access::{CONSENT_VERSION, ConsentError, MAX_CONSENT_LEN};
use healthrecord_core::chain::signature::Signature;
use healthrecord_core::health::contract::Terms;
use healthrecord_core::health::contract::message::Grant;
use healthrecord_core::matter::hex::Hex;
use healthrecord_core::{Address, B256};
use serde_json::json;

use crate::form::{self, FormError, Object};

pub use healthrecord_core::access::{CheckedConsent, Consent};

/// Greatest size of a consent's JSON, in bytes.
pub const MAX_JSON_LEN: usize = 1 << 16;

/// Why a file is no consent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConsentFileError {
    /// The text has not the form of a consent.
    Form(FormError),
    /// The bytes are no consent.
    Consent(ConsentError),
}

impl core::fmt::Display for ConsentFileError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Form(error) => error.fmt(f),
            Self::Consent(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for ConsentFileError {}

impl From<FormError> for ConsentFileError {
    fn from(error: FormError) -> Self {
        Self::Form(error)
    }
}

impl From<ConsentError> for ConsentFileError {
    fn from(error: ConsentError) -> Self {
        Self::Consent(error)
    }
}

/// The consent in its binary form.
#[must_use]
pub fn to_bytes(consent: &Consent) -> Vec<u8> {
    let mut memory = [0; MAX_CONSENT_LEN];
    let mut buffer = healthrecord_core::matter::sink::Buffer::new(&mut memory);
    // Never full, but for numbers that no consent was read with; those are cut short and read by nobody.
    consent.write(&mut buffer).unwrap_or_default();
    buffer.into_written().to_vec()
}

/// The consent as JSON: `version`, the members of the struct `Grant` under their names, `signature`.
#[must_use]
pub fn to_json(consent: &Consent) -> String {
    let Grant { patient, grantee, scope, terms, document, epoch, revision, deadline } = consent.grant;
    let json = json!({
        "version": CONSENT_VERSION,
        "patient": patient.to_string(),
        "grantee": grantee.to_string(),
        "scope": scope.to_string(),
        "notBefore": terms.not_before,
        "notAfter": terms.not_after,
        "purposes": terms.purposes,
        "operations": terms.operations,
        "requiredRoles": terms.required_roles,
        "document": document.to_string(),
        "epoch": epoch,
        "revision": revision,
        "deadline": deadline,
        "signature": Hex::new(&consent.signature.to_bytes()).to_string(),
    });
    format!("{json:#}\n")
}

/// Reads what [`to_json`] writes.
///
/// # Errors
///
/// [`ConsentFileError`] names the field and what was expected there.
pub fn from_json(json: &str) -> Result<Consent, ConsentFileError> {
    let value = form::parse(json, MAX_JSON_LEN)?;
    let fields = Object::outermost(&value)?;
    let version = fields.uint("version")?;
    if version != CONSENT_VERSION {
        return Err(ConsentError::Version { found: version }.into());
    }
    let grant = Grant {
        patient: Address(fields.fixed("patient")?),
        grantee: Address(fields.fixed("grantee")?),
        scope: B256(fields.fixed("scope")?),
        terms: terms(&fields)?,
        document: B256(fields.fixed("document")?),
        epoch: narrow(&fields, "epoch", 32)?,
        revision: narrow(&fields, "revision", 24)?,
        deadline: number(&fields, "deadline", 40)?,
    };
    let signature = Signature::from_bytes(&fields.fixed("signature")?).map_err(ConsentError::Signature)?;
    Ok(Consent { grant, signature })
}

/// Reads a consent in either form: JSON begins with a brace, which no RLP list of this length does.
///
/// # Errors
///
/// [`ConsentFileError`] names the field and what was expected there.
pub fn from_file(content: &[u8]) -> Result<Consent, ConsentFileError> {
    match str::from_utf8(content) {
        Ok(text) if text.trim_start().starts_with('{') => from_json(text),
        _ => Ok(Consent::decode(content)?),
    }
}

/// The terms of a grant.
pub(crate) fn terms(fields: &Object<'_>) -> Result<Terms, FormError> {
    Ok(Terms {
        not_before: number(fields, "notBefore", 40)?,
        not_after: number(fields, "notAfter", 40)?,
        purposes: narrow(fields, "purposes", 32)?,
        operations: narrow(fields, "operations", 16)?,
        required_roles: narrow(fields, "requiredRoles", 16)?,
    })
}

/// A number of at most so many bits.
fn number(fields: &Object<'_>, field: &str, bits: u32) -> Result<u64, FormError> {
    let number = fields.uint(field)?;
    if number.checked_shr(bits).unwrap_or_default() == 0 {
        return Ok(number);
    }
    Err(fields.type_error(field, "a number within the width that the contract gives it"))
}

fn narrow<T: TryFrom<u64> + Default>(fields: &Object<'_>, field: &str, bits: u32) -> Result<T, FormError> {
    // The bits are those of the type, or fewer.
    number(fields, field, bits).map(|number| T::try_from(number).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use healthrecord_core::chain::key::SecretKey;
    use healthrecord_core::health::contract::message::domain;

    use super::*;

    fn consent() -> Consent {
        let key = SecretKey::from_bytes(&[1; 32]).unwrap();
        let terms = Terms {
            not_before: 1_767_225_600,
            not_after: 1_769_904_000,
            purposes: 1,
            operations: 1,
            required_roles: 0,
        };
        let grant = Grant {
            patient: key.address(),
            grantee: Address([2; 20]),
            scope: B256::ZERO,
            terms,
            document: B256::ZERO,
            epoch: 0,
            revision: 3,
            deadline: 1_769_904_000,
        };
        let signature = key.sign_hash(&grant.signing_hash(&domain(1, Address([3; 20]))));
        Consent { grant, signature }
    }

    #[test]
    fn what_is_written_is_read_in_either_form() {
        let consent = consent();
        assert_eq!(from_json(&to_json(&consent)), Ok(consent));
        assert_eq!(from_file(to_json(&consent).as_bytes()), Ok(consent));
        assert_eq!(to_bytes(&consent).len(), 134);
        assert_eq!(from_file(&to_bytes(&consent)), Ok(consent));
        assert!(matches!(from_file(&[]), Err(ConsentFileError::Consent(ConsentError::Rlp { .. }))));
    }

    #[test]
    fn bad_consents_name_the_field() {
        let json = to_json(&consent());
        for (from, to, field) in [
            ("\"revision\": 3", "\"revision\": 16777216", "revision"),
            ("\"operations\": 1", "\"operations\": 65536", "operations"),
            ("\"deadline\": 1769904000", "\"deadline\": 1099511627776", "deadline"),
            ("\"epoch\": 0", "\"epoch\": -1", "epoch"),
        ] {
            assert_ne!(json, json.replace(from, to), "{from}");
            let Err(ConsentFileError::Form(FormError::Type { field: found, .. })) =
                from_json(&json.replace(from, to))
            else {
                unreachable!("{field} was read")
            };
            assert_eq!(found, field);
        }
        let newer = json.replace("\"version\": 1", "\"version\": 2");
        let version = ConsentError::Version { found: 2 };
        assert_eq!(from_json(&newer), Err(ConsentFileError::Consent(version)));
    }
}
