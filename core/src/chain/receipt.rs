//! Receipts of transactions, and their proof under a header's receipts root.
//!
//! Source: Ethereum Yellow Paper, sections 4.3.1 (receipts, bloom) and 4.3.2 (`receiptsRoot`); EIP-2718
//! (typed receipts); EIP-658 (status). The trie's keys are the RLP of the transaction's index in its
//! block, which is never a prefix of another's, and its values take more than 32 bytes: every node is
//! referred to by hash, and no branch has a value.

use core::fmt;

use crate::grammar::rlp::{self, Item, Reader, RlpError};
use crate::matter::bytes::{Address, B256};
use crate::matter::keccak::keccak256;

/// Most topics of a log (EVM opcodes `LOG0` to `LOG4`).
pub const MAX_TOPICS: usize = 4;

/// The greatest type of a transaction whose receipt is read (EIP-7702).
pub const MAX_TYPE: u8 = 4;

/// Bytes of a logs bloom.
const BLOOM_LEN: usize = 256;

/// What a transaction did: RLP `[status, cumulativeGasUsed, logsBloom, logs]`, for types other than 0
/// after the byte of the type.
#[derive(Clone, Copy, Debug)]
pub struct Receipt<'a> {
    transaction_type: u8,
    outcome: Outcome,
    cumulative_gas_used: u64,
    logs_bloom: &'a [u8],
    logs: Reader<'a>,
}

/// How a transaction ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Whether it succeeded; what failed left no logs.
    Status(bool),
    /// The state root after it, which stood there before Byzantium and says nothing of success.
    StateRoot(B256),
}

/// What a contract emitted: RLP `[address, [topic, …], data]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Log<'a> {
    /// The contract.
    pub address: Address,
    topics: [B256; MAX_TOPICS],
    topic_count: usize,
    /// What is not indexed.
    pub data: &'a [u8],
}

impl Log<'_> {
    /// The indexed words, the event's own first.
    #[must_use]
    pub fn topics(&self) -> &[B256] {
        self.topics.get(..self.topic_count).unwrap_or_default()
    }
}

impl<'a> Receipt<'a> {
    /// Reads a receipt as the receipts trie holds it (EIP-2718).
    ///
    /// # Errors
    ///
    /// [`ReceiptError::UnknownType`], [`ReceiptError::Rlp`] with the offset into the receipt,
    /// [`ReceiptError::TooManyTopics`].
    pub fn decode(bytes: &'a [u8]) -> Result<Self, ReceiptError> {
        let transaction_type = match bytes.first() {
            Some(found) if *found < 0x80 => {
                if !(1..=MAX_TYPE).contains(found) {
                    return Err(ReceiptError::UnknownType { found: *found });
                }
                *found
            }
            _ => 0,
        };
        // The type is not written where it is 0.
        let list = Reader::behind(bytes, usize::from(transaction_type != 0)).last();
        let mut fields = list.and_then(|list| list.list()).map_err(ReceiptError::Rlp)?;
        let mut next = || fields.item().map_err(ReceiptError::Rlp);
        let outcome = Outcome::read(&next()?).map_err(ReceiptError::Rlp)?;
        let cumulative_gas_used = next()?.uint64().map_err(ReceiptError::Rlp)?;
        let bloom = next()?;
        let logs_bloom = bloom.string().map_err(ReceiptError::Rlp)?;
        if logs_bloom.len() != BLOOM_LEN {
            return Err(ReceiptError::Rlp(bloom.breaks(rlp::RlpRule::WrongLength)));
        }
        let logs = next()?.list().map_err(ReceiptError::Rlp)?;
        fields.finish().map_err(ReceiptError::Rlp)?;
        let mut check = logs;
        while !check.is_empty() {
            let log = check.item().and_then(|item| read_log(&item)).map_err(ReceiptError::Rlp)?;
            if log.is_none() {
                return Err(ReceiptError::TooManyTopics);
            }
        }
        Ok(Self { transaction_type, outcome, cumulative_gas_used, logs_bloom, logs })
    }

    /// EIP-2718 type of the transaction.
    #[must_use]
    pub const fn transaction_type(&self) -> u8 {
        self.transaction_type
    }

    /// How the transaction ended.
    #[must_use]
    pub const fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// Gas used by this and all transactions before it in the block.
    #[must_use]
    pub const fn cumulative_gas_used(&self) -> u64 {
        self.cumulative_gas_used
    }

    /// The filter of the logs' addresses and topics, as the receipt has it.
    #[must_use]
    pub const fn logs_bloom(&self) -> &'a [u8] {
        self.logs_bloom
    }

    /// The logs, in their order.
    pub fn logs(&self) -> impl Iterator<Item = Log<'a>> + use<'a> {
        let mut logs = self.logs;
        // Every log was read once when the receipt was.
        core::iter::from_fn(move || logs.item().and_then(|item| read_log(&item)).ok().flatten())
    }
}

impl Outcome {
    fn read(item: &Item<'_>) -> Result<Self, RlpError> {
        if let Ok(root) = item.array() {
            return Ok(Self::StateRoot(B256(root)));
        }
        match item.uint64()? {
            0 => Ok(Self::Status(false)),
            1 => Ok(Self::Status(true)),
            _ => Err(item.breaks(rlp::RlpRule::IntegerTooLarge)),
        }
    }
}

/// Reads a log; `None` where it has more topics than there can be.
fn read_log<'a>(item: &Item<'a>) -> Result<Option<Log<'a>>, RlpError> {
    let mut fields = item.list()?;
    let address = Address(fields.item()?.array()?);
    let mut words = fields.item()?.list()?;
    let (mut topics, mut topic_count) = ([B256::ZERO; MAX_TOPICS], 0);
    while !words.is_empty() {
        let word = B256(words.item()?.array()?);
        let Some(topic) = topics.get_mut(topic_count) else { return Ok(None) };
        *topic = word;
        topic_count += 1;
    }
    let data = fields.item()?.string()?;
    fields.finish()?;
    Ok(Some(Log { address, topics, topic_count, data }))
}

/// A logs bloom in the making: three of 2,048 bits for each address and each topic (section 4.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bloom(pub [u8; BLOOM_LEN]);

impl Bloom {
    /// The bloom of no logs.
    pub const EMPTY: Self = Self([0; BLOOM_LEN]);

    /// Adds a log's address and topics.
    pub fn add(&mut self, address: &Address, topics: &[B256]) {
        self.add_bytes(&address.0);
        for topic in topics {
            self.add_bytes(&topic.0);
        }
    }

    fn add_bytes(&mut self, bytes: &[u8]) {
        let hash = keccak256(bytes);
        for pair in hash.0.as_chunks::<2>().0.iter().take(3) {
            let bit = usize::from(u16::from_be_bytes(*pair) & 0x7ff);
            if let Some(byte) = self.0.get_mut(BLOOM_LEN - 1 - bit / 8) {
                *byte |= 1 << (bit % 8);
            }
        }
    }
}

/// Proves the receipt of the transaction at `index` of a block, and reads it.
///
/// `nodes` are those on the way from `receipts_root` to the receipt, in that order, none else. Each is
/// hashed once; no memory is needed.
///
/// # Errors
///
/// [`ReceiptError`] names the node at fault, or what the receipt is not.
pub fn prove<'a>(
    receipts_root: B256,
    index: u64,
    nodes: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Receipt<'a>, ReceiptError> {
    let mut nodes = nodes.into_iter();
    let (receipt, node) = prove_first(receipts_root, index, &mut nodes)?;
    if nodes.next().is_some() {
        return Err(ReceiptError::UnusedNode { node });
    }
    Ok(receipt)
}

/// As [`prove`], and leaves what follows in `nodes`; gives the number of nodes taken, too.
///
/// # Errors
///
/// As [`prove`], but [`ReceiptError::UnusedNode`].
pub fn prove_first<'a>(
    receipts_root: B256,
    index: u64,
    nodes: &mut impl Iterator<Item = &'a [u8]>,
) -> Result<(Receipt<'a>, u32), ReceiptError> {
    let (key, key_len) = key_of(index);
    let key = key.get(..key_len).unwrap_or_default();
    let absent = Err(ReceiptError::Absent { index });
    let mut expected = receipts_root;
    let (mut depth, mut node) = (0, 0_u32);
    for bytes in nodes {
        if keccak256(bytes) != expected {
            return Err(ReceiptError::WrongNode { node, expected });
        }
        let wrong = |error| ReceiptError::Node { node, error };
        let broken = ReceiptError::MalformedNode { node };
        let mut items = rlp::list(bytes).map_err(wrong)?;
        let (mut count, mut rest) = (0, items);
        while !rest.is_empty() {
            rest.item().map_err(wrong)?;
            count += 1;
        }
        let child = match count {
            17 => {
                let Some(nibble) = nibble(key, depth) else { return Err(broken) };
                depth += 1;
                for _ in 0..nibble {
                    items.item().map_err(wrong)?;
                }
                let child = items.item().map_err(wrong)?;
                if child.string().map_err(wrong)?.is_empty() {
                    return absent;
                }
                child
            }
            2 => {
                let path = items.item().and_then(|path| path.string()).map_err(wrong)?;
                let (flags, nibbles) = path_of(path).ok_or(broken)?;
                for expected in nibbles {
                    if nibble(key, depth) != Some(expected) {
                        return absent;
                    }
                    depth += 1;
                }
                let second = items.item().map_err(wrong)?;
                if flags & LEAF != 0 {
                    if depth != key.len() * 2 {
                        return absent;
                    }
                    let receipt = Receipt::decode(second.string().map_err(wrong)?)?;
                    return Ok((receipt, node.saturating_add(1)));
                }
                second
            }
            _ => return Err(broken),
        };
        expected = B256(child.array().map_err(wrong)?);
        node = node.saturating_add(1);
    }
    Err(ReceiptError::MissingNode { hash: expected })
}

/// The RLP of a transaction's index, and its length.
///
/// Copied byte by byte: the compiler does not always see that a copy of slices cannot panic.
fn key_of(index: u64) -> ([u8; 9], usize) {
    let bytes = index.to_be_bytes();
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let (mut key, mut len) = ([0; 9], 0);
    let significant = bytes.iter().skip(zeros);
    // A byte below 0x80 stands for itself; 0 is the empty string.
    let prefix = match index {
        1..0x80 => None,
        _ => Some(0x88_u8.saturating_sub(u8::try_from(zeros).unwrap_or_default())),
    };
    for (place, byte) in key.iter_mut().zip(prefix.iter().chain(significant)) {
        *place = *byte;
        len += 1;
    }
    (key, len)
}

/// The bit of a path's flags that makes its node a leaf (Yellow Paper, appendix C).
const LEAF: u8 = 2;

/// The flags of a hex-prefix encoded path, and its nibbles.
fn path_of(encoded: &[u8]) -> Option<(u8, impl Iterator<Item = u8>)> {
    let (first, pairs) = encoded.split_first()?;
    let (flags, low) = (first >> 4, first & 15);
    let odd = (flags & 1 == 1).then_some(low);
    if flags > 3 || (odd.is_none() && low != 0) {
        return None;
    }
    Some((flags, odd.into_iter().chain(pairs.iter().flat_map(|pair| [pair >> 4, pair & 15]))))
}

/// The nibble of a key at `position`, from 0 at the front.
fn nibble(key: &[u8], position: usize) -> Option<u8> {
    let pair = key.get(position / 2)?;
    Some(if position.is_multiple_of(2) { pair >> 4 } else { pair & 15 })
}

/// Why a receipt is not proved, or not read.
///
/// `node` is the node's position among the supplied nodes, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReceiptError {
    /// A node is not the one to which the way leads.
    WrongNode {
        /// Its position.
        node: u32,
        /// The hash of the node that should stand there.
        expected: B256,
    },
    /// The nodes end before the receipt.
    MissingNode {
        /// The hash of the node that should follow.
        hash: B256,
    },
    /// A node follows the one that holds the receipt.
    UnusedNode {
        /// Its position.
        node: u32,
    },
    /// A node is not canonical RLP, or refers to a child by something else than a hash.
    Node {
        /// Its position.
        node: u32,
        /// The broken rule, with the offset into the node.
        error: RlpError,
    },
    /// A node is neither branch, extension nor leaf of the trie.
    MalformedNode {
        /// Its position.
        node: u32,
    },
    /// The block has no transaction of that index: its absence is proved.
    Absent {
        /// The index.
        index: u64,
    },
    /// The receipt is of a transaction type that is not known here.
    UnknownType {
        /// The type.
        found: u8,
    },
    /// The receipt is not the canonical RLP of one.
    Rlp(RlpError),
    /// A log has more than [`MAX_TOPICS`] topics.
    TooManyTopics,
}

impl fmt::Display for ReceiptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongNode { node, expected } => {
                write!(f, "receipt proof node {node} is not the node {expected}, to which the way leads")
            }
            Self::MissingNode { hash } => write!(f, "the receipt proof lacks the node {hash}"),
            Self::UnusedNode { node } => write!(f, "receipt proof node {node} follows the receipt"),
            Self::Node { node, error } => write!(f, "receipt proof node {node}: {error}"),
            Self::MalformedNode { node } => {
                write!(f, "receipt proof node {node} is neither branch, extension nor leaf")
            }
            Self::Absent { index } => write!(f, "the block has no transaction {index}"),
            Self::UnknownType { found } => write!(f, "a receipt of the unknown type {found}"),
            Self::Rlp(error) => write!(f, "the receipt: {error}"),
            Self::TooManyTopics => write!(f, "a log of the receipt has more than {MAX_TOPICS} topics"),
        }
    }
}

impl core::error::Error for ReceiptError {}
