//! The keys of a batch, one a line, which are also what a run that was cut short goes on from.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use healthrecord::core::B256;
use healthrecord::record::{MAX_KEY_LEN, RecordKey};
use serde_json::json;
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::files;

pub(super) const BROKEN: &str = "bulk.keys";

/// The file of the keys, which only its owner may read.
pub(super) struct Keys {
    file: File,
    path: PathBuf,
}

/// What a run that was cut short has done.
pub(super) struct Begun {
    pub(super) commitments: Vec<B256>,
    pub(super) first: RecordKey,
    pub(super) last: RecordKey,
}

impl Keys {
    /// Opens the file to append to it, or makes it; a last line that was not written whole is cut off.
    pub(super) fn open(path: &Path) -> Result<(Self, Option<Begun>), Failure> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(|error| files::unwritable(path, error))?;
        let (mut whole, mut begun) = (0, None::<Begun>);
        for_each(path, |number, line| {
            let text = std::str::from_utf8(line).map_err(|error| broken(path, number, &error))?;
            let key = RecordKey::from_json(text).map_err(|error| broken(path, number, &error))?;
            whole += line.len() as u64;
            match &mut begun {
                None => {
                    let first = RecordKey::from_json(text).map_err(|error| broken(path, number, &error))?;
                    begun = Some(Begun { commitments: vec![key.commitment], first, last: key });
                }
                Some(begun) => {
                    begun.commitments.push(key.commitment);
                    begun.last = key;
                }
            }
            Ok(())
        })?;
        let cut = file.set_len(whole).and_then(|()| file.seek(SeekFrom::End(0)));
        cut.map_err(|error| files::unwritable(path, error))?;
        Ok((Self { file, path: path.to_owned() }, begun))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Appends lines.
    pub(super) fn write(&mut self, lines: &[Zeroizing<String>]) -> Result<(), Failure> {
        let mut text = Zeroizing::new(Vec::with_capacity(lines.iter().map(|line| line.len()).sum()));
        for line in lines {
            text.extend_from_slice(line.as_bytes());
        }
        self.file.write_all(&text).map_err(|error| files::unwritable(&self.path, error))
    }

    /// Makes sure that all is on the disk.
    pub(super) fn finish(&mut self) -> Result<(), Failure> {
        self.file.sync_all().map_err(|error| files::unwritable(&self.path, error))
    }
}

/// A key and where its record is from, as a line.
pub(super) fn line(source: &str, key: &RecordKey) -> Zeroizing<String> {
    let source = format!("{{\"source\":{},", json!(source));
    let key = key.to_json_line();
    let mut line = Zeroizing::new(String::with_capacity(source.len() + key.len()));
    line.push_str(&source);
    line.push_str(key.strip_prefix('{').unwrap_or(&key));
    line
}

/// Gives every line that is whole, with its number from 1.
pub(super) fn for_each(
    path: &Path,
    mut take: impl FnMut(usize, &[u8]) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let file = File::open(path).map_err(|error| files::unreadable(path, error))?;
    let mut reader = BufReader::with_capacity(1 << 20, file);
    let mut line = Zeroizing::new(Vec::with_capacity(4 << 10));
    for number in 1.. {
        line.clear();
        let limit = MAX_KEY_LEN as u64 + 1;
        let mut bounded = std::io::Read::take(&mut reader, limit);
        bounded.read_until(b'\n', &mut line).map_err(|error| files::unreadable(path, error))?;
        if !line.ends_with(b"\n") {
            break;
        }
        take(number, &line)?;
    }
    Ok(())
}

/// The failure of a line that is no key.
pub(super) fn broken(path: &Path, line: usize, error: &dyn std::fmt::Display) -> Failure {
    Failure::new(BROKEN, format!("line {line}: {error}")).in_file(path)
}
