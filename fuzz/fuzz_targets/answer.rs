//! Any text as an `eth_getProof` answer: refused, or its nodes are those that a plain reading through a tree
//! finds, and of whom the whole answer can be read it has the same nodes.
#![no_main]

use std::iter::once;

use healthrecord::rpc::{EthGetProof, ProofNodes};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|json: &str| {
    let nodes = ProofNodes::from_json(json);
    if let Ok(nodes) = &nodes {
        // A number that serde_json cannot hold is no reason to refuse a field that nobody asked for.
        if let Ok(answer) = serde_json::from_str(json) {
            assert_eq!(nodes.nodes(), plainly(&answer));
        }
    }
    if let Ok(answer) = EthGetProof::from_json(json) {
        assert_eq!(answer.nodes(), nodes.unwrap().nodes());
        for place in answer.storage_proof.iter().flat_map(|slot| &slot.proof).chain(&answer.account_proof) {
            assert!(answer.node(*place).is_some());
        }
    }
});

fn plainly(answer: &Value) -> Vec<Vec<u8>> {
    let answer = if answer.get("jsonrpc").is_some() { &answer["result"] } else { answer };
    let slots = answer["storageProof"].as_array().unwrap().iter().map(|slot| &slot["proof"]);
    let mut nodes = vec![];
    for proof in once(&answer["accountProof"]).chain(slots) {
        for (depth, text) in proof.as_array().unwrap().iter().enumerate() {
            let text = text.as_str().unwrap();
            let digits = text.strip_prefix("0x").or(text.strip_prefix("0X")).unwrap_or(text);
            let bytes = digits.as_bytes().chunks(2).map(|pair| str::from_utf8(pair).unwrap());
            let node: Vec<u8> = bytes.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect();
            let stands_alone = node != [0x80] && (depth == 0 || node.len() >= 32);
            if stands_alone && !nodes.contains(&node) {
                nodes.push(node);
            }
        }
    }
    nodes
}
