//! Headers of every fork, of geth, mainnet and alloy, are read alike and have their hashes; what is no
//! header is an error that names its field.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use alloy_primitives::{B64, B256 as AlloyB256, Bloom, U256 as AlloyU256};
use alloy_rlp::Decodable;
use common::{Random, hex, is_soak, json, quantity, vectors};
use healthrecord_core::chain::header::{Header, HeaderError, MAX_HEADER_LEN};
use healthrecord_core::grammar::rlp::{self, RlpRule};
use healthrecord_core::health::anchor::{Anchor as _, HashRule, PinnedHash};
use healthrecord_core::{B256, U256, keccak256};
use serde_json::Value;

/// Holds a header of ours against alloy's of the same bytes.
fn agree(raw: &[u8], theirs: &alloy_consensus::Header) {
    let ours = Header::decode(raw).unwrap();
    assert_eq!(ours.raw(), raw);
    assert_eq!(ours.parent_hash().0, theirs.parent_hash.0);
    assert_eq!(ours.beneficiary().0, theirs.beneficiary.0);
    assert_eq!(ours.state_root().0, theirs.state_root.0);
    assert_eq!(ours.transactions_root().0, theirs.transactions_root.0);
    assert_eq!(ours.receipts_root().0, theirs.receipts_root.0);
    assert_eq!(ours.difficulty().to_be_bytes(), theirs.difficulty.to_be_bytes());
    assert_eq!(
        (ours.number(), ours.gas_limit(), ours.gas_used(), ours.timestamp()),
        (theirs.number, theirs.gas_limit, theirs.gas_used, theirs.timestamp)
    );
    assert_eq!(ours.extra_data(), &theirs.extra_data[..]);
    assert_eq!((ours.mix_hash().0, ours.nonce()), (theirs.mix_hash.0, theirs.nonce.0));
    assert_eq!(HashRule::Plain.hash(&ours).unwrap().0, theirs.hash_slow().0);
}

/// Forms of the forks, by the fields that each adds to those before.
const FORMS: [(&str, usize); 5] =
    [("frontier", 15), ("london", 16), ("shanghai", 17), ("cancun", 20), ("prague", 21)];

fn random(random: &mut Random, fields: usize) -> alloy_consensus::Header {
    let mut hash = || AlloyB256::from_slice(&random.bytes(32));
    let mut header = alloy_consensus::Header {
        parent_hash: hash(),
        ommers_hash: hash(),
        state_root: hash(),
        transactions_root: hash(),
        receipts_root: hash(),
        mix_hash: hash(),
        withdrawals_root: (fields >= 17).then(&mut hash),
        parent_beacon_block_root: (fields >= 20).then(&mut hash),
        requests_hash: (fields >= 21).then(&mut hash),
        ..Default::default()
    };
    // Numbers of every length in bytes.
    let mut number = || random.next() >> (8 * random.below(9)).min(63);
    header.difficulty = AlloyU256::from(number());
    (header.number, header.gas_limit, header.gas_used, header.timestamp) =
        (number(), number(), number(), number());
    header.base_fee_per_gas = (fields >= 16).then(&mut number);
    header.blob_gas_used = (fields >= 20).then(&mut number);
    header.excess_blob_gas = (fields >= 20).then(&mut number);
    header.beneficiary = alloy_primitives::Address::from_slice(&random.bytes(20));
    header.logs_bloom = Bloom::from_slice(&random.bytes(256));
    header.nonce = B64::from_slice(&random.bytes(8));
    let len = random.below(600);
    header.extra_data = random.bytes(len).into();
    header
}

/// The header's RLP with more items at its end.
fn extended(header: &alloy_consensus::Header, items: &[u8]) -> Vec<u8> {
    let encoded = alloy_rlp::encode(header);
    let payload = [rlp::item(&encoded).unwrap().payload, items].concat();
    let mut raw = vec![];
    alloy_rlp::Header { list: true, payload_length: payload.len() }.encode(&mut raw);
    [raw, payload].concat()
}

#[test]
fn headers_of_every_form_are_read_as_alloy_reads_them() {
    let mut numbers = Random(1559);
    for round in 0..if is_soak() { 20_000 } else { 400 } {
        let (fork, fields) = FORMS[round % FORMS.len()];
        let header = random(&mut numbers, fields);
        let raw = alloy_rlp::encode(&header);
        assert_eq!(Header::decode(&raw).unwrap().field_count(), fields, "{fork}");
        agree(&raw, &header);
        assert_eq!(alloy_consensus::Header::decode(&mut &*raw).unwrap(), header);
    }
}

/// Amsterdam adds two fields, and later forks what nobody knows yet: hashed, not read.
#[test]
fn fields_of_later_forks_are_hashed_and_not_read() {
    let header = random(&mut Random(7928), 21);
    let known = Header::decode(&alloy_rlp::encode(&header)).map(|header| header.state_root());
    let amsterdam = [&[0xa0][..], &[7; 32], &[0x82, 1, 2]].concat();
    for (count, items) in [(23, amsterdam.clone()), (25, [&amsterdam[..], &[0xc2, 1, 2], &[0x80]].concat())] {
        let raw = extended(&header, &items);
        let later = Header::decode(&raw).unwrap();
        assert_eq!((later.field_count(), Ok(later.state_root())), (count, known));
        assert_eq!(HashRule::Plain.hash(&later), Ok(keccak256(&raw)));
        assert!(PinnedHash::new(keccak256(&raw), HashRule::Plain).trust(&raw).is_ok());
        assert!(PinnedHash::new(B256(header.hash_slow().0), HashRule::Plain).trust(&raw).is_err());
    }
    let broken = extended(&header, &[0x81, 1]);
    let error = Header::decode(&broken).unwrap_err();
    assert!(
        matches!(error, HeaderError::Field { index: 21, error } if error.rule == RlpRule::NonCanonicalByte)
    );
}

#[test]
fn each_field_is_of_its_type() {
    let header = random(&mut Random(15), 15);
    let raw = alloy_rlp::encode(&header);
    for len in 0..raw.len() {
        assert!(Header::decode(&raw[..len]).is_err(), "cut to {len} bytes");
    }
    let items: Vec<Vec<u8>> = {
        let mut reader = rlp::list(&raw).unwrap();
        std::iter::from_fn(|| reader.item().ok().map(|item| item.raw.to_vec())).collect()
    };
    assert_eq!(items.len(), 15);
    let list = |items: &[Vec<u8>]| {
        let payload = items.concat();
        let mut raw = vec![];
        alloy_rlp::Header { list: true, payload_length: payload.len() }.encode(&mut raw);
        [raw, payload].concat()
    };
    assert_eq!(list(&items), raw);
    for index in 0..15 {
        assert_eq!(Header::decode(&list(&items[..index])), Err(HeaderError::FieldCount { found: index }));
        let with = |item: Vec<u8>| {
            let mut items = items.clone();
            items[index] = item;
            match Header::decode(&list(&items)) {
                Err(HeaderError::Field { index: found, error }) => {
                    assert_eq!(found, index);
                    Some(error.rule)
                }
                Ok(_) => None,
                Err(other) => panic!("field {index}: {other:?}"),
            }
        };
        assert_eq!(with(vec![0xc0]), Some(RlpRule::UnexpectedList));
        let fixed = matches!(index, 0..=6 | 13 | 14);
        let number = matches!(index, 7..=11);
        assert_eq!(with(vec![0x80]), fixed.then_some(RlpRule::WrongLength));
        assert_eq!(with(vec![0x82, 0, 1]).is_some(), fixed || number);
        let long = [&[0xa1][..], &[1; 33]].concat();
        let rule =
            if number { Some(RlpRule::IntegerTooLarge) } else { fixed.then_some(RlpRule::WrongLength) };
        assert_eq!(with(long), rule);
    }
    let mut large = random(&mut Random(16), 15);
    large.extra_data = vec![1; MAX_HEADER_LEN].into();
    let raw = alloy_rlp::encode(&large);
    assert_eq!(Header::decode(&raw), Err(HeaderError::TooLarge { size: raw.len() }));
}

#[test]
fn geths_headers_of_every_fork_have_their_hashes() {
    let Some(folder) = vectors(6) else { return };
    let files = [
        ("geth-1.17.8-paris", 16),
        ("geth-1.17.8-shanghai", 17),
        ("geth-1.17.8-cancun", 20),
        ("geth-1.17.8-prague", 21),
        ("geth-1.17.8-amsterdam", 23),
        ("clique-geth-1.13.15", 16),
    ];
    for (name, fields) in files {
        let file = json(folder.join(format!("geth/{name}.json")));
        let blocks = file["blocks"].as_array().unwrap();
        for entry in blocks {
            let (raw, block) = (hex(&entry["rawHeader"]), &entry["block"]);
            let header = Header::decode(&raw).unwrap();
            assert_eq!(header.field_count(), fields, "{name}");
            hold(&header, block);
            if fields <= 21 {
                agree(&raw, &alloy_consensus::Header::decode(&mut &*raw).unwrap());
            }
        }
        assert!(!blocks.is_empty());
    }
}

/// Fifty-four blocks of the forks from Frontier to Prague, each the parent of the next.
#[test]
fn a_chain_through_the_forks_is_linked_by_its_hashes() {
    let Some(folder) = vectors(1) else { return };
    let bytes = std::fs::read(folder.join("mpt/execution-apis-chain.rlp")).unwrap();
    let mut reader = rlp::Reader::new(&bytes);
    let (mut parent, mut count, mut forms) = (None, 0, std::collections::BTreeSet::new());
    while !reader.is_empty() {
        let raw = reader.item().unwrap().list().unwrap().item().unwrap().raw;
        let header = Header::decode(raw).unwrap();
        agree(raw, &alloy_consensus::Header::decode(&mut &*raw).unwrap());
        assert!(parent.is_none_or(|parent| parent == header.parent_hash()));
        parent = Some(HashRule::Plain.hash(&header).unwrap());
        forms.insert(header.field_count());
        count += 1;
    }
    assert_eq!(count, 54);
    assert!(forms.contains(&15) && forms.contains(&21), "{forms:?}");
}

/// Holds a header against what a node says of its block.
fn hold(header: &Header<'_>, block: &Value) {
    let word = |name: &str| B256(quantity(&block[name]));
    let number = |name: &str| U256::from_be_bytes(quantity(&block[name])).to_u64().unwrap();
    assert_eq!(HashRule::Plain.hash(header), Ok(word("hash")));
    assert_eq!(header.state_root(), word("stateRoot"));
    assert_eq!(header.receipts_root(), word("receiptsRoot"));
    assert_eq!(header.transactions_root(), word("transactionsRoot"));
    assert_eq!(header.parent_hash(), word("parentHash"));
    assert_eq!((header.number(), header.timestamp()), (number("number"), number("timestamp")));
    assert_eq!((header.gas_limit(), header.gas_used()), (number("gasLimit"), number("gasUsed")));
    assert_eq!(header.extra_data(), hex(&block["extraData"]));
}
