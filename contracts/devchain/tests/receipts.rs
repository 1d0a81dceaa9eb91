//! Receipts of every type make the roots, blooms and proofs that alloy makes of them, from JSON alone; and
//! what proves no receipt is an error of its own.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use alloy_consensus::{ReceiptEnvelope, TxReceipt};
use alloy_eips::eip2718::{Decodable2718, Encodable2718};
use alloy_trie::Nibbles;
use alloy_trie::proof::verify_proof;
use common::{GENESIS_TIME, Traffic, funded};
use healthrecord::core::chain::header::Header;
use healthrecord::core::chain::receipt::{Bloom, Outcome, Receipt, ReceiptError, prove};
use healthrecord::rpc::BlockReceipts;
use healthrecord_core::{B256, keccak256};
use healthrecord_devchain::Devchain;
use serde_json::Value;

fn receipts_of(chain: &Devchain, number: u64) -> BlockReceipts {
    let receipts = chain.receipts(number).unwrap();
    let json: Vec<Value> = receipts.iter().map(|receipt| receipt.to_json()).collect();
    BlockReceipts::from_value(&Value::Array(json)).unwrap()
}

fn root_of(chain: &Devchain, number: u64) -> B256 {
    Header::decode(chain.header(number).unwrap()).unwrap().receipts_root()
}

/// A chain whose first block makes the contract, and whose second has 140 transactions of all types: more
/// than 128, so that keys of one and of two bytes stand in one trie.
fn busy() -> Devchain {
    let mut chain = Devchain::new(funded(5));
    let mut traffic = Traffic::new(11);
    let created = chain.send_raw(&traffic.next()).unwrap();
    chain.mine(GENESIS_TIME + 12).unwrap();
    traffic.store = chain.receipt(&created).unwrap().contract_address;
    for _ in 0..140 {
        chain.send_raw(&traffic.next()).unwrap();
    }
    chain.mine(GENESIS_TIME + 24).unwrap();
    chain
}

#[test]
fn roots_blooms_and_proofs_are_alloys() {
    let chain = busy();
    let mut seen = [0; 5];
    for number in 0..=2 {
        let receipts = receipts_of(&chain, number);
        let root = root_of(&chain, number);
        assert_eq!(receipts.root(), root, "block {number}");
        for theirs in chain.receipts(number).unwrap() {
            let index = theirs.transaction_index;
            let bytes = receipts.get(index).unwrap();
            let alloy = ReceiptEnvelope::decode_2718(&mut &*bytes).unwrap();
            assert_eq!(alloy.encoded_2718(), bytes);
            let proof = receipts.proof(index);
            let key = Nibbles::unpack(alloy_rlp::encode(index));
            let nodes: Vec<alloy_primitives::Bytes> = proof.iter().map(|node| node.clone().into()).collect();
            verify_proof(root.0.into(), key, Some(bytes.to_vec()), &nodes).unwrap();

            let ours = prove(root, index, proof.iter().map(Vec::as_slice)).unwrap();
            seen[usize::from(ours.transaction_type())] += 1;
            assert_eq!(u8::from(alloy.tx_type()), ours.transaction_type());
            assert_eq!(ours.outcome(), Outcome::Status(theirs.success));
            assert_eq!(ours.cumulative_gas_used(), theirs.cumulative_gas_used);
            let mut bloom = Bloom::EMPTY;
            let logs: Vec<_> = ours.logs().collect();
            assert_eq!(logs.len(), theirs.logs.len());
            for (log, theirs) in logs.iter().zip(&theirs.logs) {
                assert_eq!(
                    (log.address, log.topics(), log.data),
                    (theirs.address, &*theirs.topics, &*theirs.data)
                );
                bloom.add(&log.address, log.topics());
            }
            assert_eq!(ours.logs_bloom(), bloom.0);
            assert_eq!(alloy.bloom().as_slice(), bloom.0);
        }
    }
    assert!(seen[0] > 9 && seen[1] > 9 && seen[2] > 9 && seen[4] > 9, "{seen:?}");
}

#[test]
fn what_proves_no_receipt_is_an_error_of_its_own() {
    let chain = busy();
    let (receipts, root) = (receipts_of(&chain, 2), root_of(&chain, 2));
    let nodes = receipts.proof(130);
    let by = |root, index, nodes: &[Vec<u8>]| {
        prove(root, index, nodes.iter().map(Vec::as_slice)).map(|receipt| receipt.transaction_type())
    };
    assert!(by(root, 130, &nodes).is_ok() && nodes.len() > 3);
    for kept in 0..nodes.len() {
        let hash = keccak256(&nodes[kept]);
        assert_eq!(by(root, 130, &nodes[..kept]), Err(ReceiptError::MissingNode { hash }));
        let mut altered = nodes.clone();
        *altered[kept].last_mut().unwrap() ^= 1;
        let node = u32::try_from(kept).unwrap();
        assert_eq!(by(root, 130, &altered), Err(ReceiptError::WrongNode { node, expected: hash }));
    }
    let mut more = nodes.clone();
    more.push(nodes[0].clone());
    let node = u32::try_from(nodes.len()).unwrap();
    assert_eq!(by(root, 130, &more), Err(ReceiptError::UnusedNode { node }));
    assert!(matches!(by(root, 131, &nodes), Err(ReceiptError::WrongNode { .. })));
    for absent in [140, 1 << 40] {
        assert_eq!(by(root, absent, &receipts.proof(absent)), Err(ReceiptError::Absent { index: absent }));
    }
    // What a trusted root leads to, and is no trie of receipts.
    for (node, error) in [
        (vec![0xc3, 1, 2, 3], "malformed"),
        (vec![0xc2, 0x81, 0], "node"),
        (vec![0xc2, 0x40, 1], "malformed"),
        (vec![0xc2, 0x20, 1], "absent"),
        (vec![0xc4, 0x82, 0x20, 0x80, 0xc0], "node"),
        (vec![0x80], "node"),
    ] {
        let found = by(keccak256(&node), 0, std::slice::from_ref(&node)).unwrap_err();
        let is_that = match error {
            "malformed" => found == ReceiptError::MalformedNode { node: 0 },
            "absent" => found == ReceiptError::Absent { index: 0 },
            _ => matches!(found, ReceiptError::Node { node: 0, .. }),
        };
        assert!(is_that, "{node:?}: {found:?}, expected {error}");
    }
}

#[test]
fn bytes_that_are_no_receipt_name_the_rule() {
    let chain = busy();
    let receipts = receipts_of(&chain, 2);
    let logged = chain.receipts(2).unwrap();
    let index = logged.iter().position(|receipt| !receipt.logs.is_empty() && receipt.transaction_type == 2);
    let bytes = receipts.get(index.unwrap() as u64).unwrap();
    assert!(Receipt::decode(bytes).is_ok());
    for len in 0..bytes.len() {
        assert!(Receipt::decode(&bytes[..len]).is_err(), "cut to {len} bytes");
    }
    for kind in [0, 5, 0x7e, 0x7f] {
        let typed = [&[kind], &bytes[1..]].concat();
        assert_eq!(Receipt::decode(&typed).unwrap_err(), ReceiptError::UnknownType { found: kind });
    }
    let after = [bytes, &[0]].concat();
    assert!(matches!(Receipt::decode(&after), Err(ReceiptError::Rlp(error)) if error.offset == bytes.len()));
    let mut status = bytes.to_vec();
    assert_eq!(status[4], 1, "the status stands after the type and a list's prefix of three bytes");
    status[4] = 2;
    assert!(matches!(Receipt::decode(&status), Err(ReceiptError::Rlp(error)) if error.offset == 4));
    status[4] = 0;
    assert!(matches!(Receipt::decode(&status), Err(ReceiptError::Rlp(_))), "zero is the empty string");
}
