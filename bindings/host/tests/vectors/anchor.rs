//! Anchors by validators, and Clique's signers.

use healthrecord::code::Code;
use healthrecord::core::access::Bundle;
use healthrecord::core::chain::header::Header;
use healthrecord::core::health::anchor::{Anchor as _, Bft, Clique, HashRule, PinnedHash, STATE_HEAD_LEN};
use healthrecord::core::matter::sink::Buffer;
use serde_json::{Value, json};

use super::sealed::Block;
use super::{Outcome, address, bytes, number, print, word};

/// As many validators as the vectors ask memory for.
const VALIDATORS: usize = 64;

fn state(anchor: &Bft<VALIDATORS>) -> String {
    let mut memory = [0; STATE_HEAD_LEN + 20 * VALIDATORS];
    let mut buffer = Buffer::new(&mut memory);
    anchor.write(&mut buffer).unwrap();
    print(buffer.into_written())
}

fn start(input: &Value) -> Outcome {
    let rule = HashRule::from_name(input["rule"].as_str().unwrap()).unwrap();
    let header = bytes(&input["header"]);
    let pinned = PinnedHash::new(word(&input["trustedHash"]), rule);
    let trusted = pinned.trust(&header).map_err(|error| (error.code(), None))?;
    let anchor = Bft::<VALIDATORS>::start(&trusted, number(&input["trustingPeriod"]));
    Ok(json!({ "state": state(&anchor.map_err(|error| (error.code(), None))?) }))
}

fn advance(input: &Value) -> Outcome {
    let mut anchor =
        Bft::<VALIDATORS>::decode(&bytes(&input["state"])).map_err(|error| (error.code(), None))?;
    if let Some(now) = input.get("now") {
        anchor.trusted_at(number(now)).map_err(|error| (error.code(), None))?;
    }
    let headers: Vec<_> = input["headers"].as_array().unwrap().iter().map(bytes).collect();
    let copies: Vec<_> = headers.iter().map(Vec::as_slice).collect();
    let without_moving = anchor.trust_united(&copies);
    let trusted = anchor.advance_united(&copies);
    assert_eq!(without_moving, trusted);
    let trusted = trusted.map_err(|error| (error.code(), None))?;
    Ok(json!({
        "hash": trusted.hash().to_string(),
        "number": trusted.header().number().to_string(),
        "time": trusted.header().timestamp().to_string(),
        "state": state(&anchor),
    }))
}

fn recover(input: &Value) -> Outcome {
    let signers: Vec<_> = input["signers"].as_array().unwrap().iter().map(address).collect();
    let header = bytes(&input["header"]);
    let probable = Clique::new(&signers).recover(&header).map_err(|error| (error.code(), None))?;
    Ok(json!({ "hash": probable.hash().to_string(), "signer": probable.signer().to_string() }))
}

/// Runs an operation on anchors; nothing for another.
pub(super) fn run(operation: &str, input: &Value) -> Option<Outcome> {
    match operation {
        "startAnchor" => Some(start(input)),
        "advanceAnchor" => Some(advance(input)),
        "recoverSigner" => Some(recover(input)),
        _ => None,
    }
}

/// A bundle under a header of the same state, number and time, sealed by three of four validators, and
/// the anchor that knows them from the block before.
pub(super) fn sealed_anew(bundle: &[u8]) -> (Vec<u8>, Bft<VALIDATORS>) {
    let header = Header::decode(Bundle::decode(bundle).unwrap().header()).unwrap();
    let mut before = Block::first(HashRule::Qbft, 0..4);
    (before.number, before.time) = (header.number() - 1, header.timestamp().saturating_sub(1));
    let block = Block { state_root: header.state_root(), time: header.timestamp(), ..before.next() };
    let mut sealed = rlp::RlpStream::new();
    sealed.begin_unbounded_list();
    for (index, item) in rlp::Rlp::new(bundle).iter().enumerate() {
        if index == 3 {
            sealed.append(&block.sealed(0..3))
        } else {
            sealed.append_raw(item.as_raw(), 1)
        };
    }
    sealed.finalize_unbounded_list();
    (sealed.out().to_vec(), before.anchor(1))
}
