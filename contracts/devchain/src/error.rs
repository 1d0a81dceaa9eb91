//! Errors: what was found, and what was expected.

use healthrecord_core::{Address, B256, U256};
use thiserror::Error;

/// Why a raw transaction is not taken. The chain is as it was before.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SendError {
    /// The bytes are not the canonical encoding of a signed transaction, and of nothing else.
    #[error("not a raw transaction: {reason}")]
    Malformed {
        /// What is wrong with them.
        reason: String,
    },
    /// A transaction type that the chain does not take: blobs, what the fork does not have yet, and
    /// what does not exist.
    #[error("transaction type {found}: expected one that the fork has, of 0 (legacy), 1, 2 and 4")]
    UnsupportedType {
        /// The type of the transaction (EIP-2718).
        found: u8,
    },
    /// No address can be recovered from the signature, or its s is in the upper half (EIP-2).
    #[error("no sender can be recovered from the transaction's signature, or its s is high")]
    Signature,
    /// Signed for another chain. Legacy transactions that name none are taken.
    #[error("the transaction is signed for chain {found}: expected {expected}")]
    ChainId {
        /// The chain's id.
        expected: u64,
        /// The transaction's.
        found: u64,
    },
    /// An EIP-7702 transaction without an authorization.
    #[error("the transaction is of type 4 and has no authorization: expected at least one")]
    NoAuthorization,
    /// The priority fee is above the whole fee.
    #[error("a priority fee of {priority_fee} wei per gas: at most the maximum fee of {max_fee} is possible")]
    PriorityFee {
        /// The transaction's `maxPriorityFeePerGas`, in wei.
        priority_fee: u128,
        /// The transaction's `maxFeePerGas`, in wei.
        max_fee: u128,
    },
    /// The fee does not cover the base fee of the next block.
    #[error(
        "a maximum fee of {max_fee} wei per gas: expected at least the next block's base fee of {base_fee}"
    )]
    BaseFee {
        /// The next block's base fee per gas, in wei.
        base_fee: u64,
        /// The transaction's `maxFeePerGas` or `gasPrice`, in wei.
        max_fee: u128,
    },
    /// More gas than the next block has left beside the transactions that wait for it.
    #[error("a gas limit of {found}: the next block has {available} left")]
    BlockGas {
        /// Gas that is left.
        available: u64,
        /// The transaction's gas limit.
        found: u64,
    },
    /// Less gas than the transaction costs before any code runs (its data's floor, EIP-7623, included).
    #[error("a gas limit of {found}: the transaction itself costs {required}")]
    IntrinsicGas {
        /// Gas that is needed at least.
        required: u64,
        /// The transaction's gas limit.
        found: u64,
    },
    /// More code to create a contract than EIP-3860 allows.
    #[error("{found} bytes of init code: at most {limit} are accepted")]
    InitCodeSize {
        /// Bytes that are allowed.
        limit: usize,
        /// Bytes that were found.
        found: usize,
    },
    /// Not the sender's next nonce, counting the transactions that wait for the next block.
    #[error("nonce {found} of {sender}: expected {expected}")]
    Nonce {
        /// The recovered sender.
        sender: Address,
        /// The next nonce.
        expected: u64,
        /// The transaction's.
        found: u64,
    },
    /// The nonce is the greatest there is, after which none could come (EIP-2681).
    #[error("the nonce of {sender} is 2^64-1, the greatest: no transaction can follow it")]
    LastNonce {
        /// The recovered sender.
        sender: Address,
    },
    /// The sender is a contract (EIP-3607); an EIP-7702 delegation is none.
    #[error("the sender {sender} is a contract: only accounts without code send transactions")]
    SenderIsContract {
        /// The recovered sender.
        sender: Address,
    },
    /// The sender could not pay the value and all the gas, for this transaction and those of the same
    /// sender that wait for the next block. Income from waiting transactions is not counted.
    #[error("{sender} has {available} wei: value and gas need up to {required}")]
    Funds {
        /// The recovered sender.
        sender: Address,
        /// Wei that may be needed.
        required: U256,
        /// Wei that the sender has.
        available: U256,
    },
}

/// Why no block was mined. The chain is as it was before.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MineError {
    /// The block would not be later than the one before.
    #[error("a block at {found}: expected a time after its parent's, {parent}")]
    Timestamp {
        /// Time of the block before, in Unix seconds.
        parent: u64,
        /// The time that was given.
        found: u64,
    },
    /// A waiting transaction cannot be executed any more, as one before it in the same block or a
    /// `hazmat_…` call took its sender's nonce or balance away. It was dropped; mining again goes on
    /// without it.
    #[error("the transaction {hash} cannot be executed any more and was dropped: {reason}")]
    Transaction {
        /// The dropped transaction.
        hash: B256,
        /// Why it cannot be executed.
        reason: String,
    },
}

/// Why a view call gives no answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CallError {
    /// The contract reverted.
    #[error("reverted with {} bytes of data", data.len())]
    Reverted {
        /// What the contract says: the ABI of an error, in most cases.
        data: Vec<u8>,
        /// Gas used, that of the transaction itself included.
        gas_used: u64,
    },
    /// The code ran into an error of the machine: out of gas, no such instruction.
    #[error("halted: {reason}")]
    Halted {
        /// The machine's word for it.
        reason: String,
        /// Gas used: all there was.
        gas_used: u64,
    },
    /// The call cannot begin: more value than the caller has, more data than the gas of a block pays.
    #[error("the call cannot be made: {reason}")]
    Refused {
        /// What stands against it.
        reason: String,
    },
}

/// Why a `hazmat_…` call changed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum HazmatError {
    /// There is no account that could keep storage.
    #[error("there is no account at {address}: an empty one keeps no storage")]
    NoAccount {
        /// The address.
        address: Address,
    },
}
