//! The prover's nodes by their hashes.
//!
//! A table without memory of its own: entry i holds node i, and beside it the first node of place i
//! of the table. The nodes of one place stand in a binary tree that goes by further bits of their
//! hashes, so that a search is a handful of steps, and a prover who seeks out hashes that meet in
//! one place gains one step for each bit that it finds.

use super::key::Keys;
use super::node::plain_children;
use crate::matter::batch::Messages;
use crate::matter::bytes::B256;

/// No node; beyond the end of every index.
const NONE: u32 = u32::MAX;
/// The link of an entry that belongs to the table; the others belong to the tree.
const TABLE: usize = 2;

/// One entry of the index that a caller lends to a [`NodeSet`](super::NodeSet), 64 bytes on 64-bit
/// machines.
// One line of the cache, since a search ends with a jump to an entry anywhere.
#[cfg_attr(target_pointer_width = "64", repr(align(64)))]
#[derive(Clone, Copy, Debug)]
pub struct NodeRef<'a> {
    pub(super) hash: B256,
    pub(super) bytes: &'a [u8],
    /// Nodes of the same place, by the next bit of their hash; then the first node of the place that
    /// has this entry's position.
    links: [u32; 3],
    /// The children of a branch whose children all go by hash; 0 for every other node.
    pub(super) children: u16,
    /// Whether a key led to the node.
    pub(super) used: bool,
}

impl<'a> NodeRef<'a> {
    /// An entry to fill the lent memory with.
    pub const EMPTY: Self = Self { hash: B256::ZERO, bytes: &[], links: [NONE; 3], children: 0, used: false };

    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, ..Self::EMPTY }
    }
}

impl Default for NodeRef<'_> {
    fn default() -> Self {
        Self::EMPTY
    }
}

/// Where a search ended.
enum Place {
    Found(usize),
    /// The link of this entry would lead to the node.
    Vacant {
        entry: usize,
        link: usize,
    },
}

fn seek(nodes: &[NodeRef<'_>], hash: &B256) -> Place {
    let [a, b, c, d, e, f, g, h, i, j, k, l, ..] = hash.0;
    let spread = u64::from(u32::from_be_bytes([a, b, c, d]));
    let mut bits = u64::from_le_bytes([e, f, g, h, i, j, k, l]);
    let scaled = spread.wrapping_mul(nodes.len() as u64) >> 32;
    let (mut entry, mut link) = (usize::try_from(scaled).unwrap_or_default(), TABLE);
    loop {
        let next = nodes.get(entry).and_then(|node| node.links.get(link)).copied().unwrap_or(NONE);
        // An index that does not fit is beyond every node, as `NONE` is.
        let next = usize::try_from(next).unwrap_or(usize::MAX);
        match nodes.get(next) {
            None => return Place::Vacant { entry, link },
            Some(node) if node.hash == *hash => return Place::Found(next),
            Some(_) => (entry, link) = (next, usize::from(bits & 1 == 1)),
        }
        bits >>= 1;
    }
}

/// The position of the node with this hash.
pub(super) fn position(nodes: &[NodeRef<'_>], hash: &B256) -> Option<usize> {
    match seek(nodes, hash) {
        Place::Found(position) => Some(position),
        Place::Vacant { .. } => None,
    }
}

/// Links every node; gives the position of a node that repeats another, and of that other.
pub(super) fn link(nodes: &mut [NodeRef<'_>]) -> Result<(), (u32, u32)> {
    for position in 0..nodes.len() {
        let Some(hash) = nodes.get(position).map(|node| node.hash) else { break };
        let node = u32::try_from(position).unwrap_or(NONE);
        match seek(nodes, &hash) {
            Place::Found(first) => return Err((node, u32::try_from(first).unwrap_or(NONE))),
            Place::Vacant { entry, link } => {
                if let Some(link) = nodes.get_mut(entry).and_then(|entry| entry.links.get_mut(link)) {
                    *link = node;
                }
            }
        }
    }
    Ok(())
}

/// Everything that a verification hashes: the nodes, and the names of the keys.
pub(super) struct Batch<'b, 'a, 'k> {
    pub(super) nodes: &'b mut [NodeRef<'a>],
    pub(super) keys: Keys<'k>,
}

impl Batch<'_, '_, '_> {
    /// The position in each list of what has one position in all.
    fn split(&self, index: usize) -> (usize, Option<usize>, Option<usize>) {
        let account = index.checked_sub(self.nodes.len());
        (index, account, account.and_then(|index| index.checked_sub(self.keys.accounts.len())))
    }
}

impl Messages for Batch<'_, '_, '_> {
    fn count(&self) -> usize {
        self.nodes.len().saturating_add(self.keys.accounts.len()).saturating_add(self.keys.slots.len())
    }

    fn message(&self, index: usize) -> &[u8] {
        let (node, account, slot) = self.split(index);
        if let Some(node) = self.nodes.get(node) {
            return node.bytes;
        }
        if let Some(key) = account.and_then(|account| self.keys.accounts.get(account)) {
            return key.name.as_bytes();
        }
        slot.and_then(|slot| self.keys.slots.get(slot)).map_or(&[], |key| key.name.as_bytes())
    }

    fn put(&mut self, index: usize, hash: B256) {
        let (node, account, slot) = self.split(index);
        if let Some(node) = self.nodes.get_mut(node) {
            node.hash = hash;
            // Now, while the bytes are near.
            node.children = plain_children(node.bytes);
        } else if let Some(key) = account.and_then(|account| self.keys.accounts.get_mut(account)) {
            key.hash = Some(hash);
        } else if let Some(key) = slot.and_then(|slot| self.keys.slots.get_mut(slot)) {
            key.hash = Some(hash);
        }
    }
}
