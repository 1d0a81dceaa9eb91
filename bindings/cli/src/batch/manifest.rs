//! The manifest of a batch: each record's proof, one a line, with nothing in it that is secret.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use healthrecord::record::Batch;
use rayon::prelude::*;
use serde_json::json;

use super::keys;
use crate::failure::Failure;
use crate::files;
use crate::progress::Progress;

/// Lines that are made together.
const CHUNK: usize = 4096;

/// Writes a line for each record, in their order: a batch proof as `check` takes it, with the record's
/// source and commitment beside it.
pub(super) fn write(path: &Path, keys: &Path, batch: &Batch) -> Result<(), Failure> {
    let unwritable = |error| files::unwritable(path, error);
    let part = path.with_extension("ndjson.tmp");
    let mut file = BufWriter::new(File::create(&part).map_err(unwritable)?);
    let progress = Progress::new();
    let mut chunk: Vec<Vec<u8>> = Vec::with_capacity(CHUNK);
    let mut done = 0;
    let mut put = |chunk: &mut Vec<Vec<u8>>| {
        let line = |(place, key): (usize, &Vec<u8>)| line(done + place, key, batch, keys);
        let lines = chunk.par_iter().enumerate().map(line).collect::<Result<Vec<_>, Failure>>()?;
        done += lines.len();
        chunk.clear();
        progress.say(&format!("{done} of {} proofs", batch.count()));
        lines.iter().try_for_each(|line| file.write_all(line.as_bytes()).map_err(unwritable))
    };
    keys::for_each(keys, |_, key| {
        chunk.push(key.to_vec());
        if chunk.len() == CHUNK { put(&mut chunk) } else { Ok(()) }
    })?;
    put(&mut chunk)?;
    let file = file.into_inner().map_err(|error| unwritable(error.into_error()))?;
    file.sync_all().and_then(|()| std::fs::rename(&part, path)).map_err(unwritable)
}

/// What the manifest takes of a key's line; the secret is passed over where it stands.
#[derive(serde::Deserialize)]
struct Kept<'a> {
    source: std::borrow::Cow<'a, str>,
    commitment: &'a str,
}

/// The manifest's line for the key that stands at this place from 0.
fn line(place: usize, key: &[u8], batch: &Batch, keys: &Path) -> Result<String, Failure> {
    let broken = |error: &dyn std::fmt::Display| keys::broken(keys, place + 1, error);
    let Kept { source, commitment } = serde_json::from_slice(key).map_err(|error| broken(&error))?;
    let parsed = commitment.parse().map_err(|error| broken(&error))?;
    let proof = u32::try_from(place).ok().and_then(|index| batch.proof(index, &parsed));
    let proof = proof.ok_or_else(|| broken(&"the commitment is not the one that was written there"))?;
    let record = format!("{{\"source\":{},\"commitment\":\"{commitment}\",", json!(source));
    let proof = proof.to_json_line();
    Ok(record + proof.strip_prefix('{').unwrap_or(&proof))
}
