//! Messages, keys and key files.

use healthrecord::code::Code as _;
use healthrecord::core::chain::hd::{ExtendedKey, Path, Phrase};
use healthrecord::core::chain::key::SecretKey;
use healthrecord::core::chain::message::{bytes_hash, text_hash};
use healthrecord::core::chain::signature::Signature;
use healthrecord::core::matter::checksum::Checksummed;
use healthrecord::core::{Address, B256};
use healthrecord::keystore;
use healthrecord::typed_data::TypedData;
use serde_json::{Value, json};

use super::{Outcome, address, bytes, print, word};

/// What is done with a case of an operation; `None` for an operation of another family.
pub(super) fn run(operation: &str, input: &Value) -> Option<Outcome> {
    Some(match operation {
        "signText" => sign(input, text_hash(text(&input["text"]))),
        "signBytes" => sign(input, bytes_hash(&bytes(&input["bytes"]))),
        "verifyText" => verify_text(input),
        "signTypedData" => sign_typed_data(input),
        "deriveKey" => derive_key(input),
        "spellPhrase" => spell_phrase(input),
        "readAddress" => read_address(input),
        "openKeystore" => open_keystore(input),
        _ => return None,
    })
}

/// An operation whose errors all have codes.
macro_rules! coded {
    ($result:expr) => {
        match $result {
            Ok(value) => value,
            Err(error) => return Err((error.code(), None)),
        }
    };
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn sign(input: &Value, hash: B256) -> Outcome {
    let key = coded!(SecretKey::from_bytes(&word(&input["secretKey"]).0));
    let signature = key.sign_hash(&hash);
    assert_eq!(signature.recover(&hash), Ok(key.address()));
    assert_eq!(Signature::from_bytes(&signature.to_bytes()), Ok(signature));
    Ok(json!({
        "hash": hash.to_string(),
        "signature": print(&signature.to_bytes()),
        "signer": key.address().to_string(),
    }))
}

/// Checks a signature, which every case of this operation is refused for.
fn verify_text(input: &Value) -> Outcome {
    let signature = bytes(&input["signature"]).try_into().unwrap();
    let signature = coded!(Signature::from_bytes(&signature));
    coded!(signature.verify(&text_hash(text(&input["text"])), &address(&input["signer"])));
    Ok(Value::Null)
}

fn sign_typed_data(input: &Value) -> Outcome {
    let data = coded!(TypedData::from_json(&input["typedData"].to_string()));
    let mut output = sign(input, data.hash())?;
    output["encodedType"] = json!(data.encoded_type);
    output["domainSeparator"] = json!(data.domain_separator.to_string());
    output["structHash"] = json!(data.struct_hash.to_string());
    Ok(output)
}

fn key(key: &SecretKey) -> Value {
    json!({"secretKey": print(&*key.expose_bytes()), "address": key.address().to_string()})
}

fn derive_key(input: &Value) -> Outcome {
    let path: Path = coded!(text(&input["path"]).parse());
    let master = match input.get("seed") {
        Some(seed) => coded!(ExtendedKey::from_seed(&bytes(seed))),
        None => {
            let phrase = coded!(Phrase::parse(text(&input["phrase"])));
            coded!(phrase.seed(text(&input["passphrase"])).master_key())
        }
    };
    let derived = coded!(coded!(master.derive(&path)).secret_key());
    Ok(key(&derived))
}

fn spell_phrase(input: &Value) -> Outcome {
    let phrase = coded!(Phrase::from_entropy(&bytes(&input["entropy"])));
    assert!(Phrase::parse(phrase.expose_text()).is_ok(), "what is spelled can be read");
    Ok(json!({"phrase": phrase.expose_text()}))
}

fn read_address(input: &Value) -> Outcome {
    let Checksummed(address): Checksummed = coded!(Checksummed::parse_lenient(text(&input["address"])));
    let checksummed = Checksummed(address).to_string();
    assert_eq!(Checksummed::parse(&checksummed), Ok(Checksummed(address)));
    assert_eq!(checksummed.parse::<Address>(), Ok(address));
    Ok(json!({"checksummed": checksummed}))
}

fn open_keystore(input: &Value) -> Outcome {
    let opened =
        coded!(keystore::decrypt(&input["keystore"].to_string(), text(&input["password"]).as_bytes()));
    Ok(key(&opened))
}
