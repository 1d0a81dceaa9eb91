//! `healthrecord check`

use std::path::Path;

use healthrecord::access::{Deployment, MAX_BUNDLE_LEN};
use healthrecord::code::Code as _;
use healthrecord::core::access::{AnchoredRecord, Bundle, Clock, Policy};
use healthrecord::record::{
    MAX_BATCH_PROOF_LEN, MAX_DISCLOSURE_LEN, OpenedRecord, OwnedBatchProof, OwnedDisclosure, Parties,
};

use crate::access::{deployment_of, unix_now};
use crate::args::{Check, CheckAnchor};
use crate::failure::Failure;
use crate::files;
use crate::record::{COMMITMENT, commitment_of, not_committed, read_document, read_key, show};
use crate::report::Report;
use crate::trust::{Trust, by};

pub(crate) fn check(args: &Check) -> Result<Report, Failure> {
    if let (Some(key), Some(expected)) = (&args.key, args.commitment) {
        let document = read_document(&args.file)?;
        let found = commitment_of(&args.file, &document, &read_key(key, args.master.as_deref())?)?;
        if found != expected {
            return Ok(not_valid(COMMITMENT, &not_committed(expected, found)));
        }
        let report = Report::new(true).field("valid", "valid", true);
        return Ok(report.field("commitment", "commitment", found.to_string()));
    }
    let disclosure = disclosure_of(&args.file)?;
    let opened = match disclosure.open(args.commitment.unwrap_or(disclosure.commitment)) {
        Ok(opened) => opened,
        Err(error) => return Ok(not_valid(error.code(), &error.to_string())),
    };
    let mut report = Report::new(true).field("valid", "valid", true).field(
        "commitment",
        "commitment",
        opened.commitment.to_string(),
    );
    // clap demands the other two beside the bundle.
    let CheckAnchor { anchored: bundle, trusted_hash, anchor, rule, deployment, .. } = &args.anchor;
    let trust = Trust::new(anchor.as_deref(), *trusted_hash, rule)?;
    if let (Some(bundle), Some(deployment), Some(mut trust)) = (bundle, deployment, trust) {
        let deployment = deployment_of(deployment)?;
        report = match anchored(&disclosure, bundle, &deployment, &mut trust, &args.anchor)? {
            Ok((record, age)) => show_anchor(report, &record, age),
            Err(no) => return Ok(no),
        };
    }
    if let Some(path) = &args.document {
        let partial = opened.document();
        let partial = partial.map_err(|error| Failure::new(error.code(), error).in_file(&args.file))?;
        files::write(path, partial.json)?;
        report = report.field("document", "document", path.display().to_string());
        for hole in partial.holes {
            report = report.entry(
                "hole",
                if hole.is_empty() { "(document)" } else { &hole },
                "holes",
                hole.as_str(),
            );
        }
    }
    Ok(show_all(report, &opened))
}

/// The anchored record and the age of its proof, or the no that takes the report's place.
type Answer = Result<(AnchoredRecord, Option<u64>), Report>;

fn anchored(
    disclosure: &OwnedDisclosure,
    bundle: &Path,
    deployment: &Deployment,
    trust: &mut Trust,
    args: &CheckAnchor,
) -> Result<Answer, Failure> {
    let batch = args.batch_proof.as_deref().map(batch_proof_of).transpose()?;
    let parties = Parties { patient: args.patient, author: args.author };
    let bytes = files::read(bundle, MAX_BUNDLE_LEN)?;
    let policy = Policy { accept_zero_leaves: args.accept_zero_leaves, ..Policy::default() };
    let now = (!args.as_of_block).then(|| args.now.unwrap_or_else(unix_now));
    if let Some(now) = now {
        trust.hold_at(now.saturating_sub(args.clock_error))?;
    }
    let checked = by!(&*trust, |it| {
        disclosure.check_anchored(batch.as_ref(), &parties, &bytes, it, deployment, &policy)
    });
    let record = match checked {
        Ok(record) => record,
        Err(error) if error.is_about_the_record() => {
            return Ok(Err(not_valid(error.code(), &error.to_string())));
        }
        Err(error) => return Err(Failure::new(error.code(), error).in_file(bundle)),
    };
    let CheckAnchor { max_age, max_skew, clock_error, .. } = *args;
    let age = now.map(|now| record.age(&Clock { now, error: clock_error, max_age, max_skew }));
    let age = age.transpose().map_err(|error| Failure::new(error.code(), error).in_file(bundle))?;
    // What was verified can be read.
    trust.remember(Bundle::decode(&bytes).map(|bundle| bundle.header()).unwrap_or_default())?;
    Ok(Ok((record, age)))
}

/// By whom, when and as what a record was anchored, as far as a block of that age knows.
pub(crate) fn show_anchor(report: Report, record: &AnchoredRecord, age: Option<u64>) -> Report {
    let report = report
        .field("anchored by", "author", record.record.author().to_string())
        .field("patient", "patient", record.record.patient().to_string())
        .field("kind", "kind", record.kind)
        .field("anchored at", "anchoredAt", record.anchored_at)
        .field("root", "root", record.root.to_string())
        .spoken("retracted", "no", "retracted", false)
        .field("block", "blockNumber", record.block_number)
        .field("block time", "blockTime", record.block_time);
    match age {
        Some(age) => report.spoken("age", &format!("{age} s"), "age", age),
        None => report.spoken("age", "unknown: as of the block, without a clock", "age", None::<u64>),
    }
}

fn show_all(report: Report, opened: &OpenedRecord<'_>) -> Report {
    let report = match &opened.bound {
        Ok(_) => report,
        Err(error) => report.spoken("not bound", &error.to_string(), "bound", false),
    };
    opened.values.iter().fold(report, |report, (path, value)| show(report, path, Some(*value)))
}

/// A no, with its reason and code.
pub(crate) fn not_valid(code: &'static str, reason: &str) -> Report {
    Report::new(false)
        .field("valid", "valid", false)
        .spoken("reason", &format!("{reason} [{code}]"), "reason", reason)
        .hidden("code", code)
}

/// A disclosure's file, in either form.
pub(crate) fn disclosure_of(path: &Path) -> Result<OwnedDisclosure, Failure> {
    OwnedDisclosure::from_file(&files::read(path, MAX_DISCLOSURE_LEN)?)
        .map_err(|error| Failure::new(error.code(), error).in_file(path))
}

/// A batch proof's file, in either form.
pub(crate) fn batch_proof_of(path: &Path) -> Result<OwnedBatchProof, Failure> {
    OwnedBatchProof::from_file(&files::read(path, MAX_BATCH_PROOF_LEN)?)
        .map_err(|error| Failure::new(error.code(), error).in_file(path))
}
