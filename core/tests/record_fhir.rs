//! FHIR resources of others: each commits, and every change of content changes the commitment.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use std::path::Path;

use common::{Random, read, vectors};
use healthrecord_core::grammar::json::{Event, Reader, Scalar};
use healthrecord_core::health::record::{
    DisclosedLeaf, Disclosure, DisclosureError, Leaf, Memory, Metadata, Name, RecordError, Secret, Step,
    commit, disclose, measure,
};
use healthrecord_core::{Address, B256};

const SCOPES: [B256; 1] = [B256([3; 32])];

fn metadata() -> Metadata<'static> {
    Metadata {
        patient: Address([1; 20]),
        author: Address([2; 20]),
        kind: 1,
        issued: 1_700_000_000,
        scopes: &SCOPES,
        previous: None,
        attachments: &[],
    }
}

fn secret() -> Secret {
    Secret::from_bytes(&[9; 32])
}

fn try_commit(document: &str) -> Result<B256, RecordError> {
    let needs = measure(document.as_bytes());
    let (mut leaves, mut names) = (vec![Leaf::EMPTY; needs.leaves + 5], vec![Name::EMPTY; needs.names]);
    let memory = Memory { leaves: &mut leaves, names: &mut names };
    commit(document.as_bytes(), &metadata(), &secret(), memory)
}

/// A document that can be changed, its scalars and names as they are written.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Tree {
    Scalar(String),
    Array(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

impl Tree {
    fn parse(text: &str) -> Self {
        let mut reader = Reader::new(text.as_bytes()).unwrap();
        let first = reader.next_event().unwrap().unwrap();
        Self::value(&mut reader, first)
    }

    fn value(reader: &mut Reader<'_>, event: Event<'_>) -> Self {
        match event {
            Event::Scalar(Scalar::String(text)) => Self::Scalar(format!("\"{}\"", text.raw())),
            Event::Scalar(Scalar::Number(number)) => Self::Scalar(number.to_owned()),
            Event::Scalar(Scalar::Bool(truth)) => Self::Scalar(truth.to_string()),
            Event::Scalar(Scalar::Null) => Self::Scalar("null".to_owned()),
            Event::BeginArray => {
                let mut items = vec![];
                loop {
                    let event = reader.next_event().unwrap().unwrap();
                    if event == Event::EndArray {
                        return Self::Array(items);
                    }
                    items.push(Self::value(reader, event));
                }
            }
            Event::BeginObject => {
                let mut members = vec![];
                while let Event::Name(name) = reader.next_event().unwrap().unwrap() {
                    let event = reader.next_event().unwrap().unwrap();
                    members.push((name.raw().to_owned(), Self::value(reader, event)));
                }
                Self::Object(members)
            }
            Event::Name(_) | Event::EndArray | Event::EndObject => panic!("{event:?}"),
        }
    }

    /// Writes the tree; `space` stands wherever white space may.
    fn write(&self, space: &str, out: &mut String) {
        out.push_str(space);
        match self {
            Self::Scalar(scalar) => out.push_str(scalar),
            Self::Array(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    out.push_str(if index == 0 { "" } else { "," });
                    item.write(space, out);
                }
                out.push_str(space);
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (index, (name, value)) in members.iter().enumerate() {
                    out.push_str(if index == 0 { "" } else { "," });
                    out.push_str(&format!("{space}\"{name}\"{space}:"));
                    value.write(space, out);
                }
                out.push_str(space);
                out.push('}');
            }
        }
        out.push_str(space);
    }

    fn text(&self) -> String {
        let mut out = String::new();
        self.write("", &mut out);
        out
    }

    fn count(&self) -> usize {
        1 + match self {
            Self::Scalar(_) => 0,
            Self::Array(items) => items.iter().map(Self::count).sum(),
            Self::Object(members) => members.iter().map(|(_, value)| value.count()).sum(),
        }
    }

    /// The value at a position in depth-first order.
    fn nth(&mut self, position: &mut usize) -> Option<&mut Self> {
        if *position == 0 {
            return Some(self);
        }
        *position -= 1;
        match self {
            Self::Scalar(_) => None,
            Self::Array(items) => items.iter_mut().find_map(|item| item.nth(position)),
            Self::Object(members) => members.iter_mut().find_map(|(_, value)| value.nth(position)),
        }
    }

    fn reverse_members(&mut self) {
        match self {
            Self::Scalar(_) => {}
            Self::Array(items) => items.iter_mut().for_each(Self::reverse_members),
            Self::Object(members) => {
                members.reverse();
                members.iter_mut().for_each(|(_, value)| value.reverse_members());
            }
        }
    }
}

/// Every way to change the one value at `position`: each must give another commitment.
fn changes(tree: &Tree, position: usize, mut each: impl FnMut(&'static str, &Tree)) {
    let mut change = |what, edit: &dyn Fn(&mut Tree) -> bool| {
        let mut changed = tree.clone();
        if edit(changed.nth(&mut position.clone()).unwrap()) && changed != *tree {
            each(what, &changed);
        }
    };
    change("another value", &|value| {
        *value = match value {
            Tree::Scalar(scalar) if scalar.starts_with('"') => {
                Tree::Scalar(format!("{}x\"", &scalar[..scalar.len() - 1]))
            }
            // 2 and 2.0 are different decimals.
            Tree::Scalar(scalar) if scalar.parse::<f64>().is_ok() && !scalar.contains(['.', 'e', 'E']) => {
                Tree::Scalar(format!("{scalar}.0"))
            }
            Tree::Scalar(scalar) if scalar.parse::<f64>().is_ok() => {
                Tree::Scalar(scalar.strip_prefix('-').map_or_else(|| format!("-{scalar}"), str::to_owned))
            }
            Tree::Scalar(scalar) => Tree::Scalar(if scalar == "true" { "false" } else { "true" }.into()),
            Tree::Array(_) => Tree::Object(vec![]),
            Tree::Object(_) => Tree::Array(vec![]),
        };
        true
    });
    change("another type of the same text", &|value| {
        let Tree::Scalar(scalar) = value else { return false };
        *value = Tree::Scalar(if scalar.starts_with('"') { "null".into() } else { format!("\"{scalar}\"") });
        true
    });
    change("a wrapped value", &|value| {
        *value = Tree::Array(vec![value.clone()]);
        true
    });
    change("an element added", &|value| match value {
        Tree::Scalar(_) => false,
        Tree::Array(items) => {
            items.push(Tree::Scalar("null".into()));
            true
        }
        Tree::Object(members) => {
            members.push(("zz-added".into(), Tree::Scalar("null".into())));
            true
        }
    });
    let len = match tree.clone().nth(&mut position.clone()).unwrap() {
        Tree::Scalar(_) => 0,
        Tree::Array(items) => items.len(),
        Tree::Object(members) => members.len(),
    };
    for index in 0..len {
        change("an element removed", &|value| {
            match value {
                Tree::Scalar(_) => {}
                Tree::Array(items) => drop(items.remove(index)),
                Tree::Object(members) => drop(members.remove(index)),
            }
            true
        });
        change("a name changed", &|value| {
            let Tree::Object(members) = value else { return false };
            members[index].0.push('x');
            true
        });
        change("an element moved", &|value| {
            match value {
                Tree::Scalar(_) => {}
                Tree::Array(items) => items.swap(index, (index + 1) % len),
                // The values change places, not the members, whose order means nothing.
                Tree::Object(members) => {
                    let other = (index + 1) % len;
                    let one = members[index].1.clone();
                    members[index].1 = core::mem::replace(&mut members[other].1, one);
                }
            }
            true
        });
    }
}

fn resources(folder: &Path) -> Vec<(String, String)> {
    let mut files: Vec<_> =
        std::fs::read_dir(folder.join("fhir/r4")).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 70, "{} resources", files.len());
    files.iter().map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), read(path))).collect()
}

fn histories(folder: &Path) -> Vec<(String, String)> {
    let files = std::fs::read_dir(folder.join("fhir/synthea")).unwrap().map(|file| file.unwrap().path());
    let mut histories: Vec<_> =
        files.map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), read(&path))).collect();
    histories.sort();
    assert_eq!(histories.len(), 3);
    histories
}

#[test]
fn every_resource_and_history_commits_twice_the_same() {
    let Some(folder) = vectors(73) else { return };
    let mut seen = std::collections::HashMap::new();
    for (name, text) in resources(&folder).into_iter().chain(histories(&folder)) {
        let commitment = try_commit(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(try_commit(&text), Ok(commitment), "{name}");
        // One resource is there under two names.
        if let Some(other) = seen.insert(commitment, text.clone()) {
            assert_eq!(Tree::parse(&text), Tree::parse(&other), "{name}: the commitment of another resource");
        }
    }
    assert!(seen.len() >= 72, "{} commitments", seen.len());
}

#[test]
fn member_order_and_white_space_are_not_committed() {
    let Some(folder) = vectors(73) else { return };
    for (name, text) in resources(&folder).into_iter().chain(histories(&folder)) {
        let commitment = try_commit(&text).unwrap();
        let mut tree = Tree::parse(&text);
        assert_eq!(try_commit(&tree.text()), Ok(commitment), "{name}: without white space");
        let mut spaced = String::new();
        tree.write(" \r\n\t", &mut spaced);
        assert_eq!(try_commit(&spaced), Ok(commitment), "{name}: with much white space");
        tree.reverse_members();
        assert_ne!(tree.text(), Tree::parse(&text).text());
        assert_eq!(try_commit(&tree.text()), Ok(commitment), "{name}: members reversed");
    }
}

/// Of each resource, every value that the budget allows: all of the small ones, every n-th of the large.
#[test]
fn every_change_of_content_changes_the_commitment() {
    let Some(folder) = vectors(70) else { return };
    let budget = if common::is_soak() { 20_000_000 } else { 100_000 };
    let mut trees: Vec<_> =
        resources(&folder).iter().map(|(name, text)| (name.clone(), Tree::parse(text))).collect();
    for (name, text) in histories(&folder) {
        let Tree::Object(members) = Tree::parse(&text) else { panic!("{name}") };
        let Some((_, Tree::Array(entries))) = members.into_iter().find(|(name, _)| name == "entry") else {
            panic!("{name} has no entries");
        };
        let stride = if common::is_soak() { 1 } else { 20 };
        for (index, entry) in entries.into_iter().enumerate().filter(|(index, _)| index % stride == 0) {
            trees.push((format!("{name}, entry {index}"), entry));
        }
    }
    let (mut changed, mut whole) = (0_u64, 0);
    for (name, tree) in &trees {
        let commitment = try_commit(&tree.text()).unwrap();
        let count = tree.count();
        let stride = (count * count / budget).max(1);
        whole += usize::from(stride == 1);
        for position in (0..count).step_by(stride) {
            changes(tree, position, |what, other| {
                changed += 1;
                let found = try_commit(&other.text()).unwrap();
                assert_ne!(found, commitment, "{name}: {what} at position {position}");
            });
        }
    }
    println!("{changed} changes in {} resources, {whole} of them wholly", trees.len());
    assert!(changed > 20_000 && whole > trees.len() / 2, "{changed} changes, {whole} whole");
}

#[test]
fn the_metadata_and_the_secret_are_committed() {
    let document = br#"{"a":1}"#;
    let of = |metadata: &Metadata<'_>, secret: &[u8; 32]| {
        let (mut leaves, mut names) = ([Leaf::EMPTY; 16], [Name::EMPTY; 4]);
        let memory = Memory { leaves: &mut leaves, names: &mut names };
        commit(document, metadata, &Secret::from_bytes(secret), memory).unwrap()
    };
    let base = metadata();
    let more = [SCOPES[0], B256([4; 32])];
    let swapped = [more[1], more[0]];
    let file =
        |name, length| healthrecord_core::health::record::Attachment { name, length, hash: B256([5; 32]) };
    let (one, other, longer) = ([file("scan", 1)], [file("scam", 1)], [file("scan", 2)]);
    let commitments = [
        of(&base, &[9; 32]),
        of(&base, &[8; 32]),
        of(&Metadata { patient: Address([7; 20]), ..base }, &[9; 32]),
        of(&Metadata { author: Address([7; 20]), ..base }, &[9; 32]),
        of(&Metadata { kind: 2, ..base }, &[9; 32]),
        of(&Metadata { issued: 0, ..base }, &[9; 32]),
        of(&Metadata { scopes: &more, ..base }, &[9; 32]),
        of(&Metadata { scopes: &swapped, ..base }, &[9; 32]),
        of(&Metadata { previous: Some(B256::ZERO), ..base }, &[9; 32]),
        of(&Metadata { attachments: &one, ..base }, &[9; 32]),
        of(&Metadata { attachments: &other, ..base }, &[9; 32]),
        of(&Metadata { attachments: &longer, ..base }, &[9; 32]),
    ];
    for (index, commitment) in commitments.iter().enumerate() {
        assert!(!commitments[..index].contains(commitment), "commitment {index}");
    }
}

/// A disclosure with memory of its own.
#[derive(Clone)]
struct Owned {
    leaves: Vec<(String, Vec<u8>, B256)>,
    proof: Vec<B256>,
    flags: Vec<bool>,
}

impl Owned {
    /// Discloses what `takes` says, by path.
    fn of(document: &str, takes: impl Fn(&str) -> bool) -> (B256, Self) {
        let needs = measure(document.as_bytes());
        let (mut memory, mut names) = (vec![Leaf::EMPTY; needs.leaves + 5], vec![Name::EMPTY; needs.names]);
        let memory = Memory { leaves: &mut memory, names: &mut names };
        let mut owned = Self { leaves: vec![], proof: vec![], flags: vec![] };
        let mut select = |leaf: &healthrecord_core::health::record::LeafView<'_>| {
            let path = leaf.path().to_string();
            let taken = takes(&path);
            if taken {
                let mut value = vec![0; document.len() * 6 + 200];
                let mut buffer = healthrecord_core::matter::sink::Buffer::new(&mut value);
                leaf.write_value(&mut buffer).unwrap();
                owned.leaves.push((path, buffer.into_written().to_vec(), leaf.salt()));
            }
            taken
        };
        let mut step = |step| match step {
            Step::Join => owned.flags.push(true),
            Step::Sibling(hash) => {
                owned.flags.push(false);
                owned.proof.push(hash);
            }
        };
        let root = disclose(document.as_bytes(), &metadata(), &secret(), memory, &mut select, &mut step);
        (root.unwrap(), owned)
    }

    fn open(&self, commitment: B256) -> Result<(), DisclosureError> {
        let leaves: Vec<_> = self
            .leaves
            .iter()
            .map(|(path, value, salt)| DisclosedLeaf { path, value, salt: *salt })
            .collect();
        let mut memory = vec![B256::ZERO; leaves.len()];
        let disclosure = Disclosure { leaves: &leaves, proof: &self.proof, flags: &self.flags };
        disclosure.open(commitment, &mut memory).map(|opened| {
            assert_eq!(opened.leaves().count(), leaves.len());
        })
    }
}

fn is_on_the_way(container: &str, path: &str) -> bool {
    path.strip_prefix(container).is_some_and(|rest| rest.starts_with('/'))
}

#[test]
fn random_elements_are_disclosed_and_no_altered_disclosure_is_accepted() {
    let Some(folder) = vectors(70) else { return };
    let mut random = Random(11);
    let mut altered = 0_u64;
    for (name, text) in resources(&folder) {
        let (commitment, all) = Owned::of(&text, |_| true);
        assert_eq!(try_commit(&text), Ok(commitment));
        assert_eq!(all.open(commitment), Ok(()), "{name}");
        let paths: Vec<&String> = all.leaves.iter().map(|(path, _, _)| path).collect();
        for _ in 0..3 {
            let wanted = paths[random.below(paths.len())];
            let (root, one) = Owned::of(&text, |path| {
                path == wanted || (is_on_the_way(path, wanted) && !path.starts_with('#'))
            });
            assert_eq!(root, commitment);
            assert_eq!(one.open(commitment), Ok(()), "{name}: {wanted}");
            let mut refuse = |what, changed: &Owned| {
                altered += 1;
                assert!(changed.open(commitment).is_err(), "{name}: {wanted}: {what}");
            };
            for leaf in 0..one.leaves.len() {
                let mut changed = one.clone();
                changed.leaves.remove(leaf);
                refuse("a leaf removed", &changed);
                let mut changed = one.clone();
                changed.leaves.push(one.leaves[leaf].clone());
                refuse("a leaf repeated", &changed);
                let mut changed = one.clone();
                let byte = random.below(one.leaves[leaf].1.len());
                changed.leaves[leaf].1[byte] ^= 1 << random.below(8);
                refuse("a value changed", &changed);
                let mut changed = one.clone();
                changed.leaves[leaf].2.0[random.below(32)] ^= 1 << random.below(8);
                refuse("a salt changed", &changed);
                let mut changed = one.clone();
                changed.leaves[leaf].0.push('x');
                refuse("a path changed", &changed);
            }
            for hash in 0..one.proof.len() {
                let mut changed = one.clone();
                changed.proof.remove(hash);
                refuse("a hash removed", &changed);
                let mut changed = one.clone();
                changed.proof[hash].0[random.below(32)] ^= 1 << random.below(8);
                refuse("a hash changed", &changed);
            }
            for flag in 0..one.flags.len() {
                let mut changed = one.clone();
                changed.flags[flag] = !changed.flags[flag];
                refuse("a flag changed", &changed);
            }
            let mut changed = one.clone();
            changed.proof.push(commitment);
            refuse("a hash added", &changed);
            changed.flags.push(false);
            refuse("a step added", &changed);
            assert!(one.open(B256([1; 32])).is_err());
        }
    }
    println!("{altered} altered disclosures, all of them refused");
}
