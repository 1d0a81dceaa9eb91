//! `healthrecord key`

use std::path::Path;

use healthrecord::code::Code as _;
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

pub(crate) fn run(command: &KeyCommand) -> Result<Report, Failure> {
    match command {
        KeyCommand::New { out } => make(out),
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

fn address(file: &Path) -> Result<Report, Failure> {
    let text = files::read_text(file, MAX_KEY_LEN)?;
    let bytes = hex::decode_array::<32>(text.trim()).map(Zeroizing::new);
    let bytes = bytes.map_err(|error| Failure::new(error.code(), error).in_file(file))?;
    let key =
        SecretKey::from_bytes(&bytes).map_err(|error| Failure::new(error.code(), error).in_file(file))?;
    Ok(Report::new(true).field("address", "address", key.address().to_string()))
}
