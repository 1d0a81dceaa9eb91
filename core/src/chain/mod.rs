//! Floor 2: Ethereum itself. This half reads: block headers, accounts, Merkle Patricia tries.

pub mod account;
pub mod header;
pub mod trie;
