//! `healthrecord explain`

use healthrecord::code::{Entry, FAMILIES};
use serde_json::json;

use crate::failure::Failure;
use crate::report::Report;
use crate::{batch, demo, files, key, record, rpc, tx};

/// The codes of this command, and of the command line as a whole.
const CODES: &[Entry] = &[
    Entry {
        code: UNKNOWN,
        meaning: "There is no such error code.",
        cause: "A typing mistake, or a code of another version.",
        remedy: "Run healthrecord explain without a code: it lists them all.",
    },
    Entry {
        code: USAGE,
        meaning: "The command line asks for something that there is not.",
        cause: "A typing mistake, a missing option, or a hash or address that is none.",
        remedy: "Run the command with --help: it shows its options and examples.",
    },
];

const UNKNOWN: &str = "explain.unknown_code";

/// The code of a command line that is not understood.
pub(crate) const USAGE: &str = "usage.arguments";

pub(crate) fn explain(wanted: &str) -> Result<Report, Failure> {
    let own = [
        files::CODES,
        rpc::CODES,
        record::CODES,
        batch::CODES,
        key::CODES,
        tx::CODES,
        demo::CODES,
        demo::CHAIN_CODES,
        CODES,
    ];
    let all = FAMILIES.iter().chain(&own).copied().flatten();
    let found: Vec<&Entry> = match all.clone().find(|entry| entry.code == wanted) {
        Some(entry) => vec![entry],
        None => all.filter(|entry| entry.code.starts_with(wanted)).collect(),
    };
    if found.is_empty() {
        return Err(Failure::new(UNKNOWN, format!("no error code is, or begins with, {wanted:?}")));
    }
    let mut report = Report::new(true);
    for Entry { code, meaning, cause, remedy } in found {
        let value = json!({"code": code, "meaning": meaning, "cause": cause, "remedy": remedy});
        report = report
            .entry(code, meaning, "codes", value)
            .note(&format!("cause: {cause}"))
            .note(&format!("remedy: {remedy}"));
    }
    Ok(report)
}
