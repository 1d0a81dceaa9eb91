//! From a bundle to a decision.

use core::fmt;

use super::bundle::Bundle;
use super::clock::{Clock, Floor, Verdict, VerdictAfter, VerdictAsOf};
use super::decide::decide_at;
use super::envelope::{AncestorError, BundleError};
use super::request::{MAX_SLOTS, Request};
use crate::chain::header::Header;
use crate::chain::trie::{Key, Keys, NodeRef, NodeSet, TrieError};
use crate::health::anchor::{Anchor, AnchorError, TrustedHeader};
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
    verify_with(bundle, anchor, deployment, request, policy, clock, memory, &OneByOne)
}

/// As [`verify`], with a hasher of the caller's.
///
/// # Errors
///
/// [`VerifyError`]: nothing was proved, which is not a deny.
#[expect(clippy::too_many_arguments, reason = "those of `verify`, and the hasher")]
pub fn verify_with<'a>(
    bundle: &'a [u8],
    anchor: &impl Anchor,
    deployment: &Deployment<'_>,
    request: &Request,
    policy: &Policy<'_>,
    clock: &Clock,
    memory: &mut [NodeRef<'a>],
    hasher: &impl BatchKeccak,
) -> Result<Verdict, VerifyError> {
    let asked = Asked { deployment, request, policy, floor: 0 };
    let block = Opened::current(bundle, anchor, deployment)?;
    let age = clock.age_of(block.trusted.header().timestamp())?;
    let VerdictAfter { decision, block_number, block_time, .. } =
        asked.decide(&block, memory, hasher, |block, _| Ok(block))?;
    Ok(Verdict { decision, block_number, block_time, age })
}

/// As [`verify`], by a device that knows no more of the time than that some has surely come.
///
/// The request is decided at its own time, the block's or the floor, whichever is latest.
///
/// # Errors
///
/// [`VerifyError`]: nothing was proved, which is not a deny.
pub fn verify_after<'a>(
    bundle: &'a [u8],
    anchor: &impl Anchor,
    deployment: &Deployment<'_>,
    request: &Request,
    policy: &Policy<'_>,
    floor: &Floor,
    memory: &mut [NodeRef<'a>],
) -> Result<VerdictAfter, VerifyError> {
    verify_after_with(bundle, anchor, deployment, request, policy, floor, memory, &OneByOne)
}

/// As [`verify_after`], with a hasher of the caller's.
///
/// # Errors
///
/// [`VerifyError`]: nothing was proved, which is not a deny.
#[expect(clippy::too_many_arguments, reason = "those of `verify_after`, and the hasher")]
pub fn verify_after_with<'a>(
    bundle: &'a [u8],
    anchor: &impl Anchor,
    deployment: &Deployment<'_>,
    request: &Request,
    policy: &Policy<'_>,
    floor: &Floor,
    memory: &mut [NodeRef<'a>],
    hasher: &impl BatchKeccak,
) -> Result<VerdictAfter, VerifyError> {
    let asked = Asked { deployment, request, policy, floor: floor.time };
    let block = Opened::current(bundle, anchor, deployment)?;
    floor.admit(block.trusted.header().timestamp())?;
    asked.decide(&block, memory, hasher, |block, _| Ok(block))
}

/// As [`verify`], without a clock: the answer holds as of the block, which is the oldest of the bundle's
/// ancestry where it has one.
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
    policy: &Policy<'_>,
    memory: &mut [NodeRef<'a>],
    hasher: &impl BatchKeccak,
) -> Result<VerdictAsOf, VerifyError> {
    let asked = Asked { deployment, request, policy, floor: 0 };
    let block = Opened::new(bundle, anchor, deployment)?;
    let VerdictAfter { decision, block_number, block_time, .. } =
        asked.decide(&block, memory, hasher, block.oldest())?;
    Ok(VerdictAsOf { decision, block_number, block_time })
}

/// Whom the question is about, by which rules, and a time that has come when it is decided.
struct Asked<'q> {
    deployment: &'q Deployment<'q>,
    request: &'q Request,
    policy: &'q Policy<'q>,
    floor: u64,
}

impl Asked<'_> {
    /// Decides from the state of the block to which `oldest` leads from the trusted one.
    fn decide<'a>(
        &self,
        block: &Opened<'a>,
        memory: &mut [NodeRef<'a>],
        hasher: &impl BatchKeccak,
        oldest: impl FnOnce(TrustedHeader<'a>, &mut NodeSet<'a, '_>) -> Result<TrustedHeader<'a>, VerifyError>,
    ) -> Result<VerdictAfter, VerifyError> {
        let Self { deployment, request, policy, floor } = *self;
        let mut slots = heapless::Vec::<_, MAX_SLOTS>::new();
        for slot in request.required_slots() {
            // Never full: there is room for as many as a request can need.
            let _ = slots.push(Key::new(slot));
        }
        let mut words = heapless::Vec::<U256, MAX_SLOTS>::new();
        let mut proving =
            Proving { deployment, accept_zero_leaves: policy.accept_zero_leaves, memory, hasher };
        let header = block.prove_words(&mut proving, &mut slots, oldest, &mut |word| {
            // Never full: there are as many words as slots.
            let _ = words.push(word);
        })?;
        let time = request.time().max(header.timestamp()).max(floor);
        let consent = request.consent().map(|it| it.before(deployment.chain_id, deployment.contract));
        let decision = decide_at(request, time, consent.as_ref(), &words, policy.distrusted_issuers)
            .map_err(VerifyError::Word)?;
        let (block_number, block_time) = (header.number(), header.timestamp());
        Ok(VerdictAfter { decision, block_number, block_time, time })
    }
}

/// A bundle about the pinned contract, under a trusted header.
pub(super) struct Opened<'a> {
    bundle: Bundle<'a>,
    trusted: TrustedHeader<'a>,
}

/// How words are proved: of which contract, with which indulgence, in whose memory, by whose hashes.
pub(super) struct Proving<'p, 'a, H> {
    pub(super) deployment: &'p Deployment<'p>,
    pub(super) accept_zero_leaves: bool,
    pub(super) memory: &'p mut [NodeRef<'a>],
    pub(super) hasher: &'p H,
}

impl<'a> Opened<'a> {
    /// Reads a bundle about the pinned contract, and its trusted header.
    pub(super) fn new(
        bundle: &'a [u8],
        anchor: &impl Anchor,
        deployment: &Deployment<'_>,
    ) -> Result<Self, VerifyError> {
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
        Ok(Self { bundle, trusted })
    }

    /// As [`Self::new`], of a bundle whose trusted block itself answers.
    fn current(
        bundle: &'a [u8],
        anchor: &impl Anchor,
        deployment: &Deployment<'_>,
    ) -> Result<Self, VerifyError> {
        let opened = Self::new(bundle, anchor, deployment)?;
        if opened.bundle.envelope().ancestry.is_empty() { Ok(opened) } else { Err(VerifyError::Past) }
    }

    /// The oldest header of the bundle's ancestry, from the trusted one.
    pub(super) fn oldest(
        &self,
    ) -> impl FnOnce(TrustedHeader<'a>, &mut NodeSet<'a, '_>) -> Result<TrustedHeader<'a>, VerifyError> + use<'a>
    {
        let ancestry = self.bundle.envelope().ancestry;
        move |trusted, nodes| ancestry.oldest(trusted, nodes).map_err(VerifyError::Ancestor)
    }

    /// Proves the words of the pinned contract in `slots`, and by the bundle no others, in the state of the
    /// block to which `oldest` leads; gives each to `word`, in their order, and the header of that block.
    pub(super) fn prove_words<H: BatchKeccak>(
        &self,
        proving: &mut Proving<'_, 'a, H>,
        slots: &mut [Key<B256>],
        oldest: impl FnOnce(TrustedHeader<'a>, &mut NodeSet<'a, '_>) -> Result<TrustedHeader<'a>, VerifyError>,
        word: &mut dyn FnMut(U256),
    ) -> Result<Header<'a>, VerifyError> {
        let Proving { deployment, accept_zero_leaves, memory, hasher } = proving;
        let mut contract = [Key::new(deployment.contract)];
        let keys = Keys { accounts: &mut contract, slots };
        let mut nodes =
            NodeSet::batched(self.bundle.nodes(), keys, memory, *hasher).map_err(VerifyError::Trie)?;
        if *accept_zero_leaves {
            nodes = nodes.accepting_zero_leaves();
        }
        let block = oldest(self.trusted, &mut nodes)?;
        let header = block.header();
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
        Ok(*header)
    }
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
    /// An older header is not that of the trusted block's ancestor.
    Ancestor(AncestorError),
    /// The bundle proves an older block's state: only as of that block is there an answer.
    Past,
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
            Self::Ancestor(error) => error.fmt(f),
            Self::Past => {
                f.write_str("the proof bundle is about an older block: it answers only as of that block")
            }
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
