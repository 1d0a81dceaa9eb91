//! From an event proof to what the contract logged: so that an auditor can prove that something was
//! done on chain, and when.

use core::fmt;

use super::envelope::{AncestorError, BundleError, Envelope, Strings};
use super::verify::Deployment;
use crate::chain::header::Header;
use crate::chain::receipt::{self, Receipt, ReceiptError};
use crate::chain::trie::{NodeRef, NodeSet, TrieError};
use crate::health::anchor::{Anchor, AnchorError, StepError, TrustedHeader};
use crate::health::contract::{Event, EventError};
use crate::matter::bytes::{Address, B256};

/// A proof of one event, taken apart and not believed.
///
/// RLP `[1, chainId, contract, header, ancestry, transaction, log, nodes]`: header and ancestry as in a
/// [`Bundle`](super::Bundle), the last of them that of the event's block; the transaction's index in the
/// block; the log's position in the transaction's receipt; `nodes` a list of the receipt trie's nodes on the
/// way to that receipt, from the root down, then every other trie node that leads from header to header,
/// once.
#[derive(Clone, Copy, Debug)]
pub struct EventProof<'a> {
    envelope: Envelope<'a>,
    transaction: u64,
    log: u64,
    nodes: Strings<'a>,
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
    /// Reads an event proof; its headers and nodes are read as they are verified.
    ///
    /// # Errors
    ///
    /// [`BundleError`] names the field at fault.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, BundleError> {
        let (envelope, mut fields) = Envelope::open(bytes)?;
        let transaction = fields.uint("transaction")?;
        let log = fields.uint("log")?;
        let nodes = fields.strings("nodes")?;
        fields.finish()?;
        Ok(Self { envelope, transaction, log, nodes })
    }

    /// The RLP of the header that an anchor is asked about.
    #[must_use]
    pub const fn header(&self) -> &'a [u8] {
        self.envelope.header
    }

    /// The RLP of the older headers; the last is of the event's block.
    pub fn ancestry(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        self.envelope.ancestry
    }

    /// The trie nodes.
    pub fn nodes(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        self.nodes
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
/// [`EventProofError`]: nothing was proved; [`EventProofError::Past`] where the event's block is an older
/// one.
pub fn verify_event(
    proof: &[u8],
    anchor: &impl Anchor,
    deployment: &Deployment<'_>,
) -> Result<ProvedEvent, EventProofError> {
    let (proof, trusted) = open(proof, anchor, deployment)?;
    if !proof.envelope.ancestry.is_empty() {
        return Err(EventProofError::Past);
    }
    prove_in(&trusted, &proof, deployment)
}

/// As [`verify_event`], of a trusted block or an older one.
///
/// `memory` needs one entry for each node that leads from header to header.
///
/// # Errors
///
/// [`EventProofError`]: nothing was proved.
pub fn verify_past_event<'a>(
    proof: &'a [u8],
    anchor: &impl Anchor,
    deployment: &Deployment<'_>,
    memory: &mut [NodeRef<'a>],
) -> Result<ProvedEvent, EventProofError> {
    let (mut proof, trusted) = open(proof, anchor, deployment)?;
    let Some((index, oldest)) = proof.envelope.ancestry.enumerate().last() else {
        return prove_in(&trusted, &proof, deployment);
    };
    let wrong = |error| AncestorError { index, error: StepError::Header(AnchorError::Header(error)) };
    // Not trusted yet: that it is an ancestor's is proved by the nodes behind those of the receipt.
    let oldest = Header::decode(oldest).map_err(wrong).map_err(EventProofError::Ancestor)?;
    let (receipt, _) = receipt::prove_first(oldest.receipts_root(), proof.transaction, &mut proof.nodes)
        .map_err(EventProofError::Receipt)?;
    let mut nodes = NodeSet::new(proof.nodes, memory).map_err(EventProofError::Trie)?;
    let block = proof.envelope.ancestry.oldest(trusted, &mut nodes).map_err(EventProofError::Ancestor)?;
    nodes.finish().map_err(EventProofError::Trie)?;
    event_of(&proof, &receipt, deployment, &block)
}

/// Reads a proof about the pinned contract, and its trusted header.
fn open<'a>(
    proof: &'a [u8],
    anchor: &impl Anchor,
    deployment: &Deployment<'_>,
) -> Result<(EventProof<'a>, TrustedHeader<'a>), EventProofError> {
    let proof = EventProof::decode(proof).map_err(EventProofError::Bundle)?;
    let Envelope { chain_id, contract, header, .. } = proof.envelope;
    if chain_id != deployment.chain_id {
        return Err(EventProofError::Chain { expected: deployment.chain_id, found: chain_id });
    }
    if contract != deployment.contract {
        return Err(EventProofError::Contract { expected: deployment.contract, found: contract });
    }
    let trusted = anchor.trust(header).map_err(EventProofError::Anchor)?;
    Ok((proof, trusted))
}

/// The event of a block, of which every node is.
fn prove_in(
    block: &TrustedHeader<'_>,
    proof: &EventProof<'_>,
    deployment: &Deployment<'_>,
) -> Result<ProvedEvent, EventProofError> {
    let root = block.header().receipts_root();
    let receipt = receipt::prove(root, proof.transaction, proof.nodes).map_err(EventProofError::Receipt)?;
    event_of(proof, &receipt, deployment, block)
}

/// The event at the proof's place in a proved receipt of a block.
fn event_of(
    proof: &EventProof<'_>,
    receipt: &Receipt<'_>,
    deployment: &Deployment<'_>,
    block: &TrustedHeader<'_>,
) -> Result<ProvedEvent, EventProofError> {
    let EventProof { transaction, log, .. } = *proof;
    let position = usize::try_from(log).unwrap_or(usize::MAX);
    let found = receipt.logs().nth(position).ok_or(EventProofError::NoLog { log })?;
    if found.address != deployment.contract {
        return Err(EventProofError::OtherContract { found: found.address });
    }
    let event = Event::decode(found.topics(), found.data).map_err(EventProofError::Event)?;
    let (block_number, block_time) = (block.header().number(), block.header().timestamp());
    Ok(ProvedEvent { event, block_hash: block.hash(), block_number, block_time, transaction, log })
}

/// Why no event was proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventProofError {
    /// The bytes are no event proof.
    Bundle(BundleError),
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
    /// An older header is not that of the trusted block's ancestor.
    Ancestor(AncestorError),
    /// The event is of an older block than the trusted one.
    Past,
    /// The nodes behind those of the receipt are not those that lead from header to header.
    Trie(TrieError),
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
            Self::Bundle(error) => error.fmt(f),
            Self::Chain { expected, found } => {
                write!(f, "the event proof is from chain {found}: expected {expected}")
            }
            Self::Contract { expected, found } => {
                write!(f, "the event proof is about the contract {found}: expected {expected}")
            }
            Self::Anchor(error) => error.fmt(f),
            Self::Ancestor(error) => error.fmt(f),
            Self::Past => f.write_str("the event is of an older block, which needs memory to prove"),
            Self::Trie(error) => error.fmt(f),
            Self::Receipt(error) => error.fmt(f),
            Self::NoLog { log } => write!(f, "the receipt has no log {log}"),
            Self::OtherContract { found } => write!(f, "the log was emitted by {found}"),
            Self::Event(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for EventProofError {}
