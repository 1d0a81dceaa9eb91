//! `healthrecord diff`

use healthrecord::code::Code as _;
use healthrecord::record::{self, Change, DiffError, Value, Version, Which};
use serde_json::json;

use crate::args::Diff;
use crate::failure::Failure;
use crate::record::{read_document, read_key, spoken};
use crate::report::Report;

pub(crate) fn diff(args: &Diff) -> Result<Report, Failure> {
    let master = args.master.as_deref();
    let (old, new) = (read_document(&args.old)?, read_document(&args.new)?);
    let (old_key, new_key) = (read_key(&args.old_key, master)?, read_key(&args.new_key, master)?);
    let changes =
        record::diff(&Version { document: &old, key: &old_key }, &Version { document: &new, key: &new_key });
    let changes = changes.map_err(|error| {
        let file =
            match &error {
                DiffError::Previous { .. } => &args.new_key,
                DiffError::Commitment { which: Which::Old, .. }
                | DiffError::Record { which: Which::Old, .. } => &args.old,
                DiffError::Commitment { which: Which::New, .. }
                | DiffError::Record { which: Which::New, .. } => &args.new,
            };
        Failure::new(error.code(), error).in_file(file)
    })?;
    let report = Report::new(true).field("old", "old", old_key.commitment.to_string()).field(
        "new",
        "new",
        new_key.commitment.to_string(),
    );
    Ok(changes.iter().fold(report, show))
}

/// Adds a change to a report.
fn show(report: Report, change: &Change) -> Report {
    let path = change.path();
    let read = |value: &[u8]| {
        let unreadable = || ("not readable".to_owned(), json!(null));
        Value::decode(value).map_or_else(unreadable, |value| spoken(path, value))
    };
    let label = if path.is_empty() { "(document)" } else { path };
    match change {
        Change::Added { value, .. } => {
            let (text, value) = read(value);
            report.entry(label, &format!("added: {text}"), "added", json!({"path": path, "value": value}))
        }
        Change::Removed { value, .. } => {
            let (text, value) = read(value);
            report.entry(label, &format!("removed: {text}"), "removed", json!({"path": path, "value": value}))
        }
        Change::Changed { old, new, .. } => {
            let ((before, old), (after, new)) = (read(old), read(new));
            let value = json!({"path": path, "old": old, "new": new});
            report.entry(label, &format!("changed: {before}\nto {after}"), "changed", value)
        }
    }
}
