//! `healthrecord key`

use std::path::Path;

use healthrecord::code::{Code as _, Entry};
use healthrecord::core::chain::hd::{Path as DerivationPath, PathError, Phrase};
use healthrecord::core::chain::key::SecretKey;
use healthrecord::core::matter::hex::{self, Hex};
use healthrecord::keystore::{self, Draw, MAX_KEYSTORE_LEN};
use healthrecord::record::MasterSecret;
use zeroize::Zeroizing;

use crate::args::KeyCommand;
use crate::failure::Failure;
use crate::files;
use crate::record::random;
use crate::report::Report;

/// Greatest size of a file of a key, phrase or passphrase, in bytes.
const MAX_KEY_LEN: usize = 4096;

/// The codes that only these commands give, for the table of all codes.
pub(crate) const CODES: &[Entry] = &[
    Entry {
        code: PASSPHRASE,
        meaning: "A passphrase is not plain ASCII.",
        cause: "A letter with an accent, which is written in more than one way.",
        remedy: "Derive the key with the wallet that made the phrase; for a new keystore, choose another.",
    },
    Entry {
        code: NO_PASSPHRASE,
        meaning: "A passphrase is missing.",
        cause: "An empty first line, or a keystore without --passphrase.",
        remedy: "Give --passphrase with a file whose first line is the passphrase.",
    },
];

const PASSPHRASE: &str = "key.passphrase";
const NO_PASSPHRASE: &str = "key.no_passphrase";

pub(crate) fn run(command: &KeyCommand) -> Result<Report, Failure> {
    match command {
        KeyCommand::New { out } => make(out),
        KeyCommand::Master { out } => {
            files::write_secret(out, &MasterSecret::from_bytes(&*random()?).to_hex())?;
            Ok(Report::new(true).field("written to", "out", out.display().to_string()))
        }
        KeyCommand::Derive { phrase, passphrase, account, path, out } => {
            derive(phrase, passphrase.as_deref(), *account, path.as_deref(), out)
        }
        KeyCommand::Import { file, passphrase, out } => import(file, passphrase, out),
        KeyCommand::Export { file, passphrase, out } => {
            let key = open(file, &read_keystore(file)?, passphrase)?;
            write(out, &key.expose_bytes(), &key)
        }
        KeyCommand::Address { file, passphrase } => {
            let key = read(file, passphrase.as_deref())?;
            Ok(Report::new(true).field("address", "address", key.address().to_string()))
        }
    }
}

fn make(out: &Path) -> Result<Report, Failure> {
    // All but about one in 2^128 draws are a key; another draw mends that one.
    let (bytes, key) = loop {
        let bytes = random()?;
        if let Ok(key) = SecretKey::from_bytes(&bytes) {
            break (bytes, key);
        }
    };
    write(out, &bytes, &key)
}

fn derive(
    file: &Path,
    passphrase: Option<&Path>,
    account: u32,
    path: Option<&str>,
    out: &Path,
) -> Result<Report, Failure> {
    let fault = |error: PathError| Failure::new(error.code(), error);
    let path = path.map_or_else(|| DerivationPath::account(account), str::parse).map_err(fault)?;
    let words = files::read_text(file, MAX_KEY_LEN)?;
    let phrase = Phrase::parse(&words).map_err(|error| Failure::new(error.code(), error).in_file(file))?;
    let passphrase = passphrase.map(read_passphrase).transpose()?;
    let key = phrase
        .seed(passphrase.as_ref().map_or("", |text| first_line(text)))
        .master_key()
        .and_then(|master| master.derive(&path))
        .map_err(|error| Failure::new(error.code(), error))?;
    let secret = key.secret_key().map_err(|error| Failure::new(error.code(), error))?;
    Ok(write(out, &key.expose_key(), &secret)?.field("path", "path", path.to_string()))
}

/// A passphrase in ASCII is in every normal form: in NFKD, which BIP-39 demands, and in NFKC, which some
/// wallets make of a keystore's.
fn read_passphrase(file: &Path) -> Result<Zeroizing<String>, Failure> {
    let text = files::read_text(file, MAX_KEY_LEN)?;
    if text.is_ascii() {
        return Ok(text);
    }
    Err(Failure::new(PASSPHRASE, "the passphrase is not plain ASCII").in_file(file))
}

/// Reads the master secret of records.
pub(crate) fn read_master(file: &Path) -> Result<MasterSecret, Failure> {
    MasterSecret::from_hex(&files::read_text(file, MAX_KEY_LEN)?)
        .map_err(|error| Failure::new(error.code(), error).in_file(file))
}

/// Writes a new key file, and tells whose key it is.
fn write(out: &Path, bytes: &[u8; 32], key: &SecretKey) -> Result<Report, Failure> {
    // The capacity is that of the whole, so that no part of the secret stays behind in a copy.
    let mut text = Zeroizing::new(String::with_capacity(2 + 64 + 1));
    text.push_str("0x");
    for byte in bytes.iter() {
        text.push_str(&Zeroizing::new(Hex::bare(&[*byte]).to_string()));
    }
    text.push('\n');
    files::write_secret(out, &text)?;
    Ok(written(out, key))
}

fn written(out: &Path, key: &SecretKey) -> Report {
    let report = Report::new(true).field("address", "address", key.address().to_string());
    report.field("written to", "out", out.display().to_string())
}

fn import(file: &Path, passphrase: &Path, out: &Path) -> Result<Report, Failure> {
    let key = parse(file, &files::read_text(file, MAX_KEY_LEN)?)?;
    // Wallets differ in the form in which they take letters with accents.
    let text = read_passphrase(passphrase)?;
    let line = first_line(&text);
    if line.is_empty() {
        return Err(Failure::new(NO_PASSPHRASE, "the passphrase is empty").in_file(passphrase));
    }
    let (salt, rest) = (random()?, random()?);
    let mut draw = Draw { salt: *salt, iv: [0; 16], id: [0; 16] };
    let (iv, id) = rest.split_at(16);
    draw.iv.copy_from_slice(iv);
    draw.id.copy_from_slice(id);
    let keystore = keystore::encrypt(&key, line.as_bytes(), &draw);
    let keystore = keystore.map_err(|error| Failure::new(error.code(), error))?;
    files::write_secret(out, &keystore)?;
    Ok(written(out, &key))
}

/// Reads a secret key from a key file, or from a keystore where there is a passphrase.
pub(crate) fn read(file: &Path, passphrase: Option<&Path>) -> Result<SecretKey, Failure> {
    let text = read_keystore(file)?;
    match passphrase {
        Some(passphrase) => open(file, &text, passphrase),
        None if text.trim_start().starts_with('{') => {
            Err(Failure::new(NO_PASSPHRASE, "a keystore, which opens with --passphrase").in_file(file))
        }
        None => parse(file, &text),
    }
}

/// A key file, too, is no larger.
fn read_keystore(file: &Path) -> Result<Zeroizing<String>, Failure> {
    files::read_text(file, MAX_KEYSTORE_LEN)
}

fn parse(file: &Path, text: &str) -> Result<SecretKey, Failure> {
    let bytes = hex::decode_array::<32>(text.trim()).map(Zeroizing::new);
    let bytes = bytes.map_err(|error| Failure::new(error.code(), error).in_file(file))?;
    SecretKey::from_bytes(&bytes).map_err(|error| Failure::new(error.code(), error).in_file(file))
}

/// Opens a keystore, with any passphrase that a wallet may have taken.
fn open(file: &Path, keystore: &str, passphrase: &Path) -> Result<SecretKey, Failure> {
    let passphrase = files::read_text(passphrase, MAX_KEY_LEN)?;
    keystore::decrypt(keystore, first_line(&passphrase).as_bytes())
        .map_err(|error| Failure::new(error.code(), error).in_file(file))
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
