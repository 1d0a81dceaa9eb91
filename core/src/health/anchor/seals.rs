//! Counting the committed seals of one block.

use super::error::{AnchorError, BftError, SealError};
use super::extra::{BftExtra, SEAL};
use super::set::Set;
use crate::chain::signature::{Signature, SignatureError};
use crate::matter::bytes::{Address, B256};

/// A member's seal, and the copy of the block in which it was found.
#[derive(Clone, Copy)]
struct Found<'a> {
    copy: usize,
    seal: &'a [u8; SEAL],
}

/// Who of the listed validators sealed a block.
pub(super) struct Seals<'s, 'a, const N: usize> {
    listed: &'s Set<N>,
    commit_hash: B256,
    /// One for each of the listed.
    found: [Option<Found<'a>>; N],
}

impl<'s, 'a, const N: usize> Seals<'s, 'a, N> {
    pub(super) const fn new(listed: &'s Set<N>, commit_hash: B256) -> Self {
        Self { listed, commit_hash, found: [None; N] }
    }

    /// Adds the seals of a copy: each by a member, no two by the same.
    ///
    /// A seal that stands in an earlier copy is not recovered again.
    pub(super) fn add(&mut self, copy: usize, extra: &BftExtra<'a>) -> Result<(), AnchorError> {
        for (index, seal) in extra.seals().enumerate() {
            let known = self.found.iter().position(|found| found.is_some_and(|found| found.seal == seal));
            let place = match known {
                Some(place) => place,
                None => self.place(copy, index, seal)?,
            };
            let Some(found) = self.found.get_mut(place) else { continue };
            if let Some(Found { copy: earlier, .. }) = found
                && *earlier == copy
            {
                let signer = self.listed.members().get(place).copied().unwrap_or_default();
                return Err(BftError::DuplicateSeal { copy, index, signer }.into());
            }
            *found = Some(Found { copy, seal });
        }
        Ok(())
    }

    /// The member who sealed.
    fn place(&self, copy: usize, index: usize, seal: &[u8; SEAL]) -> Result<usize, BftError> {
        let signer =
            signer(seal, &self.commit_hash).map_err(|error| BftError::Seal { copy, index, error })?;
        self.listed.position(&signer).ok_or(BftError::NotMember { copy, index, signer })
    }

    /// Checks that enough of the listed sealed, and enough of those who are trusted so far.
    pub(super) fn check_quorums(&self, trusted: &Set<N>) -> Result<(), BftError> {
        let signers = || {
            let members = self.listed.members().iter().zip(&self.found);
            members.filter_map(|(member, found)| found.as_ref().map(|_| member))
        };
        let (found, needed) = (signers().count(), self.listed.quorum());
        if found < needed {
            return Err(BftError::Quorum { found, needed });
        }
        let found = signers().filter(|signer| trusted.position(signer).is_some()).count();
        let needed = trusted.quorum();
        if found < needed { Err(BftError::OldQuorum { found, needed }) } else { Ok(()) }
    }
}

/// Who sealed a hash: r ‖ s ‖ the parity of y, 0 or 1.
pub(super) fn signer(seal: &[u8; SEAL], hash: &B256) -> Result<Address, SealError> {
    let (halves, parity) = seal.as_chunks::<32>();
    let ([r, s], [parity]) = (halves, parity) else { return Err(SignatureError::OutOfRange.into()) };
    let y_parity = match parity {
        0 => false,
        1 => true,
        found => return Err(SealError::Parity { found: *found }),
    };
    let signature = Signature { r: B256(*r), s: B256(*s), y_parity };
    Ok(signature.recover(hash)?)
}
