//! A second walker of tries, plain and slow, over the `rlp` crate: it shares no code with the first.
//!
//! It is as strict, about what lies on the way: canonical RLP, paths with defined flags, no empty
//! extension, a branch behind every extension, at least two children and no value in a branch, nodes
//! below 32 bytes by value and others by hash, 64 nibbles to each leaf. What lies off the way is a
//! reference that could be right; neither walker looks into it.
#![allow(dead_code, reason = "each binary uses its own part")]

use std::collections::HashMap;

use healthrecord::core::B256;
use rlp::{Rlp, RlpStream};

/// How a way ends that proves something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Shape {
    Value,
    EmptyTrie,
    EmptySlot,
    DivergingLeaf,
    DivergingExtension,
}

/// Where the node stands that ends a way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    Root,
    ByHash,
    InParent,
}

#[derive(Clone, Debug)]
pub(crate) struct End {
    pub(crate) value: Option<Vec<u8>>,
    pub(crate) shape: Shape,
    pub(crate) place: Place,
}

/// Why a way proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Refusal {
    MissingNode,
    Rlp,
    ItemCount,
    PathFlags,
    EmptyPath,
    ExtensionChild,
    TooDeep,
    LeafPath,
    EmptyValue,
    BranchValue,
    BranchChildren,
    Reference,
    WrongReference,
    Value,
}

impl Refusal {
    pub(crate) const ALL: [Self; 14] = [
        Self::MissingNode,
        Self::Rlp,
        Self::ItemCount,
        Self::PathFlags,
        Self::EmptyPath,
        Self::ExtensionChild,
        Self::TooDeep,
        Self::LeafPath,
        Self::EmptyValue,
        Self::BranchValue,
        Self::BranchChildren,
        Self::Reference,
        Self::WrongReference,
        Self::Value,
    ];
}

/// The nodes of a prover by their hashes.
pub(crate) struct Walker<'n> {
    nodes: &'n [Vec<u8>],
    by_hash: HashMap<[u8; 32], usize>,
}

/// A way that was walked: its end, and the positions of the nodes that were reached by hash.
pub(crate) struct Way {
    pub(crate) end: Result<End, Refusal>,
    pub(crate) nodes: Vec<usize>,
}

impl<'n> Walker<'n> {
    pub(crate) fn new(nodes: &'n [Vec<u8>]) -> Self {
        let hashes = nodes.iter().map(|node| alloy_primitives::keccak256(node).0);
        Self { nodes, by_hash: hashes.zip(0..).collect() }
    }

    pub(crate) fn walk(&self, root: B256, path: &B256) -> Way {
        let mut nodes = vec![];
        if root.0 == alloy_primitives::keccak256([0x80]).0 {
            let end = End { value: None, shape: Shape::EmptyTrie, place: Place::Root };
            return Way { end: Ok(end), nodes };
        }
        let nibbles: Vec<u8> = path.0.iter().flat_map(|byte| [byte >> 4, byte & 15]).collect();
        let end = match self.take(&root.0, &mut nodes) {
            Ok(node) => self.node(node, &nibbles, Place::Root, false, &mut nodes),
            Err(refusal) => Err(refusal),
        };
        Way { end, nodes }
    }

    fn take(&self, hash: &[u8], taken: &mut Vec<usize>) -> Result<&'n [u8], Refusal> {
        let position = *self.by_hash.get(hash).ok_or(Refusal::MissingNode)?;
        taken.push(position);
        Ok(&self.nodes[position])
    }

    /// Goes on from a node; `rest` are the nibbles that are left of the path.
    fn node(
        &self,
        node: &[u8],
        rest: &[u8],
        place: Place,
        behind_extension: bool,
        taken: &mut Vec<usize>,
    ) -> Result<End, Refusal> {
        let items = items(node)?;
        let absent = |shape| Ok(End { value: None, shape, place });
        if let [children @ .., value] = &items[..]
            && children.len() == 16
        {
            if value[..] != [0x80] {
                return Err(Refusal::BranchValue);
            }
            if children.iter().filter(|child| child[..] != [0x80]).count() < 2 {
                return Err(Refusal::BranchChildren);
            }
            for child in children.iter().filter(|child| child[..] != [0x80]) {
                reference(child)?;
            }
            let (nibble, rest) = rest.split_first().ok_or(Refusal::TooDeep)?;
            return match &children[usize::from(*nibble)][..] {
                [0x80] => absent(Shape::EmptySlot),
                child => self.child(child, rest, false, taken),
            };
        }
        let [path, second] = &items[..] else { return Err(Refusal::ItemCount) };
        let (own, is_leaf) = nibbles(&string(path)?)?;
        if is_leaf && own.len() != rest.len() {
            return Err(Refusal::LeafPath);
        }
        if !is_leaf && own.len() >= rest.len() {
            return Err(Refusal::TooDeep);
        }
        if behind_extension {
            return Err(Refusal::ExtensionChild);
        }
        if is_leaf {
            let value = string(second)?;
            if value.is_empty() {
                return Err(Refusal::EmptyValue);
            }
            return if own == rest {
                Ok(End { value: Some(value), shape: Shape::Value, place })
            } else {
                absent(Shape::DivergingLeaf)
            };
        }
        reference(second)?;
        if own.is_empty() {
            return Err(Refusal::EmptyPath);
        }
        match rest.strip_prefix(&own[..]) {
            None => absent(Shape::DivergingExtension),
            Some(rest) => self.child(second, rest, true, taken),
        }
    }

    fn child(
        &self,
        child: &[u8],
        rest: &[u8],
        behind_extension: bool,
        taken: &mut Vec<usize>,
    ) -> Result<End, Refusal> {
        let Some(hash) = reference(child)? else {
            return self.node(child, rest, Place::InParent, behind_extension, taken);
        };
        let node = self.take(&hash, taken)?;
        if node.len() < 32 {
            return Err(Refusal::WrongReference);
        }
        self.node(node, rest, Place::ByHash, behind_extension, taken)
    }
}

/// The hash by which a child is referred to, or `None` where it stands there itself.
fn reference(child: &[u8]) -> Result<Option<Vec<u8>>, Refusal> {
    if Rlp::new(child).is_list() {
        return if child.len() < 32 { Ok(None) } else { Err(Refusal::WrongReference) };
    }
    let hash = string(child)?;
    if hash.len() == 32 { Ok(Some(hash)) } else { Err(Refusal::Reference) }
}

/// The items of a list, each as it stands there.
pub(crate) fn items(list: &[u8]) -> Result<Vec<Vec<u8>>, Refusal> {
    let reader = Rlp::new(list);
    if !reader.is_list() {
        return Err(Refusal::Rlp);
    }
    let items: Vec<Vec<u8>> = reader.iter().map(|item| item.as_raw().to_vec()).collect();
    // What is not canonical reads well and writes differently.
    let mut again = RlpStream::new_list(items.len());
    for item in &items {
        again.append_raw(&written(item)?, 1);
    }
    if again.out()[..] == *list { Ok(items) } else { Err(Refusal::Rlp) }
}

/// An item with its content as it is, under the prefix that belongs to it.
fn written(item: &[u8]) -> Result<Vec<u8>, Refusal> {
    let reader = Rlp::new(item);
    let info = reader.payload_info().map_err(|_| Refusal::Rlp)?;
    let content = &item[info.header_len..];
    let mut stream = RlpStream::new();
    if reader.is_list() {
        stream.begin_unbounded_list();
        stream.append_raw(content, 1);
        stream.finalize_unbounded_list();
    } else {
        stream.append(&content);
    }
    Ok(stream.out().to_vec())
}

/// The content of a canonical string.
pub(crate) fn string(item: &[u8]) -> Result<Vec<u8>, Refusal> {
    let reader = Rlp::new(item);
    if !reader.is_data() || written(item)? != item {
        return Err(Refusal::Rlp);
    }
    reader.data().map(<[u8]>::to_vec).map_err(|_| Refusal::Rlp)
}

/// The content of a canonical string that is an integer of at most `size` bytes.
fn integer(item: &[u8], size: usize) -> Result<Vec<u8>, Refusal> {
    let bytes = string(item).map_err(|_| Refusal::Value)?;
    if bytes.len() > size || bytes.first() == Some(&0) {
        return Err(Refusal::Value);
    }
    Ok(bytes)
}

/// The word that a storage leaf holds, without leading zeros.
pub(crate) fn word(value: &[u8]) -> Result<Vec<u8>, Refusal> {
    let word = integer(value, 32)?;
    if word.is_empty() { Err(Refusal::Value) } else { Ok(word) }
}

/// The fields of an account: two integers, without leading zeros, and two hashes.
pub(crate) fn account(value: &[u8]) -> Result<[Vec<u8>; 4], Refusal> {
    let fields = items(value).map_err(|_| Refusal::Value)?;
    let [nonce, balance, storage_root, code_hash] = &fields[..] else { return Err(Refusal::Value) };
    let hash = |item| match string(item) {
        Ok(hash) if hash.len() == 32 => Ok(hash),
        _ => Err(Refusal::Value),
    };
    Ok([integer(nonce, 8)?, integer(balance, 32)?, hash(storage_root)?, hash(code_hash)?])
}

/// The nibbles of a path in hex-prefix encoding, and whether it is a leaf's.
pub(crate) fn nibbles(path: &[u8]) -> Result<(Vec<u8>, bool), Refusal> {
    let mut nibbles: Vec<u8> = path.iter().flat_map(|byte| [byte >> 4, byte & 15]).collect();
    match nibbles[..] {
        [0 | 2, 0, ..] => Ok((nibbles.split_off(2), path[0] == 0x20)),
        [1 | 3, ..] => Ok((nibbles.split_off(1), path[0] >> 4 == 3)),
        _ => Err(Refusal::PathFlags),
    }
}
