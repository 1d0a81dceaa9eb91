//! `healthrecord key`

use std::path::Path;

use healthrecord::code::{Code as _, Entry};
use healthrecord::core::chain::hd::{Path as DerivationPath, PathError, Phrase};
use healthrecord::core::chain::key::SecretKey;
use healthrecord::core::matter::hex::{self, Hex};
use zeroize::Zeroizing;

use crate::args::KeyCommand;
use crate::failure::Failure;
use crate::files;
use crate::record::random;
use crate::report::Report;

/// Greatest size of a key file, in bytes.
const MAX_KEY_LEN: usize = 4096;

/// The codes that only these commands give, for the table of all codes.
pub(crate) const CODES: &[Entry] = &[Entry {
    code: PASSPHRASE,
    meaning: "A passphrase is not plain ASCII.",
    cause: "A letter with an accent, which is written in more than one way.",
    remedy: "Derive the key with the wallet that made the phrase.",
}];

const PASSPHRASE: &str = "key.passphrase";

pub(crate) fn run(command: &KeyCommand) -> Result<Report, Failure> {
    match command {
        KeyCommand::New { out } => make(out),
        KeyCommand::Derive { phrase, passphrase, account, path, out } => {
            derive(phrase, passphrase.as_deref(), *account, path.as_deref(), out)
        }
        KeyCommand::Address { file } => address(file),
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
        .seed(passphrase.as_ref().map_or("", |text| text.lines().next().unwrap_or_default()))
        .master_key()
        .and_then(|master| master.derive(&path))
        .map_err(|error| Failure::new(error.code(), error))?;
    let secret = key.secret_key().map_err(|error| Failure::new(error.code(), error))?;
    Ok(write(out, &key.expose_key(), &secret)?.field("path", "path", path.to_string()))
}

/// A passphrase in ASCII is in the form NFKD, which BIP-39 demands, as it stands.
fn read_passphrase(file: &Path) -> Result<Zeroizing<String>, Failure> {
    let text = files::read_text(file, MAX_KEY_LEN)?;
    if text.is_ascii() {
        return Ok(text);
    }
    Err(Failure::new(PASSPHRASE, "the passphrase is not plain ASCII").in_file(file))
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
    let report = Report::new(true).field("address", "address", key.address().to_string());
    Ok(report.field("written to", "out", out.display().to_string()))
}

/// Reads a key file.
pub(crate) fn read(file: &Path) -> Result<SecretKey, Failure> {
    let text = files::read_text(file, MAX_KEY_LEN)?;
    let bytes = hex::decode_array::<32>(text.trim()).map(Zeroizing::new);
    let bytes = bytes.map_err(|error| Failure::new(error.code(), error).in_file(file))?;
    SecretKey::from_bytes(&bytes).map_err(|error| Failure::new(error.code(), error).in_file(file))
}

fn address(file: &Path) -> Result<Report, Failure> {
    Ok(Report::new(true).field("address", "address", read(file)?.address().to_string()))
}
