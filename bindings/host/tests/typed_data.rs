//! Typed data hashes as ethers, eth-account and alloy hash it, or is refused for a declared reason.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::path::{Path, PathBuf};

use alloy_dyn_abi::TypedData as Oracle;
use healthrecord::code::Code as _;
use healthrecord::typed_data::TypedData;
use serde_json::{Map, Value, json};

fn vectors() -> Option<PathBuf> {
    let folder = std::env::var_os("HEALTHRECORD_VECTORS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors"), PathBuf::from);
    if folder.is_dir() {
        return Some(folder.join("eip712"));
    }
    assert!(std::env::var_os("CI").is_none(), "no external vectors at {}", folder.display());
    println!("SKIPPED 1");
    None
}

#[test]
fn ethers_documents_have_its_digests() {
    let Some(folder) = vectors() else { return };
    let file = std::fs::File::open(folder.join("ethers-typed-data.json.gz")).unwrap();
    let cases: Vec<Value> = serde_json::from_reader(flate2::read::GzDecoder::new(file)).unwrap();
    for case in &cases {
        let document = json!({
            "types": case["types"], "primaryType": case["primaryType"],
            "domain": case["domain"], "message": case["data"],
        });
        let read =
            TypedData::from_value(&document).unwrap_or_else(|error| panic!("{}: {error}", case["name"]));
        assert_eq!(read.hash().to_string(), case["digest"], "{}", case["name"]);
    }
    assert_eq!(cases.len(), 130);
}

/// A document that eth-account takes and that is refused here: a type without a name.
const VALID_THERE: [(&str, &str); 1] = [("valid_primary_type_is_empty_string", "typed_data.name")];

/// The invalid documents of eth-account, and what each is refused for here.
const INVALID_THERE: [(&str, &str); 8] = [
    ("invalid_bad_uint_field_type_in_types_passed_a_string", "typed_data.unknown_type"),
    ("invalid_bad_uint_field_type_in_types_passed_an_int", "typed_data.unknown_type"),
    ("invalid_char_string_invalid_for_int_type", "typed_data.value"),
    ("invalid_custom_typed_used_but_not_defined", "typed_data.unknown_type"),
    ("invalid_data_field_name_does_not_match_type_field_name", "typed_data.missing_member"),
    ("invalid_single_array_value_for_nested_array_type", "typed_data.length"),
    ("invalid_string_array_value_for_nested_string_array_type", "typed_data.value"),
    ("invalid_undefined_field_type_in_types", "typed_data.unknown_type"),
];

#[test]
fn eth_account_documents_are_accepted_or_refused_as_there() {
    let Some(folder) = vectors() else { return };
    let read = |name: &str| -> Map<String, Value> {
        serde_json::from_str(&std::fs::read_to_string(folder.join(name)).unwrap()).unwrap()
    };
    for (name, document) in read("eth-account-valid.json") {
        match TypedData::from_value(&document) {
            Ok(read) => {
                assert!(VALID_THERE.iter().all(|(refused, _)| *refused != name), "{name} is taken now");
                let oracle: Oracle = serde_json::from_value(document).unwrap();
                assert_eq!(read.hash().0, oracle.eip712_signing_hash().unwrap().0, "{name}");
            }
            Err(error) => assert!(VALID_THERE.contains(&(name.as_str(), error.code())), "{name}: {error}"),
        }
    }
    let invalid = read("eth-account-invalid.json");
    let code = |document| TypedData::from_value(document).err().map_or("none", |error| error.code());
    let found: Vec<(&str, &str)> =
        invalid.iter().map(|(name, document)| (name.as_str(), code(document))).collect();
    assert_eq!(found, INVALID_THERE);
}

/// The message `value` of the type `kind`, and a struct whose members cover the rest.
fn document(kind: &str, value: &Value) -> Value {
    json!({
        "types": {"Pair": [{"name": "left", "type": kind}, {"name": "right", "type": "uint8"}]},
        "primaryType": "Pair",
        "domain": {"name": "Test", "chainId": "0x1"},
        "message": {"left": value, "right": 1},
    })
}

#[test]
fn one_value_has_one_hash_in_each_of_its_spellings() {
    let hash = |kind: &str, value: Value| TypedData::from_value(&document(kind, &value)).unwrap().hash();
    for (kind, spellings) in [
        ("uint256", vec![json!(255), json!("255"), json!("0xff"), json!("0x00FF")]),
        ("int8", vec![json!(-128), json!("-128"), json!("-0x80")]),
        ("int64", vec![json!(i64::MIN), json!("-9223372036854775808")]),
        ("uint8", vec![json!(0), json!("0"), json!("-0"), json!("0x0")]),
    ] {
        for spelling in &spellings {
            assert_eq!(hash(kind, spelling.clone()), hash(kind, spellings[0].clone()), "{kind} {spelling}");
        }
    }
}

#[test]
fn faults_are_named_with_their_place() {
    let address = "0x5Aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
    for (code, words, kind, value) in [
        ("typed_data.range", "message.left is out of the range of uint8", "uint8", json!(256)),
        ("typed_data.range", "int8", "int8", json!(-129)),
        ("typed_data.range", "int8", "int8", json!(128)),
        ("typed_data.range", "uint8", "uint8", json!(-1)),
        ("typed_data.range", "int256", "int256", json!(format!("0x8{:063}", 0))),
        ("typed_data.range", "uint256", "uint256", json!(format!("0x1{:064}", 0))),
        ("typed_data.value", "message.left is not", "uint256", json!(1e30)),
        ("typed_data.value", "message.left is not", "uint256", json!(1.5)),
        ("typed_data.value", "message.left is not", "uint256", json!("")),
        ("typed_data.value", "message.left is not", "uint256", json!("0x")),
        ("typed_data.value", "message.left is not", "uint256", json!("--1")),
        ("typed_data.value", "true or false", "bool", json!("true")),
        ("typed_data.value", "a string", "string", json!(1)),
        (
            "typed_data.length",
            "message.left[1] has the length 1: expected 2",
            "uint8[2][]",
            json!([[1, 2], [3]]),
        ),
        ("typed_data.value", "message.left[0] is not an array", "uint8[][]", json!([1])),
        ("typed_data.length", "message.left has the length 3: expected 4", "bytes4", json!("0x010203")),
        ("typed_data.hex", "message.left", "bytes", json!("hello")),
        ("typed_data.hex", "message.left", "bytes", json!("0x0g")),
        ("typed_data.address", "byte 3", "address", json!(address)),
        ("typed_data.missing_member", "message.left is missing", "uint8", Value::Null),
        ("typed_data.unknown_type", "types.Pair[0]", "uint8[-1]", json!([])),
        ("typed_data.unknown_type", "types.Pair.left", "uint12", json!(1)),
        ("typed_data.unknown_type", "types.Pair.left", "bytes33", json!("0x")),
        ("typed_data.circular", "Pair", "Pair[]", json!([])),
    ] {
        let mut document = document(kind, &value);
        if value.is_null() {
            document["message"].as_object_mut().unwrap().remove("left");
        }
        let error = TypedData::from_value(&document).unwrap_err();
        assert_eq!(error.code(), code, "{kind} {value}: {error}");
        assert!(error.to_string().contains(words), "{kind} {value}: {error}");
    }
    let mut unsigned = document("uint8", &json!(1));
    unsigned["types"]["EIP712Domain"] = json!([{"name": "name", "type": "string"}]);
    assert_eq!(TypedData::from_value(&unsigned).unwrap_err().code(), "typed_data.unsigned_domain");
    let mut twice = document("uint8", &json!(1));
    twice["types"]["Pair"][1]["name"] = json!("left");
    assert_eq!(TypedData::from_value(&twice).unwrap_err().code(), "typed_data.duplicate_member");
    let many: Map<String, Value> = (0..257).map(|index| (format!("T{index}"), json!([]))).collect();
    let mut large = document("uint8", &json!(1));
    large["types"] = Value::Object(many);
    assert_eq!(TypedData::from_value(&large).unwrap_err().code(), "typed_data.too_many_types");
    let deep = document("uint8", &json!(1))
        .to_string()
        .replace("\"left\":1", &format!("\"left\":{}1{}", "[".repeat(500), "]".repeat(500)));
    assert_eq!(TypedData::from_json(&deep).unwrap_err().code(), "form.json");
}

/// Random documents, against alloy.
#[test]
fn random_documents_hash_as_alloy_hashes_them() {
    let mut state = 1_u64;
    let mut random = move |bound: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % bound
    };
    for round in 0..2_000 {
        let mut types = Map::new();
        types.insert(
            "EIP712Domain".into(),
            json!([{"name": "name", "type": "string"}, {"name": "chainId", "type": "uint256"}]),
        );
        let mut messages: Vec<Value> = vec![];
        for index in 0..=random(4) {
            let (mut members, mut message) = (vec![], Map::new());
            for member in 0..1 + random(5) {
                let (mut kind, mut value) = basic(&mut random, &messages);
                for _ in 0..random(3) {
                    let len = random(4);
                    // alloy refuses arrays of the fixed length 0.
                    let fixed = len > 0 && random(2) == 0;
                    kind.push_str(&if fixed { format!("[{len}]") } else { "[]".to_owned() });
                    value = Value::Array((0..len).map(|_| value.clone()).collect());
                }
                members.push(json!({"name": format!("m{member}"), "type": kind}));
                message.insert(format!("m{member}"), value);
            }
            types.insert(format!("S{index}"), Value::Array(members));
            messages.push(Value::Object(message));
        }
        let document = json!({
            "types": types, "primaryType": format!("S{}", messages.len() - 1),
            "domain": {"name": "Test", "chainId": 1}, "message": messages.last(),
        });
        let ours =
            TypedData::from_value(&document).unwrap_or_else(|error| panic!("{round}: {error}: {document}"));
        let oracle: Oracle = serde_json::from_value(document.clone())
            .unwrap_or_else(|error| panic!("{round}: {error}: {document}"));
        assert_eq!(ours.hash().0, oracle.eip712_signing_hash().unwrap().0, "{round}: {document}");
    }
}

/// A basic type or one of the structs so far, with a value.
fn basic(random: &mut impl FnMut(u64) -> u64, structs: &[Value]) -> (String, Value) {
    let mut hex = |len: u64| (0..len).map(|_| format!("{:02x}", random(256))).collect::<String>();
    let (long, short) = (hex(32), hex(20));
    match random(8) {
        0 => ("bool".into(), json!(random(2) == 0)),
        1 => ("address".into(), json!(format!("0x{short}"))),
        2 => ("string".into(), json!(format!("é{}", &long[..2 * usize::try_from(random(20)).unwrap()]))),
        3 => ("bytes".into(), json!(format!("0x{}", &long[..2 * usize::try_from(random(33)).unwrap()]))),
        4 => {
            let size = 1 + random(32);
            (format!("bytes{size}"), json!(format!("0x{}", &long[..2 * usize::try_from(size).unwrap()])))
        }
        5 => {
            let bits = 8 * (1 + random(32));
            (format!("uint{bits}"), json!(format!("0x{}", &long[..usize::try_from(bits / 4).unwrap()])))
        }
        6 => {
            let bits = 8 * (1 + random(32));
            let limit = 1_i64 << (bits.min(32) - 1);
            let number = i64::try_from(random(1 << 31)).unwrap() % limit;
            let number = if random(2) == 0 { number } else { -number - 1 };
            (format!("int{bits}"), if random(2) == 0 { json!(number) } else { json!(number.to_string()) })
        }
        _ if structs.is_empty() => ("uint8".into(), json!(7)),
        _ => {
            let index = usize::try_from(random(structs.len() as u64)).unwrap();
            (format!("S{index}"), structs[index].clone())
        }
    }
}
