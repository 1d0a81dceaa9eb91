//! One node, taken apart.

use super::HASHED_LEN;
use super::error::{NodeRule, TrieError};
use crate::grammar::rlp::{self, Item, RlpError};
use crate::matter::bytes::B256;

/// A node taken apart.
pub(super) enum Node<'a> {
    Branch { children: rlp::Reader<'a>, child_count: usize, value: Item<'a> },
    Extension { path: Path<'a>, child: Item<'a> },
    Leaf { path: Path<'a>, value: &'a [u8] },
}

/// What is wrong with a node whose position the caller knows.
pub(super) enum Fault {
    Rlp(RlpError),
    Rule(NodeRule),
    /// A child stands in the node and is too long to.
    WrongReference,
}

impl Fault {
    pub(super) const fn of(self, node: u32) -> TrieError {
        match self {
            Self::Rlp(error) => TrieError::Rlp { node, error },
            Self::Rule(rule) => TrieError::MalformedNode { node, rule },
            Self::WrongReference => TrieError::WrongReference { node },
        }
    }
}

impl<'a> Node<'a> {
    pub(super) fn read(node: &Item<'a>) -> Result<Self, Fault> {
        let children = node.list().map_err(Fault::Rlp)?;
        let mut items = children;
        let (mut first, mut last, mut count, mut empty) = (None, None, 0_usize, 0_usize);
        let mut wrong_child = Ok(());
        while !items.is_empty() {
            let item = items.item().map_err(Fault::Rlp)?;
            first = first.or(Some(item));
            last = Some(item);
            count += 1;
            if count < 17 && !item.is_list && item.payload.is_empty() {
                empty += 1;
            } else if count < 17 {
                wrong_child = wrong_child.and_then(|()| check_reference(&item));
            }
        }
        match (count, first, last) {
            (17, _, Some(value)) => {
                wrong_child?;
                Ok(Self::Branch { children, child_count: 16_usize.saturating_sub(empty), value })
            }
            (2, Some(path), Some(second)) => {
                let (path, is_leaf) = Path::read(path.string().map_err(Fault::Rlp)?)?;
                Ok(if is_leaf {
                    Self::Leaf { path, value: second.string().map_err(Fault::Rlp)? }
                } else {
                    check_reference(&second)?;
                    Self::Extension { path, child: second }
                })
            }
            _ => Err(Fault::Rule(NodeRule::ItemCount)),
        }
    }
}

/// Whether a child is referred to as one of its length is, wherever the way goes.
fn check_reference(child: &Item<'_>) -> Result<(), Fault> {
    match (child.is_list, child.payload.len()) {
        (true, _) if child.raw.len() >= HASHED_LEN => Err(Fault::WrongReference),
        (true, _) | (false, HASHED_LEN) => Ok(()),
        (false, _) => Err(Fault::Rule(NodeRule::Reference)),
    }
}

/// The nibbles of a leaf or an extension, from their hex-prefix encoding (appendix C).
pub(super) struct Path<'a> {
    odd: Option<u8>,
    pairs: &'a [u8],
}

impl<'a> Path<'a> {
    fn read(encoded: &'a [u8]) -> Result<(Self, bool), Fault> {
        let (first, pairs) = encoded.split_first().ok_or(Fault::Rule(NodeRule::PathFlags))?;
        let (flags, low) = (first >> 4, first & 15);
        let odd = (flags & 1 == 1).then_some(low);
        if flags > 3 || (odd.is_none() && low != 0) {
            return Err(Fault::Rule(NodeRule::PathFlags));
        }
        Ok((Self { odd, pairs }, flags & 2 == 2))
    }

    pub(super) fn len(&self) -> usize {
        self.pairs.len().saturating_mul(2).saturating_add(usize::from(self.odd.is_some()))
    }

    /// Whether `key` goes this way from its nibble `depth` on.
    pub(super) fn matches(&self, key: &B256, depth: usize) -> bool {
        if self.odd.is_some_and(|odd| nibble(key, depth) != Some(odd)) {
            return false;
        }
        let begin = depth.saturating_add(usize::from(self.odd.is_some()));
        if begin.is_multiple_of(2) {
            // Whole bytes of the key, as below every leaf.
            let rest = key.0.get(begin / 2..).unwrap_or_default();
            return rest.starts_with(self.pairs);
        }
        let pairs = self.pairs.iter().flat_map(|pair| [pair >> 4, pair & 15]);
        pairs.zip(begin..).all(|(expected, position)| nibble(key, position) == Some(expected))
    }
}

/// A child of a branch whose children all go by hash, as most do.
pub(super) enum PlainChild {
    Absent,
    Hash(B256),
}

/// Reads such a branch in one pass; `None` where it is anything else, right or wrong.
pub(super) fn plain_branch(node: &Item<'_>, wanted: u8) -> Option<PlainChild> {
    const EMPTY: u8 = 0x80;
    const HASH: u8 = 0xa0;
    let items = node.payload;
    let (mut place, mut found, mut child_count, mut is_plain) = (0_usize, 0, 0_usize, node.is_list);
    // Without branches: which children there are is as good as random.
    for position in 0..16 {
        let first = *items.get(place)?;
        is_plain &= first == EMPTY || first == HASH;
        found = if position == wanted { place } else { found };
        child_count += usize::from(first == HASH);
        place = place.wrapping_add(if first == HASH { 33 } else { 1 });
    }
    if !is_plain || child_count < 2 || items.get(place..)? != [EMPTY] {
        return None;
    }
    let (first, rest) = items.get(found..)?.split_first()?;
    if *first == EMPTY {
        return Some(PlainChild::Absent);
    }
    rest.first_chunk().copied().map(B256).map(PlainChild::Hash)
}

/// The nibble of `key` at `position`, from 0 at the front.
pub(super) fn nibble(key: &B256, position: usize) -> Option<u8> {
    let pair = key.0.get(position / 2)?;
    Some(if position.is_multiple_of(2) { pair >> 4 } else { pair & 15 })
}
