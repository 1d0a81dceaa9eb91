//! Disclosures and metadata as JSON.

use healthrecord_core::{Address, B256};
use serde_json::{Map, Value, json};

use super::{Attachment, Metadata, OpenLeaf, OwnedDisclosure};
use crate::form::{self, FormError, Object};

/// Greatest size of a disclosure's JSON, in bytes.
pub const MAX_DISCLOSURE_LEN: usize = 64 << 20;

impl OwnedDisclosure {
    /// The disclosure as JSON: `commitment`, `leaves` of `path`, `value` (tag and content in hex) and
    /// `salt`, and the multiproof's `proof` and `flags`.
    #[must_use]
    pub fn to_json(&self) -> String {
        let hex = |bytes: &[u8]| healthrecord_core::matter::hex::Hex::new(bytes).to_string();
        let leaf = |leaf: &OpenLeaf| json!({"path": leaf.path, "value": hex(&leaf.value), "salt": leaf.salt.to_string()});
        let disclosure = json!({
            "format": FORMAT,
            "commitment": self.commitment.to_string(),
            "leaves": self.leaves.iter().map(leaf).collect::<Vec<_>>(),
            "proof": self.proof.iter().map(B256::to_string).collect::<Vec<_>>(),
            "flags": self.flags,
        });
        format!("{disclosure:#}\n")
    }

    /// Reads what [`Self::to_json`] writes. Nothing of it is believed until it is opened.
    ///
    /// # Errors
    ///
    /// [`FormError`] names the field and what was expected there.
    pub fn from_json(json: &str) -> Result<Self, FormError> {
        let value = form::parse(json, MAX_DISCLOSURE_LEN)?;
        let fields = Object::outermost(&value)?;
        if fields.string("format")? != FORMAT {
            return Err(fields.type_error("format", "the format of a disclosure, \"hr1 disclosure\""));
        }
        let flag =
            |flag: &Value| flag.as_bool().ok_or_else(|| fields.type_error("flags", "a list of booleans"));
        let hash = |path: &str, text: &str| form::fixed(path, text).map(B256);
        let leaf = |leaf: &Object<'_>| {
            let (path, value, salt) =
                (leaf.string("path")?.to_owned(), leaf.bytes("value")?, B256(leaf.fixed("salt")?));
            Ok(OpenLeaf { path, value, salt, hash: B256::ZERO })
        };
        Ok(Self {
            commitment: B256(fields.fixed("commitment")?),
            leaves: fields.objects("leaves")?.iter().map(leaf).collect::<Result<_, FormError>>()?,
            proof: fields.strings("proof", hash)?,
            flags: fields.array("flags")?.iter().map(flag).collect::<Result<_, _>>()?,
        })
    }
}

/// What a disclosure's JSON says that it is.
const FORMAT: &str = "hr1 disclosure";

impl Metadata {
    /// The metadata as the object that stands beside a document.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let attachment = |attachment: &Attachment| {
            json!({
                "name": attachment.name,
                "length": attachment.length,
                "hash": attachment.hash.to_string(),
            })
        };
        let mut fields = Map::new();
        fields.insert("patient".into(), self.patient.to_string().into());
        fields.insert("author".into(), self.author.to_string().into());
        fields.insert("kind".into(), self.kind.into());
        fields.insert("issued".into(), self.issued.into());
        fields.insert("scope".into(), self.scopes.iter().map(B256::to_string).collect());
        if let Some(previous) = self.previous {
            fields.insert("previous".into(), previous.to_string().into());
        }
        if !self.attachments.is_empty() {
            fields.insert("attachments".into(), self.attachments.iter().map(attachment).collect());
        }
        Value::Object(fields)
    }

    /// Reads what [`Self::to_value`] writes; `path` is how errors speak of it.
    ///
    /// # Errors
    ///
    /// [`FormError`] names the field and what was expected there.
    pub fn from_value(path: &str, value: &Value) -> Result<Self, FormError> {
        let fields = Object::inside(path, value)?;
        let kind = u16::try_from(fields.uint("kind")?);
        let attachments = match fields.find("attachments") {
            None => vec![],
            Some(_) => fields.objects("attachments")?,
        };
        let attachment = |fields: &Object<'_>| {
            let (name, length, hash) =
                (fields.string("name")?.to_owned(), fields.uint("length")?, B256(fields.fixed("hash")?));
            Ok(Attachment { name, length, hash })
        };
        Ok(Self {
            patient: Address(fields.fixed("patient")?),
            author: Address(fields.fixed("author")?),
            kind: kind.map_err(|_| fields.type_error("kind", "a number below 65536"))?,
            issued: fields.uint("issued")?,
            scopes: fields.strings("scope", |path, text| form::fixed(path, text).map(B256))?,
            previous: fields.find("previous").map(|_| fields.fixed("previous").map(B256)).transpose()?,
            attachments: attachments.iter().map(attachment).collect::<Result<_, FormError>>()?,
        })
    }
}
