//! What Ethereum nodes answer over JSON-RPC: `eth_getProof`, `eth_getBlockBy…`, `eth_getBlockReceipts`.
//!
//! Quantities and keys are taken in any of the spellings that geth, Besu, Nethermind, Erigon, Reth,
//! Anvil, Ganache and EDR use: with and without leading zeros, of even and odd length. An answer may
//! be the bare result or the whole JSON-RPC envelope. Nothing that a node says is believed: see
//! [`verify_proof`].

use core::fmt;

use healthrecord_core::B256;
use healthrecord_core::health::anchor::AnchorError;

use crate::form::FormError;

mod answer;
mod header;
mod nodes;
mod proof;
mod receipts;

pub use self::header::BlockHeader;
pub use self::proof::{EthGetProof, ProofError, ProofNodes, ProvedAccount, StorageProof, verify_proof};
pub use self::receipts::BlockReceipts;

/// Most storage keys in one `eth_getProof` question (geth refuses more).
pub const MAX_KEYS: usize = 1024;

/// Greatest size of an answer, in bytes.
pub const MAX_ANSWER_LEN: usize = 64 << 20;

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
