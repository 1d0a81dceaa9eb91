//! Block headers.

use core::fmt;

use crate::grammar::rlp::{self, Item, Reader, RlpError};
use crate::matter::bytes::{Address, B256, U256};

/// Greatest size of a header's RLP, in bytes: room for 80 validators and the seals of all.
pub const MAX_HEADER_LEN: usize = 8 << 10;

/// The fields that every header has had since genesis, in their order (Yellow Paper, section 4.3).
const FIELDS: [&str; 15] = [
    "parentHash",
    "sha3Uncles",
    "miner",
    "stateRoot",
    "transactionsRoot",
    "receiptsRoot",
    "logsBloom",
    "difficulty",
    "number",
    "gasLimit",
    "gasUsed",
    "timestamp",
    "extraData",
    "mixHash",
    "nonce",
];

/// A block header that is well formed. Whether its chain knows it is an anchor's business.
///
/// Headers grow from fork to fork: 15 fields at first, 16 since London (base fee), 17 Shanghai
/// (withdrawals), 20 Cancun (blobs, EIP-4788), 21 Prague (EIP-7685), 23 Amsterdam. The fields after
/// the 15th must be RLP items; they are part of the hash and are not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header<'a> {
    raw: &'a [u8],
    field_count: usize,
    parent_hash: B256,
    beneficiary: Address,
    state_root: B256,
    transactions_root: B256,
    receipts_root: B256,
    difficulty: U256,
    number: u64,
    gas_limit: u64,
    gas_used: u64,
    timestamp: u64,
    extra_data: &'a [u8],
    mix_hash: B256,
    nonce: [u8; 8],
}

impl<'a> Header<'a> {
    /// Reads the RLP of a header.
    ///
    /// # Errors
    ///
    /// [`HeaderError`] names the limit or the field at fault.
    pub fn decode(raw: &'a [u8]) -> Result<Self, HeaderError> {
        if raw.len() > MAX_HEADER_LEN {
            return Err(HeaderError::TooLarge { size: raw.len() });
        }
        let mut fields = Fields { items: rlp::list(raw).map_err(HeaderError::Rlp)?, read: 0 };
        let parent_hash = B256(fields.next(Item::array)?);
        fields.next(Item::array::<32>)?;
        let beneficiary = Address(fields.next(Item::array)?);
        let state_root = B256(fields.next(Item::array)?);
        let transactions_root = B256(fields.next(Item::array)?);
        let receipts_root = B256(fields.next(Item::array)?);
        fields.next(Item::array::<256>)?;
        let header = Self {
            raw,
            parent_hash,
            beneficiary,
            state_root,
            transactions_root,
            receipts_root,
            difficulty: fields.next(Item::uint)?,
            number: fields.next(Item::uint64)?,
            gas_limit: fields.next(Item::uint64)?,
            gas_used: fields.next(Item::uint64)?,
            timestamp: fields.next(Item::uint64)?,
            extra_data: fields.next(Item::string)?,
            mix_hash: B256(fields.next(Item::array)?),
            nonce: fields.next(Item::array)?,
            field_count: 0,
        };
        Ok(Self { field_count: fields.count_rest()?, ..header })
    }

    /// The RLP that was read.
    #[must_use]
    pub const fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// How many fields the header has.
    #[must_use]
    pub const fn field_count(&self) -> usize {
        self.field_count
    }

    /// Hash of the block before.
    #[must_use]
    pub const fn parent_hash(&self) -> B256 {
        self.parent_hash
    }

    /// Who receives the fees (the proposer, on chains of known validators).
    #[must_use]
    pub const fn beneficiary(&self) -> Address {
        self.beneficiary
    }

    /// Root of the state trie after the block.
    #[must_use]
    pub const fn state_root(&self) -> B256 {
        self.state_root
    }

    /// Root of the trie of the block's transactions.
    #[must_use]
    pub const fn transactions_root(&self) -> B256 {
        self.transactions_root
    }

    /// Root of the trie of the block's receipts.
    #[must_use]
    pub const fn receipts_root(&self) -> B256 {
        self.receipts_root
    }

    /// Difficulty; 0 since the Merge.
    #[must_use]
    pub const fn difficulty(&self) -> U256 {
        self.difficulty
    }

    /// Number of the block; the genesis block has 0.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// Gas that the block's transactions may use.
    #[must_use]
    pub const fn gas_limit(&self) -> u64 {
        self.gas_limit
    }

    /// Gas that the block's transactions used.
    #[must_use]
    pub const fn gas_used(&self) -> u64 {
        self.gas_used
    }

    /// Time of the block, in Unix seconds.
    #[must_use]
    pub const fn timestamp(&self) -> u64 {
        self.timestamp
    }

    /// The proposer's bytes; on Clique, IBFT and QBFT chains the validators and their seals.
    #[must_use]
    pub const fn extra_data(&self) -> &'a [u8] {
        self.extra_data
    }

    /// `mixHash`, `prevRandao` since the Merge; on IBFT and QBFT chains a fixed mark.
    #[must_use]
    pub const fn mix_hash(&self) -> B256 {
        self.mix_hash
    }

    /// The proof-of-work nonce; zero since the Merge, a vote on Clique and IBFT chains.
    #[must_use]
    pub const fn nonce(&self) -> [u8; 8] {
        self.nonce
    }
}

/// Why bytes are no block header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderError {
    /// More than [`MAX_HEADER_LEN`] bytes.
    TooLarge {
        /// The size found, in bytes.
        size: usize,
    },
    /// Not one RLP list.
    Rlp(RlpError),
    /// Fewer than the 15 fields that every header has.
    FieldCount {
        /// How many there are.
        found: usize,
    },
    /// A field is not of its type.
    Field {
        /// Position of the field, from 0.
        index: usize,
        /// What is wrong with it.
        error: RlpError,
    },
}

impl fmt::Display for HeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { size } => {
                write!(f, "a block header of {size} bytes: at most {MAX_HEADER_LEN} are accepted")
            }
            Self::Rlp(error) => write!(f, "the block header is not an RLP list: {error}"),
            Self::FieldCount { found } => {
                write!(f, "a block header of {found} fields: expected at least {}", FIELDS.len())
            }
            Self::Field { index, error } => {
                let name = FIELDS.get(*index).unwrap_or(&"of a later fork");
                write!(f, "field {index} ({name}) of the block header: {error}")
            }
        }
    }
}

impl core::error::Error for HeaderError {}

/// Reads fields in order and says which one is at fault.
struct Fields<'a> {
    items: Reader<'a>,
    read: usize,
}

impl<'a> Fields<'a> {
    fn next<T>(&mut self, read: impl Fn(&Item<'a>) -> Result<T, RlpError>) -> Result<T, HeaderError> {
        let index = self.read;
        if self.items.is_empty() {
            return Err(HeaderError::FieldCount { found: index });
        }
        self.read = index.saturating_add(1);
        self.items.item().and_then(|item| read(&item)).map_err(|error| HeaderError::Field { index, error })
    }

    /// Passes over the fields of later forks and gives the number of all.
    fn count_rest(mut self) -> Result<usize, HeaderError> {
        while !self.items.is_empty() {
            self.next(|_| Ok(()))?;
        }
        Ok(self.read)
    }
}
