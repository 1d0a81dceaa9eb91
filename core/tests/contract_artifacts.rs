//! What the core knows of the contract is what the compiler put out.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use std::collections::BTreeMap;

use common::{Random, unhex};
use healthrecord_core::health::contract::{
    AccountWord, AnchorWord, BASE, Call, CredentialWord, DecideCall, DelegationWord, Event, EventError,
    GrantWord, RetractionWord, Revert, Slot, Terms, WordError, WordRule,
};
use healthrecord_core::matter::sink::Buffer;
use healthrecord_core::{Address, B256, U256, keccak256};
use serde_json::Value;

fn artifact() -> Value {
    common::json(concat!(env!("CARGO_MANIFEST_DIR"), "/../contracts/artifacts/HealthRecord.json"))
}

/// A type as signatures spell it.
fn spell(parameter: &Value) -> String {
    let kind = parameter["type"].as_str().unwrap();
    match kind.strip_prefix("tuple") {
        Some(array) => format!("({}){array}", signature_types(&parameter["components"])),
        None => kind.to_owned(),
    }
}

fn signature_types(parameters: &Value) -> String {
    parameters.as_array().unwrap().iter().map(spell).collect::<Vec<_>>().join(",")
}

/// Name and hash of the signature of each entry of one kind.
fn hashes(kind: &str) -> BTreeMap<String, B256> {
    let artifact = artifact();
    let entries = artifact["abi"].as_array().unwrap().iter().filter(|entry| entry["type"] == kind);
    entries
        .map(|entry| {
            let name = entry["name"].as_str().unwrap();
            let signature = format!("{name}({})", signature_types(&entry["inputs"]));
            (name.to_owned(), keccak256(signature.as_bytes()))
        })
        .collect()
}

fn selector(hash: &B256) -> u32 {
    u32::from_be_bytes(*hash.0.first_chunk().unwrap())
}

fn upper_first(name: &str) -> String {
    name[..1].to_uppercase() + &name[1..]
}

#[test]
fn functions_errors_and_events_are_all_known_by_their_hashes() {
    let functions: BTreeMap<String, u32> =
        hashes("function").iter().map(|(name, hash)| (upper_first(name), selector(hash))).collect();
    let mut ours: BTreeMap<String, u32> =
        Call::SELECTORS.iter().map(|(name, selector)| ((*name).to_owned(), *selector)).collect();
    ours.insert("Decide".to_owned(), DecideCall::SELECTOR);
    assert_eq!(ours, functions);

    let errors: BTreeMap<String, u32> =
        hashes("error").iter().map(|(name, hash)| (name.clone(), selector(hash))).collect();
    let ours: BTreeMap<String, u32> =
        Revert::SELECTORS.iter().map(|(name, selector)| ((*name).to_owned(), *selector)).collect();
    assert_eq!(ours, errors);

    let ours: BTreeMap<String, B256> = Event::TOPICS
        .iter()
        .map(|(name, high, low)| {
            let mut topic = [0; 32];
            topic[..16].copy_from_slice(&high.to_be_bytes());
            topic[16..].copy_from_slice(&low.to_be_bytes());
            ((*name).to_owned(), B256(topic))
        })
        .collect();
    assert_eq!(ours, hashes("event"));
}

#[test]
fn slots_are_those_of_the_storage_layout() {
    let layout = artifact()["storageLayout"].clone();
    let expected = [
        "_grants",
        "_delegations",
        "_emergencies",
        "_accounts",
        "_credentials",
        "_anchors",
        "_retractions",
        "registrar",
        "pendingRegistrar",
    ];
    let variables = layout.as_array().unwrap();
    assert_eq!(variables.len(), expected.len());
    for (index, (variable, label)) in variables.iter().zip(expected).enumerate() {
        assert_eq!(variable["label"], label);
        let mut slot = BASE;
        slot.0[31] = u8::try_from(index).unwrap();
        assert_eq!(B256(common::quantity(&variable["slot"])), slot, "{label}");
    }
    assert_eq!(Slot::Registrar.key().0[31], 7);
    // A mapping's entry by its definition, from its bytes: keccak256(key ‖ slot of the mapping).
    let (patient, grantee, scope) = (Address([0x11; 20]), Address([0x22; 20]), B256([0x33; 32]));
    let key = [[0; 12].as_slice(), &patient.0, &[0; 12], &grantee.0, &scope.0].concat();
    let entry = keccak256(&[keccak256(&key).0, BASE.0].concat());
    assert_eq!(Slot::Grant { patient, grantee, scope }.key(), entry);
    let mut accounts = BASE;
    accounts.0[31] = 3;
    let entry = keccak256(&[[0; 12].as_slice(), &patient.0, &accounts.0].concat());
    assert_eq!(Slot::Account(patient).key(), entry);
}

fn calldata(call: &Call) -> Vec<u8> {
    let mut memory = vec![0; 1024];
    let mut buffer = Buffer::new(&mut memory);
    call.write(&mut buffer).unwrap();
    buffer.into_written().to_vec()
}

#[test]
fn calldata_is_the_selector_and_the_words() {
    let terms =
        Terms { not_before: 1, not_after: (1 << 40) - 1, purposes: 3, operations: 5, required_roles: 0x102 };
    let (grantee, scope) = (Address([0x22; 20]), B256([0x33; 32]));
    let call = Call::Grant { grantee, scope, terms, document: B256::ZERO };
    let word = |number: u64| U256::from(number).to_be_bytes().to_vec();
    let expected = [
        unhex("aa37e022"),
        [vec![0; 12], vec![0x22; 20]].concat(),
        scope.0.to_vec(),
        word(1),
        word((1 << 40) - 1),
        word(3),
        word(5),
        word(0x102),
        word(0),
    ];
    assert_eq!(calldata(&call), expected.concat());
    assert_eq!(calldata(&Call::RevokeAll), unhex("a340fff4"));
}

fn word(name: &str, value: u64) -> (String, U256) {
    (name.to_owned(), U256::from(value))
}

#[test]
fn reverts_and_events_are_decoded_strictly() {
    let encode = |hash: &B256, len: usize, words: &[(String, U256)]| {
        let mut data = hash.0[..len].to_vec();
        words.iter().for_each(|(_, value)| data.extend(value.to_be_bytes()));
        data
    };
    let errors = hashes("error");
    let data = encode(&errors["EmptyWindow"], 4, &[word("notBefore", 9), word("notAfter", 7)]);
    assert_eq!(Revert::decode(&data), Some(Revert::EmptyWindow { not_before: 9, not_after: 7 }));
    assert_eq!(Revert::decode(&data[..data.len() - 1]), None);
    assert_eq!(Revert::decode(&[data.clone(), vec![0; 32]].concat()), None);
    assert_eq!(Revert::decode(&encode(&errors["ZeroRoot"], 4, &[])), Some(Revert::ZeroRoot));
    assert_eq!(Revert::decode(&[0x08, 0xc3, 0x79, 0xa0]), None, "Error(string) is none of ours");
    assert_eq!(Revert::decode(&[]), None);

    let topic = hashes("event")["Anchored"];
    let author: B256 = U256::from_be_slice(&[7; 20]).unwrap().into();
    let anchored = AnchorWord { anchored_at: 5, count: 6, kind: 1 }.encode();
    let event = Event::decode(&[topic, author, B256([9; 32])], &anchored.to_be_bytes());
    assert_eq!(event, Ok(Event::Anchored { author: Address([7; 20]), root: B256([9; 32]), word: anchored }));
    assert!(matches!(Event::decode(&[topic, author], &anchored.to_be_bytes()), Err(EventError::Topics(_))));
    assert!(matches!(Event::decode(&[topic, author, author], &[]), Err(EventError::Data(_))));
    let wide = Event::decode(&[topic, B256([7; 32]), author], &anchored.to_be_bytes());
    assert!(matches!(wide, Err(EventError::Topics(_))), "an address is 20 bytes: {wide:?}");
    assert_eq!(Event::decode(&[author], &[]), Err(EventError::UnknownTopic { topic: Some(author) }));
}

#[test]
fn words_are_packed_as_the_design_says_and_unknown_bits_are_refused() {
    let mut random = Random(21);
    let mut refused = 0;
    for _ in 0..20_000 {
        // Random bits under random masks, so that every field is often small and sometimes not.
        let mut bytes = random.bytes(32);
        for byte in &mut bytes {
            if random.below(2) == 0 {
                *byte &= random.bytes(1)[0] & random.bytes(1)[0];
            }
        }
        bytes[8] &= 3;
        bytes[16] &= 15;
        bytes[17] = 0;
        let word = U256::from_be_slice(&bytes).unwrap();
        let rule = |error: WordError| error.rule;
        let again = [
            GrantWord::decode(word).map(|read| read.encode()).map_err(rule),
            DelegationWord::decode(word).map(|read| read.encode()).map_err(rule),
            AccountWord::decode(word).map(|read| read.encode()).map_err(rule),
            Ok(CredentialWord::decode(word).encode()),
            AnchorWord::decode(word).map(|read| read.encode()).map_err(rule),
            RetractionWord::decode(word).map(|read| read.encode()).map_err(rule),
        ];
        for packed in again {
            match packed {
                Ok(packed) => assert_eq!(packed, word),
                Err(_) => refused += 1,
            }
        }
    }
    assert!(refused > 10_000);
    let shifted = |number: u64, bits: u32| {
        let mut bytes = [0; 32];
        bytes[24 - (bits / 8) as usize..32 - (bits / 8) as usize].copy_from_slice(&number.to_be_bytes());
        U256::from_be_bytes(bytes)
    };
    assert_eq!(GrantWord::decode(shifted(4, 184)).unwrap_err().rule, WordRule::State);
    assert_eq!(GrantWord::decode(shifted(1, 0)).unwrap_err().rule, WordRule::State);
    assert_eq!(AccountWord::decode(shifted(2, 32)).unwrap_err().rule, WordRule::Flags);
    assert_eq!(AccountWord::decode(shifted(1, 88)).unwrap_err().rule, WordRule::UnknownBits);
    assert_eq!(AnchorWord::decode(shifted(1, 88)).unwrap_err().rule, WordRule::UnknownBits);
    assert_eq!(RetractionWord::decode(shifted(1, 56)).unwrap_err().rule, WordRule::UnknownBits);
    let permit =
        GrantWord { state: healthrecord_core::health::contract::State::Permit, ..GrantWord::default() };
    let mut with_operation = permit;
    with_operation.terms.operations = 16;
    assert_eq!(GrantWord::decode(with_operation.encode()).unwrap_err().rule, WordRule::Operations);
    let mut by = permit.encode().to_be_bytes();
    by[0] = 2;
    assert_eq!(GrantWord::decode(U256::from_be_bytes(by)).unwrap_err().rule, WordRule::Writer);
    let delegation = DelegationWord { state: permit.state, ..DelegationWord::default() };
    let mut parent = delegation.encode().to_be_bytes();
    parent[2] = 2;
    assert_eq!(DelegationWord::decode(U256::from_be_bytes(parent)).unwrap_err().rule, WordRule::Parent);
    parent[2] = 0;
    parent[0] = 1;
    assert_eq!(DelegationWord::decode(U256::from_be_bytes(parent)).unwrap_err().rule, WordRule::UnknownBits);
}
