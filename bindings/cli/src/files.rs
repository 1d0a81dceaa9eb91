//! Files in and out.

use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use healthrecord::code::Entry;
use zeroize::Zeroizing;

use crate::failure::Failure;

/// The codes of what can be wrong with a file, for the table of all codes.
pub(crate) const CODES: &[Entry] = &[
    Entry {
        code: UNREADABLE,
        meaning: "A file cannot be read.",
        cause: "It is not there, or you may not read it.",
        remedy: "Check its name and its permissions.",
    },
    Entry {
        code: UNWRITABLE,
        meaning: "A file cannot be written.",
        cause: "It exists already (key files and new anchors overwrite nothing), or you may not write there.",
        remedy: "Give another name.",
    },
    Entry {
        code: TOO_LARGE,
        meaning: "A file is larger than any that is read here.",
        cause: "Another file than the one meant.",
        remedy: "Check its name.",
    },
    Entry {
        code: NOT_UTF8,
        meaning: "A file that should be a text is not UTF-8.",
        cause: "A file in another encoding, or bytes that are no text.",
        remedy: "Convert it to UTF-8.",
    },
    Entry {
        code: STDIN_TWICE,
        meaning: "Two files are both to come from standard input, which can be read once.",
        cause: "- was given for more than one file.",
        remedy: "Give - once, and names for the others.",
    },
];

const UNREADABLE: &str = "file.unreadable";
const UNWRITABLE: &str = "file.unwritable";
const TOO_LARGE: &str = "file.too_large";
const NOT_UTF8: &str = "file.not_utf8";
const STDIN_TWICE: &str = "file.stdin_twice";

/// Room that is made at once for what is read: a secret that fits leaves no copy where it grew.
const ROOM: usize = 16 << 10;

/// Opens a file, or standard input for `-`, once: a second reader would take its end for an empty file.
pub(crate) fn open(path: &Path) -> Result<Box<dyn Read + Send>, Failure> {
    static STDIN_IS_TAKEN: AtomicBool = AtomicBool::new(false);
    if path == Path::new("-") {
        if STDIN_IS_TAKEN.swap(true, Ordering::Relaxed) {
            return Err(Failure::new(STDIN_TWICE, "- was given for two files"));
        }
        return Ok(Box::new(std::io::stdin()));
    }
    match std::fs::File::open(path) {
        Ok(file) => Ok(Box::new(file)),
        Err(error) => Err(unreadable(path, error)),
    }
}

/// The failure to read a file.
pub(crate) fn unreadable(path: &Path, error: impl std::fmt::Display) -> Failure {
    Failure::new(UNREADABLE, error).in_file(path)
}

/// The failure to write a file.
pub(crate) fn unwritable(path: &Path, error: impl std::fmt::Display) -> Failure {
    Failure::new(UNWRITABLE, error).in_file(path)
}

/// The failure of a file of more than `limit` bytes.
pub(crate) fn too_large(path: &Path, limit: usize) -> Failure {
    Failure::new(TOO_LARGE, format!("more than {limit} bytes")).in_file(path)
}

/// Reads a whole file, or standard input for `-`, of at most `limit` bytes; wiped when dropped.
pub(crate) fn read(path: &Path, limit: usize) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(ROOM));
    let bound = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    open(path)?.take(bound).read_to_end(&mut bytes).map_err(|error| unreadable(path, error))?;
    if bytes.len() > limit {
        return Err(too_large(path, limit));
    }
    Ok(bytes)
}

/// Reads a text as [`read`] reads bytes.
pub(crate) fn read_text(path: &Path, limit: usize) -> Result<Zeroizing<String>, Failure> {
    let bytes = read(path, limit)?;
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(error) => {
            let message = format!("not UTF-8 at byte {}", error.valid_up_to());
            Err(Failure::new(NOT_UTF8, message).in_file(path))
        }
    }
}

/// Writes a file whole or not at all, in place of one that is there.
pub(crate) fn write(path: &Path, content: impl AsRef<[u8]>) -> Result<(), Failure> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let part = path.with_file_name(name);
    let written = std::fs::write(&part, content.as_ref()).and_then(|()| std::fs::rename(&part, path));
    written.map_err(|error| {
        // What could not be written whole is not left behind; the first error is the one to tell.
        let _ = std::fs::remove_file(&part);
        unwritable(path, error)
    })
}

/// Makes a folder, which must be new or empty.
pub(crate) fn create_empty_folder(path: &Path) -> Result<(), Failure> {
    create_folder(path)?;
    if std::fs::read_dir(path).map_err(|error| unwritable(path, error))?.next().is_some() {
        return Err(Failure::new(UNWRITABLE, "the folder is not empty").in_file(path));
    }
    Ok(())
}

/// Makes a folder, which may be there.
pub(crate) fn create_folder(path: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(path).map_err(|error| unwritable(path, error))
}

/// Makes the folder that a file is to stand in.
pub(crate) fn create_folder_of(path: &Path) -> Result<(), Failure> {
    create_folder(path.parent().unwrap_or(path))
}

/// Writes a new file that only its owner may read; an existing one stays as it is.
pub(crate) fn write_secret(path: &Path, content: &str) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    create(path, &mut options, content.as_bytes())
}

/// Writes a new file; an existing one stays as it is.
pub(crate) fn write_new(path: &Path, content: &[u8]) -> Result<(), Failure> {
    create(path, &mut OpenOptions::new(), content)
}

fn create(path: &Path, options: &mut OpenOptions, content: &[u8]) -> Result<(), Failure> {
    let unwritable = |error| unwritable(path, error);
    let mut file = options.write(true).create_new(true).open(path).map_err(unwritable)?;
    let written = file.write_all(content).and_then(|()| file.sync_all());
    written.map_err(|error| {
        // Nothing half-done is left; the first error is the one to tell.
        let _ = std::fs::remove_file(path);
        unwritable(error)
    })
}
