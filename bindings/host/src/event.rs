//! Event proofs: built from a node's receipts, verified with owned values, written as JSON.
//!
//! The format and the rules are those of [`healthrecord_core::access`].

use healthrecord_core::access::{self, EventProof, EventProofError, ProvedEvent};
use healthrecord_core::chain::header::Header;
use healthrecord_core::chain::receipt::{Receipt, ReceiptError};
use healthrecord_core::chain::trie::NodeRef;
use healthrecord_core::health::anchor::{Anchor, AnchorError};
use healthrecord_core::{Address, B256};
use rlp::RlpStream;
use serde_json::{Map, Value, json};

use crate::access::Deployment;
use crate::bundle::{Step, distinct, put_envelope};
use crate::rpc::{BlockHeader, BlockReceipts};

/// Greatest size of an event proof, in bytes.
pub const MAX_EVENT_PROOF_LEN: usize = 16 << 20;

/// Why no event proof can be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BuildError {
    /// The header is none.
    Header(AnchorError),
    /// The receipts are not those of the block.
    ReceiptsRoot {
        /// The header's root.
        expected: B256,
        /// The root of the receipts.
        found: B256,
    },
    /// The block has no such transaction, or its receipt cannot be read.
    Receipt(ReceiptError),
    /// The transaction has no log of the contract.
    NoEvent {
        /// The contract.
        contract: Address,
    },
    /// The transaction has several logs of the contract, and none of them was chosen.
    SeveralEvents {
        /// The contract.
        contract: Address,
        /// How many.
        count: usize,
    },
}

impl core::fmt::Display for BuildError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Header(error) => error.fmt(f),
            Self::ReceiptsRoot { expected, found } => {
                write!(f, "the receipts have the root {found}: the block's is {expected}")
            }
            Self::Receipt(error) => error.fmt(f),
            Self::NoEvent { contract } => write!(f, "the transaction has no event of {contract}"),
            Self::SeveralEvents { contract, count } => {
                write!(
                    f,
                    "the transaction has {count} events of {contract}: choose one by its log's position"
                )
            }
        }
    }
}

impl core::error::Error for BuildError {}

/// Builds the proof of an event that the contract emitted in the transaction at `transaction` of a block.
///
/// `log` is the log's position in the transaction's receipt; without it, the contract's only one is taken.
///
/// # Errors
///
/// [`BuildError`].
pub fn build(
    chain_id: u64,
    contract: Address,
    block: &BlockHeader,
    receipts: &BlockReceipts,
    transaction: u64,
    log: Option<u64>,
) -> Result<Vec<u8>, BuildError> {
    with_ancestry(chain_id, contract, block, &[], receipts, (transaction, log))
}

/// As [`build`], about the block to which `steps` lead from `block`: the receipts are of that one.
///
/// # Errors
///
/// [`BuildError`].
pub fn with_ancestry(
    chain_id: u64,
    contract: Address,
    block: &BlockHeader,
    steps: &[Step],
    receipts: &BlockReceipts,
    (transaction, log): (u64, Option<u64>),
) -> Result<Vec<u8>, BuildError> {
    let oldest = steps.last().map_or(block, |step| &step.header);
    let header =
        Header::decode(&oldest.rlp).map_err(|error| BuildError::Header(AnchorError::Header(error)))?;
    let (expected, found) = (header.receipts_root(), receipts.root());
    if expected != found {
        return Err(BuildError::ReceiptsRoot { expected, found });
    }
    let absent = BuildError::Receipt(ReceiptError::Absent { index: transaction });
    let receipt = Receipt::decode(receipts.get(transaction).ok_or(absent)?).map_err(BuildError::Receipt)?;
    let of_contract = (0..).zip(receipt.logs()).filter(|(_, log)| log.address == contract);
    let events: Vec<u64> = of_contract.map(|(position, _)| position).collect();
    let log = match (log, events.as_slice()) {
        (Some(log), events) if events.contains(&log) => log,
        (None, [only]) => *only,
        (Some(_), _) | (None, []) => return Err(BuildError::NoEvent { contract }),
        (None, events) => return Err(BuildError::SeveralEvents { contract, count: events.len() }),
    };
    let way = receipts.proof(transaction);
    let nodes = distinct(steps.iter().map(|step| &step.nodes));
    let nodes: Vec<&[u8]> = way.iter().map(Vec::as_slice).chain(nodes).collect();
    let mut proof = RlpStream::new_list(8);
    put_envelope(&mut proof, chain_id, contract, block, steps);
    proof.append(&transaction);
    proof.append(&log);
    proof.append_list::<&[u8], _>(&nodes);
    Ok(proof.out().to_vec())
}

/// Verifies an event proof: [`access::verify_past_event`] with memory of its own.
///
/// # Errors
///
/// [`EventProofError`]: nothing was proved.
pub fn verify(
    proof: &[u8],
    anchor: &impl Anchor,
    deployment: &Deployment,
) -> Result<ProvedEvent, EventProofError> {
    let decoded = EventProof::decode(proof).map_err(EventProofError::Bundle)?;
    let mut memory = vec![NodeRef::EMPTY; decoded.nodes().count()];
    access::verify_past_event(proof, anchor, &deployment.borrowed(), &mut memory)
}

/// A proved event as JSON: `event` and its arguments by the names of the contract's interface, where and
/// when it was logged.
#[must_use]
pub fn to_value(proved: &ProvedEvent) -> Value {
    let mut arguments = Map::new();
    proved.event.for_each_argument(|name, value| {
        arguments.insert(name.to_owned(), value.to_string().into());
    });
    json!({
        "event": proved.event.name(),
        "arguments": arguments,
        "blockNumber": proved.block_number,
        "blockTime": proved.block_time,
        "blockHash": proved.block_hash.to_string(),
        "transactionIndex": proved.transaction,
        "log": proved.log,
    })
}
