//! Where what is slow to make is kept: `${XDG_CACHE_HOME:-~/.cache}/healthrecord`.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::run::output;

/// How many trees of one kind are kept: the one in use and those of two other branches or compilers.
const KEPT: usize = 3;

/// The cache folder, made if it is not there.
pub(crate) fn folder() -> Result<PathBuf> {
    let base = match std::env::var_os("XDG_CACHE_HOME").filter(|path| !path.is_empty()) {
        Some(path) => PathBuf::from(path),
        None => PathBuf::from(std::env::var_os("HOME").context("neither XDG_CACHE_HOME nor HOME is set")?)
            .join(".cache"),
    };
    let folder = base.join("healthrecord");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}

/// Holds the cache for this process until the file is dropped; waits where another run holds it.
pub(crate) fn lock() -> Result<File> {
    let path = folder()?.join("lock");
    let file = File::create(&path).with_context(|| format!("cannot make {}", path.display()))?;
    if file.try_lock().is_err() {
        eprintln!("waiting for another run that uses {}", path.display());
        file.lock()?;
    }
    Ok(file)
}

/// The tree of `kind` for `inputs`: the same inputs give the same folder, and old ones are removed.
pub(crate) fn tree(kind: &str, inputs: &[&[u8]]) -> Result<PathBuf> {
    let all = folder()?.join(kind);
    let tree = all.join(key(inputs));
    fs::create_dir_all(&tree)?;
    // The time of a folder says when it was last used, which is what the oldest is judged by.
    File::create(tree.join("used"))?;
    prune(&all)?;
    Ok(tree)
}

/// The target folder for cargo: dependencies stay compiled as long as the lock file, the manifests'
/// profiles and the compiler are the same.
pub(crate) fn target(root: &Path, compiler: &str) -> Result<PathBuf> {
    let version = output(Command::new(compiler).arg("-vV"))?;
    let lock = fs::read(root.join("Cargo.lock")).context("no Cargo.lock")?;
    let manifest = fs::read(root.join("Cargo.toml")).context("no Cargo.toml")?;
    tree("cargo", &[&lock, &manifest, version.as_bytes()])
}

/// A short name for what is inside `inputs` (FNV-1a, 64 bits: no secret depends on it).
fn key(inputs: &[&[u8]]) -> String {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for input in inputs {
        for byte in input.iter().chain(&(input.len() as u64).to_le_bytes()) {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    format!("{hash:016x}")
}

fn prune(all: &Path) -> Result<()> {
    let mut trees = vec![];
    for entry in fs::read_dir(all)? {
        let path = entry?.path();
        let used = fs::metadata(path.join("used")).and_then(|used| used.modified());
        trees.push((used.ok(), path));
    }
    trees.sort();
    let surplus = trees.len().saturating_sub(KEPT);
    for (_, path) in trees.into_iter().take(surplus) {
        fs::remove_dir_all(&path).with_context(|| format!("cannot remove {}", path.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_key_follows_every_input_and_their_bounds() {
        assert_eq!(key(&[b"ab", b"c"]), key(&[b"ab", b"c"]));
        assert_ne!(key(&[b"ab", b"c"]), key(&[b"a", b"bc"]));
        assert_ne!(key(&[b"ab"]), key(&[b"ac"]));
    }

    #[test]
    fn the_oldest_trees_go() {
        let all = std::env::temp_dir().join(format!("healthrecord-prune-{}", std::process::id()));
        for (age, name) in ["newest", "newer", "old", "oldest"].iter().enumerate() {
            let tree = all.join(name);
            fs::create_dir_all(&tree).unwrap();
            let used = File::create(tree.join("used")).unwrap();
            let time = std::time::SystemTime::now() - core::time::Duration::from_secs(age as u64 * 60);
            used.set_modified(time).unwrap();
        }
        prune(&all).unwrap();
        assert!(all.join("newest").exists() && all.join("old").exists());
        assert!(!all.join("oldest").exists());
        fs::remove_dir_all(&all).unwrap();
    }
}
