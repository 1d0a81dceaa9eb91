//! The rules, in their order: the same as the contract's `decide`, but for rule 5, the consents that only
//! an offline verifier knows.
//!
//! Rule 5. A consent that was signed and never relayed, if one is shown, stands for the grant that it would
//! become. It is refused for the first of these that applies: another patient than the request's, or
//! none of the accessor's direct words that are tried (32 consent-foreign); the signature is not the
//! patient's for this contract on this chain, or its s is high (33 consent-signature); terms that the
//! contract would refuse (34 consent-terms); the time is after its deadline (35 consent-deadline); its
//! revision is not its word's, 0 for one that was never written, or is the greatest there is, which no
//! revoke could end (36 consent-revision); another epoch than the patient's (37 consent-revoked-all);
//! and as a grant word is, by its window, masks and roles (38 consent-expired, 39 consent-not-yet, 40
//! consent-operation, 41 consent-purpose, 42 consent-credential). One that is not refused permits (4
//! consent) with its scope, until the earlier end of its window, its deadline and, if it requires
//! roles, the credential.
//!
//! Its place is after grants and before delegations: a deny (rule 3) stands against it, and it decides no
//! break-glass. One that is refused changes no permit and no deny but the reason of a deny: rule 7 takes
//! its code where no direct word has a smaller one.

mod refusal;

use self::refusal::Refusal;
use super::consent::CheckedConsent;
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
    decide_at(request, request.time(), request.consent(), words, issuers)
}

/// [`decide_distrusting`] at another time and with another consent than the request's.
pub(super) fn decide_at(
    request: &Request,
    time: u64,
    consent: Option<&CheckedConsent>,
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
    let context = Context::new(request, time, &account, &credential);
    if request.purpose() == Purpose::BreakGlass {
        let emergency = GrantWord::decode(next())?;
        let direct = Direct::read(request, &mut next)?;
        return Ok(decide_emergency(&context, &account, &emergency, &direct));
    }

    // One pass over the scopes settles every rule: a deny is final, else the first permit stands, else
    // the most telling reason.
    let mut own = Finding::NOTHING;
    let mut shared = Finding::NOTHING;
    let mut consented = Consented::new(request, consent);
    let (mut denied, mut delegator_denied) = (None, None);
    let mut delegations = heapless::Vec::<(B256, DelegationWord, GrantWord), MAX_SCOPES>::new();
    for scope in request.scopes() {
        let direct = Direct::read(request, &mut next)?;
        consented.look(scope, &direct);
        for (word, matchable) in direct.words() {
            match context.refuse(word.state, word.epoch, &word.terms, context.operation, matchable) {
                Ok(()) => own.permit(Basis::Grant, scope, context.until(&word.terms)),
                Err(Refusal::Deny) => denied = denied.or(Some(scope)),
                Err(refusal) => own.refuse(refusal.of_grant(), scope),
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
    match (consent, consented.word) {
        (Some(consent), Some((word, matchable))) => match context.consent(consent, &word, matchable) {
            Ok(until) => own.permit(Basis::Consent, consent.grant().scope, until),
            Err(reason) => own.refuse(reason, consent.grant().scope),
        },
        (Some(_), None) => own.refuse(Reason::ConsentForeign, B256::ZERO),
        (None, _) => {}
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
    fn new(request: &Request, time: u64, account: &AccountWord, credential: &CredentialWord) -> Self {
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
    fn refuse(
        &self,
        state: State,
        epoch: u32,
        terms: &Terms,
        operations: u16,
        matchable: u16,
    ) -> Result<(), Refusal> {
        match state {
            State::NeverWritten => return Err(Refusal::NeverWritten),
            State::Revoked => return Err(Refusal::Revoked),
            State::Deny => return Err(Refusal::Deny),
            State::Permit => {}
        }
        if epoch != self.epoch {
            Err(Refusal::RevokedAll)
        } else if self.time >= terms.not_after {
            Err(Refusal::Expired)
        } else if self.time < terms.not_before {
            Err(Refusal::NotYet)
        } else if operations & !(terms.operations & matchable) != 0 {
            Err(Refusal::Operation)
        } else if terms.purposes & self.purpose == 0 {
            Err(Refusal::Purpose)
        } else if terms.required_roles & !self.roles != 0 {
            Err(Refusal::Credential)
        } else {
            Ok(())
        }
    }

    /// When a permit ends: with its word or, if it requires roles, with the credential.
    fn until(&self, terms: &Terms) -> u64 {
        if terms.required_roles == 0 { terms.not_after } else { terms.not_after.min(self.credential_end) }
    }

    /// Until when a consent permits, over the word that it would write.
    fn consent(&self, consent: &CheckedConsent, word: &GrantWord, matchable: u16) -> Result<u64, Reason> {
        let grant = consent.grant();
        if !consent.is_signed() {
            return Err(Reason::ConsentSignature);
        }
        if !consent.has_sound_terms() {
            return Err(Reason::ConsentTerms);
        }
        if self.time > grant.deadline {
            return Err(Reason::ConsentDeadline);
        }
        if !consent.is_for_revision(word.revision) {
            return Err(Reason::ConsentRevision);
        }
        self.refuse(State::Permit, grant.epoch, &grant.terms, self.operation, matchable)
            .map_err(Refusal::of_consent)?;
        Ok(self.until(&grant.terms).min(grant.deadline.saturating_add(1)))
    }

    /// Until when a delegation permits, under the delegator's grant that it rests on.
    fn delegation(&self, word: &DelegationWord, parent: &GrantWord) -> Result<u64, Reason> {
        self.refuse(word.state, word.epoch, &word.terms, self.operation, READ_WRITE)
            .map_err(Refusal::of_delegation)?;
        let operations = Operation::Share.bit() | self.operation;
        let refused = self.refuse(parent.state, parent.epoch, &parent.terms, operations, Operation::ALL);
        if parent.revision != word.parent_revision || refused.is_err() {
            return Err(Reason::DelegationParent);
        }
        Ok(self.until(&word.terms).min(self.until(&parent.terms)))
    }
}

/// Operations that a blinded grant and a delegation can permit.
const READ_WRITE: u16 = Operation::Read.bit() | Operation::Write.bit();

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

/// The word that a consent would write, once it is found among the direct ones.
struct Consented {
    scope: B256,
    /// Whether it is for the blinded address; `None` where it is for neither of the accessor's.
    is_blinded: Option<bool>,
    word: Option<(GrantWord, u16)>,
}

impl Consented {
    fn new(request: &Request, consent: Option<&CheckedConsent>) -> Self {
        let grant = consent.map(CheckedConsent::grant).filter(|grant| grant.patient == request.patient());
        let is_blinded = grant.and_then(|grant| {
            let is_blinded = request.blinded_accessor() == Some(grant.grantee);
            (is_blinded || request.accessor() == grant.grantee).then_some(is_blinded)
        });
        Self { scope: grant.map_or(B256::ZERO, |grant| grant.scope), is_blinded, word: None }
    }

    fn look(&mut self, scope: B256, direct: &Direct) {
        if let Some(is_blinded) = self.is_blinded.filter(|_| scope == self.scope) {
            self.word = direct.words().nth(usize::from(is_blinded));
        }
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
