//! The distinct trie nodes of answers, in one piece of memory.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use healthrecord_core::matter::hex::{self, HexError};

/// Nodes below this size stand in their parents.
const MIN_LEN: usize = 32;

/// How some sources write the proof of an empty trie.
const EMPTY_TRIE: [u8; 1] = [0x80];

/// Nodes one after the other; each has a place, from 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Nodes {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Nodes {
    pub(super) const fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn get(&self, place: usize) -> Option<&[u8]> {
        piece(&self.bytes, &self.ends, place)
    }

    /// Every node of some paths once, in their order.
    pub(super) fn walk<'a>(&self, paths: impl IntoIterator<Item = &'a Vec<usize>>) -> Vec<&[u8]> {
        let mut seen = vec![false; self.len()];
        let mut is_new =
            |place: usize| seen.get_mut(place).is_some_and(|seen| !core::mem::replace(seen, true));
        let places = paths.into_iter().flatten().filter(|place| is_new(**place));
        places.filter_map(|place| self.get(*place)).collect()
    }
}

/// Nodes that grow by those which are not there yet.
#[derive(Clone, Debug, Default)]
pub(super) struct Pool {
    nodes: Nodes,
    /// The first node with each beginning. Honest nodes with the same one are the same: it has a hash in
    /// it, or a part of one.
    firsts: HashMap<Beginning, usize>,
    /// The others.
    alike: HashMap<Vec<u8>, usize>,
}

/// The first bytes of a node, zeros behind a shorter one.
pub(super) type Beginning = [u8; MIN_LEN];

impl Pool {
    pub(super) fn into_nodes(self) -> Nodes {
        self.nodes
    }

    pub(super) const fn nodes(&self) -> &Nodes {
        &self.nodes
    }

    /// The place of the first node that begins so.
    pub(super) fn first(&self, beginning: &Beginning) -> Option<usize> {
        self.firsts.get(beginning).copied()
    }

    /// Takes up the node that stands in a proof at a depth, from 0, and gives its place.
    ///
    /// None for what is no node of its own: a lone `0x80` for an empty trie, and the nodes below 32 bytes
    /// that some sources list though they stand in their parents. (A root goes by its hash, however small.)
    pub(super) fn add(&mut self, text: &str, depth: usize) -> Result<Option<usize>, HexError> {
        let Nodes { bytes, ends } = &mut self.nodes;
        let (begin, next) = (bytes.len(), ends.len());
        bytes.resize(begin.saturating_add(text.len() / 2), 0);
        let decoded = hex::decode(text, bytes.get_mut(begin..).unwrap_or_default()).map(<[u8]>::len);
        bytes.truncate(begin.saturating_add(*decoded.as_ref().unwrap_or(&0)));
        let node = bytes.get(begin..).unwrap_or_default();
        if decoded? < MIN_LEN && (depth > 0 || node == EMPTY_TRIE) {
            bytes.truncate(begin);
            return Ok(None);
        }
        let mut beginning = [0; MIN_LEN];
        beginning.iter_mut().zip(node).for_each(|(place, byte)| *place = *byte);
        let place = match self.firsts.entry(beginning) {
            Entry::Vacant(entry) => *entry.insert(next),
            Entry::Occupied(first) => {
                let first = *first.get();
                if piece(bytes, ends, first) == Some(node) {
                    first
                } else {
                    *self.alike.entry(node.to_vec()).or_insert(next)
                }
            }
        };
        if place == next {
            ends.push(bytes.len());
        } else {
            bytes.truncate(begin);
        }
        Ok(Some(place))
    }
}

/// The bytes from one end to the next.
fn piece<'a>(bytes: &'a [u8], ends: &[usize], place: usize) -> Option<&'a [u8]> {
    let begin = place.checked_sub(1).map_or(Some(&0), |before| ends.get(before))?;
    bytes.get(*begin..*ends.get(place)?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_node_is_kept_once_however_it_is_written() {
        let mut pool = Pool::default();
        let long = format!("0x{}", "aB".repeat(40));
        assert_eq!(pool.add(&long, 0), Ok(Some(0)));
        for same in [long.to_lowercase(), long.to_uppercase(), long.trim_start_matches("0x").to_owned()] {
            assert_eq!(pool.add(&same, 3), Ok(Some(0)));
        }
        // Nodes that begin alike are told apart all the same.
        for place in 1..4 {
            let alike = format!("{long}{place:02}");
            assert_eq!(pool.add(&alike, 1), Ok(Some(place)));
            assert_eq!(pool.add(&alike, 2), Ok(Some(place)));
        }
        assert_eq!(pool.add("0xc22001", 1), Ok(None));
        assert_eq!(pool.add("0x80", 0), Ok(None));
        assert_eq!(pool.add("0xc22001", 0), Ok(Some(4)));
        // A short root and a longer node of zeros behind it.
        let padded = format!("0xc22001{}", "0".repeat(58));
        assert_eq!(pool.add(&padded, 1), Ok(Some(5)));
        assert_eq!(pool.add("0xc2200", 0), Err(HexError::OddLength { digits: 5 }));
        assert_eq!(pool.add("0xc2200g", 0), Err(HexError::Digit { offset: 7 }));
        let nodes = pool.into_nodes();
        assert_eq!(nodes.len(), 6);
        assert_eq!(nodes.get(0), Some(&[0xab; 40][..]));
        assert_eq!(nodes.get(4), Some(&[0xc2, 0x20, 1][..]));
        assert_eq!((nodes.get(5).unwrap().len(), nodes.get(6)), (32, None));
        assert_eq!(nodes.walk([&vec![4, 0, 4], &vec![0, 7]]), [&[0xc2, 0x20, 1][..], &[0xab; 40]]);
    }
}
