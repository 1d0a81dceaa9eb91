//! Where a batch's records come from: newline-delimited JSON, or a folder of files.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use healthrecord::core::grammar::json::MAX_DOCUMENT_LEN;
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::files;

/// Records that are committed together at most, and the bytes with which a chunk is enough.
const CHUNK: usize = 4096;
const CHUNK_LEN: usize = 8 << 20;

/// A record's document and where it is from: a file's name, or a line of one.
pub(super) struct Document {
    pub(super) source: String,
    pub(super) bytes: Zeroizing<Vec<u8>>,
}

/// The records, in an order that is the same each time.
pub(super) enum Input {
    Lines { reader: BufReader<Box<dyn Read + Send>>, path: PathBuf, line: u64, read: u64, size: Option<u64> },
    Files { paths: Vec<PathBuf>, next: usize },
}

impl Input {
    /// Opens a folder (its `.json` files, by name), a file of one record a line, or standard input for `-`.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        if !path.is_dir() {
            let reader = BufReader::with_capacity(1 << 20, files::open(path)?);
            let size = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file).map(|it| it.len());
            return Ok(Self::Lines { reader, path: path.to_owned(), line: 0, read: 0, size });
        }
        let unreadable = |error| files::unreadable(path, error);
        let mut paths = std::fs::read_dir(path)
            .map_err(unreadable)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<Vec<_>, _>>()
            .map_err(unreadable)?;
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "json") && path.is_file());
        paths.sort_unstable();
        Ok(Self::Files { paths, next: 0 })
    }

    /// The next record.
    pub(super) fn next(&mut self) -> Result<Option<Document>, Failure> {
        match self {
            Self::Files { paths, next } => {
                let Some(path) = paths.get(*next) else { return Ok(None) };
                *next += 1;
                let bytes = files::read(path, MAX_DOCUMENT_LEN)?;
                let source = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                Ok(Some(Document { source, bytes }))
            }
            Self::Lines { reader, path, line, read, .. } => loop {
                let mut bytes = Zeroizing::new(Vec::new());
                // A byte more than the longest record and its line end: what is longer is seen to be.
                let limit = MAX_DOCUMENT_LEN as u64 + 2;
                let taken = reader
                    .by_ref()
                    .take(limit)
                    .read_until(b'\n', &mut bytes)
                    .map_err(|error| files::unreadable(path, error))?;
                if taken == 0 {
                    return Ok(None);
                }
                *line += 1;
                *read += taken as u64;
                let end =
                    bytes.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r')).map_or(0, |last| last + 1);
                bytes.truncate(end);
                if bytes.len() > MAX_DOCUMENT_LEN {
                    return Err(files::too_large(path, MAX_DOCUMENT_LEN).of(&format!("line {line}")));
                }
                // Empty lines are no records.
                if !bytes.iter().all(u8::is_ascii_whitespace) {
                    let name = path.file_name().unwrap_or_default().to_string_lossy();
                    return Ok(Some(Document { source: format!("{name}:{line}"), bytes }));
                }
            },
        }
    }

    /// The next records, none at the end; with a failure come those that were read before it.
    pub(super) fn chunk(&mut self) -> Result<Vec<Document>, (Vec<Document>, Failure)> {
        let (mut chunk, mut len) = (vec![], 0);
        while chunk.len() < CHUNK && len < CHUNK_LEN {
            match self.next() {
                Ok(Some(document)) => {
                    len += document.bytes.len();
                    chunk.push(document);
                }
                Ok(None) => break,
                Err(failure) => return Err((chunk, failure)),
            }
        }
        Ok(chunk)
    }

    /// How much of the whole has been read, where that is known.
    pub(super) fn part(&self) -> Option<f64> {
        match self {
            Self::Lines { read, size, .. } => size.map(|size| *read as f64 / size.max(1) as f64),
            Self::Files { paths, next } => Some(*next as f64 / paths.len().max(1) as f64),
        }
    }
}
