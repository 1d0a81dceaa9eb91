//! Validators for whom the caller vouches, where there is no block hash to pin.

use super::bft::Bft;
use super::error::{AnchorError, BftError};
use super::hash_rule::HashRule;
use super::set::Set;
use crate::chain::header::Header;
use crate::matter::bytes::Address;

impl<const N: usize> Bft<N> {
    /// Begins at a header that lists these validators and nobody else, and is sealed by enough of them; they
    /// are trusted for `trusting_period` seconds from their last block on.
    ///
    /// A genesis block is sealed by nobody: pin its hash instead, or begin at a later one.
    ///
    /// # Errors
    ///
    /// As [`Anchor::trust`](super::Anchor::trust); [`BftError::SetChange`] where others are listed,
    /// [`BftError::TrustingPeriod`].
    pub fn start_sealed(
        rule: HashRule,
        validators: impl Iterator<Item = Address>,
        header: &[u8],
        trusting_period: u64,
    ) -> Result<Self, AnchorError> {
        if trusting_period == 0 {
            return Err(BftError::TrustingPeriod.into());
        }
        let founders = Set::new(validators)?;
        let first = Header::decode(header).map_err(AnchorError::Header)?;
        let needed = founders.quorum();
        let number = first.number().checked_sub(1).ok_or(BftError::Quorum { found: 0, needed })?;
        let (time, hash) = (first.timestamp(), first.parent_hash());
        // As if it had taken the block before.
        let mut anchor = Self { rule, trusting_period, number, time, hash, validators: founders.clone() };
        anchor.advance(header)?;
        let (now, before) = (anchor.validators.members().len(), founders.members().len());
        if anchor.validators != founders {
            // They differ by one.
            let (added, removed) = (usize::from(now > before), usize::from(now < before));
            return Err(BftError::SetChange { added, removed }.into());
        }
        Ok(anchor)
    }
}
