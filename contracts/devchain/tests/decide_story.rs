//! The core decides what the contract decides, on states that random transactions reach.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::cast_possible_truncation)]

mod common;

use std::collections::BTreeMap;

use common::story::{Story, party, sign};
use healthrecord_core::access::{Basis, Reason, Request};
use healthrecord_core::health::contract::message::{self, REVISIONS_AHEAD};
use healthrecord_core::health::contract::{
    AccountWord, Call, DelegationWord, GrantWord, Message, Operation, Purpose, Revert, Role, Slot, Terms,
    blind,
};
use healthrecord_core::{Address, B256};

const REGISTRAR: u8 = 1;
const SHARER: u8 = 3;
const MANAGER: u8 = 4;
/// Asks for access, and is a clinician.
const ACCESSOR: u8 = 5;
const RELAY: u8 = 6;
/// The patients, one after another: each begins without a word.
const PATIENTS: std::ops::Range<u8> = 10..110;

const HOUR: u64 = 3600;
const LATE: u64 = 1 << 39;
const SALT: B256 = B256([0x5a; 32]);
const SCOPES: [B256; 3] = [B256::ZERO, B256([1; 32]), B256([2; 32])];

/// A story whose next step is random.
struct Game {
    story: Story,
    random: common::Random,
    patient: u8,
    done: usize,
    refused: usize,
}

impl Game {
    fn below(&mut self, bound: u64) -> u64 {
        self.random.below(bound)
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }

    fn scope(&mut self) -> B256 {
        self.pick(&SCOPES)
    }

    /// Every other patient grants to nobody but whom shares, so that its delegations are not hidden behind
    /// what it thinks of the accessor.
    fn grantee(&mut self) -> Address {
        if self.patient % 2 == 1 {
            return party(SHARER);
        }
        let hidden = blind(&party(self.patient), &party(ACCESSOR), &SALT);
        let accessor = party(ACCESSOR);
        self.pick(&[accessor, accessor, hidden, party(SHARER), party(SHARER), party(MANAGER)])
    }

    fn terms(&mut self, grantee: Address) -> Terms {
        let (before, after) = (self.below(200), 1 + self.below(2000));
        let not_before = if self.one_in(6) { self.story.time + before } else { self.story.time - before };
        let mut operations = if self.one_in(6) { 1 + self.below(15) as u16 } else { Operation::Read.bit() };
        if grantee == party(SHARER) && !self.one_in(6) {
            operations |= Operation::Share.bit() | Operation::Read.bit();
        }
        if grantee == party(MANAGER) && !self.one_in(6) {
            operations |= Operation::Manage.bit();
        }
        let purposes = if self.one_in(6) { Purpose::Research.bit() } else { Purpose::Treatment.bit() };
        let required_roles = if self.one_in(5) { Role::Practitioner.bit() } else { 0 };
        Terms { not_before, not_after: self.story.time + after, purposes, operations, required_roles }
    }

    fn word(&self, slot: Slot) -> healthrecord_core::U256 {
        self.story.chain.storage(self.story.contract, slot.key())
    }

    fn grant_word(&self, grantee: Address, scope: B256) -> GrantWord {
        GrantWord::decode(self.word(Slot::Grant { patient: party(self.patient), grantee, scope })).unwrap()
    }

    fn epoch(&self) -> u32 {
        AccountWord::decode(self.word(Slot::Account(party(self.patient)))).unwrap().epoch
    }

    /// What a party does, if its block's time is not the one at which it becomes impossible.
    fn send(&mut self, by: u8, call: &Call<'_>) {
        let (receipt, refusal) = self.story.attempt(by, call);
        if receipt.success {
            self.story.decode(&receipt);
            self.done += 1;
        } else {
            self.refused += 1;
        }
        // A signature that its own signer made can be late or stale, never false.
        assert!(!matches!(refusal, Some(Revert::InvalidSignature { .. })), "{call:?}");
    }

    fn relay(&mut self, signer: u8, message: impl Into<Message>) {
        let message = message.into();
        let signature = sign(signer, self.story.contract, &message);
        self.send(RELAY, &Call::BySig { message, signature: &signature });
    }

    fn act(&mut self) {
        let patient = party(self.patient);
        let (scope, grantee) = (self.scope(), self.grantee());
        let (terms, document, deadline) = (self.terms(grantee), B256::ZERO, LATE);
        let (delegator, accessor) = (party(SHARER), party(ACCESSOR));
        let close = Call::CloseEmergency { patient, clinician: accessor };
        let shared = self.terms(accessor);
        let now = self.story.time;
        match self.below(32) {
            0..=4 => self.send(self.patient, &Call::Grant { grantee, scope, terms, document }),
            5 if self.one_in(3) => self.send(self.patient, &Call::Deny { grantee, scope, document }),
            6..=7 => self.send(self.patient, &Call::Revoke { grantee, scope }),
            8 if self.one_in(3) => self.send(self.patient, &Call::RevokeAll),
            9 => {
                let (flags, cards) = (u8::from(self.one_in(4)), 0);
                self.send(self.patient, &Call::SetPolicy { flags, cards });
            }
            10..=13 => {
                self.send(SHARER, &Call::Delegate { patient, grantee: accessor, scope, terms: shared });
            }
            14 if self.one_in(3) => {
                self.send(SHARER, &Call::RevokeDelegation { patient, grantee: accessor, scope });
            }
            15 if self.one_in(3) => {
                self.send(self.patient, &Call::DenyDelegation { delegator, grantee: accessor, scope });
            }
            15 => self.send(self.patient, &Call::LiftDelegation { delegator, grantee: accessor, scope }),
            16..=17 => self.send(ACCESSOR, &Call::BreakGlass { patient, reason: 1 }),
            18 => self.send(ACCESSOR, &close),
            19 if self.one_in(2) => self.send(self.patient, &close),
            20..=21 => {
                let roles = self.pick(&[2, 4, 6, 6]);
                let (not_before, not_after) = (now - 1, now + 1 + self.below(2 * HOUR));
                self.send(REGISTRAR, &Call::Accredit { account: accessor, roles, not_before, not_after });
            }
            22 => self.send(REGISTRAR, &Call::Discredit { account: accessor }),
            23 => self.send(MANAGER, &Call::GrantFor { patient, grantee, scope, terms, document }),
            24 => self.send(MANAGER, &Call::DenyFor { patient, grantee, scope, document }),
            25 => self.send(MANAGER, &Call::RevokeFor { patient, grantee, scope }),
            26..=27 => {
                let (epoch, revision) = (self.epoch(), self.grant_word(grantee, scope).revision);
                let signed =
                    message::Grant { patient, grantee, scope, terms, document, epoch, revision, deadline };
                self.relay(self.patient, signed);
            }
            28 => {
                let revision = self.grant_word(grantee, scope).revision + REVISIONS_AHEAD;
                if self.one_in(2) {
                    self.relay(self.patient, message::Revoke { patient, grantee, scope, revision, deadline });
                } else {
                    let signed = message::Deny { patient, grantee, scope, document, revision, deadline };
                    self.relay(self.patient, signed);
                }
            }
            29 => {
                let at_scope = self.grant_word(delegator, scope);
                let parent_is_all = self.one_in(2);
                let parent = if parent_is_all { self.grant_word(delegator, B256::ZERO) } else { at_scope };
                let slot = Slot::Delegation { patient, delegator, grantee: accessor, scope };
                let revision = DelegationWord::decode(self.word(slot)).unwrap().revision;
                let signed = message::Delegate {
                    patient,
                    delegator,
                    grantee: accessor,
                    scope,
                    terms: shared,
                    parent_revision: parent.revision,
                    parent_is_all,
                    epoch: self.epoch(),
                    revision,
                    deadline,
                };
                self.relay(SHARER, signed);
            }
            _ => {
                let wait = if self.one_in(8) { 24 * HOUR } else { 1 + self.below(300) };
                self.story.wait(wait);
            }
        }
    }

    fn request(&mut self) -> Request {
        let operation = match self.below(8) {
            0 => Operation::Write,
            1 => self.pick(&[Operation::Share, Operation::Manage]),
            _ => Operation::Read,
        };
        let purpose = match self.below(8) {
            0 => Purpose::Research,
            1..=3 => Purpose::BreakGlass,
            _ => Purpose::Treatment,
        };
        let count = self.below(3);
        let scopes: Vec<B256> = (0..count).map(|_| self.pick(&SCOPES[1..])).collect();
        let accessor = if self.one_in(40) { self.patient } else { ACCESSOR };
        let at = match self.below(4) {
            0 => self.story.time + self.below(3000),
            1 => self.story.time - self.below(3000),
            _ => self.story.time,
        };
        let (patient, accessor) = (party(self.patient), party(accessor));
        let mut request = Request::about_scopes(patient, &scopes, accessor, operation, purpose, at).unwrap();
        if self.one_in(2) {
            request = request.blinded(SALT).unwrap();
        }
        if self.one_in(2) {
            request = request.delegated_by(party(SHARER)).unwrap();
        }
        request
    }
}

#[test]
fn states_that_transactions_reach_are_decided_alike() {
    let steps = if std::env::var_os("HEALTHRECORD_SOAK").is_some() { 30_000 } else { 3_000 };
    let story = Story::begin(None, PATIENTS.end);
    let random = common::Random(41);
    let mut game = Game { story, random, patient: 0, done: 0, refused: 0 };
    let mut histogram: BTreeMap<u8, usize> = BTreeMap::new();
    for patient in PATIENTS {
        game.patient = patient;
        for _ in 0..steps / PATIENTS.len() {
            game.act();
            for round in 0..4 {
                let request = game.request();
                let is_proved = round == 0 && request.time() >= game.story.time;
                let story = &mut game.story;
                let answer = if is_proved { story.decide(&request) } else { story.decide_unproved(&request) };
                *histogram.entry(answer.code()).or_default() += 1;
            }
        }
    }
    let Game { done, refused, .. } = game;
    println!("{done} done, {refused} refused: {histogram:?}");
    assert!(done * 2 > steps && refused * 10 > steps, "{done} done, {refused} refused");
    // The contract knows no consents but those that were relayed.
    let reasons = Reason::ALL.into_iter().map(|reason| reason as u8).filter(|code| !(32..48).contains(code));
    let bases = Basis::ALL.into_iter().filter(|basis| *basis != Basis::Consent).map(|basis| basis as u8);
    for code in bases.chain(reasons) {
        assert!(histogram.contains_key(&code), "code {code} was not reached");
    }
}
