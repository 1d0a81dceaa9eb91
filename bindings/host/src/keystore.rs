//! Key files under a password: Web3 Secret Storage, version 3, which every Ethereum wallet reads.
//!
//! The key is encrypted by AES-128 in counter mode, under a key that scrypt or PBKDF2-HMAC-SHA256
//! makes of the password, and a Keccak-256 tells whether the password is right.

use std::fmt;

use aes::Aes128;
use ctr::Ctr128BE;
use ctr::cipher::{KeyIvInit as _, StreamCipher as _};
use healthrecord_core::chain::key::{KeyError, SecretKey};
use healthrecord_core::matter::hex::Hex;
use healthrecord_core::matter::keccak::Keccak;
use serde_json::json;
use zeroize::Zeroizing;

use crate::form::{self, FormError, Object};

/// Greatest size of a keystore, in bytes.
pub const MAX_KEYSTORE_LEN: usize = 1 << 16;
/// Most memory that scrypt may need, in bytes: four times that of the largest parameters in use.
pub const MAX_SCRYPT_MEMORY: u64 = 1 << 30;
/// Most passes of scrypt over its memory.
pub const MAX_SCRYPT_PARALLELISM: u64 = 16;
/// Most rounds of PBKDF2.
pub const MAX_PBKDF2_ROUNDS: u64 = 10_000_000;

/// scrypt's cost where a keystore is written, as wallets choose it: N = 2^17, r = 8 (128 MiB), p = 1.
const LOG_N: u8 = 17;

/// Random bytes for a new keystore; each is used once.
pub struct Draw {
    /// Salt of scrypt.
    pub salt: [u8; 32],
    /// First block of the counter.
    pub iv: [u8; 16],
    /// The keystore's id.
    pub id: [u8; 16],
}

/// Encrypts a key: the JSON of a keystore.
///
/// # Errors
///
/// None that can be met: the parameters are fixed.
pub fn encrypt(key: &SecretKey, password: &[u8], draw: &Draw) -> Result<String, KeystoreError> {
    let derived = scrypt(password, &draw.salt, 1 << LOG_N, 8, 1)?;
    let mut text = key.expose_bytes();
    cipher(&derived, &draw.iv).apply_keystream(&mut *text);
    let mac = mac(&derived, &*text);
    let hex = |bytes: &[u8]| Hex::bare(bytes).to_string();
    let mut id = draw.id;
    // A random UUID: version 4, variant 1.
    id[6] = id[6] & 0x0f | 0x40;
    id[8] = id[8] & 0x3f | 0x80;
    let [a, b, c, d, e] = [&id[..4], &id[4..6], &id[6..8], &id[8..10], &id[10..]].map(hex);
    let keystore = json!({
        "version": 3,
        "id": format!("{a}-{b}-{c}-{d}-{e}"),
        "address": hex(&key.address().0),
        "crypto": {
            "cipher": "aes-128-ctr",
            "cipherparams": {"iv": hex(&draw.iv)},
            "ciphertext": hex(&*text),
            "kdf": "scrypt",
            "kdfparams": {"dklen": 32, "n": 1 << LOG_N, "r": 8, "p": 1, "salt": hex(&draw.salt)},
            "mac": hex(&mac.0),
        },
    });
    Ok(format!("{keystore:#}\n"))
}

/// Decrypts the key of a keystore.
///
/// # Errors
///
/// [`KeystoreError`]; it never shows the password or the key.
pub fn decrypt(json: &str, password: &[u8]) -> Result<SecretKey, KeystoreError> {
    let value = form::parse(json, MAX_KEYSTORE_LEN)?;
    let fields = Object::outermost(&value)?;
    let version = fields.uint("version")?;
    if version != 3 {
        return Err(KeystoreError::Version { found: version });
    }
    // Old wallets wrote Crypto.
    let name = if fields.find("crypto").is_some() { "crypto" } else { "Crypto" };
    let crypto = Object::inside(name, fields.get(name)?)?;
    if crypto.string("cipher")? != "aes-128-ctr" {
        return Err(KeystoreError::Unknown { field: "cipher" });
    }
    let iv = Object::inside("crypto.cipherparams", crypto.get("cipherparams")?)?.fixed::<16>("iv")?;
    let text = crypto.fixed::<32>("ciphertext")?;
    let expected = crypto.fixed::<32>("mac")?;
    let derived = derive(&crypto, password)?;
    // Who can ask this question has the file, and the password's hash with it: time tells nothing more.
    if mac(&derived, &text).0 != expected {
        return Err(KeystoreError::Password);
    }
    let mut text = Zeroizing::new(text);
    cipher(&derived, &iv).apply_keystream(&mut *text);
    let key = SecretKey::from_bytes(&text).map_err(KeystoreError::Key)?;
    // The address stands there for people, and is not under the password.
    if fields.find("address").is_some() && fields.fixed::<20>("address")? != key.address().0 {
        return Err(KeystoreError::Address);
    }
    Ok(key)
}

type Derived = Zeroizing<[u8; 32]>;

fn derive(crypto: &Object<'_>, password: &[u8]) -> Result<Derived, KeystoreError> {
    let params = Object::inside("crypto.kdfparams", crypto.get("kdfparams")?)?;
    let salt = params.bytes("salt")?;
    if params.uint("dklen")? != 32 {
        return Err(KeystoreError::Unknown { field: "dklen" });
    }
    match crypto.string("kdf")? {
        "scrypt" => scrypt(password, &salt, params.uint("n")?, params.uint("r")?, params.uint("p")?),
        "pbkdf2" => {
            if params.string("prf")? != "hmac-sha256" {
                return Err(KeystoreError::Unknown { field: "prf" });
            }
            let rounds = params.uint("c")?;
            let bounded = u32::try_from(rounds).ok().filter(|_| (1..=MAX_PBKDF2_ROUNDS).contains(&rounds));
            let mut derived = Zeroizing::new([0; 32]);
            let rounds = bounded.ok_or(KeystoreError::Work)?;
            pbkdf2::pbkdf2_hmac::<sha2::Sha256>(password, &salt, rounds, &mut *derived);
            Ok(derived)
        }
        _ => Err(KeystoreError::Unknown { field: "kdf" }),
    }
}

/// scrypt, within the bounds that a file of strangers may not pass.
fn scrypt(password: &[u8], salt: &[u8], n: u64, r: u64, p: u64) -> Result<Derived, KeystoreError> {
    let memory = n.checked_mul(r).and_then(|blocks| blocks.checked_mul(128));
    let is_bounded = n.is_power_of_two()
        && n > 1
        && memory.is_some_and(|memory| (1..=MAX_SCRYPT_MEMORY).contains(&memory))
        && (1..=MAX_SCRYPT_PARALLELISM).contains(&p);
    // Before the crate sees them: it multiplies what it is given.
    if !is_bounded {
        return Err(KeystoreError::Work);
    }
    let [log_n, ..] = n.trailing_zeros().to_le_bytes();
    let narrow = |number| u32::try_from(number).map_err(|_| KeystoreError::Work);
    let params = scrypt::Params::new(log_n, narrow(r)?, narrow(p)?).map_err(|_| KeystoreError::Work)?;
    let mut derived = Zeroizing::new([0; 32]);
    scrypt::scrypt(password, salt, &params, &mut *derived).map_err(|_| KeystoreError::Work)?;
    Ok(derived)
}

fn cipher(derived: &Derived, iv: &[u8; 16]) -> Ctr128BE<Aes128> {
    let mut key = Zeroizing::new([0; 16]);
    key.iter_mut().zip(derived.iter()).for_each(|(byte, source)| *byte = *source);
    Ctr128BE::new((&*key).into(), iv.into())
}

fn mac(derived: &Derived, text: &[u8]) -> healthrecord_core::B256 {
    let (_, second) = derived.split_at(16);
    let mut hash = Keccak::new().chain(second).chain(text);
    hash.finish_secret()
}

/// Why a keystore gives no key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeystoreError {
    /// The JSON is no keystore.
    Form(FormError),
    /// Another version than 3.
    Version {
        /// The version found.
        found: u64,
    },
    /// A method that version 3 does not have.
    Unknown {
        /// The field that names it.
        field: &'static str,
    },
    /// The work that the file asks for is beyond the bounds, or no work at all.
    Work,
    /// The password is wrong, or the file was altered.
    Password,
    /// What was decrypted is no key.
    Key(KeyError),
    /// The key is of another address than the file says.
    Address,
}

impl From<FormError> for KeystoreError {
    fn from(error: FormError) -> Self {
        Self::Form(error)
    }
}

impl fmt::Display for KeystoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form(error) => error.fmt(f),
            Self::Version { found } => write!(f, "a keystore of version {found}: expected 3"),
            Self::Unknown { field } => write!(f, "the keystore's {field} is not known"),
            Self::Work => f.write_str("the work that the keystore asks for is out of bounds"),
            Self::Password => f.write_str("the password is wrong, or the keystore was altered"),
            Self::Key(error) => error.fmt(f),
            Self::Address => f.write_str("the keystore's key is of another address than it says"),
        }
    }
}

impl core::error::Error for KeystoreError {}
