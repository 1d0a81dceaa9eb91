//! `healthrecord verify-event`

use healthrecord::code::Code as _;
use healthrecord::core::access::ProvedEvent;
use healthrecord::core::health::anchor::{HashRule, PinnedHash};
use healthrecord::event::{self, MAX_EVENT_PROOF_LEN};

use crate::access::deployment_of;
use crate::args::VerifyEvent;
use crate::failure::Failure;
use crate::files;
use crate::report::Report;

pub(crate) fn verify(args: &VerifyEvent) -> Result<Report, Failure> {
    let proof = files::read(&args.proof, MAX_EVENT_PROOF_LEN)?;
    let deployment = deployment_of(&args.deployment)?;
    let anchor = PinnedHash::new(args.trusted_hash, HashRule::Plain);
    let proved = event::verify(&proof, &anchor, &deployment)
        .map_err(|error| Failure::new(error.code(), error).in_file(&args.proof))?;
    Ok(report(&proved))
}

/// What was logged, where and when.
pub(crate) fn report(proved: &ProvedEvent) -> Report {
    let mut arguments = vec![];
    proved.event.for_each_argument(|name, argument| arguments.push(format!("{name} {argument}")));
    let value = event::to_value(proved);
    let report = Report::new(true).field("event", "event", proved.event.name());
    let report = arguments.iter().fold(report, |report, argument| report.note(argument));
    report
        .hidden("arguments", value.get("arguments").cloned().unwrap_or_default())
        .field("block", "blockNumber", proved.block_number)
        .field("block time", "blockTime", proved.block_time)
        .field("transaction", "transactionIndex", proved.transaction)
        .field("log", "log", proved.log)
}
