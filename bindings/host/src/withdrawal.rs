//! How a patient ends somebody's access to a record, whatever it rests on.
//!
//! Revoking one record changes nothing while a permit for a group or for all records goes on: there a
//! deny is needed. [`steps`] reads the words that decide about the record, from a proof, and says which
//! of both is to be written, and where.

use healthrecord_core::access::Request;
use healthrecord_core::health::contract::message::{
    CloseEmergency, Deny, Grant, Message, REVISIONS_AHEAD, Revoke,
};
use healthrecord_core::health::contract::{
    AccountWord, Call, DelegationWord, GrantWord, Purpose, State, Terms, WordError, blind,
};
use healthrecord_core::{Address, B256, U256};

/// What is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// A tombstone: what stands ends, and nothing wider goes on.
    Revoke,
    /// A deny, because something wider would go on.
    Deny,
    /// The close of an emergency.
    CloseEmergency,
}

/// One call of the patient's, or one message that it signs and anybody relays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// What is to be written.
    pub ending: Ending,
    /// Whose records.
    pub patient: Address,
    /// For whom: the accessor, or its blinded address.
    pub grantee: Address,
    /// At which scope; 0 for an emergency, which has none.
    pub scope: B256,
    /// The word's revision now.
    pub revision: u32,
}

impl Step {
    /// The patient's own call.
    #[must_use]
    pub const fn call(&self) -> Call<'static> {
        let Self { patient, grantee, scope, .. } = *self;
        match self.ending {
            Ending::Revoke => Call::Revoke { grantee, scope },
            Ending::Deny => Call::Deny { grantee, scope, document: B256::ZERO },
            Ending::CloseEmergency => Call::CloseEmergency { patient, clinician: grantee },
        }
    }

    /// The message to sign where somebody else pays the gas; it is for a revision ahead, so that nobody
    /// outruns it by relaying an older consent.
    ///
    /// `deadline` is the last second, in Unix time, at which it has any effect.
    #[must_use]
    pub fn message(&self, deadline: u64) -> Message {
        let Self { patient, grantee, scope, .. } = *self;
        let revision = self.revision.saturating_add(REVISIONS_AHEAD);
        match self.ending {
            Ending::Revoke => Revoke { patient, grantee, scope, revision, deadline }.into(),
            Ending::Deny => Deny { patient, grantee, scope, document: B256::ZERO, revision, deadline }.into(),
            Ending::CloseEmergency => {
                CloseEmergency { patient, clinician: grantee, revision, deadline }.into()
            }
        }
    }
}

/// What ends the access that a request asks for, from its time on: to the first of its scopes, by the
/// accessor, for every operation and purpose.
///
/// `words` are those of the request's [`required_slots`](Request::required_slots), in their order, from a
/// proof; `consents` are the grants that the patient signed and that may not have been relayed. Name the
/// salt and the delegator in the request, if there are any: what it does not read is not ended.
/// Access to other records stays as it is. Of a request about all records it ends the grant for all, not
/// those for single ones; of one for break-glass, the emergency that is open, not those to come.
///
/// Nothing to do is an empty answer: there is no access.
///
/// # Errors
///
/// [`WordError`] for a word that is not understood.
pub fn steps(request: &Request, words: &[U256], consents: &[Grant]) -> Result<Vec<Step>, WordError> {
    let (patient, accessor) = (request.patient(), request.accessor());
    let mut words = words.iter().copied();
    let mut next = move || words.next().unwrap_or_default();
    let account = AccountWord::decode(next())?;
    if request.is_by_patient() {
        return Ok(vec![]);
    }
    // The credential: roles may be given later, so it decides nothing here.
    next();
    let is_live = |state: State, epoch: u32, terms: &Terms| {
        state == State::Permit && epoch == account.epoch && request.time() < terms.not_after
    };
    if request.purpose() == Purpose::BreakGlass {
        let word = GrantWord::decode(next())?;
        let step = Step {
            ending: Ending::CloseEmergency,
            patient,
            grantee: accessor,
            scope: B256::ZERO,
            revision: word.revision,
        };
        return Ok(if is_live(word.state, word.epoch, &word.terms) { vec![step] } else { vec![] });
    }

    let salt = request.as_question().salt;
    let blinded = (!salt.is_zero()).then(|| blind(&patient, &accessor, &salt));
    let target = request.scopes().next().unwrap_or_default();
    let mut open = Standing::new(accessor);
    let mut hidden = blinded.map(Standing::new);
    let mut is_barred = false;
    let mut shared = vec![];
    for scope in request.scopes() {
        for standing in [Some(&mut open), hidden.as_mut()].into_iter().flatten() {
            let word = GrantWord::decode(next())?;
            let is_consented = consents.iter().any(|grant| {
                grant.patient == patient
                    && grant.grantee == standing.grantee
                    && grant.scope == scope
                    && grant.revision == word.revision
                    && is_live(State::Permit, grant.epoch, &grant.terms)
                    && request.time() <= grant.deadline
            });
            let is_live = is_live(word.state, word.epoch, &word.terms) || is_consented;
            is_barred |= standing.grantee == accessor && word.state == State::Revoked;
            if scope == target {
                (standing.word, standing.is_live) = (word, is_live);
            } else {
                standing.goes_on |= is_live;
            }
        }
        if request.delegator().is_some() {
            shared.push((DelegationWord::decode(next())?, GrantWord::decode(next())?));
        }
    }
    // A deny or a tombstone of the accessor's own stands against every delegation, for this record alone.
    if open.word.state == State::Deny {
        return Ok(vec![]);
    }
    let all = shared.last().map(|(_, parent)| *parent).unwrap_or_default();
    open.is_live |= !is_barred
        && shared.iter().any(|(word, parent)| {
            let parent = if word.parent_is_all { &all } else { parent };
            is_live(word.state, word.epoch, &word.terms)
                && is_live(parent.state, parent.epoch, &parent.terms)
                && parent.revision == word.parent_revision
        });
    let endings = [Some(open), hidden].into_iter().flatten().filter_map(|standing| {
        Some(Step {
            ending: standing.ending()?,
            patient,
            grantee: standing.grantee,
            scope: target,
            revision: standing.word.revision,
        })
    });
    Ok(endings.collect())
}

/// What stands for one address.
struct Standing {
    grantee: Address,
    /// At the scope in question.
    word: GrantWord,
    /// Whether that permits something, now or later.
    is_live: bool,
    /// Whether something wider does.
    goes_on: bool,
}

impl Standing {
    fn new(grantee: Address) -> Self {
        Self { grantee, word: GrantWord::default(), is_live: false, goes_on: false }
    }

    fn ending(&self) -> Option<Ending> {
        if self.word.state == State::Deny {
            None
        } else if self.goes_on {
            Some(Ending::Deny)
        } else {
            self.is_live.then_some(Ending::Revoke)
        }
    }
}
