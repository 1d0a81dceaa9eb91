//! No error shows what is secret: passwords, keys, phrases, and the values of what is signed.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::fmt::{Debug, Display};
use std::path::Path as FilePath;

use healthrecord::core::B256;
use healthrecord::core::chain::hd::{ExtendedKey, Path, Phrase, Seed};
use healthrecord::core::chain::key::SecretKey;
use healthrecord::core::matter::checksum::Checksummed;
use healthrecord::core::matter::hex::Hex;
use healthrecord::keystore::{decrypt, encrypt};
use healthrecord::record::Secret;
use healthrecord::typed_data::TypedData;
use serde_json::{Value, json};

/// What no error may hold; it is no word, no number and no hex.
const MARKER: &str = "qXzWjvKy";

/// All that an error says.
fn said<E: Debug + Display>(error: &E) -> String {
    format!("{error}\n{error:?}\n{error:#?}")
}

/// That what is read is refused, without the marker.
fn refused<T, E: Debug + Display>(what: &str, result: Result<T, E>) {
    let Err(error) = result else { panic!("{what} is taken") };
    let said = said(&error);
    assert!(!said.contains(MARKER), "{what}: {said}");
}

/// Compiles for types that have none of these traits only: else there are two ways to call `none`.
macro_rules! is_not {
    ($what:ty: $($name:path),+) => {
        $({
            trait Ambiguous<A> {
                fn none() {}
            }
            impl<T: ?Sized> Ambiguous<()> for T {}
            struct Has;
            impl<T: ?Sized + $name> Ambiguous<Has> for T {}
            <$what as Ambiguous<_>>::none();
        })+
    };
}

#[test]
fn secrets_neither_print_nor_multiply() {
    is_not!(SecretKey: Debug, Display, Clone);
    is_not!(ExtendedKey: Debug, Display, Clone);
    is_not!(Phrase: Debug, Display, Clone);
    is_not!(Seed: Debug, Display, Clone);
    is_not!(Secret: Debug, Display);
}

#[test]
fn errors_of_phrases_and_paths_show_none_of_their_words() {
    let good = "legal winner thank year wave sausage worth useful legal winner thank yellow";
    for place in 0..12 {
        let mut words: Vec<&str> = good.split(' ').collect();
        words[place] = MARKER;
        refused("a phrase", Phrase::parse(&words.join(" ")).map(drop));
        words[place] = "";
        words.push(MARKER);
        words.push(MARKER);
        refused("a long phrase", Phrase::parse(&words.join(" ")).map(drop));
    }
    let wrong = good.replace("yellow", "zoo");
    let Err(error) = Phrase::parse(&wrong) else { panic!("a wrong checksum is taken") };
    for word in wrong.split(' ') {
        assert!(!said(&error).contains(word), "{word}");
    }
    for path in [format!("{MARKER}/0"), format!("m/{MARKER}"), format!("m/0/{MARKER}'/1")] {
        refused("a path", path.parse::<Path>());
    }
    refused("an address", Checksummed::parse(MARKER));
    refused("an address", Checksummed::parse_lenient(&MARKER.repeat(5)));
}

#[test]
fn errors_of_keys_show_none_of_their_bytes() {
    for bytes in [[0; 32], [0xff; 32], order_plus(0), order_plus(7)] {
        let Err(error) = SecretKey::from_bytes(&bytes) else { panic!("no key is taken") };
        shows_no_bytes(&said(&error), &bytes);
    }
    for seed in [&b"short"[..], &[0x5e; 65]] {
        let Err(error) = ExtendedKey::from_seed(seed) else { panic!("no seed is taken") };
        shows_no_bytes(&said(&error), seed);
    }
}

/// The order of the curve and a little more, big-endian.
fn order_plus(more: u8) -> [u8; 32] {
    let order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
    let mut bytes = order.parse::<B256>().unwrap().0;
    bytes[31] += more;
    bytes
}

/// Neither in hex nor as a list of numbers, not even four of them.
fn shows_no_bytes(said: &str, secret: &[u8]) {
    for part in secret.windows(4) {
        let hex = Hex::bare(part).to_string();
        let list = format!("{part:?}");
        let list = list.trim_matches(['[', ']']);
        for form in [&hex, &hex.to_uppercase(), list] {
            assert!(!said.contains(form), "{form} in {said}");
        }
    }
}

/// The key files of the vectors: file, password, key.
fn keystores() -> Vec<(Value, String, B256)> {
    let path = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("../../core/tests/vectors/message.json");
    let vectors: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let cases = vectors["cases"].as_array().unwrap().iter();
    let good = cases.filter(|case| case["operation"] == "openKeystore" && case.get("error").is_none());
    good.map(|case| {
        let password = case["input"]["password"].as_str().unwrap().to_owned();
        let key = case["output"]["secretKey"].as_str().unwrap().parse().unwrap();
        (case["input"]["keystore"].clone(), password, key)
    })
    .collect()
}

/// The value's leaves, each by its path.
fn leaves(value: &Value, path: &str, found: &mut Vec<String>) {
    match value.as_object() {
        Some(members) => {
            members.iter().for_each(|(name, inner)| leaves(inner, &format!("{path}/{name}"), found));
        }
        None => found.push(path.to_owned()),
    }
}

#[test]
fn errors_of_keystores_show_neither_password_nor_key() {
    let mut errors = 0;
    let mut look = |json: &str, password: &str, secrets: &[&str], key: &B256| {
        if let Err(error) = decrypt(json, password.as_bytes()) {
            let said = said(&error);
            for secret in secrets {
                assert!(!said.contains(secret), "{said}");
            }
            shows_no_bytes(&said, &key.0);
            errors += 1;
        }
    };
    for (keystore, password, key) in keystores() {
        let wrong = format!("{password}{MARKER}");
        look(&keystore.to_string(), &wrong, &[&wrong, MARKER], &key);
        let mut paths = vec![];
        leaves(&keystore, "", &mut paths);
        assert!(paths.len() > 10, "{paths:?}");
        for path in paths {
            for change in [json!(MARKER), json!(null), json!([MARKER]), json!({MARKER: MARKER}), json!("00")]
            {
                let mut changed = keystore.clone();
                *changed.pointer_mut(&path).unwrap() = change;
                look(&changed.to_string(), &wrong, &[&wrong, MARKER], &key);
            }
        }
        // A file that somebody wrote a password or the key itself into, and that is cut off there.
        let note = json!({"note": MARKER, "key": key.to_string()}).to_string();
        for end in 1..note.len() {
            look(&note[..end], &wrong, &[&wrong, MARKER], &key);
        }
    }
    assert!(errors > 500, "{errors} errors");
}

#[test]
fn keystores_hold_neither_password_nor_key() {
    let key = SecretKey::from_bytes(&[0x5e; 32]).unwrap();
    let draw = healthrecord::keystore::Draw { salt: [1; 32], iv: [2; 16], id: [3; 16] };
    let written = encrypt(&key, MARKER.as_bytes(), &draw).unwrap();
    assert!(!written.contains(MARKER));
    shows_no_bytes(&written, &*key.expose_bytes());
}

#[test]
fn errors_of_typed_data_show_no_value_of_the_message() {
    let values = [
        json!(MARKER),
        json!(format!("0x{MARKER}")),
        json!(format!("-{MARKER}")),
        json!(format!("{MARKER:0>42}")),
        json!([MARKER]),
        json!({"inner": MARKER, MARKER: MARKER}),
    ];
    let types = [
        "bool",
        "address",
        "uint8",
        "int256",
        "bytes",
        "bytes4",
        "uint8[]",
        "bytes32[2]",
        "bool[1][]",
        "Part",
    ];
    for kind in types {
        for value in &values {
            let data = typed(kind, value);
            refused(kind, TypedData::from_json(&data.to_string()));
            // The same in the domain, and a text that ends in the value.
            let mut domain = data.clone();
            domain["types"]["EIP712Domain"] = json!([{"name": "name", "type": kind}]);
            domain["domain"] = json!({"name": value});
            refused(kind, TypedData::from_json(&domain.to_string()));
            let text = data.to_string();
            let end = text.find(MARKER).unwrap() + MARKER.len();
            refused(kind, TypedData::from_json(&text[..end]));
        }
    }
    refused("a message", TypedData::from_value(&json!({"message": MARKER})));
    refused("a text", TypedData::from_json(MARKER));
}

fn typed(kind: &str, value: &Value) -> Value {
    json!({
        "types": {
            "Part": [{"name": "inner", "type": "uint8"}],
            "Case": [{"name": "value", "type": kind}],
        },
        "primaryType": "Case",
        "domain": {},
        "message": {"value": value},
    })
}
