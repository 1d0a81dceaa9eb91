//! The receipts of a block, from a node's JSON, and the trie that they make.
//!
//! To prove one receipt its whole trie is made again: nodes have no method that proves a receipt.

use healthrecord_core::B256;
use healthrecord_core::chain::account::EMPTY_ROOT;
use healthrecord_core::chain::receipt::{Bloom, MAX_TOPICS, MAX_TYPE};
use healthrecord_core::{Address, keccak256};
use rlp::RlpStream;
use serde_json::Value;

use super::{RpcError, result_of};
use crate::form::{self, FormError, Object};

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
        Self::from_value(&result_of(json)?)
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
        if self.encoded.is_empty() { EMPTY_ROOT } else { keccak256(&self.node(None, &mut vec![])) }
    }

    /// The nodes of the receipts trie on the way to the receipt of a transaction, from the root down;
    /// to the place where it would be, where there is none.
    #[must_use]
    pub fn proof(&self, index: u64) -> Vec<Vec<u8>> {
        let mut nodes = vec![];
        if !self.encoded.is_empty() {
            self.node(Some(&key(index)), &mut nodes);
            nodes.reverse();
        }
        nodes
    }

    /// The root node; those on the way to `wanted` are left in `nodes`, from the last up.
    fn node(&self, wanted: Option<&[u8]>, nodes: &mut Vec<Vec<u8>>) -> Vec<u8> {
        let mut entries: Vec<Entry<'_>> =
            (0..).zip(&self.encoded).map(|(at, value)| (key(at), &**value)).collect();
        entries.sort_unstable();
        node(&entries, 0, wanted, nodes)
    }
}

/// A key's nibbles and its value.
type Entry<'a> = (Vec<u8>, &'a [u8]);

/// The RLP of the node over sorted entries that share their first `depth` nibbles.
///
/// Keys are never prefixes of each other and values take 32 bytes and more, so that no branch has a
/// value and every child goes by its hash.
fn node(entries: &[Entry<'_>], depth: usize, wanted: Option<&[u8]>, nodes: &mut Vec<Vec<u8>>) -> Vec<u8> {
    let child = |entries: &[Entry<'_>], depth: usize, nodes: &mut Vec<Vec<u8>>| {
        let path = entries.first().and_then(|(path, _)| path.get(..depth));
        let wanted = wanted.filter(|key| path.is_some_and(|path| key.starts_with(path)));
        keccak256(&node(entries, depth, wanted, nodes)).0.to_vec()
    };
    let (Some((first, value)), Some((last, _))) = (entries.first(), entries.last()) else { return vec![] };
    let rest = |path: &Vec<u8>| path.get(depth..).unwrap_or_default().to_vec();
    let shared = rest(first).iter().zip(rest(last)).take_while(|(one, other)| **one == *other).count();
    let mut stream;
    if entries.len() == 1 {
        stream = RlpStream::new_list(2);
        stream.append(&hex_prefix(&rest(first), true));
        stream.append(value);
    } else if shared > 0 {
        stream = RlpStream::new_list(2);
        stream.append(&hex_prefix(rest(first).get(..shared).unwrap_or_default(), false));
        stream.append(&child(entries, depth + shared, nodes));
    } else {
        stream = RlpStream::new_list(17);
        for nibble in 0..16 {
            let at = |entry: &Entry<'_>| entry.0.get(depth).copied().unwrap_or_default();
            let (begin, end) = (
                entries.partition_point(|entry| at(entry) < nibble),
                entries.partition_point(|entry| at(entry) <= nibble),
            );
            match entries.get(begin..end) {
                Some(below) if !below.is_empty() => stream.append(&child(below, depth + 1, nodes)),
                _ => stream.append_empty_data(),
            };
        }
        stream.append_empty_data();
    }
    let bytes = stream.out().to_vec();
    if wanted.is_some() {
        nodes.push(bytes.clone());
    }
    bytes
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
