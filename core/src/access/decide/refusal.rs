//! Why a word does not permit, and what that is called for each kind of word.

use crate::access::decision::Reason;

/// Why a word, or a consent that would become one, does not permit.
#[derive(Clone, Copy)]
pub(super) enum Refusal {
    NeverWritten,
    Deny,
    Revoked,
    RevokedAll,
    Expired,
    NotYet,
    Operation,
    Purpose,
    Credential,
}

impl Refusal {
    pub(super) const fn of_grant(self) -> Reason {
        match self {
            Self::NeverWritten => Reason::NeverGranted,
            Self::Deny => Reason::Explicit,
            Self::Revoked => Reason::Revoked,
            Self::RevokedAll => Reason::RevokedAll,
            Self::Expired => Reason::Expired,
            Self::NotYet => Reason::NotYet,
            Self::Operation => Reason::Operation,
            Self::Purpose => Reason::Purpose,
            Self::Credential => Reason::Credential,
        }
    }

    pub(super) const fn of_consent(self) -> Reason {
        match self {
            // A consent has no state: its revision says whether it stands.
            Self::NeverWritten | Self::Deny | Self::Revoked => Reason::ConsentRevision,
            Self::RevokedAll => Reason::ConsentRevokedAll,
            Self::Expired => Reason::ConsentExpired,
            Self::NotYet => Reason::ConsentNotYet,
            Self::Operation => Reason::ConsentOperation,
            Self::Purpose => Reason::ConsentPurpose,
            Self::Credential => Reason::ConsentCredential,
        }
    }

    pub(super) const fn of_delegation(self) -> Reason {
        match self {
            Self::NeverWritten => Reason::NeverGranted,
            Self::Deny => Reason::DelegationDenied,
            Self::Revoked => Reason::DelegationRevoked,
            Self::RevokedAll => Reason::DelegationRevokedAll,
            Self::Expired => Reason::DelegationExpired,
            Self::NotYet => Reason::DelegationNotYet,
            Self::Operation => Reason::DelegationOperation,
            Self::Purpose => Reason::DelegationPurpose,
            Self::Credential => Reason::DelegationCredential,
        }
    }
}
