//! What the core knows of the contract is what the compiler put out.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use common::{Random, unhex};
use healthrecord_core::grammar::abi::AbiError;
use healthrecord_core::health::contract::{
    AccountWord, AnchorWord, AnswerError, BASE, Call, CredentialWord, DelegationWord, Event, EventError,
    GrantWord, Message, Question, RetractionWord, Revert, Slot, Target, Terms, WordError, WordRule,
    address_from_answer, domain_from_answer, message, word_from_answer,
};
use healthrecord_core::matter::sink::Buffer;
use healthrecord_core::{Address, B256, U256, keccak256};
use serde_json::Value;

static ARTIFACT: LazyLock<Value> = LazyLock::new(|| {
    common::json(concat!(env!("CARGO_MANIFEST_DIR"), "/../contracts/artifacts/HealthRecord.json"))
});

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

/// The entries of one kind.
fn entries(kind: &str) -> Vec<Value> {
    ARTIFACT["abi"].as_array().unwrap().iter().filter(|entry| entry["type"] == kind).cloned().collect()
}

fn name(entry: &Value) -> &str {
    entry["name"].as_str().unwrap()
}

/// Name and hash of the signature of each entry of one kind.
fn hashes(kind: &str) -> BTreeMap<String, B256> {
    let hash = |entry: &Value| {
        let signature = format!("{}({})", name(entry), signature_types(&entry["inputs"]));
        (name(entry).to_owned(), keccak256(signature.as_bytes()))
    };
    entries(kind).iter().map(hash).collect()
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
    let ours = Call::SELECTORS.iter().chain(Message::SELECTORS);
    let ours: BTreeMap<String, u32> = ours.map(|(name, selector)| ((*name).to_owned(), *selector)).collect();
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

/// A type's name, and its hash as the macro holds it, against the arguments of the function that takes it.
#[test]
fn messages_have_the_members_that_their_functions_take() {
    let taking: Vec<Value> =
        entries("function").into_iter().filter(|entry| name(entry).ends_with("BySig")).collect();
    assert_eq!(taking.len(), Message::TYPES.len());
    for entry in &taking {
        let (signature, members) = entry["inputs"].as_array().unwrap().split_last().unwrap();
        assert_eq!(signature["type"], "bytes");
        let flat = members.iter().flat_map(|member| match member.get("components") {
            Some(components) => components.as_array().unwrap().clone(),
            None => vec![member.clone()],
        });
        let spelled = flat.map(|member| format!("{} {}", member["type"].as_str().unwrap(), name(&member)));
        let struct_name = upper_first(name(entry).strip_suffix("BySig").unwrap());
        let kind = format!("{struct_name}({})", spelled.collect::<Vec<_>>().join(","));
        let (_, hash) = Message::TYPES.iter().find(|(ours, _)| *ours == kind).expect(&kind);
        assert_eq!(*hash, keccak256(kind.as_bytes()), "{kind}");
    }
}

/// An argument's word and what it prints in a `Debug` text, from a small number.
fn sample(kind: &str, number: u64) -> ([u8; 32], String) {
    let word = U256::from(number).to_be_bytes();
    let printed = match kind {
        "address" => Address(word[12..].try_into().unwrap()).to_string(),
        "bytes32" => B256(word).to_string(),
        "uint256" => U256::from(number).to_string(),
        _ => number.to_string(),
    };
    (word, printed)
}

/// Whether a type's greatest value is read and the next is refused, for the numbers that are no `u64`s.
fn overflow(kind: &str) -> Option<[u8; 32]> {
    let mut word = [0; 32];
    let bytes = match kind {
        "address" => 20,
        "uint8" => 1,
        "uint16" => 2,
        "uint32" => 4,
        _ => return None,
    };
    word[31 - bytes] = 1;
    Some(word)
}

/// `Name { first: 1, second: 2 }`
fn printed(entry: &Value, fields: &[(String, String)]) -> String {
    if fields.is_empty() {
        return name(entry).to_owned();
    }
    let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    format!("{} {{ {} }}", name(entry), fields.join(", "))
}

fn snake(name: &str) -> String {
    let underscored = name.chars().map(|letter| {
        if letter.is_uppercase() { format!("_{}", letter.to_lowercase()) } else { letter.to_string() }
    });
    underscored.collect()
}

#[test]
fn every_error_and_event_is_read_with_its_arguments() {
    let (mut read, mut refused) = (0, 0);
    let selectors = hashes("error");
    for entry in entries("error") {
        let (mut data, mut fields) = (selectors[name(&entry)].0[..4].to_vec(), vec![]);
        let inputs = entry["inputs"].as_array().unwrap();
        for (index, input) in inputs.iter().enumerate() {
            let (word, text) = sample(input["type"].as_str().unwrap(), index as u64 + 1);
            data.extend(word);
            fields.push((snake(name(input)), text));
        }
        assert_eq!(format!("{:?}", Revert::decode(&data).unwrap()), printed(&entry, &fields));
        assert_eq!(Revert::decode(&[data.clone(), vec![0; 32]].concat()), None);
        assert_eq!(Revert::decode(&data[..data.len() - 1]), None);
        for (index, input) in inputs.iter().enumerate() {
            let Some(wide) = overflow(input["type"].as_str().unwrap()) else { continue };
            let mut data = data.clone();
            data[4 + 32 * index..36 + 32 * index].copy_from_slice(&wide);
            assert_eq!(Revert::decode(&data), None);
            refused += 1;
        }
        read += 1;
    }
    let topics = hashes("event");
    for entry in entries("event") {
        let (mut indexed, mut data, mut fields) = (vec![topics[name(&entry)]], vec![], [vec![], vec![]]);
        for (index, input) in entry["inputs"].as_array().unwrap().iter().enumerate() {
            let (word, text) = sample(input["type"].as_str().unwrap(), index as u64 + 1);
            let is_indexed = input["indexed"] == true;
            if is_indexed {
                indexed.push(B256(word));
            } else {
                data.extend(word);
            }
            fields[usize::from(!is_indexed)].push((snake(name(input)), text));
        }
        let event = Event::decode(&indexed, &data).unwrap();
        assert_eq!(format!("{event:?}"), printed(&entry, &fields.concat()));
        let few = &indexed[..indexed.len() - 1];
        assert!(matches!(Event::decode(few, &data), Err(EventError::Topics(_))), "{event:?}");
        let many = [&indexed[..], &[B256::ZERO]].concat();
        assert!(matches!(Event::decode(&many, &data), Err(EventError::Topics(_))), "{event:?}");
        let long = [&data[..], &[0; 32]].concat();
        assert!(matches!(Event::decode(&indexed, &long), Err(EventError::Data(_))), "{event:?}");
        assert!(matches!(Event::decode(&indexed, &[1]), Err(EventError::Data(_))), "{event:?}");
        read += 1;
    }
    assert!(read > 60 && refused > 30, "{read} read, {refused} refused");
}

/// The fields of a view's struct as ABI words, from a packed word: each of its type's width.
fn unpacked(view: &str, word: U256) -> Vec<u8> {
    let entry = entries("function").into_iter().find(|entry| name(entry) == view).unwrap();
    let fields = entry["outputs"][0]["components"].as_array().unwrap().clone();
    let bytes = word.to_be_bytes();
    let mut end = 32;
    let mut words = vec![];
    for field in &fields {
        let kind = field["type"].as_str().unwrap();
        let width = match kind {
            "address" => 20,
            "bool" => 1,
            _ => kind.strip_prefix("uint").unwrap().parse::<usize>().unwrap() / 8,
        };
        words.extend(vec![0; 32 - width]);
        words.extend(&bytes[end - width..end]);
        end -= width;
    }
    words
}

#[test]
fn slots_are_those_of_the_storage_layout() {
    let layout = &ARTIFACT["storageLayout"];
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

fn calldata(call: &Call<'_>) -> Vec<u8> {
    let mut memory = vec![0; 2048];
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

    // Arrays and signatures stand behind their offsets, and a signature ends with a whole word.
    let targets = [Target { grantee, scope }, Target { grantee, scope: B256::ZERO }];
    let many = calldata(&Call::GrantMany { targets: &targets, terms, document: B256::ZERO });
    let pair = [vec![0; 12], vec![0x22; 20]].concat();
    assert_eq!(many[4..36], word(7 * 32)[..]);
    assert_eq!(many[228..], [word(2), pair.clone(), scope.0.to_vec(), pair, word(0)].concat());
    for len in [0, 1, 31, 32, 33, 65] {
        let signature = vec![0xab; len];
        let message = message::RevokeAll { patient: grantee, epoch: 3, deadline: 4 };
        let relayed = calldata(&message.into_call(&signature));
        assert_eq!(relayed[100..132], word(128)[..]);
        assert_eq!(relayed[132..164], word(len as u64)[..]);
        assert_eq!(relayed[164..164 + len], signature[..]);
        assert!(relayed[164 + len..].iter().all(|byte| *byte == 0));
        assert_eq!(relayed.len(), 164 + len.next_multiple_of(32));
    }
    let question = Question {
        patient: grantee,
        accessor: grantee,
        salt: scope,
        scopes: &[scope],
        operation: 1,
        purpose: 2,
        delegator: grantee,
        at: 3,
    };
    let asked = calldata(&Call::Decide { question });
    assert_eq!((&asked[4..36], &asked[132..164]), (&word(32)[..], &word(256)[..]));
    assert_eq!(asked[292..], [word(1), scope.0.to_vec()].concat());
}

#[test]
fn views_answer_the_words_that_stand_in_storage() {
    let mut random = Random(22);
    let mut read = 0;
    for round in 0..2_000_usize {
        let mut bytes = random.bytes(32);
        // Often understood, sometimes not: small states, writers and parents, and no bits beyond a width.
        let word = |bytes: &[u8], beyond: usize| {
            let mut bytes = bytes.to_vec();
            bytes[..beyond].fill(0);
            U256::from_be_slice(&bytes).unwrap()
        };
        bytes[0] &= 1;
        bytes[2] &= 1;
        bytes[8] = 1 + bytes[8] % 4;
        (bytes[16], bytes[17]) = (0, bytes[17] & 15);
        let abi = |error: WordError| AnswerError::Word(error);
        let grant = word(&bytes, 0);
        assert_eq!(
            GrantWord::from_answer(&unpacked("grantOf", grant)),
            GrantWord::decode(grant).map_err(abi)
        );
        let emergency = GrantWord::from_answer(&unpacked("emergencyOf", grant));
        assert_eq!(emergency, GrantWord::decode(grant).map_err(abi));
        let delegation = word(&bytes, 2);
        let answer = unpacked("delegationOf", delegation);
        let decoded = DelegationWord::decode(delegation).map_err(abi);
        assert_eq!(DelegationWord::from_answer(&answer), decoded);
        bytes[27] &= 1;
        let account = word(&bytes, 21);
        let answer = unpacked("accountOf", account);
        assert_eq!(AccountWord::from_answer(&answer), AccountWord::decode(account).map_err(abi));
        let credential = word(&bytes, 0);
        let answer = unpacked("credentialOf", credential);
        assert_eq!(CredentialWord::from_answer(&answer), Ok(CredentialWord::decode(credential)));
        let anchor = word(&bytes, 21);
        let answer = unpacked("anchorOf", anchor);
        assert_eq!(AnchorWord::from_answer(&answer), AnchorWord::decode(anchor).map_err(abi));
        let retraction = word(&bytes, 25);
        let answer = unpacked("retractionOf", retraction);
        assert_eq!(RetractionWord::from_answer(&answer), RetractionWord::decode(retraction).map_err(abi));
        read += usize::from(decoded.is_ok());

        // A field beyond its width, and an answer of another length.
        let mut wide = answer.clone();
        wide[round % 27] |= 1;
        assert_eq!(RetractionWord::from_answer(&wide), Err(AnswerError::Abi(AbiError::Range { word: 0 })));
        let long = [answer, vec![0; 32]].concat();
        assert_eq!(RetractionWord::from_answer(&long), Err(AnswerError::Abi(AbiError::Length { found: 96 })));
    }
    assert!((100..2_000).contains(&read), "{read} of 2,000 delegation words were understood");
    let address = [vec![0; 12], vec![7; 20]].concat();
    assert_eq!(address_from_answer(&address), Ok(Address([7; 20])));
    assert_eq!(address_from_answer(&[7; 32]), Err(AbiError::Range { word: 0 }));
    assert_eq!(address_from_answer(&[0; 64]), Err(AbiError::Length { found: 64 }));
    assert_eq!(word_from_answer(&[7; 32]), Ok(U256::from_be_bytes([7; 32])));
}

/// The answer that ERC-5267 asks for, by hand; another in any word is no domain of the contract's.
#[test]
fn the_domain_is_answered_whole() {
    let text =
        |text: &str| format!("{:0<64}", text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>());
    let answer = [
        format!("{:0<64}", "0f"),
        format!("{:064x}", 0xe0),
        format!("{:064x}", 0x120),
        format!("{:064x}", 31_337),
        format!("{:064x}", 0xc0ffee),
        format!("{:064x}", 0),
        format!("{:064x}", 0x160),
        format!("{:064x}", 12),
        text("HealthRecord"),
        format!("{:064x}", 1),
        text("1"),
        format!("{:064x}", 0),
    ];
    let answer = unhex(&answer.concat());
    let mut contract = Address::ZERO;
    contract.0[17..].copy_from_slice(&[0xc0, 0xff, 0xee]);
    let domain = domain_from_answer(&answer).unwrap();
    assert_eq!(domain, message::domain(31_337, contract));
    for word in (0..12).filter(|word| *word != 3 && *word != 4) {
        let mut other = answer.clone();
        other[32 * word + 1] ^= 1;
        assert_eq!(domain_from_answer(&other), Err(AbiError::Range { word }));
    }
    assert!(domain_from_answer(&answer[..answer.len() - 32]).is_err());
    assert!(domain_from_answer(&[answer, vec![0; 32]].concat()).is_err());
}

#[test]
fn what_is_no_error_or_event_of_the_contract_is_not_read() {
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
