//! From an event proof to what the contract logged: so that an auditor can prove that something was
//! done on chain, and when.

use core::fmt;

use super::verify::Deployment;
use crate::chain::receipt::{self, ReceiptError};
use crate::grammar::rlp::{self, Reader, RlpError};
use crate::health::anchor::{Anchor, AnchorError};
use crate::health::contract::{Event, EventError};
use crate::matter::bytes::{Address, B256};

/// The version of the format that is read and written.
pub const EVENT_PROOF_VERSION: u64 = 1;

/// A proof of one event, taken apart and not believed.
///
/// RLP `[1, chainId, contract, header, ancestry, transaction, log, nodes]`: the header's RLP as a string;
/// `ancestry` an empty list; the transaction's index in the block; the log's position in the
/// transaction's receipt; `nodes` a list of the receipt trie's nodes on the way to that receipt, from the
/// root down.
#[derive(Clone, Copy, Debug)]
pub struct EventProof<'a> {
    chain_id: u64,
    contract: Address,
    header: &'a [u8],
    transaction: u64,
    log: u64,
    nodes: Reader<'a>,
}

/// An event that the contract emitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProvedEvent {
    /// The event.
    pub event: Event,
    /// Hash of the block.
    pub block_hash: B256,
    /// Number of the block.
    pub block_number: u64,
    /// Time of the block, in Unix seconds: when it happened.
    pub block_time: u64,
    /// The transaction's index in the block.
    pub transaction: u64,
    /// The log's position in the transaction's receipt.
    pub log: u64,
}

impl<'a> EventProof<'a> {
    /// Reads an event proof; its header and nodes are read as they are verified.
    ///
    /// # Errors
    ///
    /// [`EventProofError::Rlp`], [`EventProofError::Version`], [`EventProofError::Ancestry`].
    pub fn decode(bytes: &'a [u8]) -> Result<Self, EventProofError> {
        let field = |field| move |error| EventProofError::Rlp { field, error };
        let mut fields = rlp::list(bytes).map_err(field("event proof"))?;
        let mut next = |name| fields.item().map_err(field(name));
        let version = next("version")?.uint64().map_err(field("version"))?;
        if version != EVENT_PROOF_VERSION {
            return Err(EventProofError::Version { found: version });
        }
        let chain_id = next("chainId")?.uint64().map_err(field("chainId"))?;
        let contract = Address(next("contract")?.array().map_err(field("contract"))?);
        let header = next("header")?.string().map_err(field("header"))?;
        let ancestry = next("ancestry")?.list().map_err(field("ancestry"))?;
        let transaction = next("transaction")?.uint64().map_err(field("transaction"))?;
        let log = next("log")?.uint64().map_err(field("log"))?;
        let nodes = next("nodes")?.list().map_err(field("nodes"))?;
        fields.finish().map_err(field("event proof"))?;
        if !ancestry.is_empty() {
            return Err(EventProofError::Ancestry);
        }
        let mut check = nodes;
        while !check.is_empty() {
            check.item().and_then(|node| node.string().map(|_| ())).map_err(field("nodes"))?;
        }
        Ok(Self { chain_id, contract, header, transaction, log, nodes })
    }

    fn nodes(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let mut nodes = self.nodes;
        // Every node was read once when the proof was.
        core::iter::from_fn(move || nodes.item().ok().map(|node| node.payload))
    }
}

/// Verifies that the pinned contract emitted an event in a trusted block.
///
/// What was logged stays logged: no clock is asked. A log names its contract by the address alone, so the
/// deployment's code hashes are not looked at; the contract's code cannot change. Needs no memory; hashes
/// each node once.
///
/// # Errors
///
/// [`EventProofError`]: nothing was proved.
pub fn verify_event(
    proof: &[u8],
    anchor: &impl Anchor,
    deployment: &Deployment<'_>,
) -> Result<ProvedEvent, EventProofError> {
    let proof = EventProof::decode(proof)?;
    if proof.chain_id != deployment.chain_id {
        let (expected, found) = (deployment.chain_id, proof.chain_id);
        return Err(EventProofError::Chain { expected, found });
    }
    if proof.contract != deployment.contract {
        let (expected, found) = (deployment.contract, proof.contract);
        return Err(EventProofError::Contract { expected, found });
    }
    let trusted = anchor.trust(proof.header).map_err(EventProofError::Anchor)?;
    let header = trusted.header();
    let receipt = receipt::prove(header.receipts_root(), proof.transaction, proof.nodes())
        .map_err(EventProofError::Receipt)?;
    let position = usize::try_from(proof.log).unwrap_or(usize::MAX);
    let log = receipt.logs().nth(position).ok_or(EventProofError::NoLog { log: proof.log })?;
    if log.address != deployment.contract {
        return Err(EventProofError::OtherContract { found: log.address });
    }
    let event = Event::decode(log.topics(), log.data).map_err(EventProofError::Event)?;
    Ok(ProvedEvent {
        event,
        block_hash: trusted.hash(),
        block_number: header.number(),
        block_time: header.timestamp(),
        transaction: proof.transaction,
        log: proof.log,
    })
}

/// Why no event was proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventProofError {
    /// A field is not the canonical RLP that it should be.
    Rlp {
        /// The field.
        field: &'static str,
        /// The broken rule, with the offset into the proof.
        error: RlpError,
    },
    /// A version that is not known here.
    Version {
        /// The version found.
        found: u64,
    },
    /// Older headers, which are not read here.
    Ancestry,
    /// The proof is from another chain.
    Chain {
        /// The pinned chain.
        expected: u64,
        /// The proof's.
        found: u64,
    },
    /// The proof is about another contract.
    Contract {
        /// The pinned contract.
        expected: Address,
        /// The proof's.
        found: Address,
    },
    /// The header is not trusted.
    Anchor(AnchorError),
    /// The receipt is not proved.
    Receipt(ReceiptError),
    /// The receipt has no log at that position.
    NoLog {
        /// The position.
        log: u64,
    },
    /// The log is another contract's.
    OtherContract {
        /// The contract that emitted it.
        found: Address,
    },
    /// The log is none of the contract's events.
    Event(EventError),
}

impl fmt::Display for EventProofError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rlp { field, error } => write!(f, "the event proof's {field}: {error}"),
            Self::Version { found } => {
                write!(f, "an event proof of version {found}: expected {EVENT_PROOF_VERSION}")
            }
            Self::Ancestry => f.write_str("the event proof has older headers, which are not supported"),
            Self::Chain { expected, found } => {
                write!(f, "the event proof is from chain {found}: expected {expected}")
            }
            Self::Contract { expected, found } => {
                write!(f, "the event proof is about the contract {found}: expected {expected}")
            }
            Self::Anchor(error) => error.fmt(f),
            Self::Receipt(error) => error.fmt(f),
            Self::NoLog { log } => write!(f, "the receipt has no log {log}"),
            Self::OtherContract { found } => write!(f, "the log was emitted by {found}"),
            Self::Event(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for EventProofError {}
