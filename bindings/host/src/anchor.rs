//! Following a chain for a device: from the state of its anchor to a newer block, by as few headers as prove
//! the way.
//!
//! The rules are those of [`Bft`]: a header is taken where enough of the validators that the anchor remembers
//! sealed it. Only where they changed by more than one, or were trusted no longer, others are needed between.

use core::fmt;

use healthrecord_core::chain::header::Header;
use healthrecord_core::health::anchor::{AnchorError, Bft, BftError, MAX_COPIES, STATE_HEAD_LEN};
use healthrecord_core::matter::sink::Buffer;

/// Most validators of a chain that is followed here: as many as a state can name.
pub const MAX_VALIDATORS: usize = 255;

/// Greatest size of a state, in bytes.
pub const MAX_STATE_LEN: usize = STATE_HEAD_LEN + 20 * MAX_VALIDATORS;

/// An anchor of as many validators as there can be.
pub type Validators = Bft<MAX_VALIDATORS>;

/// The state of an anchor, to be kept; [`Bft::decode`] reads it.
#[must_use]
pub fn state<const N: usize>(anchor: &Bft<N>) -> Vec<u8> {
    let mut memory = vec![0; STATE_HEAD_LEN + 20 * anchor.validators().len()];
    // Never full: the memory is as long as the state.
    let _ = anchor.write(&mut Buffer::new(&mut memory));
    memory
}

/// Advances an anchor to block `newest`.
///
/// `fetch` gives the RLP of a block's header by its number, as the node at a position among several has it,
/// from 0; `None` behind the last node, and where there is no such block. Nodes hold different seals of one
/// block: others than the first are asked only where more seals are needed. How many blocks are asked for is
/// bounded by the changes of validators, times the logarithm of the distance, and some more where no node has
/// the seals of a change.
///
/// # Errors
///
/// [`FollowError`]; the anchor has then come as far as the headers prove, which may be kept.
pub fn follow<const N: usize, E>(
    anchor: &mut Bft<N>,
    newest: u64,
    mut fetch: impl FnMut(u64, usize) -> Result<Option<Vec<u8>>, E>,
) -> Result<(), FollowError<E>> {
    // The blocks that wait for an older one, each older than the one before.
    let newest = Block::fetch(newest, &mut fetch)?.ok_or(FollowError::NoBlock { number: newest })?;
    let mut waiting = vec![newest];
    let mut searches = 0;
    while let Some(block) = waiting.last_mut() {
        let error = match block.advance(anchor) {
            Ok(()) => {
                waiting.pop();
                continue;
            }
            Err(error) => error,
        };
        let number = block.number;
        let refused = FollowError::Anchor { number, error };
        let AnchorError::Bft(error) = error else { return Err(refused) };
        if block.drop_copy(&error) || (lacks_seals(&error) && block.add_copy(&mut fetch)?) {
            continue;
        }
        let lacks_old_seals = matches!(error, BftError::OldQuorum { .. });
        let middle = between(anchor.number(), number).filter(|_| is_far(&error) && !block.is_search);
        let next = match middle {
            Some(middle) => Block::fetch(middle, &mut fetch)?,
            // No block between is left. A later one that lists the same validators may have more seals.
            None if lacks_old_seals && searches < MAX_SEARCHES => {
                searches += 1;
                let mut later = number;
                // Those that wait were refused already.
                while waiting.pop_if(|block| block.number == later).is_some() {
                    later = later.saturating_add(1);
                }
                let next = if waiting.is_empty() { None } else { Block::fetch(later, &mut fetch)? };
                next.map(|next| Block { is_search: true, ..next })
            }
            None => None,
        };
        waiting.push(next.ok_or(refused)?);
    }
    Ok(())
}

/// Most blocks that are looked at one after the other for the seals of a change of validators.
const MAX_SEARCHES: usize = 32;

/// A block, as one node or several have it.
struct Block {
    number: u64,
    copies: Vec<Vec<u8>>,
    /// How many nodes were asked for it.
    asked: usize,
    /// Whether all between it and the anchor were refused.
    is_search: bool,
}

impl Block {
    fn fetch<E>(
        number: u64,
        fetch: &mut impl FnMut(u64, usize) -> Result<Option<Vec<u8>>, E>,
    ) -> Result<Option<Self>, FollowError<E>> {
        let mut block = Self { number, copies: vec![], asked: 0, is_search: false };
        Ok(block.add_copy(fetch)?.then_some(block))
    }

    /// Asks the next node for its copy; whether there is such a node.
    fn add_copy<E>(
        &mut self,
        fetch: &mut impl FnMut(u64, usize) -> Result<Option<Vec<u8>>, E>,
    ) -> Result<bool, FollowError<E>> {
        if self.copies.len() == MAX_COPIES {
            return Ok(false);
        }
        let Some(copy) = fetch(self.number, self.asked).map_err(FollowError::Fetch)? else {
            return Ok(false);
        };
        self.asked += 1;
        let (number, found) = (self.number, Header::decode(&copy).map(|header| header.number()));
        let wrong = |error| FollowError::Anchor { number, error: AnchorError::Header(error) };
        match found.map_err(wrong)? {
            found if found == number => self.copies.push(copy),
            found => return Err(FollowError::Number { expected: number, found }),
        }
        Ok(true)
    }

    /// Leaves out what another node than the first gave and is no good; whether there was such a copy.
    fn drop_copy(&mut self, error: &BftError) -> bool {
        let (BftError::Seal { copy: bad, .. }
        | BftError::NotMember { copy: bad, .. }
        | BftError::DuplicateSeal { copy: bad, .. }
        | BftError::OtherBlock { copy: bad, .. }
        | BftError::OtherRound { copy: bad, .. }) = *error
        else {
            return false;
        };
        let is_bad = (1..self.copies.len()).contains(&bad);
        if is_bad {
            self.copies.remove(bad);
        }
        is_bad
    }

    fn advance<const N: usize>(&self, anchor: &mut Bft<N>) -> Result<(), AnchorError> {
        let copies: Vec<&[u8]> = self.copies.iter().map(Vec::as_slice).collect();
        anchor.advance_united(&copies).map(|_| ())
    }
}

/// Whether another copy of the block may have the seals that this one lacks.
const fn lacks_seals(error: &BftError) -> bool {
    matches!(error, BftError::Quorum { .. } | BftError::OldQuorum { .. })
}

/// Whether an older block may lead on to the one that is refused so.
const fn is_far(error: &BftError) -> bool {
    matches!(error, BftError::SetChange { .. } | BftError::OldQuorum { .. } | BftError::Expired { .. })
}

/// The block in the middle of two that are not neighbours.
fn between(lower: u64, upper: u64) -> Option<u64> {
    let middle = lower.midpoint(upper);
    (lower < middle && middle < upper).then_some(middle)
}

/// Why an anchor did not come as far as it should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FollowError<E> {
    /// A header could not be fetched.
    Fetch(E),
    /// There is no block to advance to.
    NoBlock {
        /// Its number.
        number: u64,
    },
    /// Another block came than the one that was asked for.
    Number {
        /// The number asked for.
        expected: u64,
        /// The header's.
        found: u64,
    },
    /// A header is not trusted.
    Anchor {
        /// The number of its block.
        number: u64,
        /// Why.
        error: AnchorError,
    },
}

impl<E: fmt::Display> fmt::Display for FollowError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fetch(error) => error.fmt(f),
            Self::NoBlock { number } => write!(f, "there is no block {number}"),
            Self::Number { expected, found } => {
                write!(f, "block {found} came: block {expected} was asked for")
            }
            Self::Anchor { number, error } => write!(f, "block {number}: {error}"),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> core::error::Error for FollowError<E> {}
