//! What nodes are asked for: headers, proofs, receipts, and the way from a block to an older one.

use std::fmt::Display;

use healthrecord::bundle::{Step, stepping_stones};
use healthrecord::code::Code;
use healthrecord::core::access::MAX_ANCESTORS;
use healthrecord::core::chain::header::Header;
use healthrecord::core::health::anchor::{HISTORY_CODE_HASH, HISTORY_CONTRACT, HashRule, Link, StepError};
use healthrecord::core::{Address, B256};
use healthrecord::rpc::{BlockHeader, MAX_KEYS, ProofNodes, RpcError};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::rpc::Node;

/// A block as nodes give it, by the name or number of `method`.
pub(crate) fn block_of(node: &Node, method: &str, block: &str) -> Result<Value, Failure> {
    node.say(&format!("asking {} for block {block}", node.name()));
    let answer = node.ask(method, &json!([block, false]))?;
    if answer.is_null() {
        return Err(node.failure_of(method, &format!("the node has no block {block}")));
    }
    Ok(answer)
}

/// The header of a block's answer; the raw one where its fields are not known here.
pub(crate) fn header_of(node: &Node, block: &Value, rule: HashRule) -> Result<BlockHeader, Failure> {
    match BlockHeader::from_value(block, rule) {
        Err(error @ RpcError::BlockHash { claimed, .. }) => {
            let raw = node.ask("debug_getRawHeader", &json!([block.get("number")])).ok();
            let raw = raw.and_then(|raw| BlockHeader::from_value(&raw, rule).ok());
            raw.filter(|raw| raw.hash == claimed).ok_or_else(|| of(node, &error))
        }
        header => header.map_err(|error| of(node, &error)),
    }
}

/// The header of a block by its number or tag.
pub(crate) fn header_at(node: &Node, block: &str, rule: HashRule) -> Result<BlockHeader, Failure> {
    header_of(node, &block_of(node, "eth_getBlockByNumber", block)?, rule)
}

/// The number of a header's block.
pub(crate) fn number_of(node: &Node, header: &BlockHeader) -> Result<u64, Failure> {
    Header::decode(&header.rlp).map(|header| header.number()).map_err(|error| of(node, &error))
}

/// The proof of an account and its slots, in as many questions as their number needs.
pub(crate) fn proof_of(
    node: &Node,
    contract: Address,
    slots: &[B256],
    block: u64,
) -> Result<ProofNodes, Failure> {
    let mut nodes = ProofNodes::default();
    for slots in slots.chunks(MAX_KEYS) {
        let answer = ask_proof(node, contract, slots, block)?;
        nodes.add(answer.get()).map_err(|error| of(node, &error))?;
    }
    Ok(nodes)
}

/// The steps from a block to an older one: by EIP-2935, or by every header between where the chain lacks it.
pub(crate) fn way_back(
    node: &Node,
    newest: &BlockHeader,
    older: u64,
    rule: HashRule,
) -> Result<Vec<Step>, Failure> {
    let newer = number_of(node, newest)?;
    if older > newer {
        return Err(of(node, &StepError::NotOlder { newer, found: older }));
    }
    let (mut steps, mut from) = (vec![], newer);
    for number in stepping_stones(newer, older) {
        let mut nodes = ProofNodes::default();
        if let Link::History { slot } = Link::between(from, number).map_err(|error| of(node, &error))? {
            let answer = ask_proof(node, HISTORY_CONTRACT, &[slot], from)?;
            if !remembers(&answer) {
                return by_headers(node, newer, older, rule);
            }
            nodes.add(answer.get()).map_err(|error| of(node, &error))?;
        }
        let header = header_at(node, &format!("{number:#x}"), rule)?;
        steps.push(Step { header, nodes });
        from = number;
    }
    Ok(steps)
}

/// The steps from block `newer` to block `older` by every header between.
fn by_headers(node: &Node, newer: u64, older: u64, rule: HashRule) -> Result<Vec<Step>, Failure> {
    let bound = u64::try_from(MAX_ANCESTORS).unwrap_or(u64::MAX);
    if newer.saturating_sub(older) > bound {
        return Err(of(node, &StepError::NoHistory));
    }
    let step = |number| {
        let header = header_at(node, &format!("{number:#x}"), rule)?;
        Ok(Step { header, nodes: ProofNodes::default() })
    };
    (older..newer).rev().map(step).collect()
}

/// Whether a node's answer about EIP-2935's contract says that it is there and keeps the hash; that it does,
/// the verifier finds.
fn remembers(answer: &RawValue) -> bool {
    let answer: Value = serde_json::from_str(answer.get()).unwrap_or_default();
    let code = answer.get("codeHash").and_then(|hash| hash.as_str()?.parse().ok());
    let word = answer.pointer("/storageProof/0/value").and_then(Value::as_str).unwrap_or_default();
    code == Some(HISTORY_CODE_HASH) && word.trim_start_matches("0x").bytes().any(|digit| digit != b'0')
}

fn ask_proof(node: &Node, contract: Address, slots: &[B256], block: u64) -> Result<Box<RawValue>, Failure> {
    node.say(&format!("asking {} for the proof of {} words at block {block}", node.name(), slots.len()));
    let slots: Vec<String> = slots.iter().map(B256::to_string).collect();
    node.ask_text("eth_getProof", &json!([contract.to_string(), slots, format!("{block:#x}")]))
}

/// The receipts of a block, at once or, where the node cannot, one by one.
pub(crate) fn receipts_of(node: &Node, block: &str, transactions: &[Value]) -> Result<Value, Failure> {
    node.say(&format!("asking {} for the receipts of block {block}", node.name()));
    match node.ask("eth_getBlockReceipts", &json!([block])) {
        Ok(receipts) if receipts.is_array() => return Ok(receipts),
        // Ganache and old nodes do not know the method.
        Ok(_) => {}
        Err(failure) if failure.is_of_node() => {}
        Err(failure) => return Err(failure),
    }
    let count = transactions.len();
    let receipts = transactions.iter().enumerate().map(|(index, hash)| {
        node.say(&format!("asking {} for receipt {} of {count}", node.name(), index + 1));
        node.ask("eth_getTransactionReceipt", &json!([hash]))
    });
    receipts.collect()
}

/// The failure of what a node answered.
pub(crate) fn of(node: &Node, error: &(impl Code + Display)) -> Failure {
    Failure::new(error.code(), error).of(node.name())
}
