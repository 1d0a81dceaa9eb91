//! `healthrecord verify-event`

use healthrecord::code::Code as _;
use healthrecord::core::access::{EventProof, ProvedEvent};
use healthrecord::event::{self, MAX_EVENT_PROOF_LEN};

use crate::access::deployment_of;
use crate::args::VerifyEvent;
use crate::failure::Failure;
use crate::files;
use crate::report::Report;
use crate::trust::{Trust, by};

pub(crate) fn verify(args: &VerifyEvent) -> Result<Report, Failure> {
    let proof = files::read(&args.proof, MAX_EVENT_PROOF_LEN)?;
    let deployment = deployment_of(&args.deployment)?;
    let mut trust = Trust::of(&args.trust)?;
    let proved = by!(&trust, |anchor| event::verify(&proof, anchor, &deployment))
        .map_err(|error| Failure::new(error.code(), error).in_file(&args.proof))?;
    // What was verified can be read.
    let header = EventProof::decode(&proof).map(|proof| proof.header()).unwrap_or_default();
    trust.remember(header)?;
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
