//! From a bundle to a decision.

use core::fmt;

use super::bundle::{Bundle, BundleError};
use super::decide::decide_at;
use super::decision::Decision;
use super::request::{MAX_SLOTS, Request};
use crate::chain::header::Header;
use crate::chain::trie::{Key, Keys, NodeRef, NodeSet, TrieError};
use crate::health::anchor::{Anchor, AnchorError};
use crate::health::contract::WordError;
use crate::matter::batch::{BatchKeccak, OneByOne};
use crate::matter::bytes::{Address, B256, U256};

/// The contract whose word is law for a verifier: pinned, never taken from a bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deployment<'a> {
    /// The chain that it is on.
    pub chain_id: u64,
    /// Its address.
    pub contract: Address,
    /// The hashes of the runtime codes that are accepted there.
    pub code_hashes: &'a [B256],
}

/// What a verifier puts up with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Policy<'a> {
    /// Whether a storage leaf of value zero is taken for an absence: for Anvil, and only there.
    pub accept_zero_leaves: bool,
    /// Issuers whose credentials count as none, whatever the contract's registrar thinks of them.
    pub distrusted_issuers: &'a [Address],
}

/// What a verifier knows of the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// Now, in Unix seconds.
    pub now: u64,
    /// How old a block may be, in seconds.
    pub max_age: u64,
    /// How far ahead of the clock a block may be, in seconds.
    pub max_skew: u64,
}

impl Clock {
    /// How old a block of this time is, in seconds; 0 where it is ahead.
    ///
    /// # Errors
    ///
    /// [`VerifyError::Stale`], [`VerifyError::Future`].
    pub fn age_of(&self, block_time: u64) -> Result<u64, VerifyError> {
        let Self { now, max_age, max_skew } = *self;
        if block_time > now.saturating_add(max_skew) {
            return Err(VerifyError::Future { block_time, now, max_skew });
        }
        let age = now.saturating_sub(block_time);
        if age > max_age {
            return Err(VerifyError::Stale { block_time, now, max_age });
        }
        Ok(age)
    }
}

/// A decision as of now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The decision.
    pub decision: Decision,
    /// Number of the block whose state decided.
    pub block_number: u64,
    /// Its time, in Unix seconds.
    pub block_time: u64,
    /// Seconds between the block and the clock; 0 where the block is ahead.
    pub age: u64,
}

/// A decision as of a block, by a device without a clock or about the past. It permits nothing now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerdictAsOf {
    /// The decision.
    pub decision: Decision,
    /// Number of the block whose state decided.
    pub block_number: u64,
    /// Its time, in Unix seconds.
    pub block_time: u64,
}

impl VerdictAsOf {
    /// The decision as of now, where the block is neither too old nor from the future.
    ///
    /// # Errors
    ///
    /// [`VerifyError::Stale`], [`VerifyError::Future`].
    pub fn at(self, clock: &Clock) -> Result<Verdict, VerifyError> {
        let Self { decision, block_number, block_time } = self;
        let age = clock.age_of(block_time)?;
        Ok(Verdict { decision, block_number, block_time, age })
    }
}

/// Verifies a bundle against a trusted block and a pinned contract, and decides the request now.
///
/// The request is decided at its own time or the block's, whichever is later. `memory` needs one entry
/// for each node. Time: one hash a node.
///
/// # Errors
///
/// [`VerifyError`]: nothing was proved, which is not a deny.
pub fn verify<'a>(
    bundle: &'a [u8],
    anchor: &impl Anchor,
    deployment: &Deployment<'_>,
    request: &Request,
    policy: &Policy<'_>,
    clock: &Clock,
    memory: &mut [NodeRef<'a>],
) -> Result<Verdict, VerifyError> {
    let answer = verify_as_of(bundle, anchor, deployment, request, policy, memory)?;
    answer.at(clock)
}

/// As [`verify`], without a clock: the answer holds as of the block.
///
/// # Errors
///
/// [`VerifyError`]: nothing was proved, which is not a deny.
pub fn verify_as_of<'a>(
    bundle: &'a [u8],
    anchor: &impl Anchor,
    deployment: &Deployment<'_>,
    request: &Request,
    policy: &Policy<'_>,
    memory: &mut [NodeRef<'a>],
) -> Result<VerdictAsOf, VerifyError> {
    verify_as_of_with(bundle, anchor, deployment, request, policy, memory, &OneByOne)
}

/// As [`verify_as_of`], with a hasher of the caller's.
///
/// # Errors
///
/// [`VerifyError`]: nothing was proved, which is not a deny.
pub fn verify_as_of_with<'a>(
    bundle: &'a [u8],
    anchor: &impl Anchor,
    deployment: &Deployment<'_>,
    request: &Request,
    policy: &Policy,
    memory: &mut [NodeRef<'a>],
    hasher: &impl BatchKeccak,
) -> Result<VerdictAsOf, VerifyError> {
    let mut slots = heapless::Vec::<_, MAX_SLOTS>::new();
    for slot in request.required_slots() {
        // Never full: there is room for as many as a request can need.
        let _ = slots.push(Key::new(slot));
    }
    let mut words = heapless::Vec::<U256, MAX_SLOTS>::new();
    let word = &mut |word| {
        // Never full: there are as many words as slots.
        let _ = words.push(word);
    };
    let accept_zero_leaves = policy.accept_zero_leaves;
    let header =
        prove_words(bundle, anchor, deployment, &mut slots, accept_zero_leaves, memory, hasher, word)?;
    let time = request.time().max(header.timestamp());
    let consent = request.consent().map(|it| it.before(deployment.chain_id, deployment.contract));
    let decision = decide_at(request, time, consent.as_ref(), &words, policy.distrusted_issuers)
        .map_err(VerifyError::Word)?;
    Ok(VerdictAsOf { decision, block_number: header.number(), block_time: header.timestamp() })
}

/// Proves the words of the pinned contract in `slots` by a bundle of them and no others, gives each to
/// `word` in their order, and the header of their block.
#[expect(clippy::too_many_arguments, reason = "what is verified, against what, in whose memory")]
pub(super) fn prove_words<'a>(
    bundle: &'a [u8],
    anchor: &PinnedHash,
    deployment: &Deployment<'_>,
    slots: &mut [Key<B256>],
    accept_zero_leaves: bool,
    memory: &mut [NodeRef<'a>],
    hasher: &impl BatchKeccak,
    word: &mut dyn FnMut(U256),
) -> Result<Header<'a>, VerifyError> {
    let bundle = Bundle::decode(bundle).map_err(VerifyError::Bundle)?;
    if bundle.chain_id() != deployment.chain_id {
        let (expected, found) = (deployment.chain_id, bundle.chain_id());
        return Err(VerifyError::Chain { expected, found });
    }
    if bundle.contract() != deployment.contract {
        let (expected, found) = (deployment.contract, bundle.contract());
        return Err(VerifyError::Contract { expected, found });
    }
    let trusted = anchor.trust(bundle.header()).map_err(VerifyError::Anchor)?;
    let header = *trusted.header();
    let mut contract = [Key::new(deployment.contract)];
    let keys = Keys { accounts: &mut contract, slots };
    let mut nodes = NodeSet::batched(bundle.nodes(), keys, memory, hasher).map_err(VerifyError::Trie)?;
    if accept_zero_leaves {
        nodes = nodes.accepting_zero_leaves();
    }
    let [contract] = &contract;
    let account = nodes.account(header.state_root(), contract).map_err(VerifyError::Trie)?;
    let account = account.ok_or(VerifyError::NoContract { contract: deployment.contract })?;
    if !deployment.code_hashes.contains(&account.code_hash) {
        return Err(VerifyError::CodeHash { found: account.code_hash });
    }
    for slot in slots.iter() {
        word(nodes.storage(account.storage_root, slot).map_err(VerifyError::Trie)?);
    }
    nodes.finish().map_err(VerifyError::Trie)?;
    Ok(header)
}

/// Why nothing was proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerifyError {
    /// The bytes are no proof bundle.
    Bundle(BundleError),
    /// The bundle is from another chain.
    Chain {
        /// The pinned chain.
        expected: u64,
        /// The bundle's.
        found: u64,
    },
    /// The bundle is about another contract.
    Contract {
        /// The pinned contract.
        expected: Address,
        /// The bundle's.
        found: Address,
    },
    /// The header is not trusted.
    Anchor(AnchorError),
    /// The nodes prove nothing.
    Trie(TrieError),
    /// There is no account at the contract's address.
    NoContract {
        /// The address.
        contract: Address,
    },
    /// The account has another code than those that are pinned.
    CodeHash {
        /// The hash of its code.
        found: B256,
    },
    /// A word is not understood.
    Word(WordError),
    /// The block is too old.
    Stale {
        /// The block's time, in Unix seconds.
        block_time: u64,
        /// The clock's time.
        now: u64,
        /// How old it may be, in seconds.
        max_age: u64,
    },
    /// The block is from the future.
    Future {
        /// The block's time, in Unix seconds.
        block_time: u64,
        /// The clock's time.
        now: u64,
        /// How far ahead it may be, in seconds.
        max_skew: u64,
    },
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bundle(error) => error.fmt(f),
            Self::Chain { expected, found } => {
                write!(f, "the proof bundle is from chain {found}: expected {expected}")
            }
            Self::Contract { expected, found } => {
                write!(f, "the proof bundle is about the contract {found}: expected {expected}")
            }
            Self::Anchor(error) => error.fmt(f),
            Self::Trie(error) => error.fmt(f),
            Self::NoContract { contract } => write!(f, "there is no contract at {contract}"),
            Self::CodeHash { found } => {
                write!(f, "the contract's code has the hash {found}, which is none of the pinned ones")
            }
            Self::Word(error) => error.fmt(f),
            Self::Stale { block_time, now, max_age } => write!(
                f,
                "the block is {} s old: at most {max_age} s are accepted",
                now.saturating_sub(*block_time)
            ),
            Self::Future { block_time, now, max_skew } => write!(
                f,
                "the block is {} s ahead of the clock: at most {max_skew} s are accepted",
                block_time.saturating_sub(*now)
            ),
        }
    }
}

impl core::error::Error for VerifyError {}
