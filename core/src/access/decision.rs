//! What is answered.

use core::fmt;

use crate::grammar::abi::{AbiError, Reader};
use crate::matter::bytes::B256;

/// The answer to a request: permitted, or denied with the reason. Both are proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Permitted.
    Permit {
        /// By which rule.
        basis: Basis,
        /// The scope of the word that permits; 0 where it covers all records.
        scope: B256,
        /// First second at which it no longer holds as things stand.
        until: u64,
    },
    /// Denied.
    Deny {
        /// Why.
        reason: Reason,
        /// The scope of the word that says so; 0 where none does.
        scope: B256,
    },
}

impl Decision {
    /// Reads what the contract's `decide` answers.
    ///
    /// # Errors
    ///
    /// [`AbiError`] where it is no decision, naming the word at fault.
    pub fn from_answer(data: &[u8]) -> Result<Self, AbiError> {
        let mut words = Reader::new(data)?;
        let (is_permit, code): (bool, u8) = (words.read()?, words.read()?);
        let (scope, until) = (words.read()?, words.read()?);
        words.finish()?;
        let unknown = AbiError::Range { word: 1 };
        if is_permit {
            let basis = Basis::ALL.into_iter().find(|basis| *basis as u8 == code).ok_or(unknown)?;
            return Ok(Self::Permit { basis, scope, until });
        }
        let reason = Reason::ALL.into_iter().find(|reason| *reason as u8 == code).ok_or(unknown)?;
        if until == 0 { Ok(Self::Deny { reason, scope }) } else { Err(AbiError::Range { word: 3 }) }
    }

    /// Whether the access is permitted.
    #[must_use]
    pub const fn is_permit(&self) -> bool {
        matches!(self, Self::Permit { .. })
    }

    /// The code by which the contract and every language name the basis or the reason.
    #[must_use]
    pub const fn code(&self) -> u8 {
        match self {
            Self::Permit { basis, .. } => *basis as u8,
            Self::Deny { reason, .. } => *reason as u8,
        }
    }
}

/// The rule by which an access is permitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Basis {
    /// The accessor is the patient.
    Own = 1,
    /// An emergency that was opened on chain.
    Emergency = 2,
    /// A grant of the patient's.
    Grant = 3,
    /// A signed consent of the patient's that was never relayed.
    Consent = 4,
    /// Somebody to whom the patient granted shares.
    Delegation = 5,
}

/// Why an access is denied; the smaller the code, the more it says.
///
/// The contract's `decide` has all of them but those of consents that were never relayed (32 to 42),
/// which it does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Reason {
    /// The patient denied it.
    Explicit = 16,
    /// The grant was revoked.
    Revoked = 17,
    /// Every grant was revoked at once.
    RevokedAll = 18,
    /// The grant has ended.
    Expired = 19,
    /// The grant has not begun.
    NotYet = 20,
    /// The grant is for other operations.
    Operation = 21,
    /// The grant is for other purposes.
    Purpose = 22,
    /// The grant requires roles that no current credential holds.
    Credential = 23,
    /// The consent is about another patient, accessor or scope.
    ConsentForeign = 32,
    /// The consent's signature is not the patient's, or for another contract.
    ConsentSignature = 33,
    /// The consent has terms that the contract would refuse.
    ConsentTerms = 34,
    /// The consent's deadline has passed.
    ConsentDeadline = 35,
    /// The word of the grant was written since the consent was signed.
    ConsentRevision = 36,
    /// The consent was ended with everything else.
    ConsentRevokedAll = 37,
    /// The consent's window has ended.
    ConsentExpired = 38,
    /// The consent's window has not begun.
    ConsentNotYet = 39,
    /// The consent is for other operations.
    ConsentOperation = 40,
    /// The consent is for other purposes.
    ConsentPurpose = 41,
    /// The consent requires roles that no current credential holds.
    ConsentCredential = 42,
    /// The delegator, or the delegation, was denied by the patient.
    DelegationDenied = 48,
    /// The delegation was revoked.
    DelegationRevoked = 49,
    /// The delegation was ended with everything else.
    DelegationRevokedAll = 50,
    /// The delegation has ended.
    DelegationExpired = 51,
    /// The delegation has not begun.
    DelegationNotYet = 52,
    /// The delegation is for other operations.
    DelegationOperation = 53,
    /// The delegation is for other purposes.
    DelegationPurpose = 54,
    /// The delegation requires roles that no current credential holds.
    DelegationCredential = 55,
    /// The grant that the delegation rests on was written since, or permits it no longer.
    DelegationParent = 56,
    /// The patient forbids break-glass.
    EmergencyForbidden = 64,
    /// An emergency permits reading alone.
    EmergencyOperation = 65,
    /// The emergency was closed.
    EmergencyClosed = 66,
    /// The emergency was ended with everything else.
    EmergencyRevokedAll = 67,
    /// The emergency has ended.
    EmergencyExpired = 68,
    /// The emergency has not begun.
    EmergencyNotYet = 69,
    /// The accessor holds no current credential for emergencies.
    EmergencyCredential = 70,
    /// No emergency was opened.
    EmergencyUnopened = 71,
    /// Nothing was ever granted.
    NeverGranted = 255,
}

impl Basis {
    /// Every basis, in the order of the rules.
    pub const ALL: [Self; 5] = [Self::Own, Self::Emergency, Self::Grant, Self::Consent, Self::Delegation];

    /// Its name in messages and JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Own => "self",
            Self::Emergency => "emergency",
            Self::Grant => "grant",
            Self::Consent => "consent",
            Self::Delegation => "delegation",
        }
    }
}

impl Reason {
    /// Every reason, the most telling first.
    pub const ALL: [Self; 37] = [
        Self::Explicit,
        Self::Revoked,
        Self::RevokedAll,
        Self::Expired,
        Self::NotYet,
        Self::Operation,
        Self::Purpose,
        Self::Credential,
        Self::ConsentForeign,
        Self::ConsentSignature,
        Self::ConsentTerms,
        Self::ConsentDeadline,
        Self::ConsentRevision,
        Self::ConsentRevokedAll,
        Self::ConsentExpired,
        Self::ConsentNotYet,
        Self::ConsentOperation,
        Self::ConsentPurpose,
        Self::ConsentCredential,
        Self::DelegationDenied,
        Self::DelegationRevoked,
        Self::DelegationRevokedAll,
        Self::DelegationExpired,
        Self::DelegationNotYet,
        Self::DelegationOperation,
        Self::DelegationPurpose,
        Self::DelegationCredential,
        Self::DelegationParent,
        Self::EmergencyForbidden,
        Self::EmergencyOperation,
        Self::EmergencyClosed,
        Self::EmergencyRevokedAll,
        Self::EmergencyExpired,
        Self::EmergencyNotYet,
        Self::EmergencyCredential,
        Self::EmergencyUnopened,
        Self::NeverGranted,
    ];

    /// Its name in messages and JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Explicit => "explicit",
            Self::Revoked => "revoked",
            Self::RevokedAll => "revoked-all",
            Self::Expired => "expired",
            Self::NotYet => "not-yet",
            Self::Operation => "operation",
            Self::Purpose => "purpose",
            Self::Credential => "credential",
            Self::ConsentForeign => "consent-foreign",
            Self::ConsentSignature => "consent-signature",
            Self::ConsentTerms => "consent-terms",
            Self::ConsentDeadline => "consent-deadline",
            Self::ConsentRevision => "consent-revision",
            Self::ConsentRevokedAll => "consent-revoked-all",
            Self::ConsentExpired => "consent-expired",
            Self::ConsentNotYet => "consent-not-yet",
            Self::ConsentOperation => "consent-operation",
            Self::ConsentPurpose => "consent-purpose",
            Self::ConsentCredential => "consent-credential",
            Self::DelegationDenied => "delegation-denied",
            Self::DelegationRevoked => "delegation-revoked",
            Self::DelegationRevokedAll => "delegation-revoked-all",
            Self::DelegationExpired => "delegation-expired",
            Self::DelegationNotYet => "delegation-not-yet",
            Self::DelegationOperation => "delegation-operation",
            Self::DelegationPurpose => "delegation-purpose",
            Self::DelegationCredential => "delegation-credential",
            Self::DelegationParent => "delegation-parent",
            Self::EmergencyForbidden => "emergency-forbidden",
            Self::EmergencyOperation => "emergency-operation",
            Self::EmergencyClosed => "emergency-closed",
            Self::EmergencyRevokedAll => "emergency-revoked-all",
            Self::EmergencyExpired => "emergency-expired",
            Self::EmergencyNotYet => "emergency-not-yet",
            Self::EmergencyCredential => "emergency-credential",
            Self::EmergencyUnopened => "emergency-unopened",
            Self::NeverGranted => "never-granted",
        }
    }
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Permit { basis, until, .. } => write!(f, "permit ({basis}) until {until}"),
            Self::Deny { reason, .. } => write!(f, "deny ({reason})"),
        }
    }
}
