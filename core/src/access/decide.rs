//! The rules, in their order: the same as the contract's `decide`, but for the consents that only an
//! offline verifier knows.

use super::decision::{Basis, Decision, Reason};
use super::request::{MAX_SCOPES, Request};
use crate::health::contract::{
    AccountWord, CredentialWord, DelegationWord, GrantWord, Operation, Purpose, Role, State, Terms, WordError,
};
use crate::matter::bytes::{Address, B256, U256};

/// The last second there is: a patient's own access does not end.
const FOR_EVER: u64 = (1 << 40) - 1;

/// Decides a request from the words of its [`required_slots`](Request::required_slots), in their order.
///
/// Words beyond those are not read; missing ones stand for 0, which is never written.
///
/// # Errors
///
/// [`WordError`] for a word that is not understood: nothing is decided then.
pub fn decide(request: &Request, words: &[U256]) -> Result<Decision, WordError> {
    decide_distrusting(request, words, &[])
}

/// As [`decide`], but a credential that one of `issuers` wrote counts as none. The contract trusts every
/// issuer that its registrar accredits; a verifier need not.
///
/// # Errors
///
/// [`WordError`] for a word that is not understood: nothing is decided then.
pub fn decide_distrusting(
    request: &Request,
    words: &[U256],
    issuers: &[Address],
) -> Result<Decision, WordError> {
    let mut words = words.iter().copied();
    let mut next = move || words.next().unwrap_or_default();
    let account = AccountWord::decode(next())?;
    if request.is_by_patient() {
        return Ok(Decision::Permit { basis: Basis::Own, scope: B256::ZERO, until: FOR_EVER });
    }
    let mut credential = CredentialWord::decode(next());
    if issuers.contains(&credential.issuer) {
        credential = CredentialWord::default();
    }
    let context = Context::new(request, &account, &credential);
    if request.purpose() == Purpose::BreakGlass {
        let emergency = GrantWord::decode(next())?;
        let direct = Direct::read(request, &mut next)?;
        return Ok(decide_emergency(&context, &account, &emergency, &direct));
    }

    // One pass over the scopes settles every rule: a deny is final, else the first permit stands, else
    // the most telling reason.
    let mut own = Finding::NOTHING;
    let mut shared = Finding::NOTHING;
    let (mut denied, mut delegator_denied) = (None, None);
    let mut delegations = heapless::Vec::<(B256, DelegationWord, GrantWord), MAX_SCOPES>::new();
    for scope in request.scopes() {
        for (word, matchable) in Direct::read(request, &mut next)?.words() {
            match context.refusal(word.state, word.epoch, &word.terms, context.operation, matchable) {
                Some(Reason::Explicit) => denied = denied.or(Some(scope)),
                Some(reason) => own.refuse(reason, scope),
                None => own.permit(Basis::Grant, scope, context.until(&word.terms)),
            }
        }
        if request.delegator().is_some() {
            let delegation = DelegationWord::decode(next())?;
            let grant = GrantWord::decode(next())?;
            if grant.state == State::Deny {
                delegator_denied = delegator_denied.or(Some(scope));
            }
            // Never full: the capacity is that of the longest list of scopes.
            let _ = delegations.push((scope, delegation, grant));
        }
    }
    if let Some(scope) = denied {
        return Ok(Decision::Deny { reason: Reason::Explicit, scope });
    }
    if own.settles_delegations() {
        return Ok(own.into_decision());
    }
    if let Some(scope) = delegator_denied {
        own.refuse(Reason::DelegationDenied, scope);
        return Ok(own.into_decision());
    }
    let all = delegations.last().map(|(_, _, grant)| *grant).unwrap_or_default();
    for (scope, delegation, grant) in &delegations {
        let parent = if delegation.parent_is_all { &all } else { grant };
        match context.delegation(delegation, parent) {
            Ok(until) => shared.permit(Basis::Delegation, *scope, until),
            Err(reason) => shared.refuse(reason, *scope),
        }
    }
    Ok(own.or(shared).into_decision())
}

/// Rule 2: break-glass.
fn decide_emergency(
    context: &Context,
    account: &AccountWord,
    emergency: &GrantWord,
    direct: &Direct,
) -> Decision {
    let deny = |reason| Decision::Deny { reason, scope: B256::ZERO };
    if direct.words().any(|(word, _)| word.state == State::Deny) {
        return deny(Reason::Explicit);
    }
    if account.no_break_glass {
        return deny(Reason::EmergencyForbidden);
    }
    if context.operation != Operation::Read.bit() {
        return deny(Reason::EmergencyOperation);
    }
    match emergency.state {
        State::NeverWritten => return deny(Reason::EmergencyUnopened),
        State::Revoked | State::Deny => return deny(Reason::EmergencyClosed),
        State::Permit => {}
    }
    if emergency.epoch != context.epoch {
        return deny(Reason::EmergencyRevokedAll);
    }
    if context.time >= emergency.terms.not_after {
        return deny(Reason::EmergencyExpired);
    }
    if context.time < emergency.terms.not_before {
        return deny(Reason::EmergencyNotYet);
    }
    if context.roles & Role::Emergency.bit() == 0 {
        return deny(Reason::EmergencyCredential);
    }
    let until = emergency.terms.not_after.min(context.credential_end);
    Decision::Permit { basis: Basis::Emergency, scope: B256::ZERO, until }
}

/// What words are held against.
struct Context {
    time: u64,
    operation: u16,
    purpose: u32,
    epoch: u32,
    /// Named roles of the accessor's credential, none where it is not current.
    roles: u16,
    credential_end: u64,
}

impl Context {
    fn new(request: &Request, account: &AccountWord, credential: &CredentialWord) -> Self {
        let time = request.time();
        let is_current = credential.not_before <= time && time < credential.not_after;
        Self {
            time,
            operation: request.operation().bit(),
            purpose: request.purpose().bit(),
            epoch: account.epoch,
            roles: if is_current { credential.roles & Role::NAMED } else { 0 },
            credential_end: credential.not_after,
        }
    }

    /// Why a word does not permit all of `operations`; `matchable` are those that its kind can permit.
    fn refusal(
        &self,
        state: State,
        epoch: u32,
        terms: &Terms,
        operations: u16,
        matchable: u16,
    ) -> Option<Reason> {
        match state {
            State::NeverWritten => return Some(Reason::NeverGranted),
            State::Revoked => return Some(Reason::Revoked),
            State::Deny => return Some(Reason::Explicit),
            State::Permit => {}
        }
        if epoch != self.epoch {
            Some(Reason::RevokedAll)
        } else if self.time >= terms.not_after {
            Some(Reason::Expired)
        } else if self.time < terms.not_before {
            Some(Reason::NotYet)
        } else if operations & !(terms.operations & matchable) != 0 {
            Some(Reason::Operation)
        } else if terms.purposes & self.purpose == 0 {
            Some(Reason::Purpose)
        } else if terms.required_roles & !self.roles != 0 {
            Some(Reason::Credential)
        } else {
            None
        }
    }

    /// When a permit ends: with its word or, if it requires roles, with the credential.
    fn until(&self, terms: &Terms) -> u64 {
        if terms.required_roles == 0 { terms.not_after } else { terms.not_after.min(self.credential_end) }
    }

    /// Until when a delegation permits, under the delegator's grant that it rests on.
    fn delegation(&self, word: &DelegationWord, parent: &GrantWord) -> Result<u64, Reason> {
        if let Some(reason) = self.refusal(word.state, word.epoch, &word.terms, self.operation, READ_WRITE) {
            return Err(of_delegation(reason));
        }
        let operations = Operation::Share.bit() | self.operation;
        let refused = self.refusal(parent.state, parent.epoch, &parent.terms, operations, Operation::ALL);
        if parent.revision != word.parent_revision || refused.is_some() {
            return Err(Reason::DelegationParent);
        }
        Ok(self.until(&word.terms).min(self.until(&parent.terms)))
    }
}

/// Operations that a blinded grant and a delegation can permit.
const READ_WRITE: u16 = Operation::Read.bit() | Operation::Write.bit();

/// The reason of a delegation word, from that of a grant word.
const fn of_delegation(reason: Reason) -> Reason {
    match reason {
        Reason::Explicit => Reason::DelegationDenied,
        Reason::Revoked => Reason::DelegationRevoked,
        Reason::RevokedAll => Reason::DelegationRevokedAll,
        Reason::Expired => Reason::DelegationExpired,
        Reason::NotYet => Reason::DelegationNotYet,
        Reason::Operation => Reason::DelegationOperation,
        Reason::Purpose => Reason::DelegationPurpose,
        Reason::Credential => Reason::DelegationCredential,
        Reason::DelegationDenied
        | Reason::DelegationRevoked
        | Reason::DelegationRevokedAll
        | Reason::DelegationExpired
        | Reason::DelegationNotYet
        | Reason::DelegationOperation
        | Reason::DelegationPurpose
        | Reason::DelegationCredential
        | Reason::DelegationParent
        | Reason::EmergencyForbidden
        | Reason::EmergencyOperation
        | Reason::EmergencyClosed
        | Reason::EmergencyRevokedAll
        | Reason::EmergencyExpired
        | Reason::EmergencyNotYet
        | Reason::EmergencyCredential
        | Reason::EmergencyUnopened
        | Reason::NeverGranted => reason,
    }
}

/// The accessor's direct words at one scope: the open one, and the blinded one where a salt is given.
struct Direct {
    open: GrantWord,
    blinded: Option<GrantWord>,
}

impl Direct {
    fn read(request: &Request, next: &mut impl FnMut() -> U256) -> Result<Self, WordError> {
        let open = GrantWord::decode(next())?;
        let blinded = if request.has_blinded() { Some(GrantWord::decode(next())?) } else { None };
        Ok(Self { open, blinded })
    }

    /// Each with the operations that it can permit: nobody holds the key of a blinded address, so it
    /// can neither share nor manage.
    fn words(&self) -> impl Iterator<Item = (GrantWord, u16)> + use<> {
        let blinded = self.blinded.map(|word| (word, READ_WRITE));
        core::iter::once((self.open, Operation::ALL)).chain(blinded)
    }
}

/// The best answer so far.
#[derive(Clone, Copy)]
struct Finding {
    permit: Option<(Basis, B256, u64)>,
    reason: Reason,
    scope: B256,
}

impl Finding {
    const NOTHING: Self = Self { permit: None, reason: Reason::NeverGranted, scope: B256::ZERO };

    fn permit(&mut self, basis: Basis, scope: B256, until: u64) {
        self.permit = self.permit.or(Some((basis, scope, until)));
    }

    fn refuse(&mut self, reason: Reason, scope: B256) {
        if reason < self.reason {
            (self.reason, self.scope) = (reason, scope);
        }
    }

    /// Whether a delegation can change nothing: there is a grant, or one was revoked.
    fn settles_delegations(&self) -> bool {
        self.permit.is_some() || self.reason <= Reason::Revoked
    }

    fn or(mut self, other: Self) -> Self {
        self.permit = self.permit.or(other.permit);
        self.refuse(other.reason, other.scope);
        self
    }

    fn into_decision(self) -> Decision {
        match self.permit {
            Some((basis, scope, until)) => Decision::Permit { basis, scope, until },
            None => Decision::Deny { reason: self.reason, scope: self.scope },
        }
    }
}
