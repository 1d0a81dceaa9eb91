//! A consent that was never relayed permits what its relay would permit, and one that does not hold changes
//! nothing.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::cast_possible_truncation)]

mod common;

use std::collections::BTreeMap;

use common::Random;
use healthrecord_core::access::{
    Basis, Consent, ConsentError, Decision, MAX_CONSENT_LEN, Reason, Request, decide,
};
use healthrecord_core::chain::key::SecretKey;
use healthrecord_core::chain::signature::Signature;
use healthrecord_core::grammar::rlp::RlpRule;
use healthrecord_core::health::contract::message::{Grant, MAX_REVISION, domain};
use healthrecord_core::health::contract::{
    AccountWord, CredentialWord, DelegationWord, GrantWord, Operation, Purpose, Slot, State, Terms, Writer,
    blind,
};
use healthrecord_core::{Address, B256, U256};

const CHAIN: u64 = 31_337;
const CONTRACT: Address = Address([0xc0; 20]);
const ACCESSOR: Address = Address([0x22; 20]);
const DELEGATOR: Address = Address([0x33; 20]);
const STRANGER: Address = Address([0x44; 20]);
const SALT: B256 = B256([0x5a; 32]);
const SCOPES: [B256; 3] = [B256::ZERO, B256([1; 32]), B256([2; 32])];
const AT: u64 = 1_700_000_000;
const EPOCH: u32 = 7;

fn key(number: u8) -> SecretKey {
    SecretKey::from_bytes(&[number; 32]).unwrap()
}

/// s and the parity replaced by those of the other signature that the same key can make of the same hash.
fn raise_s(signature: Signature) -> Signature {
    let order: B256 = "0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141".parse().unwrap();
    let mut borrow = 0;
    let mut s = [0; 32];
    for index in (0..32).rev() {
        let difference = i16::from(order.0[index]) - i16::from(signature.s.0[index]) - borrow;
        borrow = i16::from(difference < 0);
        s[index] = difference.rem_euclid(256) as u8;
    }
    Signature { s: B256(s), y_parity: !signature.y_parity, ..signature }
}

struct Generator {
    random: Random,
    patient: SecretKey,
    stranger: SecretKey,
}

/// A request, its words by their slots, and a consent.
struct Case {
    request: Request,
    words: BTreeMap<B256, U256>,
    consent: Consent,
    /// Whether the patient signed it for this contract.
    is_signed: bool,
}

impl Generator {
    fn below(&mut self, bound: usize) -> usize {
        self.random.below(bound)
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    fn terms(&mut self, good: usize) -> Terms {
        let near = self.below(3) as u64;
        let (not_before, not_after) = match self.below(good) {
            0 => (AT - 500, AT - near),
            1 => (AT + 1 + near, AT + 500),
            _ => (AT - near, AT + 1 + self.below(1000) as u64),
        };
        let operations = if self.one_in(good) { self.below(16) as u16 } else { Operation::Read.bit() };
        let purposes = if self.one_in(good) { Purpose::Research.bit() } else { Purpose::Treatment.bit() };
        let required_roles = self.pick(&[0, 0, 0, 2, 256]);
        Terms { not_before, not_after, purposes, operations, required_roles }
    }

    fn grant(&mut self) -> U256 {
        let state = self.pick(&[
            State::NeverWritten,
            State::NeverWritten,
            State::NeverWritten,
            State::Permit,
            State::Permit,
            State::Revoked,
            State::Deny,
        ]);
        if state == State::NeverWritten || (state == State::Deny && !self.one_in(4)) {
            return U256::ZERO;
        }
        let terms = if state == State::Permit { self.terms(4) } else { Terms::default() };
        let revision = if self.one_in(8) { MAX_REVISION } else { 1 + self.below(3) as u32 };
        let epoch = if self.one_in(4) { EPOCH - 1 } else { EPOCH };
        GrantWord { terms, epoch, revision, state, written_at: AT, by: Writer::Patient }.encode()
    }

    fn case(&mut self) -> Case {
        let patient = self.patient.address();
        let count = self.below(3);
        let scopes: Vec<B256> = (0..count).map(|_| self.pick(&SCOPES[1..])).collect();
        let operation = self.pick(&[Operation::Read, Operation::Read, Operation::Write, Operation::Share]);
        let purpose = if self.one_in(12) { Purpose::BreakGlass } else { self.pick(&[Purpose::Treatment; 3]) };
        let accessor = if self.one_in(30) { patient } else { ACCESSOR };
        let mut request = Request::about_scopes(patient, &scopes, accessor, operation, purpose, AT).unwrap();
        if self.one_in(2) {
            request = request.blinded(SALT).unwrap();
        }
        if self.one_in(2) {
            request = request.delegated_by(DELEGATOR).unwrap();
        }

        let hidden = blind(&patient, &ACCESSOR, &SALT);
        let mut words = BTreeMap::new();
        let account = AccountWord { epoch: EPOCH, ..AccountWord::default() };
        words.insert(Slot::Account(patient).key(), account.encode());
        let roles = self.pick(&[0, 2, 0xffff]);
        let credential =
            CredentialWord { not_before: 0, not_after: AT + 300, roles, issuer: STRANGER }.encode();
        words.insert(Slot::Credential(ACCESSOR).key(), credential);
        for scope in SCOPES {
            for grantee in [ACCESSOR, hidden] {
                let word = self.grant();
                words.insert(Slot::Grant { patient, grantee, scope }.key(), word);
            }
            let mut terms = self.terms(20);
            terms.operations |= Operation::Share.bit();
            let parent =
                GrantWord { terms, epoch: EPOCH, revision: 1, state: State::Permit, ..GrantWord::default() };
            words.insert(Slot::Grant { patient, grantee: DELEGATOR, scope }.key(), parent.encode());
            let delegation = DelegationWord {
                terms: self.terms(8),
                epoch: EPOCH,
                revision: 1,
                state: State::Permit,
                parent_revision: 1,
                parent_is_all: false,
            };
            let slot = Slot::Delegation { patient, delegator: DELEGATOR, grantee: ACCESSOR, scope };
            words.insert(slot.key(), if self.one_in(2) { delegation.encode() } else { U256::ZERO });
        }

        let hit = scopes.first().copied().filter(|_| !self.one_in(3)).unwrap_or_default();
        let scope = if self.one_in(10) { SCOPES[2] } else { hit };
        let grantee = match self.below(12) {
            0 => STRANGER,
            1..=3 => hidden,
            _ => ACCESSOR,
        };
        let slot = Slot::Grant { patient, grantee, scope }.key();
        let word = GrantWord::decode(words.get(&slot).copied().unwrap_or_default()).unwrap();
        let mut grant = Grant {
            patient: if self.one_in(20) { STRANGER } else { patient },
            grantee,
            scope,
            terms: self.terms(12),
            document: self.pick(&[B256::ZERO, SALT]),
            epoch: if self.one_in(12) { EPOCH + 1 } else { EPOCH },
            revision: if self.one_in(8) { word.revision ^ 1 } else { word.revision },
            deadline: self.pick(&[AT - 1, AT, AT + 1, AT + 100, AT + 2000, AT + 2000, AT + 2000]),
        };
        match self.below(30) {
            0 => grant.terms.operations |= 16,
            1 => grant.terms.operations = 0,
            2 => grant.terms.purposes |= Purpose::BreakGlass.bit(),
            3 => grant.terms.purposes = 0,
            4 => grant.terms.not_before = grant.terms.not_after,
            _ => {}
        }
        let here = domain(CHAIN, CONTRACT);
        let (signature, is_signed) = match self.below(24) {
            0 => (self.stranger.sign_hash(&grant.signing_hash(&here)), false),
            1 => (self.patient.sign_hash(&grant.signing_hash(&domain(CHAIN + 1, CONTRACT))), false),
            2 => (self.patient.sign_hash(&grant.signing_hash(&domain(CHAIN, STRANGER))), false),
            3 => (raise_s(self.patient.sign_hash(&grant.signing_hash(&here))), false),
            4 => (self.patient.sign_hash(&Grant { revision: 9, ..grant }.signing_hash(&here)), false),
            _ => (self.patient.sign_hash(&grant.signing_hash(&here)), grant.patient == patient),
        };
        Case { request, words, consent: Consent { grant, signature }, is_signed }
    }
}

fn answer(request: &Request, words: &BTreeMap<B256, U256>) -> Decision {
    let word = |slot: &B256| words.get(slot).copied().unwrap_or_default();
    let words: Vec<U256> = request.required_slots().iter().map(word).collect();
    decide(request, &words).unwrap()
}

/// The words after the contract took the consent, or `None` where it would not: it is the oracle of what a
/// consent is worth.
fn relay(case: &Case) -> Option<BTreeMap<B256, U256>> {
    let Grant { patient, grantee, scope, terms, epoch, revision, deadline, .. } = case.consent.grant;
    let slot = Slot::Grant { patient, grantee, scope }.key();
    let word = GrantWord::decode(case.words.get(&slot).copied().unwrap_or_default()).unwrap();
    let is_taken = case.is_signed
        && AT <= deadline
        && terms.not_before < terms.not_after
        && (1..16).contains(&terms.operations)
        && terms.purposes != 0
        && terms.purposes & Purpose::BreakGlass.bit() == 0
        && epoch == EPOCH
        && revision == word.revision
        && revision < MAX_REVISION;
    is_taken.then(|| {
        let written = GrantWord {
            terms,
            epoch,
            revision: revision + 1,
            state: State::Permit,
            written_at: AT,
            by: Writer::Patient,
        };
        let mut words = case.words.clone();
        words.insert(slot, written.encode());
        words
    })
}

#[test]
fn a_consent_permits_what_its_relay_would_and_else_changes_nothing() {
    let cases = if common::is_soak() { 100_000 } else { 8_000 };
    let mut generator = Generator { random: Random(51), patient: key(1), stranger: key(2) };
    let mut histogram: BTreeMap<&str, usize> = BTreeMap::new();
    for number in 0..cases {
        let case = generator.case();
        let checked = case.consent.check(CHAIN, CONTRACT);
        assert_eq!(checked.is_signed(), case.is_signed);
        let request = case.request.clone().consented(checked);
        let (without, with) = (answer(&case.request, &case.words), answer(&request, &case.words));
        let relayed = relay(&case).map(|words| answer(&case.request, &words));
        let scope = case.consent.grant.scope;
        let is_settled = match without {
            Decision::Permit { basis, .. } => basis != Basis::Delegation,
            Decision::Deny { reason, .. } => {
                reason == Reason::Explicit || request.purpose() == Purpose::BreakGlass
            }
        };
        let expected = match relayed {
            _ if is_settled => without,
            Some(Decision::Permit { basis: Basis::Grant, until, .. }) => {
                let until = until.min(case.consent.grant.deadline + 1);
                Decision::Permit { basis: Basis::Consent, scope, until }
            }
            _ => match (without, with) {
                // Its own reason says more than a delegation's, and less than that of a direct word.
                (Decision::Deny { reason: own, .. }, Decision::Deny { reason, scope })
                    if own >= Reason::ConsentForeign =>
                {
                    assert!((Reason::ConsentForeign..=Reason::ConsentCredential).contains(&reason));
                    let is_foreign = reason == Reason::ConsentForeign;
                    let expected = if is_foreign { B256::ZERO } else { case.consent.grant.scope };
                    assert_eq!(scope, expected, "case {number}");
                    with
                }
                _ => without,
            },
        };
        assert_eq!(with, expected, "case {number}: {request:?} without: {without:?}");
        let name = match with {
            Decision::Permit { basis, .. } => basis.name(),
            Decision::Deny { reason, .. } => reason.name(),
        };
        *histogram.entry(name).or_default() += 1;
    }
    println!("{histogram:?}");
    let consents = Reason::ALL.into_iter().filter(|reason| (32..48).contains(&(*reason as u8)));
    let consents: Vec<&str> = consents.map(Reason::name).collect();
    assert_eq!(consents.len(), 11);
    for name in consents.into_iter().chain(Basis::ALL.map(Basis::name)).filter(|name| *name != "emergency") {
        let reached = histogram.get(name).copied().unwrap_or_default();
        assert!(reached >= 10, "{name} was reached {reached} times of {cases}: {histogram:?}");
    }
}

#[test]
fn a_consent_has_one_form() {
    let mut generator = Generator { random: Random(52), patient: key(1), stranger: key(2) };
    let (mut refused, mut longest) = (0, 0);
    for _ in 0..300 {
        let mut consent = generator.case().consent;
        if generator.one_in(4) {
            let terms = Terms {
                not_before: (1 << 40) - 1,
                not_after: (1 << 40) - 1,
                purposes: u32::MAX,
                operations: u16::MAX,
                required_roles: u16::MAX,
            };
            let (document, epoch, revision) = (SALT, u32::MAX, MAX_REVISION);
            let scope = SALT;
            let deadline = (1 << 40) - 1;
            consent.grant = Grant { scope, terms, document, epoch, revision, deadline, ..consent.grant };
        }
        let mut bytes = heapless::Vec::<u8, MAX_CONSENT_LEN>::new();
        consent.write(&mut bytes).unwrap();
        longest = longest.max(bytes.len());
        assert_eq!(Consent::decode(&bytes), Ok(consent));
        for len in 0..bytes.len() {
            assert!(Consent::decode(&bytes[..len]).is_err(), "cut to {len} bytes");
        }
        let mut flipped = bytes.clone();
        for bit in 0..bytes.len() * 8 {
            flipped[bit / 8] ^= 1 << (bit % 8);
            match Consent::decode(&flipped) {
                Ok(other) => {
                    let mut again = heapless::Vec::<u8, MAX_CONSENT_LEN>::new();
                    other.write(&mut again).unwrap();
                    assert_eq!(again, flipped, "what is read is written the same");
                }
                Err(_) => refused += 1,
            }
            flipped[bit / 8] ^= 1 << (bit % 8);
        }
    }
    assert_eq!(longest, MAX_CONSENT_LEN);
    assert!(refused > 10_000, "{refused}");
    let empty = Consent::decode(&[0xc0]);
    assert!(
        matches!(empty, Err(ConsentError::Rlp { field: "version", error }) if error.rule == RlpRule::UnexpectedEnd)
    );
}

/// A consent that was checked for one contract is nobody's before another.
#[test]
fn a_consent_is_held_to_the_contract_it_was_checked_for() {
    let consent = Generator { random: Random(53), patient: key(1), stranger: key(2) }.case().consent;
    let grant = Grant { patient: key(1).address(), ..consent.grant };
    let signature = key(1).sign_hash(&grant.signing_hash(&domain(CHAIN, CONTRACT)));
    let consent = Consent { grant, signature };
    assert!(consent.check(CHAIN, CONTRACT).is_signed());
    assert!(!consent.check(CHAIN + 1, CONTRACT).is_signed());
    assert!(!consent.check(CHAIN, STRANGER).is_signed());
    assert_eq!(consent.check(CHAIN, CONTRACT).grant(), &grant);
}
