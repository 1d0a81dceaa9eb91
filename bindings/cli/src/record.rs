//! `healthrecord commit` and `disclose`.

use std::path::Path;
use std::time::{Duration, Instant};

use healthrecord::code::{Code as _, Entry};
use healthrecord::core::grammar::json::MAX_DOCUMENT_LEN;
use healthrecord::core::{Address, B256};
use healthrecord::fhir::Resource;
use healthrecord::record::{
    self, Attachment, Derivation, DerivedRecordKey, MAX_KEY_LEN, Metadata, RecordKey, Secret, Selection,
    Value, reserved,
};
use serde_json::json;
use zeroize::Zeroizing;

use crate::access::unix_now;
use crate::args::{Commit, Disclose};
use crate::failure::Failure;
use crate::files;
use crate::key::read_master;
use crate::progress::Progress;
use crate::report::Report;

/// The codes that only these commands give, for the table of all codes.
pub(crate) const CODES: &[Entry] = &[
    Entry {
        code: COMMITMENT,
        meaning: "The record does not belong to the commitment.",
        cause: "The document was altered, or it is another version than the one that was committed.",
        remedy: "Find the document as it was committed; nothing can be disclosed of an altered one.",
    },
    Entry {
        code: NO_MASTER,
        meaning: "The record's secret is derived from a master secret, which is missing.",
        cause: "A key file of commit --master, without --master.",
        remedy: "Give --master with the file of the master secret.",
    },
    Entry {
        code: RANDOM,
        meaning: "The system gives no random numbers.",
        cause: "A sandbox without access to the system's generator.",
        remedy: "Run the command where the system's generator can be read.",
    },
];

pub(crate) const COMMITMENT: &str = "record.commitment";
const NO_MASTER: &str = "record.no_master";
pub(crate) const RANDOM: &str = "system.random";

/// What a disclosure shows of whose record it is, unless exactly what is named is asked for.
const BINDING: [&str; 5] =
    [reserved::PATIENT, reserved::AUTHOR, reserved::KIND, reserved::ISSUED, reserved::SCOPE];

pub(crate) fn commit(args: &Commit) -> Result<Report, Failure> {
    let document = read_document(&args.document)?;
    let master = args.master.as_deref();
    if let Some(path) = &args.key {
        let key = read_key(path, master)?;
        let found = commitment_of(&args.document, &document, &key)?;
        hold(&args.document, key.commitment, found)?;
        return Ok(describe(&key));
    }
    let metadata = metadata_of(args, &document)?;
    let derivation = match master {
        Some(_) => Some(Derivation { version: args.record_version, nonce: B256(*random()?) }),
        None => None,
    };
    let secret = match (master, &derivation, metadata.scopes.first()) {
        (Some(master), Some(derivation), Some(id)) => read_master(master)?.derive(id, derivation),
        _ => Secret::from_bytes(&*random()?),
    };
    let commitment = record::commit(&document, &metadata, &secret)
        .map_err(|error| Failure::new(error.code(), error).in_file(&args.document))?;
    let key = RecordKey { metadata, commitment, secret };
    if let Some(path) = &args.key_out {
        match derivation {
            Some(derivation) => {
                let metadata = key.metadata.clone();
                // Where it is no secret, it is still the patient's.
                files::write_secret(path, &DerivedRecordKey { metadata, commitment, derivation }.to_json())?;
            }
            None => files::write_secret(path, &key.to_json())?,
        }
    }
    Ok(describe(&key))
}

pub(crate) fn disclose(args: &Disclose) -> Result<Report, Failure> {
    let document = read_document(&args.document)?;
    let key = read_key(&args.key, args.master.as_deref())?;
    let wanted: Vec<&str> = args.elements.iter().map(String::as_str).collect();
    let wanted = record::resolve(&document, &wanted)
        .map_err(|error| Failure::new(error.code(), error).in_file(&args.document))?;
    let mut paths: Vec<&str> = wanted.iter().map(String::as_str).collect();
    let selection = if args.exactly {
        Selection::exactly(&paths)
    } else {
        paths.extend(BINDING.iter().filter(|path| !wanted.iter().any(|pointer| pointer == *path)));
        Selection::with_meaning(&paths)
    };
    let disclosure = record::disclose(&document, &key.metadata, &key.secret, &selection)
        .map_err(|error| Failure::new(error.code(), error).in_file(&args.document))?;
    hold(&args.document, key.commitment, disclosure.commitment)?;
    let Some(out) = &args.out else {
        return Ok(Report::raw(disclosure.to_json()));
    };
    if args.binary {
        files::write(out, disclosure.to_rlp())?;
    } else {
        files::write(out, disclosure.to_json())?;
    }
    let mut report = Report::new(true)
        .field("commitment", "commitment", disclosure.commitment.to_string())
        .field("written to", "out", out.display().to_string());
    for leaf in &disclosure.leaves {
        report = show(report, &leaf.path, Value::decode(&leaf.value));
    }
    Ok(report)
}

fn describe(key: &RecordKey) -> Report {
    let scope = |scope: &B256| scope.to_string();
    let mut report = Report::new(true)
        .field("commitment", "commitment", key.commitment.to_string())
        .field("patient", "patient", key.metadata.patient.to_string())
        .field("author", "author", key.metadata.author.to_string())
        .field("kind", "kind", key.metadata.kind)
        .field("issued", "issued", key.metadata.issued);
    for (index, text) in key.metadata.scopes.iter().map(scope).enumerate() {
        let label = if index == 0 { "record id".to_owned() } else { format!("group {index}") };
        report = report.entry(&label, &text, "scope", text.clone());
    }
    for Attachment { name, length, hash } in &key.metadata.attachments {
        let (hash, value) =
            (hash.to_string(), json!({"name": name, "length": length, "hash": hash.to_string()}));
        report = report.entry(
            &format!("attachment {name}"),
            &format!("{length} bytes, {hash}"),
            "attachments",
            value,
        );
    }
    report
}

/// Adds a disclosed element to a report.
pub(crate) fn show(report: Report, path: &str, value: Option<Value<'_>>) -> Report {
    let (text, value) =
        value.map_or_else(|| ("not readable".to_owned(), json!(null)), |value| spoken(path, value));
    let label = if path.is_empty() { "(document)" } else { path };
    report.entry(label, &text, "disclosed", json!({"path": path, "value": value}))
}

/// A disclosed value as people read it, and as JSON.
pub(crate) fn spoken(path: &str, value: Value<'_>) -> (String, serde_json::Value) {
    match value {
        Value::String(text) => (json!(text).to_string(), json!(text)),
        Value::Number(number) => (number.to_owned(), json!({"number": number})),
        Value::Bool(truth) => (truth.to_string(), json!(truth)),
        Value::Null => ("null".to_owned(), json!(null)),
        Value::Array(len) => (format!("an array of {len}"), json!({"array": len})),
        Value::Object(names) => {
            let names: Vec<&str> = names.iter().collect();
            (format!("an object of {}", names.join(", ")), json!({"object": names}))
        }
        Value::Bytes(bytes) => reserved_value(path, bytes),
    }
}

/// What the bytes of a reserved leaf mean.
fn reserved_value(path: &str, bytes: &[u8]) -> (String, serde_json::Value) {
    let number = |bytes: &[u8]| bytes.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    let hex = |bytes: &[u8]| healthrecord::core::matter::hex::Hex::new(bytes).to_string();
    match path {
        reserved::KIND | reserved::ISSUED => (number(bytes).to_string(), json!(number(bytes))),
        reserved::SCOPE => {
            let scopes: Vec<String> = bytes.chunks(32).map(hex).collect();
            (scopes.join(" "), json!(scopes))
        }
        _ if path.starts_with(reserved::ATTACHMENT) => {
            let (length, hash) = bytes.split_at_checked(8).unwrap_or_default();
            let (length, hash) = (number(length), hex(hash));
            (format!("{length} bytes, {hash}"), json!({"length": length, "hash": hash}))
        }
        _ => (hex(bytes), json!(hex(bytes))),
    }
}

fn hold(path: &Path, expected: B256, found: B256) -> Result<(), Failure> {
    if expected == found {
        return Ok(());
    }
    Err(Failure::new(COMMITMENT, not_committed(expected, found)).in_file(path))
}

pub(crate) fn not_committed(expected: B256, found: B256) -> String {
    format!("the record has the commitment {found}: expected {expected}")
}

pub(crate) fn commitment_of(path: &Path, document: &[u8], key: &RecordKey) -> Result<B256, Failure> {
    record::commit(document, &key.metadata, &key.secret)
        .map_err(|error| Failure::new(error.code(), error).in_file(path))
}

fn metadata_of(args: &Commit, document: &[u8]) -> Result<Metadata, Failure> {
    let mut scopes = vec![args.id.map_or_else(|| random().map(|id| B256(*id)), Ok)?];
    scopes.extend(&args.scope);
    let attachments = args.attachment.iter().map(|path| attachment(path)).collect::<Result<_, _>>()?;
    Ok(Metadata {
        // clap demands both where no key is given.
        patient: args.patient.unwrap_or(Address::ZERO),
        author: args.author.unwrap_or(Address::ZERO),
        kind: args.kind.unwrap_or_else(|| kind_of(document)),
        issued: args.issued.unwrap_or_else(unix_now),
        scopes,
        previous: args.previous,
        attachments,
    })
}

/// The kind of record that a document is by its FHIR type; 1 for one that is no resource.
pub(crate) fn kind_of(document: &[u8]) -> u16 {
    let text = std::str::from_utf8(document).unwrap_or_default();
    // What is no JSON is found where it is committed.
    Resource::read(text).map_or(1, |resource| resource.kind())
}

/// Hashes a file of any size in constant memory, and says on a terminal how far it is where that takes long.
fn attachment(path: &Path) -> Result<Attachment, Failure> {
    let file = files::open(path)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let whole = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    let (progress, mut told) = (Progress::new(), Instant::now());
    let tell = |length: u64| {
        if told.elapsed() >= EVERY {
            told = Instant::now();
            let [length, whole] = [length, whole].map(|bytes| bytes >> 20);
            let of = if whole == 0 { String::new() } else { format!(" of {whole}") };
            progress.say(&format!("hashing {name}: {length}{of} MiB"));
        }
    };
    Attachment::from_reader(&name, file, tell).map_err(|error| files::unreadable(path, error))
}

/// How often progress is told.
const EVERY: Duration = Duration::from_millis(500);

pub(crate) fn read_document(path: &Path) -> Result<Zeroizing<Vec<u8>>, Failure> {
    files::read(path, MAX_DOCUMENT_LEN.saturating_add(1))
}

/// A record's key file; `master` is the file of the secret that the record's is derived from, if it is.
pub(crate) fn read_key(path: &Path, master: Option<&Path>) -> Result<RecordKey, Failure> {
    let text = files::read_text(path, MAX_KEY_LEN)?;
    let derived = DerivedRecordKey::from_json(&text)
        .map_err(|error| Failure::new(error.code(), error).in_file(path))?;
    match (derived, master) {
        (Some(derived), Some(master)) => Ok(derived.open(&read_master(master)?)),
        (Some(_), None) => {
            Err(Failure::new(NO_MASTER, "the record's secret is derived: give --master").in_file(path))
        }
        (None, _) => {
            RecordKey::from_json(&text).map_err(|error| Failure::new(error.code(), error).in_file(path))
        }
    }
}

/// 32 bytes of the system's generator.
pub(crate) fn random() -> Result<Zeroizing<[u8; 32]>, Failure> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *bytes).map_err(|error| Failure::new(RANDOM, error))?;
    Ok(bytes)
}
