//! `healthrecord verify` and `decide`.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use healthrecord::access::{
    self, Deployment, MAX_BUNDLE_LEN, MAX_JSON_LEN, PolicyFile, Request, eth_get_proof_params,
    request_from_json,
};
use healthrecord::bundle;
use healthrecord::code::Code as _;
use healthrecord::consent;
use healthrecord::core::B256;
use healthrecord::core::access::{Decision, VerdictAsOf};
use healthrecord::core::health::anchor::{HashRule, PinnedHash};
use healthrecord::record::BoundRecord;
use healthrecord::rpc::{BlockHeader, MAX_ANSWER_LEN, ProofNodes};
use serde_json::{Value, json};

use crate::args::{self, Ask, Decide, Question, Verify};
use crate::check::disclosure_of;
use crate::failure::Failure;
use crate::files;
use crate::report::Report;

pub(crate) fn verify(args: &Verify) -> Result<Report, Failure> {
    let bundle = files::read(&args.bundle, MAX_BUNDLE_LEN)?;
    let deployment = deployment_of(&args.ask.question.deployment)?;
    let request = request_of(&args.ask.question, &deployment)?;
    judge(&bundle, &args.bundle, args.trusted_hash, &deployment, &request, &args.ask)
}

pub(crate) fn decide(args: &Decide) -> Result<Report, Failure> {
    let deployment = deployment_of(&args.ask.question.deployment)?;
    let request = request_of(&args.ask.question, &deployment)?;
    let (Some(proof), Some(block), Some(hash)) = (&args.proof, &args.block, args.trusted_hash) else {
        let call = json!({
            "jsonrpc": "2.0",
            "id": 1,
            "method": "eth_getProof",
            "params": eth_get_proof_params(&request, deployment.contract, "latest"),
        });
        return Ok(Report::raw(format!("{call}\n")));
    };
    let nodes = ProofNodes::from_json(&files::read_text(proof, MAX_ANSWER_LEN)?)
        .map_err(|error| Failure::new(error.code(), error).in_file(proof))?;
    let header = BlockHeader::from_json(&files::read_text(block, MAX_ANSWER_LEN)?)
        .map_err(|error| Failure::new(error.code(), error).in_file(block))?;
    let bundle = bundle::from_nodes(deployment.chain_id, deployment.contract, &header, &nodes);
    let report = judge(&bundle, proof, hash, &deployment, &request, &args.ask)?;
    if let Some(out) = &args.bundle_out {
        files::write(out, &bundle)?;
    }
    Ok(report)
}

/// The answer to a request, from a bundle under a trusted hash; `source` is where errors say it is from.
fn judge(
    bundle: &[u8],
    source: &Path,
    hash: B256,
    deployment: &Deployment,
    request: &Request,
    ask: &Ask,
) -> Result<Report, Failure> {
    let anchor = PinnedHash::new(hash, HashRule::Plain);
    let mut policy = policy_of(&ask.policy)?;
    if ask.policy.policy.is_none() {
        (policy.max_age, policy.max_skew) = (ask.max_age, ask.max_skew);
    }
    let wrong =
        |error: healthrecord::core::access::VerifyError| Failure::new(error.code(), error).in_file(source);
    let (verdict, age) = if ask.as_of_block {
        (access::verify_as_of(bundle, &anchor, deployment, request, &policy.rules()).map_err(wrong)?, None)
    } else {
        let now = ask.now.unwrap_or_else(unix_now);
        let clock = policy.clock(now);
        let verdict =
            access::verify(bundle, &anchor, deployment, request, &policy.rules(), &clock).map_err(wrong)?;
        let healthrecord::core::access::Verdict { decision, block_number, block_time, age } = verdict;
        (VerdictAsOf { decision, block_number, block_time }, Some(age))
    };
    Ok(report(&verdict, age))
}

/// What a verdict says, of an age or as of its block.
pub(crate) fn report(verdict: &VerdictAsOf, age: Option<u64>) -> Report {
    let VerdictAsOf { decision, block_number, block_time } = verdict;
    let report = Report::new(decision.is_permit());
    let report = match decision {
        Decision::Permit { basis, scope, until } => report
            .spoken("decision", &format!("permit ({basis})"), "permit", true)
            .field("basis", "basis", basis.name())
            .spoken("scope", &spoken_scope(scope), "scope", scope.to_string())
            .field("until", "until", *until),
        Decision::Deny { reason, scope } => report
            .spoken("decision", &format!("deny ({reason})"), "permit", false)
            .field("reason", "reason", reason.name())
            .spoken("scope", &spoken_scope(scope), "scope", scope.to_string()),
    };
    let report =
        report.field("block", "blockNumber", *block_number).field("block time", "blockTime", *block_time);
    match age {
        Some(age) => report.spoken("age", &format!("{age} s"), "age", age),
        None => report.spoken("age", "unknown: as of the block, without a clock", "age", Value::Null),
    }
}

fn spoken_scope(scope: &B256) -> String {
    if scope.is_zero() { "all records".to_owned() } else { scope.to_string() }
}

/// The request of a file, about the record of a disclosure and with a consent where they are given.
pub(crate) fn request_of(ask: &Question, deployment: &Deployment) -> Result<Request, Failure> {
    let record = match (&ask.disclosure, ask.commitment) {
        (Some(disclosure), Some(commitment)) => Some(bound(disclosure, commitment)?),
        _ => None,
    };
    let text = files::read_text(&ask.request, MAX_JSON_LEN)?;
    let request = request_from_json(&text, record.as_ref())
        .map_err(|error| Failure::new(error.code(), error).in_file(&ask.request))?;
    let Some(path) = &ask.consent else { return Ok(request) };
    let consent = consent::from_file(&files::read(path, consent::MAX_JSON_LEN)?)
        .map_err(|error| Failure::new(error.code(), error).in_file(path))?;
    Ok(request.consented(consent.check(deployment.chain_id, deployment.contract)))
}

fn bound(path: &Path, commitment: B256) -> Result<BoundRecord, Failure> {
    let disclosure = disclosure_of(path)?;
    let opened =
        disclosure.open(commitment).map_err(|error| Failure::new(error.code(), error).in_file(path))?;
    opened.bound.map_err(|error| Failure::new(error.code(), error).in_file(path))
}

/// The pinned contract of a file.
pub(crate) fn deployment_of(file: &Path) -> Result<Deployment, Failure> {
    Deployment::from_json(&files::read_text(file, MAX_JSON_LEN)?)
        .map_err(|error| Failure::new(error.code(), error).in_file(file))
}

/// The policy of a file or of the options, with the default limits.
pub(crate) fn policy_of(args: &args::Policy) -> Result<PolicyFile, Failure> {
    let Some(file) = &args.policy else {
        return Ok(PolicyFile {
            accept_zero_leaves: args.accept_zero_leaves,
            distrusted_issuers: args.distrust.clone(),
            ..PolicyFile::default()
        });
    };
    PolicyFile::from_json(&files::read_text(file, MAX_JSON_LEN)?)
        .map_err(|error| Failure::new(error.code(), error).in_file(file))
}

/// Now, in Unix seconds.
pub(crate) fn unix_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
