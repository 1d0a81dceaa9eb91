//! The file that opens a record.

use healthrecord_core::B256;
use healthrecord_core::matter::hex::{self, Hex};
use serde_json::Value;
use zeroize::Zeroizing;

use super::{Metadata, Secret};
use crate::form::{self, FormError, Object};

/// Greatest size of a key file, in bytes.
pub const MAX_KEY_LEN: usize = 1 << 20;

/// What the holder of a record keeps beside its document: its metadata, its commitment and the secret
/// that opens it.
pub struct RecordKey {
    /// What is committed beside the document.
    pub metadata: Metadata,
    /// The commitment.
    pub commitment: B256,
    /// The secret of all salts.
    pub secret: Secret,
}

impl RecordKey {
    /// The key as JSON: `hr1` (the metadata), `commitment` and `secret`. Wiped when dropped; whoever
    /// reads it can open every element of the record.
    #[must_use]
    pub fn to_json(&self) -> Zeroizing<String> {
        let fields = format!("{:#}", self.to_value());
        self.with_secret(fields.strip_suffix("\n}").unwrap_or(&fields), ",\n  \"secret\": \"0x", "\"\n}\n")
    }

    /// As [`Self::to_json`], on one line.
    #[must_use]
    pub fn to_json_line(&self) -> Zeroizing<String> {
        let fields = self.to_value().to_string();
        self.with_secret(fields.strip_suffix('}').unwrap_or(&fields), ",\"secret\":\"0x", "\"}\n")
    }

    /// All that is no secret.
    fn to_value(&self) -> Value {
        serde_json::json!({
            "hr1": self.metadata.to_value(),
            "commitment": self.commitment.to_string(),
        })
    }

    fn with_secret(&self, fields: &str, before: &str, after: &str) -> Zeroizing<String> {
        // The capacity is that of the whole, so that no part of the secret stays behind in a copy.
        let len = fields.len() + before.len() + 64 + after.len();
        let mut json = Zeroizing::new(String::with_capacity(len));
        json.push_str(fields);
        json.push_str(before);
        for byte in self.secret.expose_bytes() {
            let digits = Zeroizing::new(Hex::bare(&[*byte]).to_string());
            json.push_str(&digits);
        }
        json.push_str(after);
        json
    }

    /// Reads what [`Self::to_json`] writes.
    ///
    /// # Errors
    ///
    /// [`FormError`] names the field and what was expected there, and never what the secret is.
    pub fn from_json(json: &str) -> Result<Self, FormError> {
        let mut value = form::parse(json, MAX_KEY_LEN)?;
        let secret = match value.get_mut("secret").map(Value::take) {
            Some(Value::String(text)) => Zeroizing::new(text),
            None => return Err(FormError::Missing { field: "secret".into() }),
            Some(_) => {
                return Err(FormError::Type { field: "secret".into(), expected: "a string of hex" });
            }
        };
        let bytes = hex::decode_array::<32>(&secret)
            .map_err(|error| FormError::Hex { field: "secret".into(), error })?;
        let bytes = Zeroizing::new(bytes);
        let fields = Object::outermost(&value)?;
        Ok(Self {
            metadata: Metadata::from_value("hr1", fields.get("hr1")?)?,
            commitment: B256(fields.fixed("commitment")?),
            secret: Secret::from_bytes(&bytes),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use crate::record::Attachment;
    use healthrecord_core::Address;

    fn key() -> RecordKey {
        let attachments =
            vec![Attachment { name: "a \"scan\"".into(), length: u64::MAX, hash: B256([5; 32]) }];
        let metadata = Metadata {
            patient: Address([1; 20]),
            author: Address([2; 20]),
            kind: 1,
            issued: 1_700_000_000,
            scopes: vec![B256([3; 32]), B256([4; 32])],
            previous: Some(B256([6; 32])),
            attachments,
        };
        RecordKey { metadata, commitment: B256([7; 32]), secret: Secret::from_bytes(&[0xa5; 32]) }
    }

    #[test]
    fn what_is_written_is_read() {
        let json = key().to_json();
        let read = RecordKey::from_json(&json).unwrap();
        assert_eq!((read.metadata, read.commitment), (key().metadata, key().commitment));
        assert_eq!(read.secret.expose_bytes(), &[0xa5; 32]);
        assert!(json.capacity() >= json.len() && json.ends_with("a5\"\n}\n"));
    }

    #[test]
    fn a_line_is_read_as_well() {
        let line = key().to_json_line();
        let read = RecordKey::from_json(&line).unwrap();
        assert_eq!((read.metadata, read.secret.expose_bytes()), (key().metadata, &[0xa5; 32]));
        assert_eq!((line.capacity(), line.find('\n')), (line.len(), Some(line.len() - 1)));
    }

    #[test]
    fn errors_never_show_the_secret() {
        let json = key().to_json();
        for bad in ["\"0xa5a5g5", "\"0xa5a5a", "[\"0xa5a5a5"] {
            let json = json.replace("\"0xa5a5a5", bad);
            let Err(error) = RecordKey::from_json(&json) else { panic!("{bad} was read") };
            assert!(!error.to_string().contains("a5a5"), "{error}");
        }
    }
}
