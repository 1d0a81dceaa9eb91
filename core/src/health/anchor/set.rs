//! Sets of validators.

use super::error::BftError;
use crate::matter::bytes::Address;

/// Most validators that a set can have: the state counts them in one byte.
const MOST: usize = 255;

/// A set of validators: at least one, ascending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Set<const N: usize>(heapless::Vec<Address, N>);

impl<const N: usize> Set<N> {
    /// Most validators that there is memory for.
    pub(super) const MAX: usize = if N < MOST { N } else { MOST };

    /// The set of what is listed, in any order.
    pub(super) fn new(listed: impl Iterator<Item = Address>) -> Result<Self, BftError> {
        let mut set = heapless::Vec::new();
        for validator in listed {
            let Err(place) = set.binary_search(&validator) else {
                return Err(BftError::DuplicateValidator { validator });
            };
            if set.len() == Self::MAX || set.insert(place, validator).is_err() {
                return Err(BftError::TooManyValidators { max: Self::MAX });
            }
        }
        if set.is_empty() { Err(BftError::EmptySet) } else { Ok(Self(set)) }
    }

    /// The members, ascending.
    pub(super) fn members(&self) -> &[Address] {
        &self.0
    }

    /// Position of a member.
    pub(super) fn position(&self, member: &Address) -> Option<usize> {
        self.0.binary_search(member).ok()
    }

    /// How many members must seal: two thirds, rounded up.
    pub(super) fn quorum(&self) -> usize {
        self.0.len().saturating_mul(2).div_ceil(3)
    }

    /// Checks that `next` has the same members, or one more, or one fewer.
    pub(super) fn check_change(&self, next: &Self) -> Result<(), BftError> {
        let new_to =
            |set: &Self, other: &Self| other.0.iter().filter(|member| set.position(member).is_none()).count();
        let (added, removed) = (new_to(self, next), new_to(next, self));
        if added.saturating_add(removed) > 1 { Err(BftError::SetChange { added, removed }) } else { Ok(()) }
    }
}
