//! Codes of what is read from a chain and from the nodes that answer for it.

use healthrecord_core::chain::header::HeaderError;
use healthrecord_core::chain::receipt::ReceiptError;
use healthrecord_core::chain::trie::TrieError;
use healthrecord_core::grammar::rlp::{RlpError, RlpRule};
use healthrecord_core::matter::hex::HexError;

use super::{Code, Entry, codes};
use crate::form::FormError;
use crate::rpc::{ProofError, RpcError};

codes!(HEX, HexError, |error| error, {
    HexError::Digit { .. } => "hex.digit",
        "A character is not a hex digit.",
        "A typing or copying mistake, or text that is not hex at all.",
        "Mend the character at the byte that the message names.";
    HexError::OddLength { .. } => "hex.odd_length",
        "The hex has an odd number of digits.",
        "A digit was lost in copying, or a number stands where bytes are expected.",
        "Write two digits for each byte, with leading zeros.";
    HexError::Length { .. } => "hex.length",
        "The hex has another length than its type.",
        "An address (20 bytes) and a hash (32 bytes) were confused, or a part was lost.",
        "Give exactly the number of bytes that the message names.";
});

codes!(RLP, RlpError, |error| error.rule, {
    RlpRule::UnexpectedEnd => "rlp.unexpected_end",
        "The RLP ends before an item that it announces, or before one that must be there.",
        "The bytes were cut off.",
        "Fetch the bytes again, whole.";
    RlpRule::TrailingBytes => "rlp.trailing_bytes",
        "Bytes follow where the RLP should end.",
        "Two encodings were run together, or a list has more fields than its type.",
        "Give exactly one encoding.";
    RlpRule::NonCanonicalSize => "rlp.non_canonical_size",
        "A length in the RLP is not in its shortest form.",
        "An encoder that is not canonical, or tampering.",
        "Encode with a library that writes canonical RLP.";
    RlpRule::NonCanonicalByte => "rlp.non_canonical_byte",
        "A byte below 0x80 is encoded as a string instead of standing for itself.",
        "An encoder that is not canonical, or tampering.",
        "Encode with a library that writes canonical RLP.";
    RlpRule::LeadingZero => "rlp.leading_zero",
        "An integer in the RLP has a leading zero.",
        "A number was encoded as fixed-size bytes.",
        "Strip leading zeros; zero is the empty string.";
    RlpRule::IntegerTooLarge => "rlp.integer_too_large",
        "An integer in the RLP is too large for its type.",
        "A field of another kind stands there.",
        "Check which type of thing these bytes encode.";
    RlpRule::UnexpectedList => "rlp.unexpected_list",
        "A list stands where a string was expected.",
        "These bytes encode something else.",
        "Check which type of thing these bytes encode.";
    RlpRule::UnexpectedString => "rlp.unexpected_string",
        "A string stands where a list was expected.",
        "These bytes encode something else.",
        "Check which type of thing these bytes encode.";
    RlpRule::WrongLength => "rlp.wrong_length",
        "A string in the RLP has the wrong length for its type.",
        "A field is missing, so that another stands in its place.",
        "Check which type of thing these bytes encode.";
});

codes!(HEADER, HeaderError, |error| error, {
    HeaderError::TooLarge { .. } => "header.too_large",
        "The block header is larger than any that is accepted (8 KiB).",
        "A whole block was given instead of its header.",
        "Give the header alone.";
    HeaderError::Rlp(_) => "header.rlp",
        "The bytes are not one RLP list.",
        "Something else than a header, or a header that was cut off.",
        "Fetch the header again.";
    HeaderError::FieldCount { .. } => "header.field_count",
        "The header has fewer than the 15 fields of every block.",
        "Something else than a header.",
        "Fetch the header again.";
    HeaderError::Field { .. } => "header.field",
        "A field of the header is not of its type.",
        "Tampering, or a chain whose headers differ from Ethereum's.",
        "The message names the field; fetch the header from another node.";
});

codes!(PROOF, TrieError, |error| error, {
    TrieError::TooManyNodes { .. } => "proof.too_many_nodes",
        "The proof has more nodes than there is memory for.",
        "A proof for more keys than the verifier expects, or an attack on its memory.",
        "Lend a larger index, or ask for fewer keys.";
    TrieError::NodeTooLarge { .. } => "proof.node_too_large",
        "A proof node is larger than any of a real trie.",
        "Tampering, or bytes that are no trie node.",
        "Fetch the proof again, from another node.";
    TrieError::DuplicateNode { .. } => "proof.duplicate_node",
        "A proof node was supplied twice.",
        "The prover did not remove the nodes that several keys share.",
        "Supply each distinct node once.";
    TrieError::UnusedNode { .. } => "proof.unused_node",
        "A proof node is needed by no key.",
        "The proof was made for other keys, or a node was smuggled in.",
        "Ask for a proof of exactly the keys in question.";
    TrieError::MissingNode { .. } => "proof.missing_node",
        "A node is missing on the way to a key: nothing is proved, neither a value nor an absence.",
        "The proof was cut short, is for another key or block, or hides something.",
        "Ask for the proof again, at the same block and for the same keys.";
    TrieError::Rlp { .. } => "proof.rlp",
        "A proof node is not canonical RLP.",
        "Tampering, or a node that was cut off.",
        "Fetch the proof again, from another node.";
    TrieError::MalformedNode { .. } => "proof.malformed_node",
        "A proof node breaks a rule of Merkle Patricia tries.",
        "A prover that makes tries of its own.",
        "Fetch the proof from a node of another make.";
    TrieError::WrongReference { .. } => "proof.wrong_reference",
        "A small node was reached by its hash, or a large one stands inside its parent.",
        "A prover that makes tries of its own.",
        "Fetch the proof from a node of another make.";
    TrieError::Account { .. } => "proof.account",
        "The proved value is no account.",
        "The header is not that of an Ethereum state, or its trie is not one of accounts.",
        "Check which chain the header is from.";
    TrieError::Value { .. } => "proof.value",
        "The proved value is no storage word.",
        "A word that is not in its shortest form, or longer than 32 bytes.",
        "Check which chain the header is from.";
    TrieError::ZeroValue { .. } => "proof.zero_value",
        "The trie holds a leaf of value zero, which Ethereum never keeps.",
        "A development node (Anvil) that keeps cleared slots.",
        "For such a chain, and only there, accept zero leaves by policy.";
});

codes!(RECEIPT, ReceiptError, |error| error, {
    ReceiptError::WrongNode { .. } => "receipt.wrong_node",
        "A node of the receipt proof is not the one to which the way leads.",
        "The proof is of another block or transaction, or was altered.",
        "Ask for the proof again, for the very block and transaction.";
    ReceiptError::MissingNode { .. } => "receipt.missing_node",
        "The receipt proof ends before the receipt.",
        "The proof was cut short.",
        "Ask for the proof again.";
    ReceiptError::UnusedNode { .. } => "receipt.unused_node",
        "A node follows the one that holds the receipt.",
        "Nodes of other receipts were put into the proof.",
        "Supply the nodes on the way to this receipt alone.";
    ReceiptError::Node { .. } => "receipt.node",
        "A node of the receipt proof is not canonical RLP, or refers to its child by no hash.",
        "Tampering, or a node that was cut off.",
        "Ask for the proof again.";
    ReceiptError::MalformedNode { .. } => "receipt.malformed_node",
        "A node of the receipt proof is neither branch, extension nor leaf.",
        "A prover that makes tries of its own.",
        "Make the proof with other software.";
    ReceiptError::Absent { .. } => "receipt.absent",
        "The block has no transaction of that index.",
        "The index is of another block.",
        "Check the transaction's block and index.";
    ReceiptError::UnknownType { .. } => "receipt.unknown_type",
        "The receipt is of a type of transaction that is not known here.",
        "A newer fork, or a chain with transactions of its own.",
        "Update the verifier.";
    ReceiptError::Rlp(_) => "receipt.rlp",
        "The receipt is not the canonical RLP of one.",
        "A chain whose receipts differ from Ethereum's.",
        "Check which chain the header is from.";
    ReceiptError::TooManyTopics => "receipt.too_many_topics",
        "A log of the receipt has more than four topics.",
        "A chain whose receipts differ from Ethereum's.",
        "Check which chain the header is from.";
});

codes!(FORM, FormError, |error| error, {
    FormError::Json { .. } => "form.json",
        "The text is not JSON.",
        "An empty or cut-off file, or an error page instead of an answer.",
        "Look at the file, or ask again.";
    FormError::Missing { .. } => "form.missing_field",
        "The JSON lacks a field.",
        "The answer of another method, or two files were confused.",
        "Give each file in its place.";
    FormError::Type { .. } => "form.type",
        "A field of the JSON has another type or range than expected.",
        "The answer of another method, or a file that was edited by hand.",
        "The message names the field and the type.";
    FormError::Hex { .. } => "form.hex",
        "A field of the JSON is not the hex that it should be.",
        "A damaged file or answer.",
        "The message names the field and the place.";
});

codes!(RPC, RpcError, |error| error, {
    RpcError::Answer { .. } => "rpc.answer",
        "The node answered with an error of its own.",
        "The node does not keep the state of that block, or does not know the method.",
        "Ask for a newer block, or ask an archive node.";
    RpcError::BlockHash { .. } => "rpc.block_hash",
        "The fields of the block do not make the hash that the node gives.",
        "A chain that hashes its headers by another rule (QBFT, IBFT), a fork with new fields, or tampering.",
        "Say by which rule the chain hashes, give the raw header (debug_getRawHeader), or ask another node.";
} delegating {
    RpcError::Form(error) => error;
    RpcError::Header(error) => error;
});

pub(super) const CLAIM: &[Entry] = &[Entry {
    code: "proof.claim",
    meaning: "The node says something else than its own proof proves.",
    cause: "The node is faulty or lies.",
    remedy: "Believe neither: ask another node.",
}];

impl Code for ProofError {
    fn code(&self) -> &'static str {
        match self {
            Self::Anchor(error) => error.code(),
            Self::Trie(error) => error.code(),
            Self::Claim { .. } => "proof.claim",
        }
    }
}
