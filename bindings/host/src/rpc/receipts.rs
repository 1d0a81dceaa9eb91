//! The receipts of a block, from a node's JSON, and the trie that they make.
//!
//! To prove one receipt its whole trie is made again: nodes have no method that proves a receipt.

use healthrecord_core::chain::account::EMPTY_ROOT;
use healthrecord_core::chain::receipt::{Bloom, MAX_TOPICS, MAX_TYPE};
use healthrecord_core::{Address, B256};
use rlp::RlpStream;
use serde_json::Value;

use super::RpcError;
use super::answer::value_of;
use crate::form::{self, FormError, Object};
use crate::keccak::keccak256_batch;

/// The receipts of a block as its receipts trie holds them, in the order of the transactions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockReceipts {
    encoded: Vec<Vec<u8>>,
}

impl BlockReceipts {
    /// Reads the JSON of `eth_getBlockReceipts`.
    ///
    /// # Errors
    ///
    /// As [`Self::from_value`].
    pub fn from_json(json: &str) -> Result<Self, RpcError> {
        Self::from_value(&value_of(json)?)
    }

    /// Reads the result of `eth_getBlockReceipts`, or an array of the results of
    /// `eth_getTransactionReceipt` of every transaction of a block, in their order.
    ///
    /// The logs' blooms are computed, not read: some nodes omit them. Whether these are the receipts of
    /// the block, the root tells.
    ///
    /// # Errors
    ///
    /// [`RpcError`] names the field and what was expected there.
    pub fn from_value(receipts: &Value) -> Result<Self, RpcError> {
        let expected = "an array of receipts";
        let entries =
            receipts.as_array().ok_or(FormError::Type { field: "the text".into(), expected })?.iter();
        let encoded = entries.enumerate().map(|(index, entry)| {
            encode(&Object::inside(&format!("[{index}]"), entry)?).map_err(RpcError::Form)
        });
        Ok(Self { encoded: encoded.collect::<Result<_, _>>()? })
    }

    /// The receipt of a transaction, as the trie holds it.
    #[must_use]
    pub fn get(&self, index: u64) -> Option<&[u8]> {
        self.encoded.get(usize::try_from(index).ok()?).map(Vec::as_slice)
    }

    /// The root of the receipts trie.
    #[must_use]
    pub fn root(&self) -> B256 {
        self.trie(None).0
    }

    /// The nodes of the receipts trie on the way to the receipt of a transaction, from the root down;
    /// to the place where it would be, where there is none.
    #[must_use]
    pub fn proof(&self, index: u64) -> Vec<Vec<u8>> {
        self.trie(Some(&key(index))).1
    }

    /// The root, and the nodes on the way to `wanted`.
    ///
    /// The nodes of one level do not depend on each other: they are hashed side by side, from the lowest
    /// level up.
    fn trie(&self, wanted: Option<&[u8]>) -> (B256, Vec<Vec<u8>>) {
        let mut entries: Vec<Entry<'_>> =
            (0..).zip(&self.encoded).map(|(at, value)| (key(at), &**value)).collect();
        entries.sort_unstable();
        let mut level = if entries.is_empty() { vec![] } else { vec![Span { entries: &entries, depth: 0 }] };
        let mut levels = vec![];
        while !level.is_empty() {
            let below = level.iter().flat_map(Span::below).collect();
            levels.push(core::mem::replace(&mut level, below));
        }
        let (mut hashes, mut proof) = (vec![], vec![]);
        for level in levels.iter().rev() {
            let mut below = hashes.into_iter();
            let nodes: Vec<Vec<u8>> = level.iter().map(|span| span.encode(&mut below)).collect();
            let on_way = |span: &Span<'_>| wanted.is_some_and(|key| key.starts_with(span.path()));
            let way = level.iter().zip(&nodes).find(|(span, _)| on_way(span));
            proof.extend(way.map(|(_, node)| node.clone()));
            let slices: Vec<&[u8]> = nodes.iter().map(Vec::as_slice).collect();
            hashes = vec![B256::ZERO; slices.len()];
            keccak256_batch(&slices, &mut hashes);
        }
        proof.reverse();
        (hashes.first().copied().unwrap_or(EMPTY_ROOT), proof)
    }
}

/// A key's nibbles and its value.
type Entry<'a> = (Vec<u8>, &'a [u8]);

/// Sorted entries that share their first `depth` nibbles, and the node that stands for them.
///
/// Keys are never prefixes of each other and values take 32 bytes and more, so that no branch has a
/// value and every child goes by its hash.
struct Span<'a> {
    entries: &'a [Entry<'a>],
    depth: usize,
}

impl<'a> Span<'a> {
    /// The nibbles that lead here.
    fn path(&self) -> &'a [u8] {
        self.entries.first().and_then(|(key, _)| key.get(..self.depth)).unwrap_or_default()
    }

    /// The nibbles that follow for one of the entries.
    fn rest(&self, entry: Option<&'a Entry<'a>>) -> &'a [u8] {
        entry.and_then(|(key, _)| key.get(self.depth..)).unwrap_or_default()
    }

    /// The nibbles that follow for all: an extension's.
    fn shared(&self) -> &'a [u8] {
        let (first, last) = (self.rest(self.entries.first()), self.rest(self.entries.last()));
        let len = first.iter().zip(last).take_while(|(one, other)| one == other).count();
        first.get(..len).unwrap_or_default()
    }

    /// The node's children.
    fn below(&self) -> Vec<Self> {
        if self.entries.len() < 2 {
            return vec![];
        }
        match self.shared().len() {
            0 => {
                let next = |entry: &Entry<'_>| entry.0.get(self.depth).copied();
                let children = self.entries.chunk_by(|one, other| next(one) == next(other));
                children.map(|entries| Span { entries, depth: self.depth + 1 }).collect()
            }
            shared => vec![Span { entries: self.entries, depth: self.depth + shared }],
        }
    }

    /// The node's RLP; `hashes` are those of its children.
    fn encode(&self, hashes: &mut impl Iterator<Item = B256>) -> Vec<u8> {
        let mut stream;
        let below = self.below();
        if let [(_, value)] = self.entries {
            stream = RlpStream::new_list(2);
            stream.append(&hex_prefix(self.shared(), true));
            stream.append(value);
        } else if let [_] = &below[..] {
            stream = RlpStream::new_list(2);
            stream.append(&hex_prefix(self.shared(), false));
            let hash = hashes.next().unwrap_or_default();
            stream.append(&&hash.0[..]);
        } else {
            stream = RlpStream::new_list(17);
            let mut children = below.iter().filter_map(|child| child.path().last()).peekable();
            for nibble in 0..16 {
                match children.next_if(|child| **child == nibble).and_then(|_| hashes.next()) {
                    Some(hash) => stream.append(&&hash.0[..]),
                    None => stream.append_empty_data(),
                };
            }
            stream.append_empty_data();
        }
        stream.out().to_vec()
    }
}

/// The nibbles of the key of a transaction: the RLP of its index.
fn key(index: u64) -> Vec<u8> {
    rlp::encode(&index).iter().flat_map(|byte| [byte >> 4, byte & 15]).collect()
}

/// Nibbles in the hex-prefix encoding (Yellow Paper, appendix C).
fn hex_prefix(nibbles: &[u8], is_leaf: bool) -> Vec<u8> {
    let flags = if is_leaf { 0x20 } else { 0 };
    let (first, pairs) = match nibbles.split_first() {
        Some((odd, rest)) if nibbles.len() % 2 == 1 => (flags | 0x10 | odd, rest),
        _ => (flags, nibbles),
    };
    let pairs = pairs.as_chunks::<2>().0.iter().map(|[high, low]| high << 4 | low);
    core::iter::once(first).chain(pairs).collect()
}

/// A receipt as the trie holds it (EIP-2718).
fn encode(receipt: &Object<'_>) -> Result<Vec<u8>, FormError> {
    let kind = match receipt.find("type") {
        Some(_) => receipt.quantity64("type")?,
        None => 0,
    };
    let kind = u8::try_from(kind).ok().filter(|kind| *kind <= MAX_TYPE);
    let kind = kind.ok_or_else(|| receipt.type_error("type", "a known type of transaction, 0 to 4"))?;
    let mut stream = RlpStream::new_list(4);
    if receipt.find("status").is_some() {
        stream.append(&receipt.quantity64("status")?);
    } else {
        // Before Byzantium (EIP-658) the state root stood in its place.
        stream.append(&receipt.fixed::<32>("root")?.to_vec());
    }
    stream.append(&receipt.quantity64("cumulativeGasUsed")?);
    let mut bloom = Bloom::EMPTY;
    let mut logs = RlpStream::new();
    let entries = receipt.objects("logs")?;
    logs.begin_list(entries.len());
    for log in &entries {
        let address = Address(log.fixed("address")?);
        let topics = log.strings("topics", |path, text| form::fixed(path, text).map(B256))?;
        if topics.len() > MAX_TOPICS {
            return Err(log.type_error("topics", "an array of at most 4 topics"));
        }
        bloom.add(&address, &topics);
        logs.begin_list(3);
        logs.append(&&address.0[..]);
        logs.begin_list(topics.len());
        for topic in &topics {
            logs.append(&&topic.0[..]);
        }
        logs.append(&log.bytes("data")?);
    }
    stream.append(&&bloom.0[..]);
    stream.append_raw(&logs.out(), 1);
    let typed = (kind != 0).then_some(kind);
    Ok(typed.into_iter().chain(stream.out()).collect())
}
