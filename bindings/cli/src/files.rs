//! Files in.

use std::io::Read;
use std::path::Path;

use crate::failure::Failure;

/// Reads a whole file, or standard input for `-`, of at most `limit` bytes.
pub(crate) fn read(path: &Path, limit: usize) -> Result<Vec<u8>, Failure> {
    let unreadable = |error| Failure::new("file.unreadable", error).in_file(path);
    let mut bytes = vec![];
    let bound = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    if path == Path::new("-") {
        std::io::stdin().lock().take(bound).read_to_end(&mut bytes).map_err(unreadable)?;
    } else {
        let file = std::fs::File::open(path).map_err(unreadable)?;
        file.take(bound).read_to_end(&mut bytes).map_err(unreadable)?;
    }
    if bytes.len() > limit {
        let message = format!("more than {limit} bytes");
        return Err(Failure::new("file.too_large", message).in_file(path));
    }
    Ok(bytes)
}

/// Reads a text as [`read`] reads bytes.
pub(crate) fn read_text(path: &Path, limit: usize) -> Result<String, Failure> {
    String::from_utf8(read(path, limit)?).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        Failure::new("file.not_utf8", format!("not UTF-8 at byte {offset}")).in_file(path)
    })
}
