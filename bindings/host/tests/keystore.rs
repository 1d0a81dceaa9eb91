//! Keystores of the Web3 Secret Storage definition open, and ours open again.
#![allow(clippy::unwrap_used, clippy::panic)]

use healthrecord::core::chain::key::SecretKey;
use healthrecord::keystore::{Draw, KeystoreError, decrypt, encrypt};

const SECRET: &str = "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d";
const PBKDF2: &str = r#"{"crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"6087dab2f9fdbbfaddc31a909735c1e6"},
    "ciphertext":"5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46","kdf":"pbkdf2",
    "kdfparams":{"c":262144,"dklen":32,"prf":"hmac-sha256","salt":"ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd"},
    "mac":"517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2"},"id":"3198bc9c-6672-5ab3-d995-4942343ae5b6","version":3}"#;
const SCRYPT: &str = r#"{"crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"83dbcc02d8ccb40e466191a123791e0e"},
    "ciphertext":"d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c","kdf":"scrypt",
    "kdfparams":{"dklen":32,"n":262144,"p":8,"r":1,"salt":"ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19"},
    "mac":"2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097"},"id":"3198bc9c-6672-5ab3-d995-4942343ae5b6","version":3}"#;

fn secret(json: &str, password: &str) -> Result<String, KeystoreError> {
    let key = decrypt(json, password.as_bytes())?;
    Ok(key.expose_bytes().iter().map(|byte| format!("{byte:02x}")).collect())
}

#[test]
fn the_keystores_of_the_definition_open() {
    assert_eq!(secret(PBKDF2, "testpassword").unwrap(), SECRET);
    assert_eq!(secret(SCRYPT, "testpassword").unwrap(), SECRET);
    assert_eq!(secret(PBKDF2, "wrong"), Err(KeystoreError::Password));
}

#[test]
fn what_is_encrypted_is_decrypted() {
    let key = SecretKey::from_bytes(&[7; 32]).unwrap();
    let json = encrypt(&key, b"password", &Draw { salt: [1; 32], iv: [2; 16], id: [0xff; 16] }).unwrap();
    assert!(json.contains("ffffffff-ffff-4fff-bfff-ffffffffffff") && !json.contains("07070707"));
    assert_eq!(secret(&json, "password").unwrap(), "07".repeat(32));
    let digits: String = key.address().to_string().chars().skip(2).collect();
    let other = json.replace(&digits, &"11".repeat(20));
    assert_eq!(secret(&other, "password"), Err(KeystoreError::Address));
}

#[test]
fn work_without_bound_is_refused_before_it_is_done() {
    for (from, to) in [
        ("\"n\":262144", "\"n\":1073741824"),
        ("\"n\":262144", "\"n\":262143"),
        ("\"n\":262144", "\"n\":0"),
        ("\"n\":262144", "\"n\":1"),
        ("\"r\":1", "\"r\":4294967295"),
        ("\"r\":1", "\"r\":0"),
        ("\"p\":8", "\"p\":1000"),
        ("\"p\":8", "\"p\":0"),
    ] {
        assert_eq!(secret(&SCRYPT.replace(from, to), "testpassword"), Err(KeystoreError::Work), "{to}");
    }
    for rounds in ["0", "4294967296", "10000001"] {
        let json = PBKDF2.replace("262144", rounds);
        assert_eq!(secret(&json, "testpassword"), Err(KeystoreError::Work), "{rounds}");
    }
    let unknown = |field| Err(KeystoreError::Unknown { field });
    assert_eq!(secret(&PBKDF2.replace("aes-128-ctr", "aes-256-ctr"), ""), unknown("cipher"));
    assert_eq!(secret(&PBKDF2.replace("hmac-sha256", "hmac-sha1"), ""), unknown("prf"));
    assert_eq!(secret(&PBKDF2.replace("pbkdf2", "argon2"), ""), unknown("kdf"));
    assert_eq!(secret(&PBKDF2.replace("\"dklen\":32", "\"dklen\":31"), ""), unknown("dklen"));
    assert_eq!(
        secret(&PBKDF2.replace("\"version\":3", "\"version\":1"), ""),
        Err(KeystoreError::Version { found: 1 })
    );
}
