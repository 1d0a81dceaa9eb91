//! One node, taken apart.

use super::error::{NodeRule, TrieError};
use super::{HASHED_LEN, KEY_NIBBLES};
use crate::grammar::rlp::{Item, RlpError};
use crate::matter::bytes::B256;

/// What is wrong with a node whose position the caller knows.
pub(super) enum Fault {
    Rlp(RlpError),
    Rule(NodeRule),
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

impl From<RlpError> for Fault {
    fn from(error: RlpError) -> Self {
        Self::Rlp(error)
    }
}

impl From<NodeRule> for Fault {
    fn from(rule: NodeRule) -> Self {
        Self::Rule(rule)
    }
}

/// How far the way of a key is gone.
pub(super) struct Way<'k> {
    pub(super) key: &'k B256,
    /// Nibbles of the key that lie behind.
    pub(super) depth: usize,
    /// Whether the last node was an extension.
    pub(super) after_extension: bool,
}

/// Where a node leads.
pub(super) enum Step<'a> {
    /// Nowhere: the key has no value.
    Absent,
    Value(&'a [u8]),
    /// To a node of fewer than 32 bytes, which stands there.
    Inline(Item<'a>),
    Hash(B256),
}

impl Way<'_> {
    /// Goes through `node`, any that is right.
    pub(super) fn step<'a>(&mut self, node: &Item<'a>) -> Result<Step<'a>, Fault> {
        let wanted = nibble(&self.key.0, self.depth);
        let mut items = node.list()?;
        let (mut first, mut last, mut child) = (None, None, None);
        let (mut count, mut empty, mut wrong) = (0_u8, 0_u8, None);
        while !items.is_empty() {
            let item = items.item()?;
            first = first.or(Some(item));
            last = Some(item);
            if Some(count) == wanted {
                child = last;
            }
            // Children are what they should be wherever the way goes.
            if is_empty(&item) {
                empty = empty.wrapping_add(u8::from(count < 16));
            } else if count < 16 && wrong.is_none() {
                wrong = refer(item).err();
            }
            // Too many is as wrong as a few more.
            count = count.saturating_add(1);
        }
        let (Some(first), Some(last)) = (first, last) else { return Err(NodeRule::ItemCount.into()) };
        match count {
            17 => {
                wrong.map_or(Ok(()), Err)?;
                if !is_empty(&last) {
                    return Err(NodeRule::BranchValue.into());
                }
                if empty > 14 {
                    return Err(NodeRule::BranchChildren.into());
                }
                let child = child.ok_or(NodeRule::TooDeep)?;
                self.depth += 1;
                self.after_extension = false;
                if is_empty(&child) { Ok(Step::Absent) } else { refer(child) }
            }
            2 => self.along(&Path::read(first.string()?)?, last),
            _ => Err(NodeRule::ItemCount.into()),
        }
    }

    /// Goes along a path to what follows it: a leaf's value or an extension's child.
    fn along<'a>(&mut self, path: &Path<'a>, end: Item<'a>) -> Result<Step<'a>, Fault> {
        let end = if path.is_leaf { Step::Value(end.string()?) } else { refer(end)? };
        if self.after_extension {
            return Err(NodeRule::ExtensionChild.into());
        }
        let (depth, len) = (self.depth, path.len());
        self.depth = depth.wrapping_add(len);
        self.after_extension = true;
        let broken = match end {
            Step::Value(_) if self.depth != KEY_NIBBLES => Some(NodeRule::LeafPath),
            Step::Value([]) => Some(NodeRule::EmptyValue),
            Step::Inline(_) | Step::Hash(_) if len == 0 => Some(NodeRule::EmptyPath),
            Step::Inline(_) | Step::Hash(_) if self.depth >= KEY_NIBBLES => Some(NodeRule::TooDeep),
            Step::Absent | Step::Value(_) | Step::Inline(_) | Step::Hash(_) => None,
        };
        match broken {
            Some(rule) => Err(rule.into()),
            None => Ok(if path.matches(self.key, depth) { end } else { Step::Absent }),
        }
    }
}

const fn is_empty(item: &Item<'_>) -> bool {
    !item.is_list && item.payload.is_empty()
}

/// Reads a reference to a child.
fn refer(child: Item<'_>) -> Result<Step<'_>, Fault> {
    if !child.is_list {
        return child.array().map(|hash| Step::Hash(B256(hash))).map_err(|_| NodeRule::Reference.into());
    }
    if child.raw.len() >= HASHED_LEN { Err(Fault::WrongReference) } else { Ok(Step::Inline(child)) }
}

/// The nibbles of a leaf or an extension, from their hex-prefix encoding (appendix C).
struct Path<'a> {
    is_leaf: bool,
    odd: Option<u8>,
    pairs: &'a [u8],
}

impl<'a> Path<'a> {
    fn read(encoded: &'a [u8]) -> Result<Self, NodeRule> {
        let (first, pairs) = encoded.split_first().ok_or(NodeRule::PathFlags)?;
        let (flags, low) = (first >> 4, first & 15);
        let odd = (flags & 1 == 1).then_some(low);
        if flags > 3 || (odd.is_none() && low != 0) {
            return Err(NodeRule::PathFlags);
        }
        Ok(Self { is_leaf: flags & 2 == 2, odd, pairs })
    }

    /// How many they are. Nothing wraps, here and below: a node has at most `MAX_NODE_LEN` bytes.
    fn len(&self) -> usize {
        self.pairs.len().wrapping_mul(2).wrapping_add(usize::from(self.odd.is_some()))
    }

    /// Whether `key` goes this way from its nibble `depth` on.
    fn matches(&self, key: &B256, depth: usize) -> bool {
        if self.odd.is_some_and(|odd| nibble(&key.0, depth) != Some(odd)) {
            return false;
        }
        let begin = depth.wrapping_add(usize::from(self.odd.is_some()));
        if begin.is_multiple_of(2) {
            // Whole bytes of the key, as below every leaf.
            let rest = key.0.get(begin / 2..).unwrap_or_default();
            return rest.starts_with(self.pairs);
        }
        let count = self.pairs.len().wrapping_mul(2);
        (0..count).all(|place| nibble(self.pairs, place) == nibble(&key.0, begin.wrapping_add(place)))
    }
}

/// The nibble of `bytes` at `position`, from 0 at the front.
pub(super) fn nibble(bytes: &[u8], position: usize) -> Option<u8> {
    let pair = bytes.get(position / 2)?;
    Some(if position.is_multiple_of(2) { pair >> 4 } else { pair & 15 })
}

/// The children, a bit for each, of a right branch whose children all go by hash, as most do; no
/// bit where the node is anything else, right or wrong.
pub(super) fn plain_children(node: &[u8]) -> u16 {
    const EMPTY: u8 = 0x80;
    const HASH: u8 = 0xa0;
    // 17 + 32 for each hash, under a head of 2 bytes up to 7 hashes (241), else of 3 (from 273).
    let (head, items) = node.split_at_checked(if node.len() < 256 { 2 } else { 3 }).unwrap_or_default();
    let [.., high, low] = items.len().to_be_bytes();
    if items.len() % 32 != 17 || (head != [0xf9, high, low] && head != [0xf8, low]) {
        return 0;
    }
    let (mut place, mut children, mut is_plain) = (0_usize, 0_u16, true);
    // Without branches: which children there are is as good as random.
    for position in 0..16 {
        let Some(first) = items.get(place) else { return 0 };
        let is_hash = *first == HASH;
        is_plain &= is_hash || *first == EMPTY;
        children |= u16::from(is_hash) << position;
        place = place.wrapping_add(if is_hash { 33 } else { 1 });
    }
    let is_end = items.get(place..) == Some(&[EMPTY]);
    if is_plain && is_end && children.count_ones() > 1 { children } else { 0 }
}

/// Where the child in place `wanted` of a branch begins, by the `children` of [`plain_children`].
pub(super) fn plain_child(node: &[u8], children: u16, wanted: u8) -> Option<B256> {
    let from = children.checked_shr(wanted.into())?;
    if from & 1 == 0 {
        return None;
    }
    // From the end: the value, the empty places and the hashes that follow.
    let behind = 1_usize + usize::from(16 - wanted.min(16)) + 32 * from.count_ones() as usize;
    let place = node.len().checked_sub(behind)?.checked_add(1)?;
    node.get(place..)?.first_chunk().copied().map(B256)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grammar::rlp;
    use crate::matter::sink::Buffer;

    /// A branch with these children, the child in place i the hash of 32 bytes i.
    fn branch(children: u16) -> heapless::Vec<u8, 532> {
        let mut bytes = [0; 532];
        let mut buffer = Buffer::new(&mut bytes);
        rlp::put_list(&mut buffer, |sink| {
            for place in 0..17 {
                let hash = [place; 32];
                let is_child = place < 16 && children >> place & 1 == 1;
                rlp::put_string(&mut &mut *sink, if is_child { &hash } else { &[] })?;
            }
            Ok(())
        })
        .unwrap();
        heapless::Vec::from_slice(buffer.into_written()).unwrap()
    }

    /// Where the key of nibbles `wanted` goes from a node, by the long way.
    fn step(node: &[u8], wanted: u8) -> Option<Option<B256>> {
        let key = B256([wanted << 4; 32]);
        let mut way = Way { key: &key, depth: 0, after_extension: true };
        match way.step(&rlp::item(node).ok()?).ok()? {
            Step::Absent => Some(None),
            Step::Hash(hash) => Some(Some(hash)),
            Step::Value(_) | Step::Inline(_) => None,
        }
    }

    #[test]
    fn every_plain_branch_leads_where_its_items_do() {
        for children in 0..=u16::MAX {
            let node = branch(children);
            let expected = if children.count_ones() < 2 { 0 } else { children };
            assert_eq!(plain_children(&node), expected, "{children:016b}");
            let wanted = (children % 16).to_le_bytes()[0];
            let leads = if expected == 0 { None } else { Some(plain_child(&node, children, wanted)) };
            assert_eq!(step(&node, wanted), leads, "{children:016b}");
        }
    }

    #[test]
    fn no_other_node_is_plain() {
        for children in [0b11, 0x7f, 0xff, 0x8001, 0xfffe, 0xffff] {
            let node = branch(children);
            for place in 0..node.len() {
                for value in [0, 0x7f, 0x80, 0x81, 0xa0, 0xa1, 0xc0, 0xf7, 0xf8, 0xf9, 0xff] {
                    let mut other = node.clone();
                    other[place] = value;
                    let found = plain_children(&other);
                    for wanted in (0..16).filter(|_| found != 0) {
                        assert_eq!(step(&other, wanted), Some(plain_child(&other, found, wanted)));
                    }
                }
            }
            for len in 0..node.len() {
                assert_eq!(plain_children(&node[..len]), 0);
            }
            let mut longer = heapless::Vec::<u8, 533>::from_slice(&node).unwrap();
            longer.push(0x80).unwrap();
            assert_eq!(plain_children(&longer), 0);
        }
    }
}
