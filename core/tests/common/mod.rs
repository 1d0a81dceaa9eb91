//! What the tests share: where the external vectors are, and how their JSON is read.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::path::{Path, PathBuf};

use serde_json::Value;

/// The folder of the external vectors; without it, says that `cases` are skipped, or fails on CI.
pub(crate) fn vectors(cases: usize) -> Option<PathBuf> {
    let folder = match std::env::var_os("HEALTHRECORD_VECTORS") {
        Some(folder) => PathBuf::from(folder),
        None => {
            // Beside the repository, whichever crate the test is of.
            let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().skip(2);
            let mut folders = above.map(|folder| folder.join("shared/vectors"));
            folders.find(|folder| folder.is_dir()).unwrap_or_else(|| "../shared/vectors".into())
        }
    };
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(std::env::var_os("CI").is_none(), "no external vectors at {}", folder.display());
    println!("SKIPPED {cases}");
    None
}

pub(crate) fn read(path: impl Into<PathBuf>) -> String {
    let path = path.into();
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn json(path: impl Into<PathBuf>) -> Value {
    serde_json::from_str(&read(path)).unwrap()
}

/// Bytes of a hex string, `0x` or not.
pub(crate) fn hex(value: &Value) -> Vec<u8> {
    unhex(value.as_str().unwrap_or_else(|| panic!("not a string: {value}")))
}

pub(crate) fn unhex(text: &str) -> Vec<u8> {
    let mut out = vec![0; text.len()];
    healthrecord_core::matter::hex::decode(text, &mut out).unwrap().to_vec()
}

/// A number of at most 32 bytes in any spelling of hex: odd digits, no `0x`, leading zeros.
pub(crate) fn quantity(value: &Value) -> [u8; 32] {
    let text = value.as_str().unwrap();
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let bytes = unhex(&format!("{digits:0>64}"));
    bytes.try_into().unwrap()
}

/// A small deterministic generator (`SplitMix64`, Steele et al. 2014): the tests need repeatable, not secret, numbers.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap()
    }

    pub(crate) fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.next().to_le_bytes()[0]).collect()
    }
}

/// Whether the large counts are asked for.
pub(crate) fn is_soak() -> bool {
    std::env::var_os("HEALTHRECORD_SOAK").is_some()
}
