//! Codes of requests, bundles and what becomes of them.

use healthrecord_core::access::{
    AnchoredError, BundleError, ConsentError, EventProofError, RequestError, VerifyError,
};
use healthrecord_core::chain::signature::SignatureError;
use healthrecord_core::grammar::abi::AbiError;
use healthrecord_core::health::contract::{AnswerError, EventError, WordError, WordRule};

use super::{Code, Entry, codes};
use crate::access::RequestFileError;
use crate::consent::ConsentFileError;
use crate::event::BuildError;
use crate::record::AnchoredCheckError;

codes!(REQUEST, RequestError, |error| error, {
    RequestError::ZeroPatient => "request.zero_patient",
        "The request's patient is the zero address.",
        "A field that was not filled in.",
        "Give the patient's address.";
    RequestError::ZeroAccessor => "request.zero_accessor",
        "The request's accessor is the zero address.",
        "A field that was not filled in.",
        "Give the address of whoever wants access.";
    RequestError::TooManyScopes { .. } => "request.too_many_scopes",
        "A request lists at most 6 scopes.",
        "The scopes of several records were put into one request.",
        "Ask about each record by itself.";
    RequestError::ZeroScope { .. } => "request.zero_scope",
        "Scope 0 stands before another scope.",
        "Scope 0 is all records, the least specific; it is tried last.",
        "Leave it out: it is implied.";
    RequestError::ZeroSalt => "request.zero_salt",
        "The blinding salt is 0, which stands for no blinding.",
        "A field that was not filled in.",
        "Give the salt that the patient gave you, or none.";
    RequestError::Delegator { .. } => "request.delegator",
        "The delegator is the patient, the accessor or the zero address.",
        "The parties were confused: who shares is a third one.",
        "Name who shared with the accessor, or nobody.";
    RequestError::Time { .. } => "request.time",
        "The time asked about is beyond 2^40 seconds.",
        "Milliseconds were given instead of seconds.",
        "Give Unix seconds.";
});

codes!(BUNDLE, BundleError, |error| error, {
    BundleError::Rlp { .. } => "bundle.rlp",
        "A field of the proof bundle is not the canonical RLP that it should be.",
        "The bundle was cut off or altered, or is something else.",
        "Ask for the bundle again.";
    BundleError::Version { .. } => "bundle.version",
        "The proof bundle has a version that is not known here.",
        "It was made by newer software.",
        "Update the verifier, or ask for a bundle of version 1.";
    BundleError::TooManyAncestors { .. } => "bundle.too_many_ancestors",
        "The proof bundle has more than 64 older headers.",
        "The way to the older block goes by single blocks instead of by EIP-2935.",
        "Ask for a bundle under a trusted block that is nearer to the older one.";
});

codes!(VERIFY, VerifyError, |error| error, {
    VerifyError::Chain { .. } => "verify.chain",
        "The proof bundle is from another chain than the pinned one.",
        "A bundle of a test network, or a wrong pin.",
        "Ask for a bundle from the pinned chain.";
    VerifyError::Contract { .. } => "verify.contract",
        "The proof bundle is about another contract than the pinned one.",
        "Another deployment, or a wrong pin.",
        "Ask for a bundle about the pinned contract.";
    VerifyError::Past => "verify.past",
        "The proof bundle is about an older block than the trusted one, and answers only as of that block.",
        "A bundle about the past, where the question is about now: what it permits may be revoked since.",
        "Ask for a bundle of the trusted block itself, or for the answer as of the older block.";
    VerifyError::NoContract { .. } => "verify.no_contract",
        "There is no account at the contract's address in that block.",
        "The block is older than the deployment, or of another chain.",
        "Ask for a bundle of a newer block.";
    VerifyError::CodeHash { .. } => "verify.code_hash",
        "The code at the contract's address is none of those that are pinned.",
        "Another contract stands there, or an account without code.",
        "Check the pinned address and code hash.";
    VerifyError::Stale { .. } => "verify.stale",
        "The block is older than the policy accepts.",
        "An old bundle, which may predate a revocation.",
        "Ask for a bundle of a newer block.";
    VerifyError::Future { .. } => "verify.future",
        "The block is further ahead of the clock than the policy accepts.",
        "The verifier's clock is wrong.",
        "Set the clock.";
} delegating {
    VerifyError::Bundle(error) => error;
    VerifyError::Anchor(error) => error;
    VerifyError::Ancestor(error) => error.error;
    VerifyError::Trie(error) => error;
    VerifyError::Word(error) => error;
});

codes!(ANCHORED, AnchoredError, |error| error, {
    AnchoredError::Patient { .. } => "anchored.patient",
        "The disclosed record is another patient's.",
        "The records of two patients were mixed up, or somebody shows another's record as their own.",
        "Ask for a disclosure of the right patient's record.";
    AnchoredError::Author { .. } => "anchored.author",
        "The disclosed record is by another author than the expected one.",
        "Somebody committed it under their own key.",
        "Believe it no more than its author.";
    AnchoredError::NeverAnchored { .. } => "anchored.never",
        "The record's author never anchored it, as of that block.",
        "A block from before the anchor, somebody else's anchor, or the missing proof of a batch.",
        "Ask for a newer bundle, and for the batch proof if the record was anchored with others.";
    AnchoredError::Kind { .. } => "anchored.kind",
        "The record was anchored as another kind of record than it commits to.",
        "An author who anchored it wrongly, or on purpose.",
        "Do not take the record for either kind; ask its author.";
    AnchoredError::Retracted { .. } => "anchored.retracted",
        "The author retracted the record.",
        "A mistake in the record, or a newer version of it.",
        "Ask the author for the record that stands.";
} delegating {
    AnchoredError::Unbound(error) => error;
    AnchoredError::Batch(error) => error;
    AnchoredError::Verify(error) => error;
});

impl Code for AnchoredCheckError {
    fn code(&self) -> &'static str {
        match self {
            Self::Disclosure(error) => error.code(),
            Self::Anchored(error) => error.code(),
        }
    }
}

codes!(EVENT_PROOF, EventProofError, |error| error, {
    EventProofError::Bundle(BundleError::Rlp { .. }) => "event.rlp",
        "A field of the event proof is not the canonical RLP that it should be.",
        "The proof was cut off or altered, or is something else.",
        "Ask for the proof again.";
    EventProofError::Bundle(BundleError::Version { .. }) => "event.version",
        "The event proof has a version that is not known here.",
        "It was made by newer software.",
        "Update the verifier, or ask for a proof of version 1.";
    EventProofError::Bundle(BundleError::TooManyAncestors { .. }) => "event.too_many_ancestors",
        "The event proof has more than 64 older headers.",
        "The way to the event's block goes by single blocks instead of by EIP-2935.",
        "Ask for a proof under a trusted block that is nearer to the event's.";
    EventProofError::Past => "event.past",
        "The event is of an older block than the trusted one, and the verifier lent no memory for the way there.",
        "A device that verifies events of trusted blocks alone.",
        "Ask for a proof under the hash of the event's own block.";
    EventProofError::Chain { .. } => "event.chain",
        "The event proof is from another chain than the pinned one.",
        "A proof of a test network, or a wrong pin.",
        "Ask for a proof from the pinned chain.";
    EventProofError::Contract { .. } => "event.contract",
        "The event proof is about another contract than the pinned one.",
        "Another deployment, or a wrong pin.",
        "Ask for a proof about the pinned contract.";
    EventProofError::NoLog { .. } => "event.no_log",
        "The proved receipt has no log at that position.",
        "The position was counted over the block instead of the transaction, or was altered.",
        "Give the log's position in its transaction's receipt.";
    EventProofError::OtherContract { .. } => "event.other_contract",
        "The proved log was emitted by another contract.",
        "The position of another log, or somebody imitates the contract's events.",
        "Believe it no more than that contract.";
} delegating {
    EventProofError::Anchor(error) => error;
    EventProofError::Ancestor(error) => error.error;
    EventProofError::Trie(error) => error;
    EventProofError::Receipt(error) => error;
    EventProofError::Event(error) => error;
});

codes!(EVENT_BUILD, BuildError, |error| error, {
    BuildError::ReceiptsRoot { .. } => "event.receipts_root",
        "The node's receipts are not those of the block.",
        "A node that lies, or a chain whose receipts differ from Ethereum's.",
        "Ask another node.";
    BuildError::NoEvent { .. } => "event.none",
        "The transaction has no such event of the contract.",
        "The transaction failed, is another, or the position is another contract's log.",
        "Check the transaction, and the deployment's contract.";
    BuildError::SeveralEvents { .. } => "event.several",
        "The transaction has several events of the contract.",
        "It wrote several grants at once.",
        "Choose one of them by its log's position.";
} delegating {
    BuildError::Header(error) => error;
    BuildError::Receipt(error) => error;
});

codes!(WORD, WordError, |error| error.rule, {
    WordRule::UnknownBits => "word.unknown_bits",
        "A word of the contract has bits outside its named fields.",
        "A newer contract than this software knows.",
        "Update the verifier.";
    WordRule::State => "word.state",
        "A word of the contract has a state that is not known.",
        "A newer contract than this software knows.",
        "Update the verifier.";
    WordRule::Operations => "word.operations",
        "A word of the contract has operations that are not known.",
        "A newer contract than this software knows.",
        "Update the verifier.";
    WordRule::Flags => "word.flags",
        "An account word of the contract has flags that are not known.",
        "A newer contract than this software knows.",
        "Update the verifier.";
    WordRule::Writer => "word.writer",
        "A grant word of the contract has a writer that is not known.",
        "A newer contract than this software knows.",
        "Update the verifier.";
    WordRule::Parent => "word.parent",
        "A delegation word of the contract has a parent that is not known.",
        "A newer contract than this software knows.",
        "Update the verifier.";
});

codes!(ABI, AbiError, |error| error, {
    AbiError::Length { .. } => "abi.length",
        "The data is not the number of ABI words that was expected.",
        "The answer of another function, or a cut-off one.",
        "Check which function or event the data is from.";
    AbiError::Range { .. } => "abi.range",
        "An ABI word is out of its type's range.",
        "The answer of another function.",
        "Check which function or event the data is from.";
});

codes!(EVENT, EventError, |error| error, {
    EventError::UnknownTopic { .. } => "event.unknown_topic",
        "The log is none of the contract's events.",
        "A log of another contract.",
        "Read only logs of the pinned contract.";
} delegating {
    EventError::Topics(error) => error;
    EventError::Data(error) => error;
});

impl Code for AnswerError {
    fn code(&self) -> &'static str {
        match self {
            Self::Abi(error) => error.code(),
            Self::Word(error) => error.code(),
        }
    }
}

codes!(CONSENT, ConsentError, |error| error, {
    ConsentError::Rlp { .. } => "consent.rlp",
        "The bytes are no consent: a field is not the canonical RLP that it should be.",
        "Something else than a consent, or one that was cut off.",
        "Ask the patient's wallet for the consent again.";
    ConsentError::Version { .. } => "consent.version",
        "The consent is of a version that is not known.",
        "A newer wallet than this software knows.",
        "Update the verifier.";
} delegating {
    ConsentError::Signature(error) => error;
});

codes!(SIGNATURE, SignatureError, |error| error, {
    SignatureError::OutOfRange => "signature.out_of_range",
        "A signature's r or s is 0, or not below the curve's order.",
        "Tampering, or bytes that are no signature.",
        "Ask for the signature again.";
    SignatureError::HighS => "signature.high_s",
        "A signature's s is above half the curve's order (EIP-2).",
        "A signer that does not normalise, or a second form of somebody's signature.",
        "Sign with a library for Ethereum.";
    SignatureError::NoKey => "signature.no_key",
        "No key makes this signature of this hash.",
        "Tampering, or the signature of something else.",
        "Ask for the signature again.";
    SignatureError::OtherSigner { .. } => "signature.other_signer",
        "The signature is good, and by another account than the expected one.",
        "The signature of something else, which gives a stranger's address, or of another key.",
        "Check what was signed, and with which key.";
    SignatureError::V { .. } => "signature.v",
        "A message's signature does not end with 27 or 28.",
        "A device that gives the y parity 0 or 1, or bytes that are no signature.",
        "Add 27 to a parity of 0 or 1.";
});

impl Code for ConsentFileError {
    fn code(&self) -> &'static str {
        match self {
            Self::Form(error) => error.code(),
            Self::Consent(error) => error.code(),
        }
    }
}

impl Code for RequestFileError {
    fn code(&self) -> &'static str {
        match self {
            Self::Form(error) => error.code(),
            Self::Request(error) => error.code(),
        }
    }
}
