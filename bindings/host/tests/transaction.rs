//! What breaks a rule between the fields is refused before anybody is asked to sign it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::path::Path;

use healthrecord::core::chain::key::SecretKey;
use healthrecord::core::chain::tx::TxError;
use healthrecord::transaction::Transaction;
use serde_json::{Value, json};

/// The unsigned transaction of a case of the vectors.
fn case(title: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../core/tests/vectors/tx.json");
    let vectors: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let name = format!("sign: {title} of ordinary values");
    let cases = vectors["cases"].as_array().unwrap();
    cases.iter().find(|case| case["name"] == name).unwrap()["input"]["transaction"].clone()
}

#[test]
fn what_no_signature_would_make_good_has_no_hash_to_sign() {
    let key = SecretKey::from_bytes(&[7; 32]).unwrap();
    let nonce = "0xffffffffffffffff";
    for (title, field, value, expected) in [
        ("legacy without a chain", "nonce", json!(nonce), TxError::NonceTooLarge),
        ("legacy for a chain", "nonce", json!(nonce), TxError::NonceTooLarge),
        ("type 1", "nonce", json!(nonce), TxError::NonceTooLarge),
        ("type 2", "nonce", json!(nonce), TxError::NonceTooLarge),
        ("type 2", "maxPriorityFeePerGas", json!("0x6fc23ac01"), TxError::PriorityFeeAboveMaxFee),
        ("type 3", "to", json!(null), TxError::NoRecipient),
        ("type 3", "blobVersionedHashes", json!([]), TxError::NoBlobs),
        (
            "type 3",
            "blobVersionedHashes",
            json!([format!("0x02{}", "00".repeat(31))]),
            TxError::BlobVersion { index: 0 },
        ),
        ("type 4", "to", json!(null), TxError::NoRecipient),
        ("type 4", "authorizationList", json!([]), TxError::NoAuthorizations),
    ] {
        let good = case(title);
        let mut fields = good.clone();
        fields[field] = value;
        let good = Transaction::from_json(&good.to_string()).unwrap();
        let signature = key.sign_hash(&good.signing_hash().unwrap());
        let bad = Transaction::from_json(&fields.to_string()).unwrap();
        assert_eq!(bad.signing_hash(), Err(expected), "{title}, {field}");
        assert_eq!(bad.clone().sign(&key).err(), Some(expected), "{title}, {field}");
        assert_eq!(bad.into_signed(signature, None).err(), Some(expected), "{title}, {field}");
    }
}
