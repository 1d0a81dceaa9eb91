//! Codes of headers that no anchor trusts.

use healthrecord_core::health::anchor::{
    AnchorError, BftError, CliqueError, ExtraError, SealError, StateError, StepError,
};

use super::{Code, Entry, codes};
use crate::anchor::FollowError;

codes!(ANCHOR, AnchorError, |error| error, {
    AnchorError::HashMismatch { .. } => "anchor.hash_mismatch",
        "The header belongs to another block than the trusted one.",
        "The proof was made for another block, the header was altered, or the chain hashes by another rule.",
        "Ask for proof and header at the very block whose hash you trust.";
} delegating {
    AnchorError::Header(error) => error;
    AnchorError::Extra(error) => error;
    AnchorError::Bft(error) => error;
});

codes!(EXTRA, ExtraError, |error| error, {
    ExtraError::Rule { .. } => "extra.rule",
        "Headers of such a chain have no validators and no committed seals.",
        "An anchor by validators was asked for on a chain that is neither QBFT nor IBFT.",
        "Name the chain's rule, or pin a hash.";
    ExtraError::TooShort { .. } => "extra.too_short",
        "The header's extra data is too short for what its chain puts there.",
        "The chain's rule was mistaken, or the header is another chain's.",
        "Check by which rule the chain hashes, and which node answered.";
    ExtraError::Rlp { .. } => "extra.rlp",
        "A field in the header's extra data is not the canonical RLP that it should be.",
        "The chain's rule was mistaken (QBFT, IBFT 2.0 and IBFT 1 differ), or the header was altered.",
        "Check by which rule the chain hashes; the message names the field.";
    ExtraError::Vote => "extra.vote",
        "A vote in the header's extra data neither adds nor drops a validator.",
        "The chain's rule was mistaken: QBFT and IBFT 2.0 write a vote to drop differently.",
        "Check by which rule the chain hashes.";
    ExtraError::Signers { .. } => "extra.signers",
        "What stands between vanity and seal of a Clique header is no list of addresses.",
        "The chain is no Clique chain, or the header was altered.",
        "Check by which rule the chain hashes.";
});

codes!(BFT, BftError, |error| error, {
    BftError::TrustingPeriod => "bft.trusting_period",
        "The trusting period is 0 s.",
        "A field that was not filled in.",
        "Say for how long after their last block the validators are trusted.";
    BftError::Copies { .. } => "bft.copies",
        "One to eight copies of a block are taken at a time.",
        "Every node's copy was handed over.",
        "Choose the copies whose seals differ: two are nearly always enough.";
    BftError::Expired { .. } => "bft.expired",
        "The validators are no longer trusted: their last block that was taken is too long ago.",
        "The device was away for longer than the trusting period.",
        "Begin anew at a header whose hash somebody vouches for.";
    BftError::Lower { .. } => "bft.lower",
        "The block is lower than the highest one that the anchor has taken.",
        "A node that is behind, or somebody who wants an old state believed.",
        "Ask for a newer block; prove an older one from a trusted newer one.";
    BftError::Older { .. } => "bft.older",
        "The block is higher than the last one that the anchor has taken, and older.",
        "Another chain's block, or validators whose clocks went back.",
        "Check which chain the node serves.";
    BftError::Conflict { .. } => "bft.conflict",
        "The anchor has taken another block at this height.",
        "Another chain under the same validators' keys, or validators that sealed two blocks of one height.",
        "Trust neither until it is known which: two final blocks of one chain prove a fraud.";
    BftError::Parent { .. } => "bft.parent",
        "The block comes next after the last one that the anchor has taken, and follows another.",
        "Another chain under the same validators' keys, or validators that sealed two blocks of one height.",
        "Check which chain the node serves.";
    BftError::EmptySet => "bft.empty_set",
        "The header lists no validators.",
        "The chain keeps its validators in a contract.",
        "Pin a hash there.";
    BftError::DuplicateValidator { .. } => "bft.duplicate_validator",
        "The header lists a validator twice.",
        "Tampering.",
        "Fetch the header from another node.";
    BftError::TooManyValidators { .. } => "bft.too_many_validators",
        "The header lists more validators than there is memory for.",
        "A larger network than the device was built for.",
        "Build with a greater number of validators.";
    BftError::SetChange { .. } => "bft.set_change",
        "More than one validator came or went since the last block that the anchor has taken.",
        "Headers between them were left out.",
        "Hand over a header of each set of validators in between, in order.";
    BftError::NotMember { .. } => "bft.not_member",
        "A committed seal is by nobody whom the header lists.",
        "The seal is of another block, round or rule, which gives a stranger's address, or by a stranger.",
        "Fetch the header from another node; check by which rule the chain hashes.";
    BftError::DuplicateSeal { .. } => "bft.duplicate_seal",
        "A validator sealed the block twice.",
        "Somebody wants one validator counted as two.",
        "Fetch the header from another node.";
    BftError::Quorum { .. } => "bft.quorum",
        "Too few of the header's validators sealed it: two thirds must, rounded up.",
        "A node whose own check asks for fewer seals, or a header that was not final.",
        "Unite the seals of several nodes' copies of the block, or take a later block.";
    BftError::OldQuorum { .. } => "bft.old_quorum",
        "Too few of the validators that were trusted before sealed the change of the set.",
        "After a validator has left, a node keeps one seal fewer than its old colleagues' quorum.",
        "Unite the seals of several nodes' copies of the block, or take a later block of the same set.";
    BftError::OtherBlock { .. } => "bft.other_block",
        "The copies are not of one block.",
        "The nodes were asked at different heights.",
        "Ask every node for the same block, by its hash.";
    BftError::OtherRound { .. } => "bft.other_round",
        "The copies were sealed in different rounds.",
        "A block can be sealed again in a later round; seals of two rounds sign different things.",
        "Unite copies of one round, or take another block.";
} delegating {
    BftError::Seal { error, .. } => error;
});

codes!(SEAL, SealError, |error| error, {
    SealError::Parity { .. } => "seal.parity",
        "A seal does not end with 0 or 1, the parity of y.",
        "Another chain's seal, or tampering.",
        "Fetch the header from another node.";
} delegating {
    SealError::Signature(error) => error;
});

codes!(STATE, StateError, |error| error, {
    StateError::Version { .. } => "anchor_state.version",
        "The anchor's state has a version that is not known here.",
        "It was written by newer software.",
        "Update, or begin anew at a header whose hash somebody vouches for.";
    StateError::Length { .. } => "anchor_state.length",
        "The anchor's state has not as many bytes as its validators need.",
        "It was cut off, or is something else.",
        "Begin anew at a header whose hash somebody vouches for.";
    StateError::Check => "anchor_state.check",
        "The anchor's state was not written whole, or has changed since.",
        "Power was lost while it was written, or the memory forgets.",
        "Keep two states and write them by turns; read the other one.";
    StateError::Rule { .. } => "anchor_state.rule",
        "The anchor's state has a hash rule that is not known here.",
        "It was written by newer software.",
        "Update the software.";
    StateError::Order => "anchor_state.order",
        "The validators in the anchor's state are out of order.",
        "It was not written by this library.",
        "Begin anew at a header whose hash somebody vouches for.";
} delegating {
    StateError::Validators(error) => error;
});

codes!(CLIQUE, CliqueError, |error| error, {
    CliqueError::NotSigner { .. } => "clique.not_signer",
        "The header is sealed by nobody of the chain's signers.",
        "Signers came since they were listed, or the header is another chain's.",
        "Take the signers from the last epoch's first block and the votes since.";
} delegating {
    CliqueError::Header(error) => error;
    CliqueError::Extra(error) => error;
    CliqueError::Seal(error) => error;
});

codes!(STEP, StepError, |error| error, {
    StepError::NotOlder { .. } => "step.not_older",
        "A header of the ancestry is not of an older block than the one before.",
        "The headers were put in another order, or one stands there twice.",
        "Ask for the bundle again.";
    StepError::OutOfRange { .. } => "step.out_of_range",
        "A header of the ancestry is more than 8191 blocks older than the one before.",
        "A block keeps the hashes of that many before it (EIP-2935): the step is too long.",
        "Go there by more steps, or trust a block that is nearer.";
    StepError::NoHistory => "step.no_history",
        "The chain has no contract that keeps the hashes of blocks.",
        "A chain whose rules are older than Prague, so that EIP-2935 does not hold there.",
        "Trust a block that is nearer, and go back from header to header.";
    StepError::HistoryCode { .. } => "step.history_code",
        "The code where EIP-2935's contract should be is another.",
        "A chain that puts something of its own there; what it keeps cannot be believed.",
        "Trust a block that is nearer, and go back from header to header.";
    StepError::NoHash { .. } => "step.no_hash",
        "The contract of EIP-2935 keeps no hash of the block.",
        "The block is from before the fork that began to keep them.",
        "Trust a block that is nearer, and go back from header to header.";
    StepError::HashMismatch { .. } => "step.hash_mismatch",
        "A header of the ancestry is of another block than the one before knows.",
        "The header was altered, or is from another chain or a fork that was abandoned.",
        "Ask for the bundle again, from another node.";
} delegating {
    StepError::Header(error) => error;
    StepError::Trie(error) => error;
});

pub(super) const FOLLOW: &[Entry] = &[
    Entry {
        code: "follow.no_block",
        meaning: "There is no block of that number.",
        cause: "The node is behind, or the headers at hand are too few.",
        remedy: "Ask another node, or give the header of the block that the message names.",
    },
    Entry {
        code: "follow.number",
        meaning: "Another block came than the one that was asked for.",
        cause: "The node is faulty or lies.",
        remedy: "Ask another node.",
    },
];

impl<E: Code> Code for FollowError<E> {
    fn code(&self) -> &'static str {
        match self {
            Self::Fetch(error) => error.code(),
            Self::NoBlock { .. } => "follow.no_block",
            Self::Number { .. } => "follow.number",
            Self::Anchor { error, .. } => error.code(),
        }
    }
}
