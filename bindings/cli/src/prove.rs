//! `healthrecord prove`, `prove-anchor` and `prove-event`: from a node's answers to proofs that stand alone.

use healthrecord::access::{self, Deployment};
use healthrecord::code::Code as _;
use healthrecord::core::B256;
use healthrecord::core::access::{AncestorError, AnchoredError, Policy, VerifyError};
use healthrecord::core::chain::trie::TrieError;
use healthrecord::core::health::anchor::{HashRule, PinnedHash, StepError};
use healthrecord::record::{Parties, verify_anchored};
use healthrecord::rpc::{BlockHeader, BlockReceipts};
use healthrecord::{bundle, event};
use serde_json::{Value, json};

use crate::access::{Age, deployment_of, policy_of, report, request_of};
use crate::args::{NodeArgs, Prove, ProveAnchor, ProveEvent};
use crate::check::{batch_proof_of, disclosure_of, not_valid, show_anchor};
use crate::failure::Failure;
use crate::fetch::{block_of, header_at, header_of, number_of, of, proof_of, receipts_of, way_back};
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
    let asked = Asked { block: &args.block, as_of: args.as_of, rule: args.rule.hash_rule };
    let verify = |bundle: &[u8], anchor: &PinnedHash| {
        access::verify_as_of(bundle, anchor, &deployment, &request, &policy.rules())
    };
    let (header, bundle, verdict) = fetch(&node, &deployment, &request.required_slots(), &asked, verify)?;
    files::write(&args.out, &bundle)?;
    Ok(report(&verdict, Age::AsOf)
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
    let asked = Asked { block: &args.block, as_of: None, rule: args.rule.hash_rule };
    let (header, bundle, proved) = fetch(&node, &deployment, &request.required_slots(), &asked, verify)?;
    files::write(&args.out, &bundle)?;
    let report = match &proved {
        Ok(record) => show_anchor(Report::new(true).field("valid", "valid", true), record, None),
        Err(error) => not_valid(error.code(), &error.to_string()).for_good(),
    };
    Ok(report
        .spoken("block hash", &unvouched(header.hash, &node), "blockHash", header.hash.to_string())
        .field("written to", "out", args.out.display().to_string()))
}

/// Whether a proof is under another root than the header's, or a header is not the ancestor: a block was
/// replaced in between.
const fn is_reorganised(error: &VerifyError) -> bool {
    matches!(
        error,
        VerifyError::Trie(TrieError::MissingNode { parent: None, .. })
            | VerifyError::Ancestor(AncestorError {
                error: StepError::Trie(TrieError::MissingNode { parent: None, .. })
                    | StepError::HashMismatch { .. },
                ..
            })
    )
}

pub(crate) fn prove_event(args: &ProveEvent) -> Result<Report, Failure> {
    let rule = args.rule.hash_rule;
    let deployment = deployment_of(&args.deployment)?;
    let node = connect(&args.node, &deployment)?;
    let receipt = node.ask("eth_getTransactionReceipt", &json!([args.transaction.to_string()]))?;
    let Some(hash) = receipt.get("blockHash").and_then(Value::as_str) else {
        return Err(
            node.failure_of("eth_getTransactionReceipt", "the node knows no such transaction in a block")
        );
    };
    let block = block_of(&node, "eth_getBlockByHash", hash)?;
    let header = header_of(&node, &block, rule)?;
    let hashes = block.get("transactions").and_then(Value::as_array).cloned().unwrap_or_default();
    let wanted = json!(args.transaction.to_string());
    let index = hashes.iter().position(|hash| *hash == wanted);
    let index = index
        .and_then(|index| u64::try_from(index).ok())
        .ok_or_else(|| node.failure_of("eth_getBlockByHash", "the block does not list the transaction"))?;
    let receipts = receipts_of(&node, hash, &hashes)?;
    let receipts = BlockReceipts::from_value(&receipts).map_err(|error| of(&node, &error))?;
    let (trusted, steps) = match &args.block {
        None => (header, vec![]),
        Some(newer) => {
            let newer = header_at(&node, newer, rule)?;
            let steps = way_back(&node, &newer, number_of(&node, &header)?, rule)?;
            (newer, steps)
        }
    };
    let (chain, contract) = (deployment.chain_id, deployment.contract);
    let proof = event::with_ancestry(chain, contract, &trusted, &steps, &receipts, (index, args.log))
        .map_err(|error| of(&node, &error))?;
    let anchor = PinnedHash::new(trusted.hash, rule);
    let proved = event::verify(&proof, &anchor, &deployment).map_err(|error| of(&node, &error))?;
    files::write(&args.out, &proof)?;
    Ok(crate::event::report(&proved)
        .spoken("block hash", &unvouched(trusted.hash, &node), "blockHash", trusted.hash.to_string())
        .field("written to", "out", args.out.display().to_string()))
}

fn connect(args: &NodeArgs, deployment: &Deployment) -> Result<Node, Failure> {
    let node = Node::new(&args.rpc, args.patience.timeout())?;
    node.say(&format!("asking {}", node.name()));
    node.expect_chain(deployment.chain_id)?;
    Ok(node)
}

/// Which block a node is asked for.
struct Asked<'a> {
    /// The block to trust: a number or a tag.
    block: &'a str,
    /// The older block whose state answers, if it is not the same.
    as_of: Option<u64>,
    rule: HashRule,
}

/// The header of the block to trust, the bundle of these words under it, and what it proves.
fn fetch<T>(
    node: &Node,
    deployment: &Deployment,
    slots: &[B256],
    asked: &Asked<'_>,
    verify: impl Fn(&[u8], &PinnedHash) -> Result<T, VerifyError>,
) -> Result<(BlockHeader, Vec<u8>, T), Failure> {
    let mut attempt = 1;
    loop {
        let (header, bundle) = fetch_once(node, deployment, slots, asked)?;
        // The node vouches for its own header here: this tells whether the proof holds, not whether the
        // block is the chain's.
        match verify(&bundle, &PinnedHash::new(header.hash, asked.rule)) {
            Ok(proved) => return Ok((header, bundle, proved)),
            Err(error) if is_reorganised(&error) && attempt < REORGANISATIONS => attempt += 1,
            Err(error) => return Err(of(node, &error)),
        }
    }
}

fn fetch_once(
    node: &Node,
    deployment: &Deployment,
    slots: &[B256],
    asked: &Asked<'_>,
) -> Result<(BlockHeader, Vec<u8>), Failure> {
    let header = header_at(node, asked.block, asked.rule)?;
    // Proofs are asked for by number, which every node takes; whether they are of the same block, they tell.
    let number = number_of(node, &header)?;
    let older = asked.as_of.unwrap_or(number);
    let steps = way_back(node, &header, older, asked.rule)?;
    let nodes = proof_of(node, deployment.contract, slots, older)?;
    let bundle = bundle::with_ancestry(deployment.chain_id, deployment.contract, &header, &steps, &nodes);
    Ok((header, bundle))
}

/// The block hash as the node gives it, with what that is worth.
fn unvouched(hash: B256, node: &Node) -> String {
    format!("{hash}\nas {} says: compare it with a source that you trust", node.name())
}
