//! What Ethereum nodes answer over JSON-RPC: `eth_getProof`, `eth_getBlockBy…`, `eth_getBlockReceipts`.
//!
//! Quantities and keys are taken in any of the spellings that geth, Besu, Nethermind, Erigon, Reth,
//! Anvil, Ganache and EDR use: with and without leading zeros, of even and odd length. An answer may
//! be the bare result or the whole JSON-RPC envelope. Nothing that a node says is believed: see
//! [`verify_proof`].

use core::fmt;

use healthrecord_core::chain::account::Account;
use healthrecord_core::chain::header::Header;
use healthrecord_core::chain::trie::{Key, Keys, NodeRef, NodeSet, TrieError};
use healthrecord_core::health::anchor::{Anchor, AnchorError, HashRule};
use healthrecord_core::{Address, B256, U256};
use serde_json::Value;

use crate::form::{self, FormError, Object};
use crate::keccak::WideKeccak;

mod receipts;

pub use self::receipts::BlockReceipts;

/// Most storage keys in one `eth_getProof` question (geth refuses more).
pub const MAX_KEYS: usize = 1024;

/// Greatest size of an answer, in bytes.
pub const MAX_ANSWER_LEN: usize = 64 << 20;

/// An `eth_getProof` answer (EIP-1186), read but not believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EthGetProof {
    /// The account that was asked for.
    pub address: Address,
    /// What the node says of the account.
    pub account: Account,
    /// The nodes of the account's proof, from the root down.
    pub account_proof: Vec<Vec<u8>>,
    /// One entry a storage slot, in the order of the question.
    pub storage_proof: Vec<StorageProof>,
}

/// One slot of an `eth_getProof` answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StorageProof {
    /// The slot.
    pub key: B256,
    /// The word that the node says is there.
    pub value: U256,
    /// The nodes of the slot's proof, from the storage root down.
    pub proof: Vec<Vec<u8>>,
}

impl EthGetProof {
    /// Reads the JSON of an answer.
    ///
    /// # Errors
    ///
    /// [`RpcError`] names the field and what was expected there.
    pub fn from_json(json: &str) -> Result<Self, RpcError> {
        let answer = result_of(json)?;
        let answer = Object::outermost(&answer)?;
        let storage_proof = answer
            .objects("storageProof")?
            .iter()
            .map(|entry| {
                Ok(StorageProof {
                    key: entry.quantity("key")?.into(),
                    value: entry.quantity("value")?,
                    proof: entry.strings("proof", form::bytes)?,
                })
            })
            .collect::<Result<_, FormError>>()?;
        Ok(Self {
            address: Address(answer.fixed("address")?),
            account: Account {
                nonce: answer.quantity64("nonce")?,
                balance: answer.quantity("balance")?,
                storage_root: B256(answer.fixed("storageHash")?),
                code_hash: B256(answer.fixed("codeHash")?),
            },
            account_proof: answer.strings("accountProof", form::bytes)?,
            storage_proof,
        })
    }

    /// Every distinct trie node once, in walk order: the account's path, then each slot's.
    ///
    /// A lone `0x80` is how some nodes write the proof of an empty trie. It is no node and is left
    /// out: an empty trie is proved by its root.
    #[must_use]
    pub fn nodes(&self) -> Vec<&[u8]> {
        let paths = self.storage_proof.iter().map(|slot| &slot.proof);
        distinct(core::iter::once(&self.account_proof).chain(paths))
    }
}

/// The trie nodes of `eth_getProof` answers about one account, and nothing else of them: all that a proof
/// bundle is made from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProofNodes {
    pub(crate) paths: Vec<Vec<Vec<u8>>>,
}

impl ProofNodes {
    /// Reads the JSON of an answer.
    ///
    /// # Errors
    ///
    /// As [`Self::add`].
    pub fn from_json(json: &str) -> Result<Self, RpcError> {
        let mut nodes = Self::default();
        nodes.add(&result_of(json)?)?;
        Ok(nodes)
    }

    /// Adds the nodes of a result: of one question, or of several about parts of the keys.
    ///
    /// # Errors
    ///
    /// [`RpcError`] names the field and what was expected there.
    pub fn add(&mut self, result: &Value) -> Result<(), RpcError> {
        let answer = Object::outermost(result)?;
        self.paths.push(answer.strings("accountProof", form::bytes)?);
        for entry in answer.objects("storageProof")? {
            self.paths.push(entry.strings("proof", form::bytes)?);
        }
        Ok(())
    }

    /// Every distinct trie node once, in walk order, as [`EthGetProof::nodes`] gives them.
    #[must_use]
    pub fn nodes(&self) -> Vec<&[u8]> {
        distinct(&self.paths)
    }
}

/// Every distinct node of some paths, without what is none of its own: a lone `0x80` for an empty trie,
/// and the nodes below 32 bytes that some sources list though they stand in their parents. (A root goes
/// by its hash, however small.)
pub(crate) fn distinct<'a>(paths: impl IntoIterator<Item = &'a Vec<Vec<u8>>>) -> Vec<&'a [u8]> {
    let mut seen = std::collections::HashSet::new();
    let of_path = |path: &'a Vec<Vec<u8>>| {
        let listed = path.iter().map(Vec::as_slice).enumerate();
        listed.filter(|(depth, node)| *node != [0x80] && (*depth == 0 || node.len() >= 32))
    };
    let all = paths.into_iter().flat_map(of_path).map(|(_, node)| node);
    all.filter(|node| seen.insert(*node)).collect()
}

/// A block's header, put together from a node's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockHeader {
    /// The header's RLP.
    pub rlp: Vec<u8>,
    /// The block's hash.
    pub hash: B256,
}

impl BlockHeader {
    /// Reads the JSON of `eth_getBlockByNumber` or `eth_getBlockByHash`, or the hex of
    /// `debug_getRawHeader`, of a chain that hashes by `rule`.
    ///
    /// # Errors
    ///
    /// [`RpcError`] names the field, or both hashes where the fields do not make the `hash` that the
    /// node gives: a field of a later fork is unknown here, or the chain hashes by another rule.
    pub fn from_json(json: &str, rule: HashRule) -> Result<Self, RpcError> {
        Self::from_value(&result_of(json)?, rule)
    }

    /// Reads the result of those methods.
    ///
    /// # Errors
    ///
    /// As [`Self::from_json`].
    pub fn from_value(answer: &Value, rule: HashRule) -> Result<Self, RpcError> {
        if let Value::String(text) = answer {
            return Self::from_rlp(form::bytes("result", text)?, rule);
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
        let read = Self::from_rlp(stream.out().to_vec(), rule)?;
        let (claimed, found) = (B256(block.fixed("hash")?), read.hash);
        if found != claimed {
            return Err(RpcError::BlockHash { claimed, found });
        }
        Ok(read)
    }

    /// Takes the RLP of a header.
    ///
    /// # Errors
    ///
    /// [`RpcError::Header`]: the bytes are no header of a chain that hashes by `rule`.
    pub fn from_rlp(rlp: Vec<u8>, rule: HashRule) -> Result<Self, RpcError> {
        let header = Header::decode(&rlp).map_err(AnchorError::Header);
        let hash = header.and_then(|header| rule.hash(&header)).map_err(RpcError::Header)?;
        Ok(Self { rlp, hash })
    }
}

/// An account and some of its storage, proved under a trusted block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvedAccount {
    /// Number of the trusted block.
    pub block_number: u64,
    /// Time of the trusted block, in Unix seconds.
    pub block_time: u64,
    /// The address that was asked for.
    pub address: Address,
    /// The account, or `None` where its absence is proved.
    pub account: Option<Account>,
    /// The slots, in the order of the answer, with the words proved (0: never written or cleared).
    pub slots: Vec<(B256, U256)>,
}

/// Verifies an `eth_getProof` answer against a header that an anchor vouches for.
///
/// Only the answer's address, slots and trie nodes are used; what the node *says* the values are is
/// compared with what was proved once that is known.
///
/// # Errors
///
/// [`ProofError`]: nothing was proved.
pub fn verify_proof(
    answer: &EthGetProof,
    header_rlp: &[u8],
    anchor: &impl Anchor,
) -> Result<ProvedAccount, ProofError> {
    let trusted = anchor.trust(header_rlp).map_err(ProofError::Anchor)?;
    let header = trusted.header();
    let nodes = answer.nodes();
    let mut memory = vec![NodeRef::EMPTY; nodes.len()];
    let mut address = [Key::new(answer.address)];
    let mut keys: Vec<_> = answer.storage_proof.iter().map(|slot| Key::new(slot.key)).collect();
    let lent = Keys { accounts: &mut address, slots: &mut keys };
    let mut set = NodeSet::batched(nodes, lent, &mut memory, &WideKeccak).map_err(ProofError::Trie)?;
    let [address] = &address;
    let account = set.account(header.state_root(), address).map_err(ProofError::Trie)?;
    let slots = keys
        .iter()
        .map(|key| {
            let word = match account {
                Some(account) => set.storage(account.storage_root, key)?,
                None => U256::ZERO,
            };
            Ok((*key.name(), word))
        })
        .collect::<Result<Vec<_>, _>>()
        .map_err(ProofError::Trie)?;
    set.finish().map_err(ProofError::Trie)?;
    hold_claims(answer, account.as_ref(), &slots)?;
    Ok(ProvedAccount {
        block_number: header.number(),
        block_time: header.timestamp(),
        address: answer.address,
        account,
        slots,
    })
}

/// Compares what the node said with what was proved.
fn hold_claims(
    answer: &EthGetProof,
    account: Option<&Account>,
    slots: &[(B256, U256)],
) -> Result<(), ProofError> {
    let differ = |field: String, claimed: U256, proved: U256| {
        if claimed == proved { Ok(()) } else { Err(ProofError::Claim { field, claimed, proved }) }
    };
    if let Some(account) = account {
        let said = answer.account;
        differ("nonce".into(), said.nonce.into(), account.nonce.into())?;
        differ("balance".into(), said.balance, account.balance)?;
        differ("storageHash".into(), said.storage_root.into(), account.storage_root.into())?;
        differ("codeHash".into(), said.code_hash.into(), account.code_hash.into())?;
    }
    for (index, (said, (_, word))) in answer.storage_proof.iter().zip(slots).enumerate() {
        differ(format!("storageProof[{index}].value"), said.value, *word)?;
    }
    Ok(())
}

/// Why an `eth_getProof` answer proves nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProofError {
    /// The header is not the trusted block's.
    Anchor(AnchorError),
    /// The trie nodes prove nothing.
    Trie(TrieError),
    /// The node says something else than its own nodes prove.
    Claim {
        /// The field of the answer.
        field: String,
        /// What the node says.
        claimed: U256,
        /// What its nodes prove.
        proved: U256,
    },
}

impl fmt::Display for ProofError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anchor(error) => error.fmt(f),
            Self::Trie(error) => error.fmt(f),
            Self::Claim { field, claimed, proved } => {
                write!(f, "the answer's {field} says {claimed}: its proof proves {proved}")
            }
        }
    }
}

impl core::error::Error for ProofError {}

/// Why a text is not the answer of a node that was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RpcError {
    /// The text has not the form of an answer.
    Form(FormError),
    /// The node answered with an error of its own.
    Answer {
        /// The node's words.
        message: String,
    },
    /// The header's fields do not make the hash that the node gives.
    BlockHash {
        /// The hash that the node gives.
        claimed: B256,
        /// The hash that the header's fields make.
        found: B256,
    },
    /// The header is none of such a chain.
    Header(AnchorError),
}

impl fmt::Display for RpcError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form(error) => error.fmt(f),
            Self::Answer { message } => write!(f, "the node answered with an error: {message}"),
            Self::BlockHash { claimed, found } => {
                write!(f, "the block says its hash is {claimed}: its fields hash to {found}")
            }
            Self::Header(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for RpcError {}

impl From<FormError> for RpcError {
    fn from(error: FormError) -> Self {
        Self::Form(error)
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

/// The result inside an answer, with or without its envelope.
fn result_of(json: &str) -> Result<Value, RpcError> {
    let mut answer = form::parse(json, MAX_ANSWER_LEN)?;
    let Some(envelope) = answer.as_object_mut().filter(|object| object.contains_key("jsonrpc")) else {
        return Ok(answer);
    };
    if let Some(error) = envelope.get("error").filter(|error| !error.is_null()) {
        let message = error.get("message").and_then(Value::as_str);
        return Err(RpcError::Answer { message: message.map_or_else(|| error.to_string(), str::to_owned) });
    }
    match envelope.remove("result") {
        Some(Value::Null) | None => Err(FormError::Missing { field: "result".into() }.into()),
        Some(result) => Ok(result),
    }
}
