//! What a hostile prover may do to the nodes of a proof, with and without hashing upwards again: to
//! their set, and to several of them; [`crate::changes`] has what may be done to one.

use healthrecord::core::{B256, keccak256};
use rlp::{RlpStream, encode};

use crate::changes::{CHANGES, Change, leaf};
use crate::common::Random;
use crate::judges::Kind;
use crate::walker::{items, nibbles, string};

/// The nodes of some proofs, their root, and how far below it each stands at least.
#[derive(Clone)]
pub(crate) struct Bundle {
    pub(crate) nodes: Vec<Vec<u8>>,
    pub(crate) root: B256,
    levels: Vec<usize>,
}

/// What a mutation may draw from.
pub(crate) struct Source<'s> {
    pub(crate) random: &'s mut Random,
    /// What values are: those of a contract are words as often as accounts.
    pub(crate) kind: Kind,
    /// Nodes of other tries.
    pub(crate) foreign: &'s [Vec<u8>],
    /// Whether changed nodes are hashed again, up to the root.
    pub(crate) upwards: bool,
}

impl Bundle {
    pub(crate) fn new(root: B256, proofs: &[Vec<Vec<u8>>]) -> Self {
        let nodes = crate::tries::distinct(proofs);
        let level = |node| proofs.iter().find_map(|proof| proof.iter().position(|other| other == node));
        let levels = nodes.iter().map(|node| level(node).unwrap()).collect();
        Self { nodes, root, levels }
    }

    /// Does one thing, and gives its name; `None` where it does not apply to what chance has chosen.
    pub(crate) fn mutate(&mut self, source: &mut Source<'_>) -> Option<&'static str> {
        let (whole, at) = (SETS.len() + SHAPES.len() + CHANGES.len(), self.nodes.len());
        let at = (at > 0).then(|| source.random.below(at))?;
        let chosen = source.random.below(whole);
        if let Some((name, change)) = SETS.get(chosen) {
            change(self, at, source);
            return Some(name);
        }
        let chosen = chosen - SETS.len();
        if let Some((name, change)) = SHAPES.get(chosen) {
            return change(self, at, source).map(|()| *name);
        }
        let (name, change) = CHANGES[chosen - SHAPES.len()];
        let changed = inside(&self.nodes[at], self, source, change)?;
        self.put(at, changed, source.upwards);
        Some(name)
    }

    fn put(&mut self, at: usize, node: Vec<u8>, upwards: bool) {
        let before = core::mem::replace(&mut self.nodes[at], node);
        if upwards {
            let after = keccak256(&self.nodes[at]);
            self.refer(self.levels[at], keccak256(&before), after);
        }
    }

    /// Makes every node above `level` that refers to one hash refer to another, and so on upwards.
    fn refer(&mut self, level: usize, before: B256, after: B256) {
        if self.root == before {
            self.root = after;
        }
        for at in 0..self.nodes.len() {
            if self.levels[at] < level
                && let Some(changed) = replaced(&self.nodes[at], &before.0, &after.0)
            {
                self.put(at, changed, true);
            }
        }
    }

    /// A node from `at` on that has another inside it, and where.
    fn inside(&self, at: usize, random: &mut Random) -> Option<(usize, usize)> {
        let mut nodes = (0..self.nodes.len()).map(|by| (at + by) % self.nodes.len());
        nodes.find_map(|at| {
            let lists = lists(&items(&self.nodes[at]).ok()?);
            (!lists.is_empty()).then(|| (at, lists[random.below(lists.len())]))
        })
    }

    /// The hash of some node, or a random one.
    pub(crate) fn some_hash(&self, random: &mut Random) -> B256 {
        match self.nodes.get(random.below(self.nodes.len() + 1)) {
            Some(node) => keccak256(node),
            None => B256(random.bytes(32).try_into().unwrap()),
        }
    }
}

/// Where nodes stand inside another.
fn lists(parts: &[Vec<u8>]) -> Vec<usize> {
    (0..parts.len()).filter(|at| parts[*at][0] >= 0xc0).collect()
}

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Option<Vec<u8>> {
    let at = bytes.windows(from.len()).position(|window| window == from)?;
    let mut changed = bytes.to_vec();
    changed.splice(at..at + from.len(), to.iter().copied());
    // The same child may stand in several places.
    let (done, rest) = changed.split_at(at + to.len());
    Some([done, &replaced(rest, from, to).unwrap_or_else(|| rest.to_vec())].concat())
}

pub(crate) fn list(items: &[Vec<u8>]) -> Vec<u8> {
    let mut stream = RlpStream::new_list(items.len());
    for item in items {
        stream.append_raw(item, 1);
    }
    stream.out().to_vec()
}

/// Changes a node, or, now and then, one that stands inside it.
fn inside(node: &[u8], bundle: &Bundle, source: &mut Source<'_>, change: Change) -> Option<Vec<u8>> {
    let mut parts = items(node).unwrap_or_default();
    let lists = lists(&parts);
    if lists.is_empty() || source.random.below(3) == 0 {
        return change(node, bundle, source);
    }
    let at = lists[source.random.below(lists.len())];
    parts[at] = inside(&parts[at], bundle, source, change)?;
    Some(list(&parts))
}

/// Changes of the set.
#[expect(clippy::type_complexity, reason = "a table of functions")]
const SETS: [(&str, fn(&mut Bundle, usize, &mut Source<'_>)); 4] = [
    ("drop a node", |bundle, at, _| {
        bundle.nodes.remove(at);
        bundle.levels.remove(at);
    }),
    ("repeat a node", |bundle, at, _| {
        bundle.nodes.push(bundle.nodes[at].clone());
        bundle.levels.push(bundle.levels[at]);
    }),
    ("swap two nodes", |bundle, at, source| {
        let other = source.random.below(bundle.nodes.len());
        bundle.nodes.swap(at, other);
        bundle.levels.swap(at, other);
    }),
    ("append a node", |bundle, _, source| {
        let node = match source.random.below(3) {
            0 => source.random.bytes(40),
            1 => vec![0x80],
            _ => source.foreign[source.random.below(source.foreign.len())].clone(),
        };
        bundle.nodes.push(node);
        bundle.levels.push(usize::MAX);
    }),
];

/// Changes of more than one node.
#[expect(clippy::type_complexity, reason = "a table of functions")]
const SHAPES: [(&str, fn(&mut Bundle, usize, &mut Source<'_>) -> Option<()>); 5] = [
    ("put a node inside its parent", |bundle, at, source| {
        let node = bundle.nodes[at].clone();
        let reference = encode(&&keccak256(&node).0[..]).to_vec();
        let find = |parent: &Vec<u8>| replaced(parent, &reference, &node);
        let parent = bundle.nodes.iter().position(|parent| find(parent).is_some())?;
        let parts = items(&bundle.nodes[parent]).ok()?;
        let parts = parts.iter().map(|part| find(part).unwrap_or_else(|| part.clone()));
        let changed = list(&parts.collect::<Vec<_>>());
        bundle.put(parent, changed, source.upwards);
        bundle.nodes.remove(at);
        bundle.levels.remove(at);
        Some(())
    }),
    ("take a node out of its parent", |bundle, at, source| {
        let (at, chosen) = bundle.inside(at, source.random)?;
        let mut parts = items(&bundle.nodes[at]).ok()?;
        bundle.nodes.push(parts[chosen].clone());
        bundle.levels.push(bundle.levels[at].saturating_add(1));
        parts[chosen] = encode(&&keccak256(&parts[chosen]).0[..]).to_vec();
        bundle.put(at, list(&parts), source.upwards);
        Some(())
    }),
    ("make a leaf 31 or 32 bytes long, inside its parent or not", |bundle, at, source| {
        let (at, chosen) = bundle.inside(at, source.random)?;
        let mut parts = items(&bundle.nodes[at]).ok()?;
        let path = items(&parts[chosen]).ok()?.into_iter().next()?;
        // Beside the path stand three lengths: of the leaf, of its value, and of the word in that.
        let size = (31 + source.random.below(2)).checked_sub(path.len() + 3)?;
        let word: Vec<u8> = source.random.bytes(size).iter().map(|byte| byte | 0x80).collect();
        let node = leaf(&parts[chosen], |_| encode(&word).to_vec())?;
        parts[chosen] = node.clone();
        if source.random.below(2) == 0 {
            parts[chosen] = encode(&&keccak256(&node).0[..]).to_vec();
            bundle.nodes.push(node);
            bundle.levels.push(bundle.levels[at].saturating_add(1));
        }
        bundle.put(at, list(&parts), source.upwards);
        Some(())
    }),
    ("put an empty extension before a node", |bundle, at, source| {
        let node = bundle.nodes[at].clone();
        let upper = list(&[hex_prefix(&[], false), encode(&&keccak256(&node).0[..]).to_vec()]);
        bundle.nodes.push(node);
        bundle.levels.push(bundle.levels[at].saturating_add(1));
        bundle.put(at, upper, source.upwards);
        Some(())
    }),
    ("split a path", |bundle, at, source| {
        let [path, second] = <[Vec<u8>; 2]>::try_from(items(&bundle.nodes[at]).ok()?).ok()?;
        let (own, is_leaf) = nibbles(&string(&path).ok()?).ok()?;
        let (first, rest) = own.split_at(source.random.below(own.len() + 1));
        let lower = list(&[hex_prefix(rest, is_leaf), second]);
        let upper = list(&[hex_prefix(first, false), encode(&&keccak256(&lower).0[..]).to_vec()]);
        bundle.nodes.push(lower);
        bundle.levels.push(bundle.levels[at].saturating_add(1));
        bundle.put(at, upper, source.upwards);
        Some(())
    }),
];

/// A path as an item.
pub(crate) fn hex_prefix(nibbles: &[u8], is_leaf: bool) -> Vec<u8> {
    let is_odd = !nibbles.len().is_multiple_of(2);
    let mut all = vec![u8::from(is_leaf) * 2 + u8::from(is_odd)];
    all.extend(if is_odd { &[][..] } else { &[0] });
    all.extend(nibbles);
    encode(&all.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect::<Vec<_>>()).to_vec()
}

/// The names of all mutations.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    let changes = CHANGES.iter().map(|(name, _)| *name);
    SETS.iter().map(|(name, _)| *name).chain(SHAPES.iter().map(|(name, _)| *name)).chain(changes)
}
