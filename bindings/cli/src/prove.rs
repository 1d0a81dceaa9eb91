//! `healthrecord prove`, `prove-anchor` and `prove-event`: from a node's answers to proofs that stand alone.

use std::time::Duration;

use healthrecord::access::{self, Deployment};
use healthrecord::code::Code;
use healthrecord::core::access::{AnchoredError, Policy, VerifyError};
use healthrecord::core::chain::header::Header;
use healthrecord::core::chain::trie::TrieError;
use healthrecord::core::health::anchor::{HashRule, PinnedHash};
use healthrecord::core::{Address, B256};
use healthrecord::record::{Parties, verify_anchored};
use healthrecord::rpc::{BlockHeader, BlockReceipts, MAX_KEYS, ProofNodes, RpcError};
use healthrecord::{bundle, event};
use serde_json::{Value, json};

use crate::access::{deployment_of, policy_of, report, request_of};
use crate::args::{NodeArgs, Prove, ProveAnchor, ProveEvent};
use crate::check::{batch_proof_of, disclosure_of, not_valid, show_anchor};
use crate::failure::Failure;
use crate::files;
use crate::report::Report;
use crate::rpc::Node;

/// How often a proof is asked for while the chain reorganises between header and proof.
const REORGANISATIONS: usize = 3;

pub(crate) fn prove(args: &Prove) -> Result<Report, Failure> {
    let deployment = deployment_of(&args.question.deployment)?;
    let request = request_of(&args.question, &deployment)?;
    let policy = policy_of(&args.policy)?;
    let node = connect(&args.node, &deployment)?;
    let verify = |bundle: &[u8], anchor: &PinnedHash| {
        access::verify_as_of(bundle, anchor, &deployment, &request, &policy.rules())
    };
    let (header, bundle, verdict) =
        fetch(&node, &deployment, &request.required_slots(), &args.block, verify)?;
    files::write(&args.out, &bundle)?;
    Ok(report(&verdict, None)
        .for_good()
        .spoken("block hash", &unvouched(header.hash, &node), "blockHash", header.hash.to_string())
        .field("written to", "out", args.out.display().to_string()))
}

pub(crate) fn prove_anchor(args: &ProveAnchor) -> Result<Report, Failure> {
    let deployment = deployment_of(&args.deployment)?;
    let disclosure = disclosure_of(&args.disclosure)?;
    let batch = args.batch_proof.as_deref().map(batch_proof_of).transpose()?;
    let request = disclosure
        .anchor_request(batch.as_ref(), &Parties::default())
        .map_err(|error| Failure::new(error.code(), error).in_file(&args.disclosure))?;
    let node = connect(&args.node, &deployment)?;
    let policy = Policy { accept_zero_leaves: args.accept_zero_leaves, ..Policy::default() };
    // A no about the record is proved, and worth its bundle, as a yes is.
    let verify = |bundle: &[u8], anchor: &PinnedHash| match verify_anchored(
        bundle,
        anchor,
        &deployment,
        request.clone(),
        &policy,
    ) {
        Err(AnchoredError::Verify(error)) => Err(error),
        proved => Ok(proved),
    };
    let (header, bundle, proved) = fetch(&node, &deployment, &request.required_slots(), &args.block, verify)?;
    files::write(&args.out, &bundle)?;
    let report = match &proved {
        Ok(record) => show_anchor(Report::new(true).field("valid", "valid", true), record, None),
        Err(error) => not_valid(error.code(), &error.to_string()).for_good(),
    };
    Ok(report
        .spoken("block hash", &unvouched(header.hash, &node), "blockHash", header.hash.to_string())
        .field("written to", "out", args.out.display().to_string()))
}

pub(crate) fn prove_event(args: &ProveEvent) -> Result<Report, Failure> {
    let deployment = deployment_of(&args.deployment)?;
    let node = connect(&args.node, &deployment)?;
    let receipt = node.ask("eth_getTransactionReceipt", &json!([args.transaction.to_string()]))?;
    let Some(hash) = receipt.get("blockHash").and_then(Value::as_str) else {
        return Err(
            node.failure_of("eth_getTransactionReceipt", "the node knows no such transaction in a block")
        );
    };
    let block = block_of(&node, "eth_getBlockByHash", hash)?;
    let header = header_of(&node, &block)?;
    let hashes = block.get("transactions").and_then(Value::as_array).cloned().unwrap_or_default();
    let wanted = json!(args.transaction.to_string());
    let index = hashes.iter().position(|hash| *hash == wanted);
    let index = index
        .and_then(|index| u64::try_from(index).ok())
        .ok_or_else(|| node.failure_of("eth_getBlockByHash", "the block does not list the transaction"))?;
    let receipts = receipts_of(&node, hash, &hashes)?;
    let receipts = BlockReceipts::from_value(&receipts).map_err(|error| of(&node, &error))?;
    let proof = event::build(deployment.chain_id, deployment.contract, &header, &receipts, index, args.log)
        .map_err(|error| of(&node, &error))?;
    let anchor = PinnedHash::new(header.hash, HashRule::Plain);
    let proved = event::verify(&proof, &anchor, &deployment).map_err(|error| of(&node, &error))?;
    files::write(&args.out, &proof)?;
    Ok(crate::event::report(&proved)
        .spoken("block hash", &unvouched(header.hash, &node), "blockHash", header.hash.to_string())
        .field("written to", "out", args.out.display().to_string()))
}

fn connect(args: &NodeArgs, deployment: &Deployment) -> Result<Node, Failure> {
    let node = Node::new(&args.rpc, Duration::from_secs(args.timeout))?;
    node.say(&format!("asking {}", node.name()));
    node.expect_chain(deployment.chain_id)?;
    Ok(node)
}

/// A block's header, the bundle of these words under it, and what it proves.
fn fetch<T>(
    node: &Node,
    deployment: &Deployment,
    slots: &[B256],
    block: &str,
    verify: impl Fn(&[u8], &PinnedHash) -> Result<T, VerifyError>,
) -> Result<(BlockHeader, Vec<u8>, T), Failure> {
    let mut attempt = 1;
    loop {
        let (header, bundle) = fetch_once(node, deployment, slots, block)?;
        // The node vouches for its own header here: this tells whether the proof holds, not whether the
        // block is the chain's.
        match verify(&bundle, &PinnedHash::new(header.hash, HashRule::Plain)) {
            Ok(proved) => return Ok((header, bundle, proved)),
            // The proof is under another root than the header's: a block was replaced in between.
            Err(VerifyError::Trie(TrieError::MissingNode { parent: None, .. }))
                if attempt < REORGANISATIONS =>
            {
                attempt += 1;
            }
            Err(error) => return Err(of(node, &error)),
        }
    }
}

fn fetch_once(
    node: &Node,
    deployment: &Deployment,
    slots: &[B256],
    block: &str,
) -> Result<(BlockHeader, Vec<u8>), Failure> {
    node.say(&format!("asking {} for the header of block {block}", node.name()));
    let block = block_of(node, "eth_getBlockByNumber", block)?;
    let header = header_of(node, &block)?;
    // By its number, which every node takes; whether it is the same block's, the proof tells.
    let number = Header::decode(&header.rlp).map_err(|error| of(node, &error))?.number();
    let nodes = proof_of(node, deployment.contract, slots, &format!("{number:#x}"))?;
    let bundle = bundle::from_nodes(deployment.chain_id, deployment.contract, &header, &nodes);
    Ok((header, bundle))
}

/// The proof of an account and its slots, in as many questions as their number needs.
fn proof_of(node: &Node, contract: Address, slots: &[B256], block: &str) -> Result<ProofNodes, Failure> {
    let mut nodes = ProofNodes::default();
    for slots in slots.chunks(MAX_KEYS) {
        node.say(&format!("asking {} for the proof of {} words at block {block}", node.name(), slots.len()));
        let slots: Vec<String> = slots.iter().map(B256::to_string).collect();
        let answer = node.ask_text("eth_getProof", &json!([contract.to_string(), slots, block]))?;
        nodes.add(answer.get()).map_err(|error| of(node, &error))?;
    }
    Ok(nodes)
}

fn block_of(node: &Node, method: &str, block: &str) -> Result<Value, Failure> {
    let answer = node.ask(method, &json!([block, false]))?;
    if answer.is_null() {
        return Err(node.failure_of(method, &format!("the node has no block {block}")));
    }
    Ok(answer)
}

/// The header of a block's answer; the raw one where its fields are not known here.
fn header_of(node: &Node, block: &Value) -> Result<BlockHeader, Failure> {
    match BlockHeader::from_value(block) {
        Err(error @ RpcError::BlockHash { claimed, .. }) => {
            let raw = node.ask("debug_getRawHeader", &json!([block.get("number")])).ok();
            let raw = raw.and_then(|raw| BlockHeader::from_value(&raw).ok());
            raw.filter(|raw| raw.hash == claimed).ok_or_else(|| of(node, &error))
        }
        header => header.map_err(|error| of(node, &error)),
    }
}

/// The receipts of a block, at once or, where the node cannot, one by one.
fn receipts_of(node: &Node, block: &str, transactions: &[Value]) -> Result<Value, Failure> {
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

/// The block hash as the node gives it, with what that is worth.
fn unvouched(hash: B256, node: &Node) -> String {
    format!("{hash}\nas {} says: compare it with a source that you trust", node.name())
}

fn of(node: &Node, error: &(impl Code + core::fmt::Display)) -> Failure {
    Failure::new(error.code(), error).of(node.name())
}
