//! Validators vouch by their committed seals: QBFT, IBFT 2.0, IBFT 1.
//!
//! Under Byzantine fault tolerance one header with its seals is final, and a device needs no others: it
//! remembers who the validators are, and takes any later header that enough of them sealed.
//!
//! # What is trusted
//!
//! A header must be sealed by at least two thirds, rounded up, of the validators that it lists, and by
//! as many of those that the anchor remembers; the two sets may differ by one member. Any later header
//! that lists the new set will do, also one of another height than that of the change. Where one more
//! seal is needed than a node keeps (after 5 → 4 validators it has 3, and the old quorum is 4), seals of
//! several nodes' copies of one block are united: copies differ in their seals alone, and **seals are no
//! part of a block's hash**.
//!
//! # What is assumed
//!
//! - For the trusting period, from the time of the last block that was taken, more than two thirds of its
//!   validators are honest and keep their keys, also those who have left since.
//! - Validators' keys are never shared between chains. Headers name no chain: what is refused is another
//!   block at the height last seen, and a next block that does not follow it. A block further on is taken
//!   if the same keys sealed it, on whichever chain.
//! - A round is not part of the block either; a seal of another round, put into a header, gives a
//!   stranger's address, and is refused as such.
//!
//! # How Besu and `GoQuorum` differ
//!
//! - **Quorum.** `GoQuorum`'s nodes commit with ⌈2n/3⌉ seals, but its check of a header is content with a
//!   third and one more (IBFT 1's with as few as 2f + 1, which is 3 of 5). Besu's wants ⌈2n/3⌉. So does
//!   this anchor, always: fewer seals can stand on a block that is not final.
//! - **IBFT 2.0 and QBFT.** Both are called IBFT's successors and hash differently: QBFT empties the list
//!   of seals and sets the round 0; IBFT 2.0, which is Besu's alone, leaves both out. A round of QBFT is an
//!   RLP integer, in IBFT 2.0 it has 4 bytes. No vote is `[]` in QBFT, the empty string in IBFT 2.0; a vote
//!   to drop is the empty string in QBFT, a zero byte in IBFT 2.0.
//! - **IBFT 1** (`GoQuorum`) keeps the proposer's seal in the block hash, tells no round, and its committed
//!   seals sign the block hash ‖ 2, hashed again; in QBFT and IBFT 2.0 they sign the header's hash itself.
//! - **Vanity.** 32 bytes in all; Besu's are zero, `GoQuorum`'s name its build. Not looked at.
//! - **Order.** Later headers list validators ascending, a genesis block as its author wrote them: they
//!   are read as sets. Seals come in any order, and the proposer need not be among the signers.
//!
//! Chains that keep their validators in a contract list none in their headers: pin a hash there.

use super::error::{AnchorError, BftError};
use super::extra::BftExtra;
use super::hash_rule::HashRule;
use super::seals::Seals;
use super::set::Set;
use super::trusted::{Anchor, TrustedHeader};
use crate::chain::header::Header;
use crate::matter::bytes::{Address, B256};

/// Most copies of a block whose seals are united.
pub const MAX_COPIES: usize = 8;

/// An anchor by which the validators of a QBFT or IBFT chain vouch for headers: at most `N` of them.
///
/// It remembers the highest block that it took, and takes none that is lower, or older.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bft<const N: usize> {
    pub(super) rule: HashRule,
    pub(super) trusting_period: u64,
    pub(super) number: u64,
    pub(super) time: u64,
    pub(super) hash: B256,
    pub(super) validators: Set<N>,
}

impl<const N: usize> Bft<N> {
    /// Begins at a header that another anchor vouches for, with the validators that it lists; they are
    /// trusted for `trusting_period` seconds from their last block on.
    ///
    /// # Errors
    ///
    /// [`AnchorError::Extra`]: the chain is no QBFT or IBFT chain; [`BftError::TrustingPeriod`],
    /// [`BftError::EmptySet`], [`BftError::DuplicateValidator`], [`BftError::TooManyValidators`].
    pub fn start(first: &TrustedHeader<'_>, trusting_period: u64) -> Result<Self, AnchorError> {
        let (rule, header) = (first.hash_rule(), first.header());
        let extra = BftExtra::decode(rule, header.extra_data()).map_err(AnchorError::Extra)?;
        if trusting_period == 0 {
            return Err(BftError::TrustingPeriod.into());
        }
        let validators = Set::new(extra.validators())?;
        let (number, time, hash) = (header.number(), header.timestamp(), first.hash());
        Ok(Self { rule, trusting_period, number, time, hash, validators })
    }

    /// How the chain hashes its headers.
    #[must_use]
    pub const fn hash_rule(&self) -> HashRule {
        self.rule
    }

    /// How long the validators are trusted from their last block on, in seconds.
    #[must_use]
    pub const fn trusting_period(&self) -> u64 {
        self.trusting_period
    }

    /// Number of the highest block taken.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// Its time, in Unix seconds.
    #[must_use]
    pub const fn time(&self) -> u64 {
        self.time
    }

    /// Its hash.
    #[must_use]
    pub const fn hash(&self) -> B256 {
        self.hash
    }

    /// The validators that it lists, ascending.
    #[must_use]
    pub fn validators(&self) -> &[Address] {
        self.validators.members()
    }

    /// How many of the validators must seal a block.
    #[must_use]
    pub fn quorum(&self) -> usize {
        self.validators.quorum()
    }

    /// The anchor itself, while its validators are trusted. `now` is the time in Unix seconds, or a time
    /// that is known to be past; without any, the time of each header is held against the period.
    ///
    /// # Errors
    ///
    /// [`BftError::Expired`]: begin anew at a header that is vouched for otherwise.
    pub fn trusted_at(&self, now: u64) -> Result<&Self, AnchorError> {
        let until = self.time.saturating_add(self.trusting_period);
        if now > until { Err(BftError::Expired { until, time: now }.into()) } else { Ok(self) }
    }

    /// As [`Anchor::trust`], with the seals of several copies of one block.
    ///
    /// # Errors
    ///
    /// As [`Anchor::trust`]; [`BftError::Copies`], [`BftError::OtherBlock`], [`BftError::OtherRound`].
    pub fn trust_united<'a>(&self, copies: &[&'a [u8]]) -> Result<TrustedHeader<'a>, AnchorError> {
        self.check(copies).map(|(trusted, _)| trusted)
    }

    /// Trusts a header and remembers it: its block is the highest now, its validators are those to come.
    ///
    /// # Errors
    ///
    /// As [`Anchor::trust`]; the anchor stays as it was.
    pub fn advance<'a>(&mut self, header: &'a [u8]) -> Result<TrustedHeader<'a>, AnchorError> {
        self.advance_united(&[header])
    }

    /// As [`Self::advance`], with the seals of several copies of one block.
    ///
    /// # Errors
    ///
    /// As [`Self::trust_united`]; the anchor stays as it was.
    pub fn advance_united<'a>(&mut self, copies: &[&'a [u8]]) -> Result<TrustedHeader<'a>, AnchorError> {
        let (trusted, validators) = self.check(copies)?;
        if let Some(validators) = validators {
            let header = trusted.header();
            (self.number, self.time, self.hash) = (header.number(), header.timestamp(), trusted.hash());
            self.validators = validators;
        }
        Ok(trusted)
    }

    /// The header of the copies if it is trusted, and its validators if it is not the one last taken.
    fn check<'a>(&self, copies: &[&'a [u8]]) -> Result<(TrustedHeader<'a>, Option<Set<N>>), AnchorError> {
        let ([first, others @ ..], ..=MAX_COPIES) = (copies, copies.len()) else {
            return Err(BftError::Copies { found: copies.len() }.into());
        };
        let (header, extra, hash) = self.read(first)?;
        let trusted = TrustedHeader::new(header, hash, self.rule);
        self.check_place(&header, hash)?;
        if header.number() == self.number {
            return Ok((trusted, None));
        }
        let listed = Set::new(extra.validators())?;
        self.validators.check_change(&listed)?;
        let commit_hash = self.rule.commit_hash(&header, &extra, hash).map_err(AnchorError::Header)?;
        let mut seals = Seals::new(&listed, commit_hash);
        seals.add(0, &extra)?;
        for (copy, raw) in (1..).zip(others) {
            let (_, extra_of_copy, found) = self.read(raw)?;
            if found != hash {
                return Err(BftError::OtherBlock { copy, expected: hash, found }.into());
            }
            if extra_of_copy.round() != extra.round() {
                let (expected, found) = (extra.round(), extra_of_copy.round());
                return Err(BftError::OtherRound { copy, expected, found }.into());
            }
            seals.add(copy, &extra_of_copy)?;
        }
        seals.check_quorums(&self.validators)?;
        Ok((trusted, Some(listed)))
    }

    fn read<'a>(&self, raw: &'a [u8]) -> Result<(Header<'a>, BftExtra<'a>, B256), AnchorError> {
        let header = Header::decode(raw).map_err(AnchorError::Header)?;
        let extra = BftExtra::decode(self.rule, header.extra_data()).map_err(AnchorError::Extra)?;
        let hash = self.rule.block_hash(&header, &extra).map_err(AnchorError::Header)?;
        Ok((header, extra, hash))
    }

    /// Checks that a header can come after the one last taken, or is the same.
    fn check_place(&self, header: &Header<'_>, hash: B256) -> Result<(), AnchorError> {
        let (number, time) = (header.number(), header.timestamp());
        if number < self.number {
            return Err(BftError::Lower { highest: self.number, found: number }.into());
        }
        if number == self.number {
            return match self.hash {
                expected if expected == hash => Ok(()),
                expected => Err(BftError::Conflict { number, expected, found: hash }.into()),
            };
        }
        if time < self.time {
            return Err(BftError::Older { latest: self.time, found: time }.into());
        }
        if number.checked_sub(1) == Some(self.number) && header.parent_hash() != self.hash {
            let (expected, found) = (self.hash, header.parent_hash());
            return Err(BftError::Parent { expected, found }.into());
        }
        self.trusted_at(time).map(|_| ())
    }
}

impl<const N: usize> Anchor for Bft<N> {
    /// Checks the seals of a header; the block last taken needs none, by its hash. Time: one recovery a
    /// seal. The anchor does not move: see [`Bft::advance`].
    ///
    /// # Errors
    ///
    /// [`AnchorError::Header`], [`AnchorError::Extra`], [`AnchorError::Bft`].
    fn trust<'a>(&self, header: &'a [u8]) -> Result<TrustedHeader<'a>, AnchorError> {
        self.trust_united(&[header])
    }
}
