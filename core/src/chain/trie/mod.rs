//! Merkle Patricia tries: proved values and proved absences from an untrusted set of nodes.
//!
//! Source: Ethereum Yellow Paper, appendix D. All tries here are the secured ones (state, storage):
//! the key of an entry is the Keccak-256 hash of an address or a slot, 64 nibbles.
//!
//! The prover hands over nodes, nothing else. Each is hashed once; from then on a node is found only
//! by a hash that a trusted root leads to, so that nothing the prover says is believed. Absence is
//! proved by a node that shows the way ending, never by a node that is not there.

mod error;
mod index;
mod key;
mod node;

use self::index::Batch;
use self::node::{Step, Way, nibble, plain_child};
use super::account::{Account, EMPTY_ROOT};
use crate::grammar::rlp;
use crate::matter::batch::{BatchKeccak, OneByOne};
use crate::matter::bytes::{Address, B256, U256};

/// Greatest size of one node, in bytes (a full branch of hashes has 532).
pub const MAX_NODE_LEN: usize = 1024;

pub use self::error::{NodeRule, TrieError};
pub use self::index::NodeRef;
pub use self::key::{Key, Keys};

/// Nodes shorter than this stand inside their parent instead of being referred to by hash.
const HASHED_LEN: usize = 32;
/// Nibbles of a key.
const KEY_NIBBLES: usize = 64;

/// A prover's nodes, each hashed once, from which any number of keys of any number of tries is read.
#[derive(Debug)]
pub struct NodeSet<'a, 'm> {
    nodes: &'m mut [NodeRef<'a>],
    accept_zero_leaves: bool,
}

impl<'a, 'm> NodeSet<'a, 'm> {
    /// Hashes and indexes `nodes`; `memory` needs one entry for each.
    ///
    /// Time: one hash a node.
    ///
    /// # Errors
    ///
    /// [`TrieError::TooManyNodes`], [`TrieError::NodeTooLarge`], [`TrieError::DuplicateNode`].
    pub fn new(
        nodes: impl IntoIterator<Item = &'a [u8]>,
        memory: &'m mut [NodeRef<'a>],
    ) -> Result<Self, TrieError> {
        Self::batched(nodes, Keys::default(), memory, &OneByOne)
    }

    /// As [`Self::new`], with all hashes in one batch: those of the nodes, and those of `keys`, which
    /// are asked for later.
    ///
    /// # Errors
    ///
    /// As [`Self::new`].
    pub fn batched(
        nodes: impl IntoIterator<Item = &'a [u8]>,
        keys: Keys<'_>,
        memory: &'m mut [NodeRef<'a>],
        hasher: &impl BatchKeccak,
    ) -> Result<Self, TrieError> {
        let capacity = memory.len();
        let mut count = 0;
        for bytes in nodes {
            let entry = memory.get_mut(count).ok_or(TrieError::TooManyNodes { capacity })?;
            if bytes.len() > MAX_NODE_LEN {
                return Err(TrieError::NodeTooLarge { node: position(count), size: bytes.len() });
            }
            *entry = NodeRef::new(bytes);
            count += 1;
        }
        let nodes = memory.get_mut(..count).unwrap_or_default();
        hasher.hash_all(&mut Batch { nodes, keys });
        index::link(nodes).map_err(|(node, first)| TrieError::DuplicateNode { node, first })?;
        Ok(Self { nodes, accept_zero_leaves: false })
    }

    /// Takes a storage leaf of value zero as the value zero instead of an error.
    ///
    /// Ethereum deletes such leaves; Anvil keeps them. For development chains only.
    #[must_use]
    pub fn accepting_zero_leaves(mut self) -> Self {
        self.accept_zero_leaves = true;
        self
    }

    /// The account at `address` under a state root; `None` is proved absence.
    ///
    /// # Errors
    ///
    /// [`TrieError`] when the nodes prove neither.
    pub fn account(
        &mut self,
        state_root: B256,
        address: impl Into<Key<Address>>,
    ) -> Result<Option<Account>, TrieError> {
        match self.find(state_root, &address.into().hash())? {
            None => Ok(None),
            Some(Found { value, node }) => {
                Account::decode(value).map(Some).map_err(|error| TrieError::Account { node, error })
            }
        }
    }

    /// The word in `slot` under a storage root; 0 is proved absence.
    ///
    /// # Errors
    ///
    /// [`TrieError`] when the nodes do not prove a value.
    pub fn storage(&mut self, storage_root: B256, slot: impl Into<Key<B256>>) -> Result<U256, TrieError> {
        let Some(Found { value, node }) = self.find(storage_root, &slot.into().hash())? else {
            return Ok(U256::ZERO);
        };
        let word = rlp::item(value)
            .and_then(|item| item.uint())
            .map_err(|error| TrieError::Value { node, error })?;
        if word.is_zero() && !self.accept_zero_leaves {
            return Err(TrieError::ZeroValue { node });
        }
        Ok(word)
    }

    /// Ends the reading.
    ///
    /// # Errors
    ///
    /// [`TrieError::UnusedNode`] when a node was needed by no key: the first such in supplied order.
    pub fn finish(self) -> Result<(), TrieError> {
        match self.nodes.iter().position(|node| !node.used) {
            None => Ok(()),
            Some(unused) => Err(TrieError::UnusedNode { node: position(unused) }),
        }
    }

    /// Walks from `root` along the nibbles of `key`.
    fn find(&mut self, root: B256, key: &B256) -> Result<Option<Found<'a>>, TrieError> {
        if root == EMPTY_ROOT {
            return Ok(None);
        }
        let mut way = Way { key, depth: 0, after_extension: false };
        let mut parent = None;
        let mut hash = root;
        loop {
            let (index, entry) = self.take(&hash, parent)?;
            if entry.children != 0
                && let Some(wanted) = nibble(&key.0, way.depth)
            {
                let Some(child) = plain_child(entry.bytes, entry.children, wanted) else { return Ok(None) };
                way.depth += 1;
                way.after_extension = false;
                (hash, parent) = (child, Some(index));
                continue;
            }
            let mut node = rlp::item(entry.bytes).map_err(|error| TrieError::Rlp { node: index, error })?;
            if parent.is_some() && node.raw.len() < HASHED_LEN {
                return Err(TrieError::WrongReference { node: index });
            }
            // Nodes that stand in this one have its position.
            hash = loop {
                match way.step(&node).map_err(|fault| fault.of(index))? {
                    Step::Absent => return Ok(None),
                    Step::Value(value) => return Ok(Some(Found { value, node: index })),
                    Step::Inline(child) => node = child,
                    Step::Hash(hash) => break hash,
                }
            };
            parent = Some(index);
        }
    }

    /// Finds a node by its hash and marks it used; gives its position and its entry.
    fn take(&mut self, hash: &B256, parent: Option<u32>) -> Result<(u32, &NodeRef<'a>), TrieError> {
        let found = index::position(self.nodes, hash);
        let entry = found.and_then(|found| self.nodes.get_mut(found));
        let (Some(found), Some(entry)) = (found, entry) else {
            return Err(TrieError::MissingNode { hash: *hash, parent });
        };
        entry.used = true;
        Ok((position(found), entry))
    }
}

/// A position as errors name it.
fn position(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}

/// A value and the position of the node it stands in.
struct Found<'a> {
    value: &'a [u8],
    node: u32,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matter::keccak::keccak256;

    #[test]
    fn absence_is_never_silence() {
        let mut memory = [NodeRef::EMPTY; 4];
        let root = keccak256(b"some root");
        let mut empty = NodeSet::new([], &mut memory).unwrap();
        assert_eq!(
            empty.storage(root, &B256::ZERO),
            Err(TrieError::MissingNode { hash: root, parent: None })
        );
        assert_eq!(empty.storage(EMPTY_ROOT, &B256::ZERO), Ok(U256::ZERO));
    }

    #[test]
    fn limits_and_duplicates_name_the_node() {
        let mut memory = [NodeRef::EMPTY; 2];
        let large = [0; MAX_NODE_LEN + 1];
        let error = |nodes: &[&'static [u8]], memory: &mut [NodeRef<'static>]| {
            NodeSet::new(nodes.iter().copied(), memory).err()
        };
        assert_eq!(error(&[b"a", b"b", b"c"], &mut memory), Some(TrieError::TooManyNodes { capacity: 2 }));
        assert_eq!(error(&[b"a", b"a"], &mut memory), Some(TrieError::DuplicateNode { node: 1, first: 0 }));
        let mut memory = [NodeRef::EMPTY; 2];
        assert_eq!(
            NodeSet::new([&large[..]], &mut memory).err(),
            Some(TrieError::NodeTooLarge { node: 0, size: MAX_NODE_LEN + 1 })
        );
        let memory = &mut [NodeRef::EMPTY; 2];
        let set = NodeSet::new([&b"a"[..], b"b"], memory).unwrap();
        assert_eq!(set.finish(), Err(TrieError::UnusedNode { node: 0 }));
    }

    #[test]
    fn a_lone_leaf_proves_itself_and_the_absence_of_others() {
        let slot = B256([7; 32]);
        let mut leaf = heapless::Vec::<u8, 64>::new();
        leaf.extend_from_slice(&[0xe3, 0xa1, 0x20]).unwrap();
        leaf.extend_from_slice(keccak256(&slot.0).as_ref()).unwrap();
        leaf.push(0x05).unwrap();
        let root = keccak256(&leaf);
        let mut memory = [NodeRef::EMPTY; 1];
        let mut set = NodeSet::new([&leaf[..]], &mut memory).unwrap();
        assert_eq!(set.storage(root, &slot), Ok(U256::from(5_u64)));
        assert_eq!(set.storage(root, &B256([8; 32])), Ok(U256::ZERO));
        assert_eq!(set.finish(), Ok(()));
    }

    #[test]
    fn zero_leaves_need_leave() {
        let slot = B256([7; 32]);
        let mut leaf = heapless::Vec::<u8, 64>::new();
        leaf.extend_from_slice(&[0xe4, 0xa1, 0x20]).unwrap();
        leaf.extend_from_slice(keccak256(&slot.0).as_ref()).unwrap();
        leaf.extend_from_slice(&[0x81, 0x80]).unwrap();
        let root = keccak256(&leaf);
        let mut memory = [NodeRef::EMPTY; 1];
        let mut set = NodeSet::new([&leaf[..]], &mut memory).unwrap();
        assert_eq!(set.storage(root, &slot), Err(TrieError::ZeroValue { node: 0 }));
        let mut set = NodeSet::new([&leaf[..]], &mut memory).unwrap().accepting_zero_leaves();
        assert_eq!(set.storage(root, &slot), Ok(U256::ZERO));
    }
}
