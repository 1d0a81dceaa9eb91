//! Floor 2: Ethereum itself.
//!
//! One half writes: keys, signatures, messages, transactions. The other reads: block headers,
//! accounts, receipts, Merkle Patricia tries. They do not import each other.

pub mod account;
#[cfg(feature = "hd")]
pub mod hd;
pub mod header;
pub mod key;
pub mod message;
pub mod receipt;
pub mod signature;
pub mod signer;
pub mod trie;
pub mod tx;
