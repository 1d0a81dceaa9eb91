//! A Merkle Patricia trie (Yellow Paper, appendix D) in memory.
//!
//! Nodes never change: writing makes new nodes on the way from the root and shares all others, so that
//! a clone of a trie is a snapshot, at the price of one pointer. Each node is hashed at most once.
//!
//! No key may be a prefix of another; the keys here are hashes of one length or RLP, of which both
//! hold.

use std::sync::{Arc, OnceLock};

use alloy_rlp::{EMPTY_STRING_CODE, Encodable, Header};
use healthrecord_core::chain::account::EMPTY_ROOT;
use healthrecord_core::{B256, keccak256};

/// What a trie's leaves hold.
pub(crate) trait Leaf: Clone {
    /// The bytes that stand in the leaf.
    fn encode(&self) -> Vec<u8>;
}

impl Leaf for Vec<u8> {
    fn encode(&self) -> Vec<u8> {
        self.clone()
    }
}

/// A trie, or a snapshot of one.
#[derive(Clone)]
pub(crate) struct Trie<V>(Option<Arc<Node<V>>>);

struct Node<V> {
    kind: Kind<V>,
    /// How the parent refers to this node; made when first asked for.
    reference: OnceLock<Reference>,
}

enum Kind<V> {
    Leaf { path: Box<[u8]>, value: V },
    Extension { path: Box<[u8]>, child: Arc<Node<V>> },
    Branch(Children<V>),
}

/// A branch's children by nibble; a branch has no value, as no key is a prefix of another.
type Children<V> = [Option<Arc<Node<V>>>; 16];

enum Reference {
    /// The RLP of a node shorter than 32 bytes, which stands in its parent.
    Inline(Vec<u8>),
    Hash(B256),
}

impl<V> Default for Trie<V> {
    fn default() -> Self {
        Self(None)
    }
}

impl<V: Leaf> Trie<V> {
    /// The value at `key`.
    pub(crate) fn get(&self, key: &[u8]) -> Option<&V> {
        let path = nibbles(key);
        let mut rest = path.as_slice();
        let mut node = self.0.as_ref()?;
        loop {
            match &node.kind {
                Kind::Leaf { path, value } => return (**path == *rest).then_some(value),
                Kind::Extension { path, child } => {
                    rest = rest.strip_prefix(&**path)?;
                    node = child;
                }
                Kind::Branch(children) => {
                    let (first, after) = rest.split_first()?;
                    rest = after;
                    node = children.get(usize::from(*first))?.as_ref()?;
                }
            }
        }
    }

    /// Writes `value` at `key`.
    pub(crate) fn insert(&mut self, key: &[u8], value: V) {
        let path = nibbles(key);
        self.0 = Some(match &self.0 {
            None => Node::leaf(&path, value),
            Some(root) => root.inserted(&path, value),
        });
    }

    /// Removes the value at `key`, if there is one.
    pub(crate) fn remove(&mut self, key: &[u8]) {
        if self.get(key).is_some() {
            self.0 = self.0.as_ref().and_then(|root| root.removed(&nibbles(key)));
        }
    }

    /// The root hash.
    pub(crate) fn root(&self) -> B256 {
        match &self.0 {
            None => EMPTY_ROOT,
            Some(root) => match root.reference() {
                Reference::Hash(hash) => *hash,
                Reference::Inline(node) => keccak256(node),
            },
        }
    }

    /// The nodes from the root towards `key` that are referred to by hash (EIP-1186): nodes shorter
    /// than 32 bytes stand in their parents already. Empty for an empty trie.
    pub(crate) fn proof(&self, key: &[u8]) -> Vec<Vec<u8>> {
        let path = nibbles(key);
        let mut rest = path.as_slice();
        let mut nodes = vec![];
        let mut next = self.0.as_ref();
        while let Some(node) = next {
            if nodes.is_empty() || matches!(node.reference(), Reference::Hash(_)) {
                nodes.push(node.encode());
            }
            next = match &node.kind {
                Kind::Leaf { .. } => None,
                Kind::Extension { path, child } => rest.strip_prefix(&**path).map(|after| {
                    rest = after;
                    child
                }),
                Kind::Branch(children) => rest.split_first().and_then(|(first, after)| {
                    rest = after;
                    children.get(usize::from(*first))?.as_ref()
                }),
            };
        }
        nodes
    }
}

impl<V: Leaf> Node<V> {
    fn new(kind: Kind<V>) -> Arc<Self> {
        Arc::new(Self { kind, reference: OnceLock::new() })
    }

    fn leaf(path: &[u8], value: V) -> Arc<Self> {
        Self::new(Kind::Leaf { path: path.into(), value })
    }

    /// `child` below `path`, which may be empty.
    fn extension(path: &[u8], child: Arc<Self>) -> Arc<Self> {
        if path.is_empty() { child } else { Self::new(Kind::Extension { path: path.into(), child }) }
    }

    /// This node below `path`: leaves and extensions take it into their own path.
    fn prefixed(self: &Arc<Self>, prefix: &[u8]) -> Arc<Self> {
        match &self.kind {
            Kind::Leaf { path, value } => Self::leaf(&[prefix, path].concat(), value.clone()),
            Kind::Extension { path, child } => Self::extension(&[prefix, path].concat(), Arc::clone(child)),
            Kind::Branch(_) => Self::extension(prefix, Arc::clone(self)),
        }
    }

    fn inserted(self: &Arc<Self>, path: &[u8], value: V) -> Arc<Self> {
        match &self.kind {
            Kind::Leaf { path: own, value: old } => {
                let (common, own_rest, rest) = split(own, path);
                match (own_rest.split_first(), rest.split_first()) {
                    (Some((own_first, own_rest)), Some((first, rest))) => {
                        let old = (*own_first, Self::leaf(own_rest, old.clone()));
                        let new = (*first, Self::leaf(rest, value));
                        Self::extension(common, Self::branch([old, new]))
                    }
                    _ => Self::leaf(path, value),
                }
            }
            Kind::Extension { path: own, child } => {
                let (common, own_rest, rest) = split(own, path);
                match (own_rest.split_first(), rest.split_first()) {
                    (Some((own_first, own_rest)), Some((first, rest))) => {
                        let old = (*own_first, Self::extension(own_rest, Arc::clone(child)));
                        let new = (*first, Self::leaf(rest, value));
                        Self::extension(common, Self::branch([old, new]))
                    }
                    _ => Self::extension(common, child.inserted(rest, value)),
                }
            }
            Kind::Branch(children) => {
                let mut children = children.clone();
                if let Some((first, rest)) = path.split_first()
                    && let Some(child) = children.get_mut(usize::from(*first))
                {
                    *child = Some(match child {
                        None => Self::leaf(rest, value),
                        Some(child) => child.inserted(rest, value),
                    });
                }
                Self::new(Kind::Branch(children))
            }
        }
    }

    /// This node without the leaf at `path`, which must be there; `None` if nothing is left.
    fn removed(self: &Arc<Self>, path: &[u8]) -> Option<Arc<Self>> {
        match &self.kind {
            Kind::Leaf { .. } => None,
            Kind::Extension { path: own, child } => {
                let (common, _, rest) = split(own, path);
                child.removed(rest).map(|child| child.prefixed(common))
            }
            Kind::Branch(children) => {
                let mut children = children.clone();
                if let Some((first, rest)) = path.split_first()
                    && let Some(child) = children.get_mut(usize::from(*first))
                {
                    *child = child.as_ref().and_then(|child| child.removed(rest));
                }
                let mut left =
                    (0..).zip(&children).filter_map(|(nibble, child)| Some((nibble, child.as_ref()?)));
                match (left.next(), left.next()) {
                    (Some((nibble, only)), None) => Some(only.prefixed(&[nibble])),
                    _ => Some(Self::new(Kind::Branch(children))),
                }
            }
        }
    }

    fn branch(two: [(u8, Arc<Self>); 2]) -> Arc<Self> {
        let mut children = Children::default();
        for (nibble, node) in two {
            if let Some(child) = children.get_mut(usize::from(nibble)) {
                *child = Some(node);
            }
        }
        Self::new(Kind::Branch(children))
    }

    fn reference(&self) -> &Reference {
        self.reference.get_or_init(|| {
            let node = self.encode();
            if node.len() < 32 { Reference::Inline(node) } else { Reference::Hash(keccak256(&node)) }
        })
    }

    /// The node's RLP.
    fn encode(&self) -> Vec<u8> {
        let mut items = vec![];
        match &self.kind {
            Kind::Leaf { path, value } => {
                hex_prefix(path, true).as_slice().encode(&mut items);
                value.encode().as_slice().encode(&mut items);
            }
            Kind::Extension { path, child } => {
                hex_prefix(path, false).as_slice().encode(&mut items);
                child.reference().put(&mut items);
            }
            Kind::Branch(children) => {
                for child in children {
                    match child {
                        None => items.push(EMPTY_STRING_CODE),
                        Some(child) => child.reference().put(&mut items),
                    }
                }
                items.push(EMPTY_STRING_CODE);
            }
        }
        let mut node = Vec::with_capacity(items.len().saturating_add(3));
        Header { list: true, payload_length: items.len() }.encode(&mut node);
        node.extend_from_slice(&items);
        node
    }
}

impl Reference {
    fn put(&self, items: &mut Vec<u8>) {
        match self {
            Self::Inline(node) => items.extend_from_slice(node),
            Self::Hash(hash) => hash.0.encode(items),
        }
    }
}

/// The root of the trie of `items` by their index, as blocks keep transactions and receipts.
pub(crate) fn ordered_root(items: impl Iterator<Item = Vec<u8>>) -> B256 {
    let mut trie = Trie::default();
    for (index, item) in (0_u64..).zip(items) {
        trie.insert(&alloy_rlp::encode(index), item);
    }
    trie.root()
}

fn nibbles(key: &[u8]) -> Vec<u8> {
    key.iter().flat_map(|byte| [byte >> 4, byte & 15]).collect()
}

/// What two paths have in common, and what follows in each.
fn split<'a>(own: &'a [u8], path: &'a [u8]) -> (&'a [u8], &'a [u8], &'a [u8]) {
    let common = own.iter().zip(path).take_while(|(own, other)| own == other).count();
    let (shared, own_rest) = own.split_at_checked(common).unwrap_or((own, &[]));
    (shared, own_rest, path.get(common..).unwrap_or_default())
}

/// Packs nibbles into bytes, with the flags for a leaf and for an odd number (appendix C).
fn hex_prefix(path: &[u8], leaf: bool) -> Vec<u8> {
    let flag = u8::from(leaf) << 5;
    let (first, rest) = match path.split_first() {
        Some((nibble, rest)) if path.len() % 2 == 1 => (flag | 0x10 | nibble, rest),
        _ => (flag, path),
    };
    let pairs = rest.chunks(2).map(|pair| pair.iter().fold(0, |byte, nibble| byte << 4 | nibble));
    core::iter::once(first).chain(pairs).collect()
}

#[cfg(test)]
mod tests;
