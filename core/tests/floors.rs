//! Imports go strictly down the floors of the core, and its sources need neither std nor unsafe.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::path::{Path, PathBuf};

/// The floors from the bottom up.
const FLOORS: [&str; 5] = ["matter", "grammar", "chain", "health", "access"];

/// Modules that do not import each other: rooms of one floor, each with its own concern.
const APART: [(&str, &str); 5] = [
    // The writing half of `chain` and its reading half.
    (
        "chain/key|chain/signature|chain/signer|chain/hd|chain/tx|chain/message",
        "chain/header|chain/account|chain/receipt|chain/trie",
    ),
    ("grammar/rlp", "grammar/json|grammar/abi|grammar/merkle"),
    ("health/record", "health/anchor"),
    ("health/record", "health/contract"),
    ("health/contract", "health/anchor"),
];

fn sources() -> Vec<(String, String)> {
    fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { collect(&path, files) } else { files.push(path) }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = vec![];
    collect(&root, &mut files);
    files
        .iter()
        .map(|path| {
            let name = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect()
}

/// Every module that a source names outside its comments, by `crate::a::b` or from `super::`, as `a/b`.
fn imports(file: &str, source: &str) -> Vec<String> {
    let code = source.lines().map(|line| line.split("//").next().unwrap_or_default());
    let code = code.collect::<Vec<_>>().join(" ");
    let module: Vec<&str> = file.trim_end_matches(".rs").trim_end_matches("/mod").split('/').collect();
    let named = |base: &[&str], rest: &str| {
        let path = rest.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
        let path = path.into_iter().next().unwrap_or_default().split("::").filter(|part| !part.is_empty());
        let parts: Vec<&str> = base.iter().copied().chain(path).collect();
        parts[..parts.len().min(2)].join("/")
    };
    let from_crate = code.split("crate::").skip(1).map(|rest| named(&[], rest));
    let from_super =
        code.split("super::").skip(1).map(|rest| named(&module[..module.len().saturating_sub(1)], rest));
    from_crate.chain(from_super).collect()
}

/// Why a source may not name an import; nothing where it may.
fn fault(file: &str, import: &str) -> Option<String> {
    let floor = |path: &str| FLOORS.iter().position(|floor| path.split(['/', '.']).next() == Some(floor));
    let (Some(own), Some(other)) = (floor(file), floor(import)) else {
        return Some(format!("{file} imports crate::{import}, which is on no floor"));
    };
    if other > own {
        return Some(format!("{file} imports upwards: {import}"));
    }
    let within = |path: &str, rooms: &str| rooms.split('|').any(|room| path.starts_with(room));
    let apart = APART.iter().any(|(one, two)| {
        (within(file, one) && within(import, two)) || (within(file, two) && within(import, one))
    });
    apart.then(|| format!("{file} imports from the other side: {import}"))
}

#[test]
fn imports_go_strictly_down() {
    let mut seen = 0;
    for (file, source) in sources().iter().filter(|(file, _)| file != "lib.rs") {
        for import in imports(file, source) {
            seen += 1;
            if let Some(fault) = fault(file, &import) {
                panic!("{fault}");
            }
        }
    }
    assert!(seen > 40, "{seen} imports seen");
}

/// The rule above finds what it is there to find.
#[test]
fn upward_and_sideward_imports_are_found() {
    let file = "chain/trie/mod.rs";
    assert_eq!(imports(file, "use crate::health::record::Leaf; // crate::access"), ["health/record"]);
    assert_eq!(imports(file, "use crate::{a, b};"), [""]);
    assert_eq!(imports(file, "use super::key::Key;"), ["chain/key"]);
    assert_eq!(imports("chain/tx.rs", "use super::trie::{Node, NodeSet};"), ["chain/trie"]);
    assert_eq!(imports("chain/trie/node.rs", "use super::error::Fault;"), ["chain/trie"]);
    assert!(fault("matter/hex.rs", "grammar/rlp").is_some());
    assert!(fault("chain/tx.rs", "chain/trie").is_some());
    assert!(fault("chain/trie/mod.rs", "chain/key").is_some());
    assert!(fault("health/anchor.rs", "health/record").is_some());
    assert!(fault("chain/tx.rs", "").is_some());
    assert!(fault("chain/tx.rs", "surprise").is_some());
    assert!(fault("chain/trie/mod.rs", "chain/account").is_none());
    assert!(fault("health/anchor.rs", "chain/header").is_none());
}

#[test]
fn the_sources_need_neither_std_nor_unsafe() {
    for (file, source) in sources() {
        let code = source.split("#[cfg(test)]").next().unwrap();
        let code: String = code.lines().map(|line| line.split("//").next().unwrap_or_default()).collect();
        for word in ["std::", "alloc::", "unsafe ", ".unwrap()", ".expect(", "panic!(", "unreachable!("] {
            assert!(!code.contains(word), "{file} has {word}");
        }
    }
}
