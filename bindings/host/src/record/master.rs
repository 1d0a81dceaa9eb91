//! Record secrets: drawn at random and kept, or derived from one master secret of the patient's.

use healthrecord_core::B256;
use healthrecord_core::matter::hex::{self, Hex, HexError};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::{MAX_KEY_LEN, Metadata, RecordKey, Secret};
use crate::form::{self, FormError, Object};

/// What stands before the id in the info of a derived secret.
const INFO: &[u8] = b"healthrecord/hr1/secret";

/// 32 random bytes of the patient's, from which the secrets of records are derived.
///
/// It opens every record that was derived from it. It is wiped when dropped and does not print.
///
/// Whoever has a record's secret opens all of it; where every copy of the secret is destroyed, the
/// commitment on chain can no longer be tied to any content that was not disclosed before. How a secret
/// comes to be decides what can be backed up, and what erased:
///
/// | | stored ([`RecordKey`]) | derived ([`DerivedRecordKey`]) |
/// |---|---|---|
/// | what is secret | the key file of each record | the 32 bytes of the master secret |
/// | what must be backed up | every key file | the master secret, and the key files, which open nothing by themselves (they name the patient, the scopes and the attachments) |
/// | one version is erased by | destroying every copy of its key file | nothing that can be relied on: the secret comes back from the master secret and the nonce, which stands wherever the key file was copied |
/// | all records are erased by | destroying every key file | destroying every copy of the master secret |
/// | a leak opens | one version of one record | every record, past and future, whose key file is at hand |
///
/// Neither takes back what was disclosed, read or copied while the secret was there. Records that may have
/// to be erased one by one take the stored form; both may stand side by side.
///
/// A derived secret is
///
/// ```text
/// HKDF-SHA-256(salt = nonce, ikm = master secret, info = "healthrecord/hr1/secret" ‖ id ‖ u32be(version))
/// ```
///
/// of 32 bytes (RFC 5869). `id` is the record's own random id, the first of its scopes. The nonce is 32
/// random bytes, new for each version: a version that is made twice, from different documents, has different
/// secrets all the same, and the disclosures of one do not open the other's values to guessing.
pub struct MasterSecret(Zeroizing<[u8; 32]>);

/// Which secret of a master secret's is a record's; no secret itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Derivation {
    /// Version of the record, from 1.
    pub version: u32,
    /// 32 random bytes, new for each version.
    pub nonce: B256,
}

/// What the holder of a record keeps beside its document where the secret is derived: all but the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DerivedRecordKey {
    /// What is committed beside the document.
    pub metadata: Metadata,
    /// The commitment.
    pub commitment: B256,
    /// Which of the master secret's secrets opens it.
    pub derivation: Derivation,
}

impl MasterSecret {
    /// Takes 32 bytes from a cryptographic random generator.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(Zeroizing::new(*bytes))
    }

    /// Reads 32 bytes of hex, with or without `0x`.
    ///
    /// # Errors
    ///
    /// [`HexError`], which does not tell the digits.
    pub fn from_hex(text: &str) -> Result<Self, HexError> {
        hex::decode_array(text.trim()).map(|bytes| Self(Zeroizing::new(bytes)))
    }

    /// The master secret as a line of hex, to be stored where only its holder reads it. Wiped when dropped.
    #[must_use]
    pub fn to_hex(&self) -> Zeroizing<String> {
        // The capacity is that of the whole, so that no part of the secret stays behind in a copy.
        let mut text = Zeroizing::new(String::with_capacity(2 + 64 + 1));
        text.push_str("0x");
        for byte in self.0.iter() {
            text.push_str(&Zeroizing::new(Hex::bare(&[*byte]).to_string()));
        }
        text.push('\n');
        text
    }

    /// The secret of a version of the record with this id.
    #[must_use]
    pub fn derive(&self, id: &B256, derivation: &Derivation) -> Secret {
        let Derivation { version, nonce } = derivation;
        let mut secret = Zeroizing::new([0; 32]);
        hkdf_sha256(&nonce.0, &*self.0, &[INFO, &id.0, &version.to_be_bytes()], &mut *secret);
        Secret::from_bytes(&secret)
    }
}

impl DerivedRecordKey {
    /// The key with its secret. That the master secret is the right one, the commitment tells.
    #[must_use]
    pub fn open(&self, master: &MasterSecret) -> RecordKey {
        let id = self.metadata.scopes.first().copied().unwrap_or_default();
        let secret = master.derive(&id, &self.derivation);
        RecordKey { metadata: self.metadata.clone(), commitment: self.commitment, secret }
    }

    /// The key as JSON: `hr1` (the metadata), `commitment` and `derivation`.
    #[must_use]
    pub fn to_json(&self) -> String {
        let Derivation { version, nonce } = &self.derivation;
        let key = json!({
            "hr1": self.metadata.to_value(),
            "commitment": self.commitment.to_string(),
            "derivation": {"version": version, "nonce": nonce.to_string()},
        });
        format!("{key:#}\n")
    }

    /// Reads what [`Self::to_json`] writes; `None` where the text is a key of the stored form.
    ///
    /// # Errors
    ///
    /// [`FormError`] names the field and what was expected there.
    pub fn from_json(json: &str) -> Result<Option<Self>, FormError> {
        let mut value = form::parse(json, MAX_KEY_LEN)?;
        if let Some(Value::String(secret)) = value.get_mut("secret").map(Value::take) {
            drop(Zeroizing::new(secret));
            return Ok(None);
        }
        let fields = Object::outermost(&value)?;
        let derivation = fields.get("derivation")?;
        let inner = Object::inside("derivation", derivation)?;
        let version = u32::try_from(inner.uint("version")?);
        let version = version.map_err(|_| inner.type_error("version", "a number below 2^32"))?;
        Ok(Some(Self {
            metadata: Metadata::from_value("hr1", fields.get("hr1")?)?,
            commitment: B256(fields.fixed("commitment")?),
            derivation: Derivation { version, nonce: B256(inner.fixed("nonce")?) },
        }))
    }
}

/// HKDF with SHA-256 (RFC 5869): fills `out`, of at most 255 · 32 bytes; the info comes in parts.
///
/// The crate `hkdf` does the same, and leaves what it derived in memory.
fn hkdf_sha256(salt: &[u8], ikm: &[u8], info: &[&[u8]], out: &mut [u8]) {
    let extracted = hmac_sha256(salt, [ikm]);
    let (mut block, mut begun) = (Zeroizing::new([0; 32]), 0);
    for (number, part) in (1..=u8::MAX).zip(out.chunks_mut(32)) {
        let before = block.get(..begun).unwrap_or_default();
        let parts = [before].into_iter().chain(info.iter().copied());
        let next = hmac_sha256(&*extracted, parts.chain([&[number][..]]));
        (block, begun) = (next, 32);
        part.iter_mut().zip(block.iter()).for_each(|(byte, derived)| *byte = *derived);
    }
}

/// HMAC with SHA-256 (RFC 2104) of a message in parts.
fn hmac_sha256<'p>(key: &[u8], parts: impl IntoIterator<Item = &'p [u8]>) -> Zeroizing<[u8; 32]> {
    // A key longer than a block is hashed; a shorter one ends with zeros.
    let hashed = (key.len() > 64).then(|| Sha256::digest(key));
    let key = hashed.as_deref().unwrap_or(key);
    let mut block = Zeroizing::new([0; 64]);
    block.iter_mut().zip(key).for_each(|(byte, given)| *byte = *given);
    let mut mac = Hmac::<Sha256>::new((&*block).into());
    parts.into_iter().for_each(|part| mac.update(part));
    Zeroizing::new(mac.finalize().into_bytes().into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use healthrecord_core::Address;

    fn unhex(text: &str) -> Vec<u8> {
        let mut out = vec![0; text.len() / 2];
        hex::decode(text, &mut out).unwrap().to_vec()
    }

    /// RFC 5869, appendix A.1 to A.3.
    #[test]
    fn derives_as_rfc_5869_says() {
        let bytes = |from: u8, to: u8| Hex::bare(&(from..=to).collect::<Vec<_>>()).to_string();
        let (ikm, short, long) = ("0b".repeat(22), bytes(0, 12), bytes(0x60, 0xaf));
        for (ikm, salt, info, expected) in [
            (
                ikm.clone(),
                short,
                bytes(0xf0, 0xf9),
                "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
            ),
            (
                bytes(0, 0x4f),
                long,
                bytes(0xb0, 0xff),
                "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09\
                 da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87",
            ),
            (
                ikm,
                String::new(),
                String::new(),
                "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
            ),
        ] {
            let mut found = vec![0; expected.len() / 2];
            let info = unhex(&info);
            let (one, other) = info.split_at(info.len() / 3);
            hkdf_sha256(&unhex(&salt), &unhex(&ikm), &[one, other], &mut found);
            assert_eq!(found, unhex(expected));
        }
    }

    #[test]
    fn every_part_of_the_derivation_gives_another_secret() {
        let master = MasterSecret::from_bytes(&[1; 32]);
        let (id, derivation) = (B256([2; 32]), Derivation { version: 1, nonce: B256([3; 32]) });
        let first = *master.derive(&id, &derivation).expose_bytes();
        assert_eq!(first, *master.derive(&id, &derivation).expose_bytes());
        let others = [
            MasterSecret::from_bytes(&[9; 32]).derive(&id, &derivation),
            master.derive(&B256([9; 32]), &derivation),
            master.derive(&id, &Derivation { version: 2, ..derivation }),
            master.derive(&id, &Derivation { nonce: B256([9; 32]), ..derivation }),
        ];
        assert!(others.iter().all(|other| *other.expose_bytes() != first));
    }

    #[test]
    fn what_is_written_is_read_and_holds_no_secret() {
        let metadata = Metadata {
            patient: Address([1; 20]),
            author: Address([2; 20]),
            kind: 1,
            issued: 7,
            scopes: vec![B256([4; 32])],
            previous: None,
            attachments: vec![],
        };
        let derivation = Derivation { version: 3, nonce: B256([5; 32]) };
        let key = DerivedRecordKey { metadata, commitment: B256([6; 32]), derivation };
        let json = key.to_json();
        assert_eq!(DerivedRecordKey::from_json(&json), Ok(Some(key.clone())));
        let master = MasterSecret::from_hex(&MasterSecret::from_bytes(&[0xa7; 32]).to_hex()).unwrap();
        assert_eq!(*master.to_hex(), format!("0x{}\n", "a7".repeat(32)));
        let opened = key.open(&master);
        assert_eq!(opened.secret.expose_bytes(), master.derive(&B256([4; 32]), &derivation).expose_bytes());
        assert!(!json.contains(&Hex::bare(opened.secret.expose_bytes()).to_string()));
        assert_eq!(DerivedRecordKey::from_json(&opened.to_json()), Ok(None));
        assert!(RecordKey::from_json(&json).is_err());
        assert!(MasterSecret::from_hex("0xa7").is_err());
    }
}
