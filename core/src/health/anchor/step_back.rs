//! From a trusted header to that of an older block.
//!
//! | the older block is | the newer one knows its hash from |
//! |---|---|
//! | its parent | its own header: `parentHash` |
//! | 2 to 8,191 blocks back | its state: the storage of EIP-2935's system contract |
//!
//! EIP-2935: at the start of block n, the hash of block n − 1 is written to the slot (n − 1) mod 8191. The hash
//! is by the chain's own rule in both places.

use core::fmt;

use super::error::AnchorError;
use super::trusted::TrustedHeader;
use crate::chain::header::Header;
use crate::chain::trie::{NodeSet, TrieError};
use crate::matter::bytes::{Address, B256, U256};

/// The system contract that keeps the hashes of the last blocks (EIP-2935).
pub const HISTORY_CONTRACT: Address = Address([
    0x00, 0x00, 0xf9, 0x08, 0x27, 0xf1, 0xc5, 0x3a, 0x10, 0xcb, 0x7a, 0x02, 0x33, 0x5b, 0x17, 0x53, 0x20,
    0x00, 0x29, 0x35,
]);

/// Keccak-256 of its runtime code, as the EIP gives it.
pub const HISTORY_CODE_HASH: B256 = B256([
    0x6e, 0x49, 0xe6, 0x67, 0x82, 0x03, 0x7c, 0x05, 0x55, 0x89, 0x78, 0x70, 0xe2, 0x9f, 0xa5, 0xe5, 0x52,
    0xda, 0xf4, 0x71, 0x95, 0x52, 0x13, 0x1a, 0x0a, 0xbc, 0xe7, 0x79, 0xda, 0xec, 0x0a, 0x5d,
]);

/// How many blocks back it remembers (EIP-2935, `HISTORY_SERVE_WINDOW`).
pub const HISTORY_WINDOW: u64 = 8191;

/// Where a block has the hash of an older one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// In its header.
    Parent,
    /// In this slot of [`HISTORY_CONTRACT`], under its state root.
    History {
        /// The slot.
        slot: B256,
    },
}

impl Link {
    /// Where block `newer` has the hash of block `older`.
    ///
    /// # Errors
    ///
    /// [`StepError::NotOlder`], [`StepError::OutOfRange`].
    pub fn between(newer: u64, older: u64) -> Result<Self, StepError> {
        match newer.checked_sub(older) {
            None | Some(0) => Err(StepError::NotOlder { newer, found: older }),
            Some(1) => Ok(Self::Parent),
            Some(2..=HISTORY_WINDOW) => Ok(Self::History { slot: U256::from(older % HISTORY_WINDOW).into() }),
            Some(_) => Err(StepError::OutOfRange { newer, found: older }),
        }
    }
}

impl TrustedHeader<'_> {
    /// Trusts the header of an older block of which this one knows the hash.
    ///
    /// `nodes` prove it where the older block is not the parent: the history contract's account and slot
    /// under this header's state root. The slot is hashed when it is asked for.
    ///
    /// # Errors
    ///
    /// [`StepError`]: the older header is not trusted.
    pub fn step_back<'o>(
        &self,
        older: &'o [u8],
        nodes: &mut NodeSet<'_, '_>,
    ) -> Result<TrustedHeader<'o>, StepError> {
        let header = Header::decode(older).map_err(AnchorError::Header).map_err(StepError::Header)?;
        let expected = match Link::between(self.header().number(), header.number())? {
            Link::Parent => self.header().parent_hash(),
            Link::History { slot } => self.remembered(&slot, header.number(), nodes)?,
        };
        let found = self.hash_rule().hash(&header).map_err(StepError::Header)?;
        if found != expected {
            return Err(StepError::HashMismatch { expected, found });
        }
        Ok(TrustedHeader::new(header, found, self.hash_rule()))
    }

    /// The hash in a slot of the history contract.
    fn remembered(&self, slot: &B256, number: u64, nodes: &mut NodeSet<'_, '_>) -> Result<B256, StepError> {
        let account =
            nodes.account(self.header().state_root(), &HISTORY_CONTRACT).map_err(StepError::Trie)?;
        let account = account.ok_or(StepError::NoHistory)?;
        if account.code_hash != HISTORY_CODE_HASH {
            return Err(StepError::HistoryCode { found: account.code_hash });
        }
        match nodes.storage(account.storage_root, slot).map_err(StepError::Trie)? {
            U256::ZERO => Err(StepError::NoHash { number }),
            hash => Ok(hash.into()),
        }
    }
}

/// Why an older header is not trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepError {
    /// The bytes are no header of such a chain.
    Header(AnchorError),
    /// The block is not older than the one before.
    NotOlder {
        /// Number of the block before.
        newer: u64,
        /// The block's own.
        found: u64,
    },
    /// The block is more than [`HISTORY_WINDOW`] blocks older than the one before.
    OutOfRange {
        /// Number of the block before.
        newer: u64,
        /// The block's own.
        found: u64,
    },
    /// The nodes prove no hash.
    Trie(TrieError),
    /// There is no account at [`HISTORY_CONTRACT`].
    NoHistory,
    /// Another code than EIP-2935's is there.
    HistoryCode {
        /// The hash of its code.
        found: B256,
    },
    /// The slot of the block's hash is zero: the contract was not called yet when the block came.
    NoHash {
        /// Number of the block.
        number: u64,
    },
    /// The block is another than the one whose hash is known.
    HashMismatch {
        /// The hash that is known.
        expected: B256,
        /// The hash of the header.
        found: B256,
    },
}

impl fmt::Display for StepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(error) => error.fmt(f),
            Self::NotOlder { newer, found } => write!(f, "block {found} is not older than block {newer}"),
            Self::OutOfRange { newer, found } => {
                write!(f, "block {found} is too old for block {newer}, which knows {HISTORY_WINDOW} hashes")
            }
            Self::Trie(error) => error.fmt(f),
            Self::NoHistory => {
                write!(f, "there is no contract at {HISTORY_CONTRACT}: the chain lacks EIP-2935")
            }
            Self::HistoryCode { found } => {
                write!(f, "the code at {HISTORY_CONTRACT} has the hash {found}, which is not EIP-2935's")
            }
            Self::NoHash { number } => write!(f, "the history contract has no hash of block {number}"),
            Self::HashMismatch { expected, found } => {
                write!(f, "the older header has the block hash {found}: the newer block knows {expected}")
            }
        }
    }
}

impl core::error::Error for StepError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matter::hex;
    use crate::matter::keccak::keccak256;

    /// The runtime code as EIP-2935 gives it.
    const CODE: &str = "0x3373fffffffffffffffffffffffffffffffffffffffe14604657602036036042575f35600143038111604257611fff\
        81430311604257611fff9006545f5260205ff35b5f5ffd5b5f35611fff60014303065500";

    #[test]
    fn the_pinned_code_is_the_eips() {
        let mut code = [0; 83];
        assert_eq!(keccak256(hex::decode(CODE, &mut code).unwrap()), HISTORY_CODE_HASH);
    }

    #[test]
    fn a_block_knows_8191_older_ones() {
        assert_eq!(Link::between(7, 6), Ok(Link::Parent));
        let slot = |number: u64| Ok(Link::History { slot: U256::from(number).into() });
        assert_eq!(Link::between(7, 5), slot(5));
        assert_eq!(Link::between(9000, 8191), slot(0));
        assert_eq!(Link::between(9000, 809), slot(809));
        assert_eq!(Link::between(9000, 808), Err(StepError::OutOfRange { newer: 9000, found: 808 }));
        assert_eq!(Link::between(u64::MAX, 0), Err(StepError::OutOfRange { newer: u64::MAX, found: 0 }));
        for found in [7, 8, u64::MAX] {
            assert_eq!(Link::between(7, found), Err(StepError::NotOlder { newer: 7, found }));
        }
    }
}
