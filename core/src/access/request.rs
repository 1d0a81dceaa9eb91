//! What is asked.

use core::fmt;

use super::consent::CheckedConsent;
use crate::health::contract::{Operation, Purpose, Question, Slot, blind};
use crate::health::record::BoundRecord;
use crate::matter::bytes::{Address, B256};

/// Most scopes that a request lists; scope 0, all records, is always tried after them.
pub const MAX_LISTED: usize = 6;

/// Most scopes that are tried.
pub const MAX_SCOPES: usize = MAX_LISTED + 1;

/// Most slots that a request needs: account and credential, the open and the blinded grant at seven
/// scopes, a delegation and the delegator's grant at each.
pub const MAX_SLOTS: usize = 2 + 4 * MAX_SCOPES;

/// May an accessor do something with a patient's records, for a purpose, at a time?
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    patient: Address,
    scopes: heapless::Vec<B256, MAX_LISTED>,
    accessor: Address,
    operation: Operation,
    purpose: Purpose,
    at: u64,
    salt: Option<B256>,
    delegator: Option<Address>,
    consent: Option<CheckedConsent>,
}

impl Request {
    /// About a record whose patient and scopes are proved.
    ///
    /// `at` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// [`RequestError::ZeroAccessor`], [`RequestError::Time`].
    pub fn about_record(
        record: &BoundRecord,
        accessor: Address,
        operation: Operation,
        purpose: Purpose,
        at: u64,
    ) -> Result<Self, RequestError> {
        Self::about_scopes(record.patient(), record.scopes(), accessor, operation, purpose, at)
    }

    /// About scopes of a patient's, most specific first; none for all records.
    ///
    /// The answer releases no record: which scopes a record has is for the record to prove.
    ///
    /// # Errors
    ///
    /// [`RequestError`] names the part that cannot be asked.
    pub fn about_scopes(
        patient: Address,
        scopes: &[B256],
        accessor: Address,
        operation: Operation,
        purpose: Purpose,
        at: u64,
    ) -> Result<Self, RequestError> {
        if patient.is_zero() {
            return Err(RequestError::ZeroPatient);
        }
        if accessor.is_zero() {
            return Err(RequestError::ZeroAccessor);
        }
        if at > MAX_TIME {
            return Err(RequestError::Time { at });
        }
        // A 0 that is written out last is the one that is implied.
        let listed = match scopes.split_last() {
            Some((last, before)) if last.is_zero() => before,
            _ => scopes,
        };
        if let Some(index) = listed.iter().position(B256::is_zero) {
            return Err(RequestError::ZeroScope { index });
        }
        let scopes = heapless::Vec::from_slice(listed)
            .map_err(|_| RequestError::TooManyScopes { found: scopes.len() })?;
        Ok(Self {
            patient,
            scopes,
            accessor,
            operation,
            purpose,
            at,
            salt: None,
            delegator: None,
            consent: None,
        })
    }

    /// With the salt of the accessor's blinded address, under which the patient may have granted.
    ///
    /// # Errors
    ///
    /// [`RequestError::ZeroSalt`].
    pub fn blinded(self, salt: B256) -> Result<Self, RequestError> {
        if salt.is_zero() {
            return Err(RequestError::ZeroSalt);
        }
        Ok(Self { salt: Some(salt), ..self })
    }

    /// With somebody who shared with the accessor.
    ///
    /// # Errors
    ///
    /// [`RequestError::Delegator`] where that is the patient, the accessor or nobody.
    pub fn delegated_by(self, delegator: Address) -> Result<Self, RequestError> {
        if delegator.is_zero() || delegator == self.patient || delegator == self.accessor {
            return Err(RequestError::Delegator { delegator });
        }
        Ok(Self { delegator: Some(delegator), ..self })
    }

    /// With a consent that was never relayed. Any may be shown: one that does not hold permits nothing
    /// and takes nothing away, it only says why where nothing was granted.
    #[must_use]
    pub fn consented(self, consent: CheckedConsent) -> Self {
        Self { consent: Some(consent), ..self }
    }

    /// The same request at another time.
    #[must_use]
    pub fn at(self, at: u64) -> Self {
        Self { at: at.min(MAX_TIME), ..self }
    }

    /// Whose records.
    #[must_use]
    pub const fn patient(&self) -> Address {
        self.patient
    }

    /// Who asks.
    #[must_use]
    pub const fn accessor(&self) -> Address {
        self.accessor
    }

    /// What for.
    #[must_use]
    pub const fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// To do what.
    #[must_use]
    pub const fn operation(&self) -> Operation {
        self.operation
    }

    /// When, in Unix seconds.
    #[must_use]
    pub const fn time(&self) -> u64 {
        self.at
    }

    /// The scopes in the order in which they are tried, 0 last.
    pub fn scopes(&self) -> impl Iterator<Item = B256> + '_ {
        self.scopes.iter().copied().chain([B256::ZERO])
    }

    /// Whether the accessor is the patient, who needs no consent.
    #[must_use]
    pub fn is_by_patient(&self) -> bool {
        self.accessor == self.patient
    }

    /// Who shared with the accessor.
    #[must_use]
    pub const fn delegator(&self) -> Option<Address> {
        self.delegator
    }

    /// The consent that is shown.
    #[must_use]
    pub const fn consent(&self) -> Option<&CheckedConsent> {
        self.consent.as_ref()
    }

    /// The storage keys of every word that decides the request: what to ask `eth_getProof` for.
    ///
    /// In this order: the patient's account; unless the patient asks, the accessor's credential; for
    /// break-glass the emergency word and the direct words at scope 0; else scope by scope the direct
    /// words, and where a delegator is named the delegation and the delegator's grant. Direct words
    /// are the open grant and, with a salt, the blinded one. All are proved, whichever rule answers; a
    /// consent needs no others.
    #[must_use]
    pub fn required_slots(&self) -> heapless::Vec<B256, MAX_SLOTS> {
        let mut keys = heapless::Vec::new();
        self.for_each_slot(|slot| {
            // Never full: the capacity is that of the longest list.
            let _ = keys.push(slot.key());
        });
        keys
    }

    /// The same question to the contract's own `decide`, which knows no consents.
    #[must_use]
    pub fn as_question(&self) -> Question<'_> {
        Question {
            patient: self.patient,
            accessor: self.accessor,
            salt: self.salt.unwrap_or_default(),
            scopes: &self.scopes,
            operation: self.operation.bit(),
            purpose: self.purpose.index(),
            delegator: self.delegator.unwrap_or_default(),
            at: self.at,
        }
    }

    fn for_each_slot(&self, mut each: impl FnMut(Slot)) {
        let Self { patient, accessor, .. } = *self;
        each(Slot::Account(patient));
        if self.is_by_patient() {
            return;
        }
        each(Slot::Credential(accessor));
        let blinded = self.blinded_accessor();
        let direct = |each: &mut dyn FnMut(Slot), scope| {
            each(Slot::Grant { patient, grantee: accessor, scope });
            if let Some(grantee) = blinded {
                each(Slot::Grant { patient, grantee, scope });
            }
        };
        if self.purpose == Purpose::BreakGlass {
            each(Slot::Emergency { patient, clinician: accessor });
            return direct(&mut each, B256::ZERO);
        }
        for scope in self.scopes() {
            direct(&mut each, scope);
            if let Some(delegator) = self.delegator {
                each(Slot::Delegation { patient, delegator, grantee: accessor, scope });
                each(Slot::Grant { patient, grantee: delegator, scope });
            }
        }
    }

    /// Whether there are blinded words at a scope.
    pub(super) const fn has_blinded(&self) -> bool {
        self.salt.is_some()
    }

    /// The address of the blinded words.
    pub(super) fn blinded_accessor(&self) -> Option<Address> {
        self.salt.map(|salt| blind(&self.patient, &self.accessor, &salt))
    }
}

/// The last second that a word can name.
const MAX_TIME: u64 = (1 << 40) - 1;

/// Why something cannot be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestError {
    /// The patient is the zero address.
    ZeroPatient,
    /// The accessor is the zero address.
    ZeroAccessor,
    /// More than [`MAX_LISTED`] scopes.
    TooManyScopes {
        /// How many there are.
        found: usize,
    },
    /// Scope 0 stands before another.
    ZeroScope {
        /// Its position.
        index: usize,
    },
    /// The salt is 0, which stands for none.
    ZeroSalt,
    /// The delegator is the patient, the accessor or the zero address.
    Delegator {
        /// The delegator.
        delegator: Address,
    },
    /// A time from 2^40 on.
    Time {
        /// The time, in Unix seconds.
        at: u64,
    },
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ZeroPatient => f.write_str("the request's patient is the zero address"),
            Self::ZeroAccessor => f.write_str("the request's accessor is the zero address"),
            Self::TooManyScopes { found } => {
                write!(f, "a request about {found} scopes: at most {MAX_LISTED} are accepted")
            }
            Self::ZeroScope { index } => write!(f, "scope {index} of the request is 0, which stands last"),
            Self::ZeroSalt => f.write_str("the request's blinding salt is 0"),
            Self::Delegator { delegator } => {
                write!(f, "{delegator} cannot have shared with the accessor: it is one of the parties")
            }
            Self::Time { at } => write!(f, "the time {at} is beyond 2^40 seconds"),
        }
    }
}

impl core::error::Error for RequestError {}
