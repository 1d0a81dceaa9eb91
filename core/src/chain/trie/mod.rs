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
use self::node::{Node, PlainChild, nibble, plain_branch};
use super::account::{Account, EMPTY_ROOT};
use crate::grammar::rlp::{self, Item};
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
        let (mut index, mut node) = self.take(&root, None)?;
        let mut depth = 0;
        let mut after_extension = false;
        loop {
            if let Some(wanted) = nibble(key, depth)
                && let Some(child) = plain_branch(&node, wanted)
            {
                let PlainChild::Hash(hash) = child else { return Ok(None) };
                depth += 1;
                after_extension = false;
                (index, node) = self.follow(&hash, index)?;
                continue;
            }
            let broken = |rule| TrieError::MalformedNode { node: index, rule };
            let child = match Node::read(&node).map_err(|fault| fault.of(index))? {
                Node::Branch { children, child_count, value } => {
                    if !value.payload.is_empty() || value.is_list {
                        return Err(broken(NodeRule::BranchValue));
                    }
                    if child_count < 2 {
                        return Err(broken(NodeRule::BranchChildren));
                    }
                    let nibble = nibble(key, depth).ok_or(broken(NodeRule::TooDeep))?;
                    depth += 1;
                    after_extension = false;
                    let mut children = children;
                    for _ in 0..nibble {
                        children.item().map_err(|error| TrieError::Rlp { node: index, error })?;
                    }
                    let child = children.item().map_err(|error| TrieError::Rlp { node: index, error })?;
                    if !child.is_list && child.payload.is_empty() {
                        return Ok(None);
                    }
                    child
                }
                Node::Extension { path, child } => {
                    if after_extension {
                        return Err(broken(NodeRule::ExtensionChild));
                    }
                    let len = path.len();
                    if len == 0 {
                        return Err(broken(NodeRule::EmptyPath));
                    }
                    if depth + len >= KEY_NIBBLES {
                        return Err(broken(NodeRule::TooDeep));
                    }
                    if !path.matches(key, depth) {
                        return Ok(None);
                    }
                    depth += len;
                    after_extension = true;
                    child
                }
                Node::Leaf { path, value } => {
                    if after_extension {
                        return Err(broken(NodeRule::ExtensionChild));
                    }
                    if depth + path.len() != KEY_NIBBLES {
                        return Err(broken(NodeRule::LeafPath));
                    }
                    if value.is_empty() {
                        return Err(broken(NodeRule::EmptyValue));
                    }
                    return Ok(path.matches(key, depth).then_some(Found { value, node: index }));
                }
            };
            if child.is_list {
                node = child;
            } else {
                let hash = B256(child.array().map_err(|_| broken(NodeRule::Reference))?);
                (index, node) = self.follow(&hash, index)?;
            }
        }
    }

    /// The node to which another leads by hash.
    fn follow(&mut self, hash: &B256, parent: u32) -> Result<(u32, Item<'a>), TrieError> {
        let (index, node) = self.take(hash, Some(parent))?;
        if node.raw.len() < HASHED_LEN {
            return Err(TrieError::WrongReference { node: index });
        }
        Ok((index, node))
    }

    /// Finds a node by its hash and marks it used; gives its position and itself.
    fn take(&mut self, hash: &B256, parent: Option<u32>) -> Result<(u32, Item<'a>), TrieError> {
        let found = index::position(self.nodes, hash);
        let node = found.and_then(|found| self.nodes.get_mut(found));
        let (Some(found), Some(node)) = (found, node) else {
            return Err(TrieError::MissingNode { hash: *hash, parent });
        };
        node.used = true;
        let index = position(found);
        rlp::item(node.bytes).map(|node| (index, node)).map_err(|error| TrieError::Rlp { node: index, error })
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
