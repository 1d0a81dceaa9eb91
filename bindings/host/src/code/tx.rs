//! Codes of transactions.

use healthrecord_core::chain::tx::{AuthorizationError, TxError};
use healthrecord_core::grammar::rlp::RlpError;

use super::{Code, Entry, codes};

codes!(TX, TxError, |error| error, {
    TxError::Empty => "tx.empty",
        "There are no bytes where a transaction should be.",
        "An empty file or field.",
        "Give the raw bytes of a signed transaction.";
    TxError::TooLarge { .. } => "tx.too_large",
        "The transaction is larger than any that nodes pass on.",
        "Something else than a transaction, or one with its blobs beside it.",
        "Give the transaction alone; the blobs of type 3 travel beside it.";
    TxError::UnknownType { .. } => "tx.unknown_type",
        "The first byte names no type of transaction that this version knows.",
        "Something else than a transaction, or a type of a later fork.",
        "Check what the bytes are; a later version may know the type.";
    TxError::OtherType { .. } => "tx.other_type",
        "The transaction is of another type than the one asked for.",
        "Bytes of another transaction.",
        "Read it as its own type.";
    TxError::Parity => "tx.parity",
        "The transaction's v or yParity has no meaning.",
        "Tampering, or v of one type in a transaction of another.",
        "For legacy transactions v is 27, 28 or 35 + 2 chainId and one more; for others yParity is 0 or 1.";
    TxError::OtherChain { .. } => "tx.other_chain",
        "The transaction is for another chain than the one expected, or names none.",
        "It was signed for another network, or without EIP-155, so that it holds on all.",
        "Sign it for the chain that it is meant for.";
    TxError::NonceTooLarge => "tx.nonce_too_large",
        "The nonce is 2^64 - 1, which no account reaches (EIP-2681).",
        "A wrong number.",
        "Ask the node for the account's next nonce.";
    TxError::PriorityFeeAboveMaxFee => "tx.priority_fee_above_max_fee",
        "maxPriorityFeePerGas is above maxFeePerGas (EIP-1559).",
        "The two were exchanged.",
        "Raise maxFeePerGas, which pays for the priority fee too.";
    TxError::NoRecipient => "tx.no_recipient",
        "A transaction of this type creates no contract and needs a recipient (EIP-4844, EIP-7702).",
        "The field `to` was left out.",
        "Name a recipient, or create the contract by a transaction of type 2.";
    TxError::NoBlobs => "tx.no_blobs",
        "A blob transaction has no blob hashes (EIP-4844).",
        "Another type was meant.",
        "Use type 2 for a transaction without blobs.";
    TxError::BlobVersion { .. } => "tx.blob_version",
        "A blob hash does not begin with version 1 (EIP-4844).",
        "The hash of something else.",
        "A blob hash is 0x01 and the last 31 bytes of the commitment's SHA-256.";
    TxError::NoAuthorizations => "tx.no_authorizations",
        "A transaction of type 4 has no authorisations (EIP-7702).",
        "Another type was meant.",
        "Use type 2 for a transaction without authorisations.";
    TxError::OtherSender { .. } => "tx.other_sender",
        "The signature is of another account than the one expected.",
        "A device signed with another key, or another transaction.",
        "Check which key the device holds for the account.";
} delegating {
    TxError::Rlp(error) => error;
    TxError::Field { rule, offset, .. } => RlpError { rule: *rule, offset: *offset };
    TxError::Signature(error) => error;
});

codes!(AUTHORIZATION, AuthorizationError, |error| error, {
    AuthorizationError::EveryChain => "authorization.every_chain",
        "An authorisation is for every chain (chain id 0), and that was not asked for.",
        "A wallet that does not name the chain.",
        "Sign for one chain, or ask for every chain expressly.";
} delegating {
    AuthorizationError::Signature(error) => error;
});
