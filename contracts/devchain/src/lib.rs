//! An Ethereum chain in one process, for embedding, demos and tests.
//!
//! [`Devchain`] executes signed raw transactions on revm under the rules of a real fork, really
//! charges fees and nonces, and seals blocks whose headers, state, transaction and receipt roots,
//! receipts and EIP-1186 proofs are those that any Ethereum client would compute. Time is an argument
//! of [`Devchain::mine`]; nothing is random, so the same calls give the same block hashes.
//!
//! It is not a node: no networking, no consensus, no disk, no transaction pool beyond the next block,
//! no blobs, no withdrawals, no EIP-7685 requests. All of it is in memory, every block's state
//! included, so that accounts and storage can be proved as of any block. Blocks share what they have
//! in common: one with a handful of changes takes about 10 KB and well under a millisecond, however
//! large the state is.
//!
//! ```
//! use healthrecord_core::{Address, U256};
//! use healthrecord_devchain::{Devchain, Genesis, GenesisAccount};
//!
//! let patient = Address([7; 20]);
//! let mut genesis = Genesis::new(31_337, 1_700_000_000);
//! genesis.accounts.insert(patient, GenesisAccount::funded(U256::from(1_000_000_u64)));
//! let mut chain = Devchain::new(genesis);
//! let block = chain.mine(1_700_000_012)?;
//! assert_eq!(chain.block_hash(1), Some(block));
//! let proof = chain.proof(patient, &[]);
//! assert_eq!(proof.account.map(|account| account.balance), Some(U256::from(1_000_000_u64)));
//! # Ok::<(), healthrecord_devchain::MineError>(())
//! ```
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic))]

mod block;
mod call;
mod chain;
pub mod contract;
mod convert;
mod error;
mod genesis;
mod proof;
mod receipt;
mod state;
mod transaction;
mod trie;

pub use call::CallOutput;
pub use chain::{Devchain, Head};
pub use error::{CallError, HazmatError, MineError, SendError};
pub use genesis::{Fork, Genesis, GenesisAccount};
pub use proof::{Proof, SlotProof};
pub use receipt::{Log, Receipt};
