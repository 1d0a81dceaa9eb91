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
use healthrecord::core::access::{Bundle, Decision, Verdict, VerdictAfter, VerdictAsOf, VerifyError};
use healthrecord::record::BoundRecord;
use healthrecord::rpc::{BlockHeader, MAX_ANSWER_LEN, ProofNodes};
use serde_json::{Value, json};

use crate::args::{self, Ask, Decide, Question, Verify};
use crate::check::disclosure_of;
use crate::failure::Failure;
use crate::files;
use crate::report::Report;
use crate::trust::{Trust, by};

pub(crate) fn verify(args: &Verify) -> Result<Report, Failure> {
    let bundle = files::read(&args.bundle, MAX_BUNDLE_LEN)?;
    let deployment = deployment_of(&args.ask.question.deployment)?;
    let request = request_of(&args.ask.question, &deployment)?;
    let mut trust = Trust::of(&args.trust)?;
    let report = judge(&bundle, &args.bundle, &trust, &deployment, &request, &args.ask)?;
    // What was verified can be read.
    let header = Bundle::decode(&bundle).map(|bundle| bundle.header()).unwrap_or_default();
    trust.remember(header)?;
    Ok(report)
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
    let header = BlockHeader::from_json(&files::read_text(block, MAX_ANSWER_LEN)?, args.rule.hash_rule)
        .map_err(|error| Failure::new(error.code(), error).in_file(block))?;
    let bundle = bundle::from_nodes(deployment.chain_id, deployment.contract, &header, &nodes);
    let trust = Trust::hash(hash, args.rule.hash_rule);
    let report = judge(&bundle, proof, &trust, &deployment, &request, &args.ask)?;
    if let Some(out) = &args.bundle_out {
        files::write(out, &bundle)?;
    }
    Ok(report)
}

/// The answer to a request, from a bundle under what is trusted; `source` is where errors say it is from.
fn judge(
    bundle: &[u8],
    source: &Path,
    trust: &Trust,
    deployment: &Deployment,
    request: &Request,
    ask: &Ask,
) -> Result<Report, Failure> {
    let mut policy = policy_of(&ask.policy)?;
    if ask.policy.policy.is_none() {
        (policy.max_age, policy.max_skew, policy.clock_error) = (ask.max_age, ask.max_skew, ask.clock_error);
    }
    let rules = policy.rules();
    let wrong = |error: VerifyError| Failure::new(error.code(), error).in_file(source);
    if ask.as_of_block {
        let verdict = by!(trust, |it| access::verify_as_of(bundle, it, deployment, request, &rules));
        return Ok(report(&verdict.map_err(wrong)?, Age::AsOf));
    }
    if let Some(time) = ask.floor {
        trust.hold_at(time)?;
        let floor = policy.floor(time);
        let verdict = by!(trust, |it| access::verify_after(bundle, it, deployment, request, &rules, &floor));
        let VerdictAfter { decision, block_number, block_time, time } = verdict.map_err(wrong)?;
        return Ok(report(&VerdictAsOf { decision, block_number, block_time }, Age::After(time)));
    }
    let now = ask.now.unwrap_or_else(unix_now);
    trust.hold_at(now.saturating_sub(policy.clock_error))?;
    let clock = policy.clock(now);
    let verdict = by!(trust, |it| access::verify(bundle, it, deployment, request, &rules, &clock));
    let Verdict { decision, block_number, block_time, age } = verdict.map_err(wrong)?;
    Ok(report(&VerdictAsOf { decision, block_number, block_time }, Age::Seconds(age)))
}

/// What is known of a block's age.
#[derive(Clone, Copy)]
pub(crate) enum Age {
    Seconds(u64),
    /// Nothing but that this time has come, in Unix seconds.
    After(u64),
    AsOf,
}

/// What a verdict says, of an age or as of its block.
pub(crate) fn report(verdict: &VerdictAsOf, age: Age) -> Report {
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
        Age::Seconds(age) => report.spoken("age", &format!("{age} s"), "age", age),
        Age::After(time) => report
            .spoken("age", "unknown: decided as of a time that has come", "age", Value::Null)
            .field("time", "time", time),
        Age::AsOf => report.spoken("age", "unknown: as of the block, without a clock", "age", Value::Null),
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
