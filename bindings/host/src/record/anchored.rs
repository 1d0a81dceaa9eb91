//! From a disclosure through its batch to the anchor, in one call.

use core::fmt;

use healthrecord_core::Address;
use healthrecord_core::access::{AnchorRequest, AnchoredError, AnchoredRecord, Policy, verify_anchored_with};
use healthrecord_core::health::anchor::Anchor;
use healthrecord_core::health::record::{BatchProof, DisclosureError};

use super::{OwnedBatchProof, OwnedDisclosure};
use crate::access::{Deployment, memory_for};
use crate::keccak::WideKeccak;

/// Who a record is expected to be about and by; where nobody is, whoever the disclosure shows, for the
/// caller to judge: anybody can commit and anchor anything under their own key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parties {
    /// Whose record it should be.
    pub patient: Option<Address>,
    /// Who should vouch for it.
    pub author: Option<Address>,
}

impl OwnedDisclosure {
    /// What is to be proved for this disclosure to count as anchored; `batch` where it was anchored with
    /// others.
    ///
    /// The commitment that it came with is held against its leaves, and is trusted once it is proved to be
    /// anchored.
    ///
    /// # Errors
    ///
    /// [`AnchoredCheckError`].
    pub fn anchor_request(
        &self,
        batch: Option<&OwnedBatchProof>,
        parties: &Parties,
    ) -> Result<AnchorRequest, AnchoredCheckError> {
        let batch = batch.map_or(BatchProof::ALONE, OwnedBatchProof::borrowed);
        let request = self
            .with_opened(self.commitment, |opened| AnchorRequest::about(&opened, &batch))
            .map_err(AnchoredCheckError::Disclosure)?;
        let of_patient = |request: AnchorRequest| match parties.patient {
            Some(patient) => request.of_patient(patient),
            None => Ok(request),
        };
        let by_author = |request: AnchorRequest| match parties.author {
            Some(author) => request.by_author(author),
            None => Ok(request),
        };
        request.and_then(of_patient).and_then(by_author).map_err(AnchoredCheckError::Anchored)
    }

    /// Verifies that the author anchored the disclosed record by the bundle's block, and has not retracted it
    /// there. Of the policy, only what it says of Anvil's zero leaves matters.
    ///
    /// # Errors
    ///
    /// [`AnchoredCheckError`].
    pub fn check_anchored(
        &self,
        batch: Option<&OwnedBatchProof>,
        parties: &Parties,
        bundle: &[u8],
        anchor: &impl Anchor,
        deployment: &Deployment,
        policy: &Policy<'_>,
    ) -> Result<AnchoredRecord, AnchoredCheckError> {
        let request = self.anchor_request(batch, parties)?;
        verify_anchored(bundle, anchor, deployment, request, policy).map_err(AnchoredCheckError::Anchored)
    }
}

/// Verifies a bundle of [`AnchorRequest::required_slots`]: [`verify_anchored_with`] with memory of its own.
///
/// # Errors
///
/// [`AnchoredError`].
pub fn verify_anchored(
    bundle: &[u8],
    anchor: &impl Anchor,
    deployment: &Deployment,
    request: AnchorRequest,
    policy: &Policy<'_>,
) -> Result<AnchoredRecord, AnchoredError> {
    let mut memory = memory_for(bundle).map_err(AnchoredError::Verify)?;
    let (deployment, accept_zero_leaves) = (deployment.borrowed(), policy.accept_zero_leaves);
    verify_anchored_with(bundle, anchor, &deployment, request, accept_zero_leaves, &mut memory, &WideKeccak)
}

/// Why a disclosure does not count as anchored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnchoredCheckError {
    /// Nothing was disclosed.
    Disclosure(DisclosureError),
    /// The record does not count as anchored.
    Anchored(AnchoredError),
}

impl AnchoredCheckError {
    /// Whether this is a no about the record; else nothing was proved, and the bundle is at fault.
    #[must_use]
    pub const fn is_about_the_record(&self) -> bool {
        match self {
            Self::Disclosure(_) => true,
            Self::Anchored(error) => error.is_about_the_record(),
        }
    }
}

impl fmt::Display for AnchoredCheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Disclosure(error) => error.fmt(f),
            Self::Anchored(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for AnchoredCheckError {}
