//! `healthrecord anchor …`

use std::collections::BTreeMap;

use healthrecord::anchor::{Validators, follow, state};
use healthrecord::code::Code as _;
use healthrecord::core::health::anchor::{Anchor as _, AnchorError, PinnedHash};
use healthrecord::rpc::{BlockHeader, MAX_ANSWER_LEN};
use serde_json::json;

use crate::args::{AnchorAdvance, AnchorCommand, AnchorInit};
use crate::failure::Failure;
use crate::fetch::{block_of, header_at, header_of, number_of};
use crate::files;
use crate::report::Report;
use crate::rpc::Node;
use crate::trust::Kept;

pub(crate) fn run(command: &AnchorCommand) -> Result<Report, Failure> {
    match command {
        AnchorCommand::Init(args) => init(args),
        AnchorCommand::Advance(args) => advance(args),
        AnchorCommand::Show { state } => Ok(report(&Kept::read(state)?.anchor)),
    }
}

fn init(args: &AnchorInit) -> Result<Report, Failure> {
    let header = first_header(args)?;
    let anchor = begin(args, &header).map_err(|error| Failure::new(error.code(), error))?;
    files::write_new(&args.out, &state(&anchor))?;
    Ok(report(&anchor).field("written to", "out", args.out.display().to_string()))
}

fn begin(args: &AnchorInit, header: &BlockHeader) -> Result<Validators, AnchorError> {
    let rule = args.rule.hash_rule;
    match args.trusted_hash {
        Some(hash) => {
            Validators::start(&PinnedHash::new(hash, rule).trust(&header.rlp)?, args.trusting_period)
        }
        None => {
            let validators = args.validator.iter().copied();
            Validators::start_sealed(rule, validators, &header.rlp, args.trusting_period)
        }
    }
}

fn first_header(args: &AnchorInit) -> Result<BlockHeader, Failure> {
    let rule = args.rule.hash_rule;
    let Some(url) = &args.rpc else {
        // One of both is required.
        let path = args.header.clone().unwrap_or_default();
        let text = files::read_text(&path, MAX_ANSWER_LEN)?;
        return BlockHeader::from_json(&text, rule)
            .map_err(|error| Failure::new(error.code(), error).in_file(&path));
    };
    let node = Node::new(url, args.patience.timeout())?;
    match args.trusted_hash {
        Some(hash) => header_of(&node, &block_of(&node, "eth_getBlockByHash", &hash.to_string())?, rule),
        None => header_at(&node, "latest", rule),
    }
}

fn advance(args: &AnchorAdvance) -> Result<Report, Failure> {
    let mut kept = Kept::read(&args.state)?;
    let before = state(&kept.anchor);
    let advanced =
        if args.rpc.is_empty() { by_files(args, &mut kept.anchor) } else { by_nodes(args, &mut kept.anchor) };
    // As far as it came, it is proved.
    if state(&kept.anchor) != before {
        kept.write()?;
    }
    Ok(report(&kept.anchor).field("headers read", "headers", advanced?))
}

/// Takes the headers of files, the oldest first; gives how many were read.
fn by_files(args: &AnchorAdvance, anchor: &mut Validators) -> Result<u64, Failure> {
    let mut blocks: BTreeMap<u64, Vec<Vec<u8>>> = BTreeMap::new();
    for path in &args.headers {
        let text = files::read_text(path, MAX_ANSWER_LEN)?;
        let wrong = |error: &dyn std::fmt::Display, code| Failure::new(code, error).in_file(path);
        let header =
            BlockHeader::from_json(&text, anchor.hash_rule()).map_err(|error| wrong(&error, error.code()))?;
        let number = healthrecord::core::chain::header::Header::decode(&header.rlp)
            .map_err(|error| wrong(&error, error.code()))?
            .number();
        blocks.entry(number).or_default().push(header.rlp);
    }
    let mut read = 0;
    for newest in blocks.keys() {
        let fetch = |number, copy: usize| {
            let header = blocks.get(&number).and_then(|copies| copies.get(copy)).cloned();
            read += u64::from(header.is_some());
            Ok::<_, Failure>(header)
        };
        follow(anchor, *newest, fetch).map_err(|error| Failure::new(error.code(), &error))?;
    }
    Ok(read)
}

/// Asks nodes for headers; gives how many they gave.
fn by_nodes(args: &AnchorAdvance, anchor: &mut Validators) -> Result<u64, Failure> {
    let rule = anchor.hash_rule();
    let nodes: Vec<Node> =
        args.rpc.iter().map(|url| Node::new(url, args.patience.timeout())).collect::<Result<_, _>>()?;
    let [first, ..] = nodes.as_slice() else { return Ok(0) };
    let header = header_at(first, &args.block, rule)?;
    let newest = number_of(first, &header)?;
    let (mut newest_header, mut fetched) = (Some(header.rlp), 1);
    let fetch = |number: u64, copy: usize| {
        if (number, copy) == (newest, 0) && newest_header.is_some() {
            return Ok(newest_header.take());
        }
        let Some(node) = nodes.get(copy) else { return Ok(None) };
        fetched += 1;
        header_at(node, &format!("{number:#x}"), rule).map(|header| Some(header.rlp))
    };
    follow(anchor, newest, fetch).map_err(|error| Failure::new(error.code(), &error))?;
    Ok(fetched)
}

/// What an anchor remembers.
fn report(anchor: &Validators) -> Report {
    let report = Report::new(true)
        .spoken("hash rule", &anchor.hash_rule().to_string(), "hashRule", anchor.hash_rule().name())
        .field("block", "blockNumber", anchor.number())
        .field("block time", "blockTime", anchor.time())
        .field("block hash", "blockHash", anchor.hash().to_string())
        .field("trusting period", "trustingPeriod", anchor.trusting_period())
        .field("trusted until", "trustedUntil", anchor.time().saturating_add(anchor.trusting_period()))
        .field("quorum", "quorum", anchor.quorum());
    anchor.validators().iter().fold(report, |report, validator| {
        let validator = validator.to_string();
        report.entry("validator", &validator, "validators", json!(validator))
    })
}
