//! A withdrawal ends every way to the record and leaves the others open.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::cast_possible_truncation)]

use std::collections::BTreeMap;

use healthrecord::core::access::{CheckedConsent, Consent, Decision, Request, decide};
use healthrecord::core::chain::key::SecretKey;
use healthrecord::core::health::contract::message::{CloseEmergency, Deny, Grant, Revoke, domain};
use healthrecord::core::health::contract::{
    AccountWord, Call, CredentialWord, DelegationWord, GrantWord, Operation, Purpose, Slot, State, Terms,
    blind,
};
use healthrecord::core::{Address, B256, U256};
use healthrecord::withdrawal::{Ending, Step, steps};

const CONTRACT: Address = Address([0xc0; 20]);
const ACCESSOR: Address = Address([0x22; 20]);
const DELEGATOR: Address = Address([0x33; 20]);
const SALT: B256 = B256([0x5a; 32]);
const RECORD: B256 = B256([1; 32]);
const GROUP: B256 = B256([2; 32]);
const ANOTHER: B256 = B256([3; 32]);
const SCOPES: [B256; 4] = [RECORD, GROUP, ANOTHER, B256::ZERO];
const NOW: u64 = 1_700_000_000;
const OPERATIONS: [Operation; 4] = [Operation::Read, Operation::Write, Operation::Share, Operation::Manage];

/// A small deterministic generator (`SplitMix64`): the tests need repeatable, not secret, numbers.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % bound as u64) as usize
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn terms(&mut self) -> Terms {
        let begin = if self.one_in(4) { NOW + 50 } else { NOW - 50 };
        let end = if self.one_in(4) { NOW } else { NOW + 100 };
        let (not_before, not_after) = (begin.min(end - 1), end);
        let operations = 1 << self.below(4) | self.below(16) as u16;
        let purposes = 1 << self.below(2);
        let required_roles = if self.one_in(4) { 2 } else { 0 };
        Terms { not_before, not_after, purposes, operations, required_roles }
    }

    fn grant(&mut self) -> U256 {
        let state = [State::NeverWritten, State::Permit, State::Revoked, State::Deny]
            [[0, 0, 0, 1, 1, 1, 2, 3][self.below(8)]];
        if state == State::NeverWritten {
            return U256::ZERO;
        }
        let terms = if state == State::Permit { self.terms() } else { Terms::default() };
        let epoch = u32::from(!self.one_in(6));
        GrantWord { terms, epoch, revision: 1, state, ..GrantWord::default() }.encode()
    }
}

type Words = BTreeMap<B256, U256>;

fn of(words: &Words, request: &Request) -> Vec<U256> {
    let word = |slot: &B256| words.get(slot).copied().unwrap_or_default();
    request.required_slots().iter().map(word).collect()
}

/// The words after a step, as the contract writes them.
fn apply(words: &mut Words, step: &Step) {
    let Step { patient, grantee, scope, .. } = *step;
    let (slot, state) = match step.ending {
        Ending::Revoke => (Slot::Grant { patient, grantee, scope }, State::Revoked),
        Ending::Deny => (Slot::Grant { patient, grantee, scope }, State::Deny),
        Ending::CloseEmergency => (Slot::Emergency { patient, clinician: grantee }, State::Deny),
    };
    let word = GrantWord::decode(words.get(&slot.key()).copied().unwrap_or_default()).unwrap();
    assert_eq!(word.revision, step.revision);
    let ended = GrantWord { state, revision: word.revision + 1, written_at: NOW, ..GrantWord::default() };
    words.insert(slot.key(), ended.encode());
}

/// Every question about these scopes from now on.
fn questions(patient: Address, scopes: &[B256], consent: Option<CheckedConsent>) -> Vec<Request> {
    let mut all = vec![];
    for operation in OPERATIONS {
        for purpose in [Purpose::Treatment, Purpose::EmergencyTreatment] {
            for at in [NOW, NOW + 60] {
                let plain = Request::about_scopes(patient, scopes, ACCESSOR, operation, purpose, at).unwrap();
                let plain = match consent {
                    Some(consent) => plain.consented(consent),
                    None => plain,
                };
                for request in [plain.clone(), plain.blinded(SALT).unwrap()] {
                    all.push(request.clone().delegated_by(DELEGATOR).unwrap());
                    all.push(request);
                }
            }
        }
    }
    all
}

fn answers(words: &Words, questions: &[Request]) -> Vec<Decision> {
    questions.iter().map(|request| decide(request, &of(words, request)).unwrap()).collect()
}

#[test]
fn a_withdrawal_ends_every_way_to_the_record_and_no_other() {
    let key = SecretKey::from_bytes(&[1; 32]).unwrap();
    let patient = key.address();
    let hidden = blind(&patient, &ACCESSOR, &SALT);
    let mut random = Random(61);
    let (mut ended, mut denied, mut revoked, mut empty) = (0, 0, 0, 0);
    for number in 0..600 {
        let mut words = Words::new();
        words.insert(
            Slot::Account(patient).key(),
            AccountWord { epoch: 1, ..AccountWord::default() }.encode(),
        );
        let credential = CredentialWord { not_before: 0, not_after: NOW + 70, roles: 2, issuer: DELEGATOR };
        words.insert(Slot::Credential(ACCESSOR).key(), credential.encode());
        for scope in SCOPES {
            for grantee in [ACCESSOR, hidden, DELEGATOR] {
                let word = if random.one_in(2) { random.grant() } else { U256::ZERO };
                words.insert(Slot::Grant { patient, grantee, scope }.key(), word);
            }
            let slot = Slot::Delegation { patient, delegator: DELEGATOR, grantee: ACCESSOR, scope };
            let delegation = DelegationWord {
                terms: random.terms(),
                epoch: 1,
                revision: 1,
                state: State::Permit,
                parent_revision: 1,
                parent_is_all: random.one_in(2),
            };
            words.insert(slot.key(), if random.one_in(2) { delegation.encode() } else { U256::ZERO });
        }
        // A consent that was never relayed, in the hands of whoever holds it.
        let scope = SCOPES[random.below(4)];
        let grantee = if random.one_in(3) { hidden } else { ACCESSOR };
        let slot = Slot::Grant { patient, grantee, scope }.key();
        let revision = GrantWord::decode(words[&slot]).unwrap().revision;
        let (terms, document) = (random.terms(), B256::ZERO);
        let grant =
            Grant { patient, grantee, scope, terms, document, epoch: 1, revision, deadline: NOW + 80 };
        let signature = key.sign_hash(&grant.signing_hash(&domain(1, CONTRACT)));
        let consent = random.one_in(2).then(|| Consent { grant, signature }.check(1, CONTRACT));

        let about = questions(patient, &[RECORD, GROUP], consent);
        let elsewhere = questions(patient, &[ANOTHER], consent);
        let (before, others) = (answers(&words, &about), answers(&words, &elsewhere));
        let request = about
            .iter()
            .find(|request| request.delegator().is_some() && !request.as_question().salt.is_zero())
            .unwrap();
        let grants: Vec<Grant> = consent.iter().map(|consent| *consent.grant()).collect();
        let steps = steps(request, &of(&words, request), &grants).unwrap();
        let mut after = words.clone();
        for step in &steps {
            assert_eq!(step.scope, RECORD);
            *(if step.ending == Ending::Deny { &mut denied } else { &mut revoked }) += 1;
            apply(&mut after, step);
        }
        let permits = |answers: &[Decision]| answers.iter().filter(|answer| answer.is_permit()).count();
        let left = answers(&after, &about);
        assert_eq!(permits(&left), 0, "case {number}: {steps:?} {left:?}");
        assert_eq!(answers(&after, &elsewhere), others, "case {number}: {steps:?}");
        ended += usize::from(permits(&before) > 0);
        if steps.is_empty() {
            assert_eq!(permits(&before), 0, "case {number}");
            empty += 1;
        }
    }
    println!("{ended} ended, {denied} denied, {revoked} revoked, {empty} had nothing to end");
    assert!(ended > 200 && denied > 100 && revoked > 50 && empty > 20);
}

#[test]
fn a_step_is_a_call_or_a_message() {
    let (patient, grantee) = (Address([1; 20]), Address([2; 20]));
    let step = |ending| Step { ending, patient, grantee, scope: RECORD, revision: 3 };
    assert_eq!(step(Ending::Revoke).call(), Call::Revoke { grantee, scope: RECORD });
    let denied = Call::Deny { grantee, scope: RECORD, document: B256::ZERO };
    assert_eq!(step(Ending::Deny).call(), denied);
    let closed = Call::CloseEmergency { patient, clinician: grantee };
    assert_eq!(step(Ending::CloseEmergency).call(), closed);
    for ending in [Ending::Revoke, Ending::Deny, Ending::CloseEmergency] {
        let message = step(ending).message(77);
        assert_eq!((message.signer(), message.deadline()), (patient, 77));
        let revisions = [
            Revoke { patient, grantee, scope: RECORD, revision: 19, deadline: 77 }.into(),
            Deny { patient, grantee, scope: RECORD, document: B256::ZERO, revision: 19, deadline: 77 }.into(),
            CloseEmergency { patient, clinician: grantee, revision: 19, deadline: 77 }.into(),
        ];
        assert!(revisions.contains(&message), "{message:?}");
    }
}

/// Break-glass that is open is closed; without it there is nothing to end.
#[test]
fn an_open_emergency_is_closed() {
    let patient = Address([1; 20]);
    let request =
        Request::about_scopes(patient, &[], ACCESSOR, Operation::Read, Purpose::BreakGlass, NOW).unwrap();
    let terms =
        Terms { not_before: NOW - 5, not_after: NOW + 5, purposes: 4, operations: 1, required_roles: 4 };
    let open = GrantWord { terms, revision: 2, state: State::Permit, ..GrantWord::default() };
    let mut words = Words::new();
    assert_eq!(steps(&request, &of(&words, &request), &[]), Ok(vec![]));
    words.insert(Slot::Emergency { patient, clinician: ACCESSOR }.key(), open.encode());
    let found = steps(&request, &of(&words, &request), &[]).unwrap();
    let [step] = found[..] else { unreachable!("{found:?}") };
    assert_eq!((step.ending, step.revision), (Ending::CloseEmergency, 2));
    apply(&mut words, &step);
    assert_eq!(steps(&request, &of(&words, &request), &[]), Ok(vec![]));
}
