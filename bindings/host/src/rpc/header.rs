//! The header of a block, from a node's JSON.

use healthrecord_core::{B256, keccak256};
use serde_json::Value;

use super::RpcError;
use super::answer::value_of;
use crate::form::{self, FormError, Object};

/// A block's header, put together from a node's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockHeader {
    /// The header's RLP.
    pub rlp: Vec<u8>,
    /// Keccak-256 of `rlp`: the block's hash where [`HashRule::Plain`](healthrecord_core::health::anchor::HashRule::Plain) holds.
    pub hash: B256,
}

impl BlockHeader {
    /// Reads the JSON of `eth_getBlockByNumber` or `eth_getBlockByHash`, or the hex of
    /// `debug_getRawHeader`.
    ///
    /// # Errors
    ///
    /// [`RpcError`] names the field, or both hashes where the fields do not make the `hash` that the
    /// node gives: a field of a later fork is unknown here, or the chain hashes by another rule.
    pub fn from_json(json: &str) -> Result<Self, RpcError> {
        Self::from_value(&value_of(json)?)
    }

    /// Reads the result of those methods.
    ///
    /// # Errors
    ///
    /// As [`Self::from_json`].
    pub fn from_value(answer: &Value) -> Result<Self, RpcError> {
        if let Value::String(text) = answer {
            let rlp = form::bytes("result", text)?;
            return Ok(Self { hash: keccak256(&rlp), rlp });
        }
        let block = Object::outermost(answer)?;
        let mut stream = rlp::RlpStream::new();
        stream.begin_unbounded_list();
        for (name, kind) in HEADER_FIELDS {
            if block.find(name).is_none() {
                // From London on the fields end where the block's fork ends.
                if HEADER_FIELDS.iter().position(|(field, _)| *field == name) < Some(LEGACY_FIELDS) {
                    return Err(FormError::Missing { field: block.path(name) }.into());
                }
                continue;
            }
            match kind {
                Kind::Number => stream.append(&block.quantity(name)?.minimal_be_bytes()),
                Kind::Bytes => stream.append(&block.bytes(name)?),
            };
        }
        stream.finalize_unbounded_list();
        let rlp = stream.out().to_vec();
        let found = keccak256(&rlp);
        let claimed = B256(block.fixed("hash")?);
        if found != claimed {
            return Err(RpcError::BlockHash { claimed, found });
        }
        Ok(Self { rlp, hash: found })
    }
}

/// Header fields that every block has.
const LEGACY_FIELDS: usize = 15;

/// How a header field stands in RLP.
#[derive(Clone, Copy)]
enum Kind {
    Number,
    Bytes,
}

/// A header's fields in the order of their RLP, up to Amsterdam.
const HEADER_FIELDS: [(&str, Kind); 23] = [
    ("parentHash", Kind::Bytes),
    ("sha3Uncles", Kind::Bytes),
    ("miner", Kind::Bytes),
    ("stateRoot", Kind::Bytes),
    ("transactionsRoot", Kind::Bytes),
    ("receiptsRoot", Kind::Bytes),
    ("logsBloom", Kind::Bytes),
    ("difficulty", Kind::Number),
    ("number", Kind::Number),
    ("gasLimit", Kind::Number),
    ("gasUsed", Kind::Number),
    ("timestamp", Kind::Number),
    ("extraData", Kind::Bytes),
    ("mixHash", Kind::Bytes),
    ("nonce", Kind::Bytes),
    ("baseFeePerGas", Kind::Number),
    ("withdrawalsRoot", Kind::Bytes),
    ("blobGasUsed", Kind::Number),
    ("excessBlobGas", Kind::Number),
    ("parentBeaconBlockRoot", Kind::Bytes),
    ("requestsHash", Kind::Bytes),
    ("blockAccessListHash", Kind::Bytes),
    ("slotNumber", Kind::Number),
];
