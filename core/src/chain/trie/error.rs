//! Why nodes prove nothing.

use core::fmt;

use super::MAX_NODE_LEN;
use crate::grammar::rlp::RlpError;
use crate::matter::bytes::B256;

/// Why a set of nodes proves nothing.
///
/// `node` is the node's position among the supplied nodes, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrieError {
    /// More nodes than the lent index has entries.
    TooManyNodes {
        /// Entries of the lent index.
        capacity: usize,
    },
    /// A node of more than [`MAX_NODE_LEN`] bytes.
    NodeTooLarge {
        /// Its position.
        node: u32,
        /// Its size in bytes.
        size: usize,
    },
    /// A node that was supplied twice.
    DuplicateNode {
        /// Position of the second.
        node: u32,
        /// Position of the first.
        first: u32,
    },
    /// A node that no key needed.
    UnusedNode {
        /// Its position.
        node: u32,
    },
    /// A node that the way leads to was not supplied.
    MissingNode {
        /// The hash of the missing node.
        hash: B256,
        /// The node that refers to it; `None` where it is the root.
        parent: Option<u32>,
    },
    /// A node is not canonical RLP.
    Rlp {
        /// Its position.
        node: u32,
        /// The broken rule, with the offset into the node.
        error: RlpError,
    },
    /// A node breaks a rule of the trie.
    MalformedNode {
        /// Its position.
        node: u32,
        /// The broken rule.
        rule: NodeRule,
    },
    /// A node below 32 bytes reached by hash, or one of 32 and more that stands inside its parent.
    WrongReference {
        /// Its position, or that of its parent.
        node: u32,
    },
    /// The value is no account.
    Account {
        /// Position of the node that holds it.
        node: u32,
        /// What is wrong with it.
        error: RlpError,
    },
    /// The value is no storage word: an integer below 2^256 in its shortest form.
    Value {
        /// Position of the node that holds it.
        node: u32,
        /// What is wrong with it.
        error: RlpError,
    },
    /// A storage leaf of value zero, which Ethereum never keeps.
    ZeroValue {
        /// Position of the node that holds it.
        node: u32,
    },
}

/// The rule of the trie that a node breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeRule {
    /// A node has 2 items (leaf, extension) or 17 (branch).
    ItemCount,
    /// The flags of a path are 0 to 3, and the padding of an even path is 0.
    PathFlags,
    /// An extension has at least one nibble.
    EmptyPath,
    /// What follows an extension is a branch.
    ExtensionChild,
    /// A way has at most 64 nibbles, the last of them in a leaf or branch.
    TooDeep,
    /// The nibbles on the way to a leaf, with its own, are 64.
    LeafPath,
    /// A leaf has a value.
    EmptyValue,
    /// A branch has no value of its own, since all keys have the same length.
    BranchValue,
    /// A branch has at least two children: with one it would be an extension or a leaf.
    BranchChildren,
    /// A reference is a hash of 32 bytes or a node.
    Reference,
}

impl TrieError {
    /// The position of the node at fault, or of the one that leads to a missing node.
    #[must_use]
    pub const fn node(&self) -> Option<u32> {
        match *self {
            Self::TooManyNodes { .. } => None,
            Self::MissingNode { parent, .. } => parent,
            Self::NodeTooLarge { node, .. }
            | Self::DuplicateNode { node, .. }
            | Self::UnusedNode { node }
            | Self::Rlp { node, .. }
            | Self::MalformedNode { node, .. }
            | Self::WrongReference { node }
            | Self::Account { node, .. }
            | Self::Value { node, .. }
            | Self::ZeroValue { node } => Some(node),
        }
    }
}

impl fmt::Display for NodeRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ItemCount => "has neither 2 items nor 17",
            Self::PathFlags => "has a path with undefined flags",
            Self::EmptyPath => "is an extension without a path",
            Self::ExtensionChild => "follows an extension and is no branch",
            Self::TooDeep => "lies deeper than 64 nibbles",
            Self::LeafPath => "is a leaf whose path does not end at 64 nibbles",
            Self::EmptyValue => "is a leaf without a value",
            Self::BranchValue => "is a branch with a value of its own",
            Self::BranchChildren => "is a branch with fewer than two children",
            Self::Reference => "refers to a child by neither a hash nor a node",
        })
    }
}

impl fmt::Display for TrieError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooManyNodes { capacity } => {
                write!(f, "more proof nodes than the {capacity} that there is memory for")
            }
            Self::NodeTooLarge { node, size } => {
                write!(f, "proof node {node} has {size} bytes: at most {MAX_NODE_LEN} are accepted")
            }
            Self::DuplicateNode { node, first } => {
                write!(f, "proof node {node} repeats node {first}")
            }
            Self::UnusedNode { node } => write!(f, "proof node {node} is needed by no key"),
            Self::MissingNode { hash, parent: Some(parent) } => {
                write!(f, "the proof lacks the node {hash}, to which node {parent} leads")
            }
            Self::MissingNode { hash, parent: None } => {
                write!(f, "the proof lacks the root node {hash}")
            }
            Self::Rlp { node, error } => write!(f, "proof node {node}: {error}"),
            Self::MalformedNode { node, rule } => write!(f, "proof node {node} {rule}"),
            Self::WrongReference { node } => {
                write!(f, "proof node {node}: a node below 32 bytes stands in its parent, others go by hash")
            }
            Self::Account { node, error } => write!(f, "proof node {node} holds no account: {error}"),
            Self::Value { node, error } => write!(f, "proof node {node} holds no storage word: {error}"),
            Self::ZeroValue { node } => {
                write!(f, "proof node {node} is a storage leaf of value zero, which Ethereum never keeps")
            }
        }
    }
}

impl core::error::Error for TrieError {}
