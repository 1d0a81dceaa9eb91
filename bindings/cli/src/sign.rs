//! `healthrecord message` and `typed-data`.

use std::path::Path;

use healthrecord::code::Code as _;
use healthrecord::core::chain::message::{bytes_hash, text_hash};
use healthrecord::core::chain::signature::{Signature, SignatureError};
use healthrecord::core::matter::checksum::Checksummed;
use healthrecord::core::matter::hex::{self, Hex};
use healthrecord::core::{Address, B256};
use healthrecord::typed_data::{MAX_TYPED_DATA_LEN, TypedData};

use crate::args::{KeyArgs, MessageCommand, MessageInput, TypedDataCommand};
use crate::failure::Failure;
use crate::files;
use crate::key;
use crate::report::Report;

/// Greatest size of a message, in bytes.
const MAX_MESSAGE_LEN: usize = 16 << 20;

pub(crate) fn message(command: &MessageCommand) -> Result<Report, Failure> {
    match command {
        MessageCommand::Sign { input, key } => sign(message_hash(input)?, Report::new(true), key),
        MessageCommand::Verify { input, signature, address } => {
            verify(&message_hash(input)?, signature, address)
        }
    }
}

pub(crate) fn typed_data(command: &TypedDataCommand) -> Result<Report, Failure> {
    match command {
        TypedDataCommand::Hash { file } => {
            let data = read(file)?;
            Ok(describe(&data).field("hash", "hash", data.hash().to_string()))
        }
        TypedDataCommand::Sign { file, key } => {
            let data = read(file)?;
            sign(data.hash(), describe(&data), key)
        }
    }
}

fn read(file: &Path) -> Result<TypedData, Failure> {
    TypedData::from_json(&files::read_text(file, MAX_TYPED_DATA_LEN)?)
        .map_err(|error| Failure::new(error.code(), error).in_file(file))
}

fn describe(data: &TypedData) -> Report {
    Report::new(true)
        .field("type", "type", data.encoded_type.clone())
        .field("domain separator", "domainSeparator", data.domain_separator.to_string())
        .field("struct hash", "structHash", data.struct_hash.to_string())
}

fn message_hash(input: &MessageInput) -> Result<B256, Failure> {
    if input.bytes {
        return Ok(bytes_hash(&files::read(&input.file, MAX_MESSAGE_LEN)?));
    }
    Ok(text_hash(&files::read_text(&input.file, MAX_MESSAGE_LEN)?))
}

fn sign(hash: B256, report: Report, key: &KeyArgs) -> Result<Report, Failure> {
    let key = key::read(&key.key, key.passphrase.as_deref())?;
    let signature = Hex::new(&key.sign_hash(&hash).to_bytes()).to_string();
    Ok(report
        .spoken("signed by", &Checksummed(key.address()).to_string(), "address", key.address().to_string())
        .field("hash", "hash", hash.to_string())
        .field("signature", "signature", signature))
}

fn verify(hash: &B256, signature: &str, address: &Address) -> Result<Report, Failure> {
    let bytes = hex::decode_array(signature).map_err(|error| Failure::new(error.code(), error))?;
    let no = |error: SignatureError| {
        Report::new(false)
            .field("valid", "valid", false)
            .spoken("reason", &format!("{error} [{}]", error.code()), "reason", error.to_string())
            .hidden("code", error.code())
    };
    Ok(match Signature::from_bytes(&bytes).and_then(|signature| signature.verify(hash, address)) {
        Err(error) => no(error),
        Ok(()) => Report::new(true).field("valid", "valid", true).spoken(
            "signed by",
            &Checksummed(*address).to_string(),
            "address",
            address.to_string(),
        ),
    })
}
