//! `healthrecord batch`: many records, one root to anchor, and what each record's holder keeps.
//!
//! The keys are written first, chunk by chunk, in the order of the records: they are what a run that was
//! cut short goes on from. The proofs follow when the tree stands, and the anchor last: where it is, the
//! batch is whole.

use core::convert::Infallible;
use core::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

use healthrecord::code::{Code as _, Entry};
use healthrecord::core::B256;
use healthrecord::core::health::contract::Call;
use healthrecord::core::matter::hex::Hex;
use healthrecord::core::matter::sink::Buffer;
use healthrecord::record::{Batch, Metadata, RecordKey, Secret, Uncommitted, commit_many};
use rayon::prelude::*;
use serde_json::json;
use zeroize::Zeroizing;

use crate::args;
use crate::failure::Failure;
use crate::files;
use crate::progress::Progress;
use crate::report::Report;

mod input;
mod keys;
mod manifest;
mod terms;

use self::input::{Document, Input};
use self::keys::Keys;
use self::terms::Terms;

/// The codes that only this command gives, for the table of all codes.
pub(crate) const CODES: &[Entry] = &[
    Entry {
        code: COMPLETE,
        meaning: "The folder holds a batch that is complete.",
        cause: "The command was run again.",
        remedy: "Take what is there, or name another folder.",
    },
    Entry {
        code: CHANGED,
        meaning: "The folder holds a part of another batch.",
        cause: "The records or the options are not those that it was begun with.",
        remedy: "Give the same records and options to go on, or name another folder.",
    },
    Entry {
        code: keys::BROKEN,
        meaning: "The keys of a batch that was begun cannot be read.",
        cause: "The file was altered, or the machine stopped while it was written.",
        remedy: "Cut the file off before the line that is named, and run the command again.",
    },
    Entry {
        code: KIND,
        meaning: "A record is of another kind than the batch, which is anchored as one kind.",
        cause: "Resources of several types in one file, such as claims among observations.",
        remedy: "Batch them apart, or say with --kind what all of them are.",
    },
    Entry {
        code: PATIENT,
        meaning: "It is not known whose record it is.",
        cause: "It refers to no patient, to several, or to one who is not in the file of patients.",
        remedy: "Add the patient to the file, or batch such records with --patient.",
    },
    Entry {
        code: EMPTY,
        meaning: "There are no records.",
        cause: "An empty file, or a folder without .json files.",
        remedy: "Check the name.",
    },
    Entry {
        code: THREADS,
        meaning: "The threads cannot be started.",
        cause: "The system refuses so many.",
        remedy: "Give fewer with --threads.",
    },
];

const COMPLETE: &str = "bulk.complete";
const CHANGED: &str = "bulk.changed";
const KIND: &str = "bulk.kind";
const PATIENT: &str = "bulk.patient";
const EMPTY: &str = "bulk.empty";
const THREADS: &str = "bulk.threads";

pub(crate) fn run(args: &args::Batch) -> Result<Report, Failure> {
    let mut pool = rayon::ThreadPoolBuilder::new();
    if let Some(threads) = args.threads {
        pool = pool.num_threads(usize::from(threads.get()));
    }
    let pool = pool.build().map_err(|error| Failure::new(THREADS, error))?;
    pool.install(|| build(args))
}

fn build(args: &args::Batch) -> Result<Report, Failure> {
    let anchor = args.out.join("anchor.json");
    if anchor.exists() {
        return Err(Failure::new(COMPLETE, "the batch there is complete").in_file(&args.out));
    }
    files::create_folder(&args.out)?;
    let mut input = Input::open(&args.input)?;
    let (mut keys, begun) = Keys::open(&args.out.join("keys.ndjson"))?;
    let mut terms = Terms::of(args)?;
    let mut commitments = match begun {
        None => vec![],
        Some(begun) => {
            terms.hold(&begun.first.metadata, &args.out)?;
            pass_over(&mut input, begun.commitments.len(), &begun.last, &args.out)?;
            begun.commitments
        }
    };
    commit_all(&mut input, &mut keys, &mut terms, &mut commitments)?;
    keys.finish()?;
    if commitments.is_empty() {
        return Err(Failure::new(EMPTY, "there are no records").in_file(&args.input));
    }
    let batch = Batch::new(commitments.iter().copied())
        .map_err(|error| Failure::new(error.code(), error).in_file(&args.input))?;
    manifest::write(&args.out.join("manifest.ndjson"), keys.path(), &batch)?;
    let (author, kind) = (args.author, terms.kind());
    let (root, count) = (batch.root(), batch.count());
    let text = json!({"root": root.to_string(), "count": count, "kind": kind, "author": author.to_string()});
    files::write(&anchor, format!("{text:#}\n"))?;
    let mut memory = [0; 100];
    let mut calldata = Buffer::new(&mut memory);
    // Never full: a selector and three words.
    Call::Anchor { root, count, kind }.write(&mut calldata).unwrap_or_default();
    Ok(Report::new(true)
        .field("root", "root", root.to_string())
        .field("records", "count", count)
        .field("kind", "kind", kind)
        .field("author", "author", author.to_string())
        .field("calldata", "calldata", Hex::new(calldata.into_written()).to_string())
        .field("written to", "out", args.out.display().to_string()))
}

/// Passes over the records that are done, the last of which must be the one that it was.
fn pass_over(input: &mut Input, done: usize, last: &RecordKey, out: &Path) -> Result<(), Failure> {
    let changed = |what: String| Err(Failure::new(CHANGED, what).in_file(out));
    let mut document = None;
    for _ in 0..done {
        document = input.next()?;
        if document.is_none() {
            return changed(format!("{done} records are done, and there are not so many now"));
        }
    }
    let Some(Document { source, bytes }) = document else { return Ok(()) };
    match healthrecord::record::commit(&bytes, &last.metadata, &last.secret) {
        Ok(commitment) if commitment == last.commitment => Ok(()),
        _ => changed(format!("{source} is not the record that was the last of {done} done")),
    }
}

/// Commits what is left of the records and keeps their keys.
fn commit_all(
    input: &mut Input,
    keys: &mut Keys,
    terms: &mut Terms,
    commitments: &mut Vec<B256>,
) -> Result<(), Failure> {
    let progress = Progress::new();
    let (begin, begun) = (Instant::now(), commitments.len());
    let mut next = input.chunk();
    loop {
        // What was read before a record that cannot be read is kept.
        let (chunk, unreadable) = match next {
            Ok(chunk) => (chunk, None),
            Err((chunk, failure)) => (chunk, Some(failure)),
        };
        if chunk.is_empty() {
            return unreadable.map_or(Ok(()), |failure| Err(going_on(failure, commitments.len())));
        }
        terms.begin_with(&chunk);
        let (committed, read) = rayon::join(
            || commit_chunk(&chunk, terms),
            || unreadable.map_or_else(|| input.chunk(), |failure| Err((vec![], failure))),
        );
        next = read;
        let Committed { made, lines, failure } = committed?;
        keys.write(&lines)?;
        commitments.extend(made);
        if let Some(failure) = failure {
            return Err(going_on(failure, commitments.len()));
        }
        let count = commitments.len();
        let rate = (count - begun) as f64 / begin.elapsed().as_secs_f64();
        let part = input.part().map_or(String::new(), |part| format!("{:3.0} %  ", part * 100.0));
        progress.say(&format!("{part}{count} records, {rate:.0} a second"));
    }
}

/// A failure after which the same command goes on.
fn going_on(failure: Failure, done: usize) -> Failure {
    failure.and(&format!("; {done} records are done: mend it, and the same command goes on from there"))
}

/// What became of a chunk: the commitments up to the first record that has none, and their keys.
struct Committed {
    made: Vec<B256>,
    lines: Vec<Zeroizing<String>>,
    failure: Option<Failure>,
}

fn commit_chunk(chunk: &[Document], terms: &Terms) -> Result<Committed, Failure> {
    // An id and a secret for each record.
    let mut random = Zeroizing::new(vec![0; 64 * chunk.len()]);
    getrandom::fill(&mut random).map_err(|error| Failure::new(crate::record::RANDOM, error))?;
    let (seeds, _) = random.as_chunks::<64>();
    let drawn: Vec<Result<(Metadata, Secret), Failure>> = chunk
        .par_iter()
        .zip(seeds)
        .map(|(document, seed)| {
            let [id, secret] = [0, 32].map(|from| {
                let mut half = Zeroizing::new([0; 32]);
                half.copy_from_slice(seed.get(from..from + 32).unwrap_or_default());
                half
            });
            Ok((terms.metadata(B256(*id), document)?, Secret::from_bytes(&secret)))
        })
        .collect();
    let (mut known, mut failure) = (Vec::with_capacity(drawn.len()), None);
    for each in drawn {
        match each {
            Ok(each) => known.push(each),
            Err(error) => {
                failure = Some(error);
                break;
            }
        }
    }
    let records: Vec<Uncommitted<'_>> = chunk
        .iter()
        .zip(&known)
        .map(|(Document { bytes, .. }, (metadata, secret))| Uncommitted { document: bytes, metadata, secret })
        .collect();
    let Ok(results) = commit_many(&records, || ControlFlow::<Infallible>::Continue(()));
    let mut made = Vec::with_capacity(results.len());
    for (result, Document { source, .. }) in results.into_iter().zip(chunk) {
        match result {
            Ok(commitment) => made.push(commitment),
            Err(error) => {
                failure = Some(Failure::new(error.code(), error).of(source));
                break;
            }
        }
    }
    let lines = made.par_iter().zip(known).zip(chunk).map(|((commitment, (metadata, secret)), document)| {
        keys::line(&document.source, &RecordKey { metadata, commitment: *commitment, secret })
    });
    Ok(Committed { lines: lines.collect(), made, failure })
}
