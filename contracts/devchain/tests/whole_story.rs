//! Every function of the contract called, every event and every error of it decoded, by signed transactions.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::too_many_lines)]

mod common;

use std::collections::BTreeSet;
use std::ffi::OsStr;

use common::story::{Story, key, party, sign};
use common::{CHAIN, GENESIS_TIME};
use healthrecord_core::access::{Basis, Decision, Reason, Request};
use healthrecord_core::health::contract::message::{self, REVISIONS_AHEAD};
use healthrecord_core::health::contract::{
    AccountWord, Call, DelegationWord, Event, GrantWord, Message, Operation, Purpose, Question, Revert, Role,
    Slot, State, Target, Terms, address_from_answer, domain_from_answer,
};
use healthrecord_core::{Address, B256, U256};
use healthrecord_devchain::{CallError, Devchain, Genesis, GenesisAccount, contract};

const REGISTRAR: u8 = 1;
const HOSPITAL: u8 = 2;
const PATIENT: u8 = 3;
const MANAGER: u8 = 4;
const SHARER: u8 = 5;
const CLINICIAN: u8 = 6;
const ISSUER: u8 = 7;
const STRANGER: u8 = 9;
/// Party 8 relays what others sign.
const PARTIES: u8 = 9;
/// Receives, and does nothing.
const DOCTOR: Address = Address([0xd0; 20]);

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;
/// Long after the story.
const LATE: u64 = GENESIS_TIME + 300 * DAY;
const ALL: B256 = B256::ZERO;
const RECORD: B256 = B256([0x77; 32]);
const ROOT: B256 = B256([0x88; 32]);
const DOCUMENT: B256 = B256([0x99; 32]);
const NONE: B256 = B256::ZERO;
const NOBODY: Address = Address::ZERO;

const READ: u16 = Operation::Read.bit();
const WRITE: u16 = Operation::Write.bit();
const SHARE: u16 = Operation::Share.bit();
const MANAGE: u16 = Operation::Manage.bit();

const fn terms(operations: u16) -> Terms {
    Terms {
        not_before: GENESIS_TIME,
        not_after: GENESIS_TIME + 100 * DAY,
        purposes: Purpose::Treatment.bit(),
        operations,
        required_roles: 0,
    }
}

/// A grant of the patient's own.
fn grant(grantee: Address, scope: B256, operations: u16) -> Call<'static> {
    Call::Grant { grantee, scope, terms: terms(operations), document: NONE }
}

fn ask(story: &Story, accessor: Address, purpose: Purpose) -> Request {
    let (patient, operation) = (party(PATIENT), Operation::Read);
    Request::about_scopes(patient, &[RECORD], accessor, operation, purpose, story.time).unwrap()
}

fn decide(story: &mut Story, accessor: Address, purpose: Purpose) -> u8 {
    let request = ask(story, accessor, purpose);
    story.decide(&request).code()
}

fn decide_shared(story: &mut Story) -> u8 {
    let request = ask(story, DOCTOR, Purpose::Treatment).delegated_by(party(SHARER)).unwrap();
    story.decide(&request).code()
}

fn grant_of(story: &mut Story, grantee: Address, scope: B256) -> GrantWord {
    let patient = party(PATIENT);
    let answer = story.view(&Call::GrantOf { patient, grantee, scope }).unwrap();
    let word = GrantWord::from_answer(&answer).unwrap();
    assert_eq!(word.encode(), story.word(Slot::Grant { patient, grantee, scope }));
    word
}

fn delegation_of(story: &mut Story) -> DelegationWord {
    let (patient, delegator, grantee, scope) = (party(PATIENT), party(SHARER), DOCTOR, RECORD);
    let answer = story.view(&Call::DelegationOf { patient, delegator, grantee, scope }).unwrap();
    let word = DelegationWord::from_answer(&answer).unwrap();
    assert_eq!(word.encode(), story.word(Slot::Delegation { patient, delegator, grantee, scope }));
    word
}

fn emergency_of(story: &mut Story) -> GrantWord {
    let (patient, clinician) = (party(PATIENT), party(CLINICIAN));
    let answer = story.view(&Call::EmergencyOf { patient, clinician }).unwrap();
    let word = GrantWord::from_answer(&answer).unwrap();
    assert_eq!(word.encode(), story.word(Slot::Emergency { patient, clinician }));
    word
}

fn account_of(story: &mut Story, number: u8) -> AccountWord {
    let account = party(number);
    let answer = story.view(&Call::AccountOf { account }).unwrap();
    let word = AccountWord::from_answer(&answer).unwrap();
    assert_eq!(word.encode(), story.word(Slot::Account(account)));
    word
}

fn authors(story: &mut Story) {
    let author = party(HOSPITAL);
    let anchor = |root, count, kind| Call::Anchor { root, count, kind };
    story.act(HOSPITAL, &anchor(ROOT, 3, 1)).unwrap();
    assert_eq!(story.act(HOSPITAL, &anchor(NONE, 3, 1)), Err(Revert::ZeroRoot));
    assert_eq!(story.act(HOSPITAL, &anchor(RECORD, 0, 1)), Err(Revert::ZeroCount));
    assert_eq!(story.act(HOSPITAL, &anchor(RECORD, 1, 0)), Err(Revert::ZeroKind));
    let anchored = Err(Revert::AlreadyAnchored { author, root: ROOT });
    assert_eq!(story.act(HOSPITAL, &anchor(ROOT, 4, 1)), anchored);
    assert!(story.act(STRANGER, &anchor(ROOT, 4, 1)).is_ok(), "nobody occupies another's root");
    let signed = message::Anchor { author, root: RECORD, count: 1, kind: 2, deadline: LATE };
    story.relay(HOSPITAL, signed).unwrap();
    story.relay_again(HOSPITAL, signed);

    story.act(HOSPITAL, &Call::Retract { commitment: ROOT, reason: 7 }).unwrap();
    let retracted = Err(Revert::AlreadyRetracted { author, commitment: ROOT });
    assert_eq!(story.act(HOSPITAL, &Call::Retract { commitment: ROOT, reason: 8 }), retracted);
    assert_eq!(
        story.act(HOSPITAL, &Call::Retract { commitment: NONE, reason: 8 }),
        Err(Revert::ZeroCommitment)
    );
    let signed = message::Retract { author, commitment: RECORD, reason: 7, deadline: LATE };
    let late = message::Retract { deadline: story.time - 1, ..signed };
    assert_eq!(story.relay(HOSPITAL, late), Err(Revert::SignatureExpired { deadline: late.deadline }));
    // Somebody else's signature of the same.
    let message = Message::from(signed);
    let forged = sign(STRANGER, story.contract, &message);
    let call = Call::BySig { message, signature: &forged };
    assert_eq!(story.act(STRANGER, &call), Err(Revert::InvalidSignature { signer: author }));
    story.relay(HOSPITAL, signed).unwrap();
    story.relay_again(HOSPITAL, signed);
    let answer = story.view(&Call::AnchorOf { author, root: RECORD }).unwrap();
    assert_eq!(answer, story.view(&Call::AnchorOf { author, root: RECORD }).unwrap());
    assert_eq!(story.view(&Call::RetractionOf { author, commitment: RECORD }).unwrap().len(), 64);
}

fn grants(story: &mut Story) {
    let patient = party(PATIENT);
    story.act(PATIENT, &grant(DOCTOR, RECORD, READ)).unwrap();
    assert_eq!(decide(story, DOCTOR, Purpose::Treatment), Basis::Grant as u8);
    let mut refuse = |terms: Terms, grantee: Address, expected: Revert| {
        let call = Call::Grant { grantee, scope: RECORD, terms, document: NONE };
        assert_eq!(story.act(PATIENT, &call), Err(expected));
    };
    let good = terms(READ);
    refuse(good, NOBODY, Revert::ZeroGrantee);
    refuse(good, patient, Revert::SelfGrant { patient });
    let empty = Terms { not_after: good.not_before, ..good };
    let (not_before, not_after) = (empty.not_before, empty.not_after);
    refuse(empty, DOCTOR, Revert::EmptyWindow { not_before, not_after });
    refuse(terms(0), DOCTOR, Revert::NoOperations);
    refuse(terms(16), DOCTOR, Revert::UnknownOperations { operations: 16 });
    refuse(Terms { purposes: 0, ..good }, DOCTOR, Revert::NoPurposes);
    let purposes = Purpose::BreakGlass.bit() | 1;
    refuse(Terms { purposes, ..good }, DOCTOR, Revert::EmergencyPurpose { purposes });

    let targets = [Target { grantee: DOCTOR, scope: ROOT }, Target { grantee: DOCTOR, scope: DOCUMENT }];
    let many = |targets| Call::GrantMany { targets, terms: terms(READ | WRITE), document: DOCUMENT };
    let events = story.send(PATIENT, &many(&targets)).unwrap();
    assert_eq!(events.len(), 2);
    for (event, Target { grantee: to, scope: over }) in events.iter().zip(targets) {
        let Event::Granted { patient: of, grantee, scope, by, document, .. } = *event else { panic!() };
        assert_eq!((of, grantee, scope, by, document), (patient, to, over, patient, DOCUMENT));
    }
    assert_eq!(story.act(PATIENT, &many(&[])), Err(Revert::EmptyBatch));

    // Signed and relayed: the patient pays no gas.
    let grantee = DOCTOR;
    let signed = message::Grant {
        patient,
        grantee,
        scope: ALL,
        terms: terms(READ),
        document: DOCUMENT,
        epoch: 0,
        revision: 0,
        deadline: LATE,
    };
    let stale = message::Grant { epoch: 1, ..signed };
    assert_eq!(story.relay(PATIENT, stale), Err(Revert::StaleEpoch { current: 0, signed: 1 }));
    let stale = message::Grant { revision: 1, ..signed };
    assert_eq!(story.relay(PATIENT, stale), Err(Revert::StaleRevision { current: 0, signed: 1 }));
    story.relay(PATIENT, signed).unwrap();
    story.relay_again(PATIENT, signed);
    assert_eq!(grant_of(story, DOCTOR, ALL).state, State::Permit);

    story.act(PATIENT, &Call::Deny { grantee, scope: RECORD, document: NONE }).unwrap();
    assert_eq!(decide(story, DOCTOR, Purpose::Treatment), Reason::Explicit as u8);
    story.act(PATIENT, &Call::Revoke { grantee, scope: RECORD }).unwrap();
    assert_eq!(grant_of(story, DOCTOR, RECORD).revision, 3);
    assert_eq!(decide(story, DOCTOR, Purpose::Treatment), Basis::Grant as u8, "the one for all records");
    let revision = 1 + REVISIONS_AHEAD;
    let denied = message::Deny { patient, grantee, scope: ALL, document: DOCUMENT, revision, deadline: LATE };
    story.relay(PATIENT, denied).unwrap();
    story.relay_again(PATIENT, denied);
    assert_eq!(grant_of(story, DOCTOR, ALL).revision, revision + 1);
    let revision = revision + 1 + REVISIONS_AHEAD;
    let revoked = message::Revoke { patient, grantee, scope: ALL, revision, deadline: LATE };
    story.relay(PATIENT, revoked).unwrap();
    story.relay_again(PATIENT, revoked);
    assert_eq!(decide(story, DOCTOR, Purpose::Treatment), Reason::Revoked as u8);
    // The consent from before the revoke is of no use to whoever kept it.
    let replayed = story.relay(PATIENT, signed);
    assert_eq!(replayed, Err(Revert::StaleRevision { current: revision + 1, signed: 0 }));

    // A word of the greatest revision takes nothing but its end.
    let slot = Slot::Grant { patient, grantee, scope: DOCUMENT };
    let last = GrantWord { revision: message::MAX_REVISION, ..grant_of(story, DOCTOR, DOCUMENT) };
    story.set_word(slot, last.encode());
    let exhausted = Err(Revert::RevisionExhausted { word: last.encode() });
    assert_eq!(story.act(PATIENT, &grant(DOCTOR, DOCUMENT, READ)), exhausted);
    story.act(PATIENT, &Call::Revoke { grantee, scope: DOCUMENT }).unwrap();
    assert_eq!(grant_of(story, DOCTOR, DOCUMENT).revision, message::MAX_REVISION);
}

fn managers(story: &mut Story) {
    let (patient, manager) = (party(PATIENT), party(MANAGER));
    let grant_for =
        |grantee, terms| Call::GrantFor { patient, grantee, scope: RECORD, terms, document: NONE };
    let refused = Revert::NotManager { patient, caller: manager, scope: RECORD };
    assert_eq!(story.act(MANAGER, &grant_for(party(STRANGER), terms(READ))), Err(refused));
    story.act(PATIENT, &grant(manager, ALL, READ | MANAGE)).unwrap();
    let event = story.act(MANAGER, &grant_for(party(STRANGER), terms(READ))).unwrap();
    assert!(matches!(event, Event::Granted { by, .. } if by == manager));
    assert_eq!(decide(story, party(STRANGER), Purpose::Treatment), Basis::Grant as u8);
    let mut refuse = |grantee, terms, expected: Revert| {
        assert_eq!(story.act(MANAGER, &grant_for(grantee, terms)), Err(expected));
    };
    let good = terms(READ);
    refuse(manager, good, Revert::ManagerIsGrantee { manager });
    let not_after = good.not_after + 1;
    let beyond = Revert::BeyondManagerWindow { not_after, manager_not_after: good.not_after };
    refuse(DOCTOR, Terms { not_after, ..good }, beyond);
    let beyond = Revert::BeyondManagerOperations { operations: READ | WRITE, manager_operations: READ };
    refuse(DOCTOR, terms(READ | WRITE), beyond);
    let purposes = Purpose::Treatment.bit() | Purpose::Research.bit();
    let beyond = Revert::BeyondManagerPurposes { purposes, manager_purposes: good.purposes };
    refuse(DOCTOR, Terms { purposes, ..good }, beyond);
    let word = grant_of(story, DOCTOR, RECORD).encode();
    assert_eq!(story.act(MANAGER, &grant_for(DOCTOR, good)), Err(Revert::PatientWord { word }));

    let grantee = party(STRANGER);
    story.act(MANAGER, &Call::DenyFor { patient, grantee, scope: RECORD, document: NONE }).unwrap();
    assert_eq!(decide(story, grantee, Purpose::Treatment), Reason::Explicit as u8);
    story.act(MANAGER, &Call::RevokeFor { patient, grantee, scope: RECORD }).unwrap();
    assert_eq!(decide(story, grantee, Purpose::Treatment), Reason::Revoked as u8);
    // Another manager is the patient's matter; the own word may be resigned.
    story.act(PATIENT, &grant(grantee, RECORD, MANAGE)).unwrap();
    let other = Call::RevokeFor { patient, grantee, scope: RECORD };
    assert_eq!(story.act(MANAGER, &other), Err(Revert::ManageWord { grantee }));
    story.act(MANAGER, &Call::RevokeFor { patient, grantee: manager, scope: ALL }).unwrap();
}

fn delegations(story: &mut Story) {
    let (patient, delegator, grantee) = (party(PATIENT), party(SHARER), DOCTOR);
    let delegate = |patient, grantee, operations| Call::Delegate {
        patient,
        grantee,
        scope: RECORD,
        terms: terms(operations),
    };
    let not_sharer = Revert::NotSharer { patient, delegator, scope: RECORD };
    assert_eq!(story.act(SHARER, &delegate(patient, grantee, READ)), Err(not_sharer));
    story.act(PATIENT, &grant(delegator, ALL, READ | SHARE)).unwrap();
    // The doctor's own grants are out of the way: a revoked one would bar every delegation.
    for scope in [ALL, RECORD] {
        story.set_word(Slot::Grant { patient, grantee, scope }, U256::ZERO);
    }
    story.act(SHARER, &delegate(patient, grantee, READ)).unwrap();
    assert_eq!(decide_shared(story), Basis::Delegation as u8);
    let parent = delegation_of(story);
    assert_eq!((parent.parent_revision, parent.parent_is_all), (1, true));
    let refused = [
        (SHARER, delegate(NOBODY, grantee, READ), Revert::ZeroPatient),
        (SHARER, delegate(patient, NOBODY, READ), Revert::ZeroGrantee),
        (PATIENT, delegate(patient, grantee, READ), Revert::DelegatorIsPatient { delegator: patient }),
        (SHARER, delegate(patient, delegator, READ), Revert::DelegatorIsAccessor { delegator }),
        (SHARER, delegate(patient, grantee, SHARE), Revert::NotDelegable { operations: SHARE }),
    ];
    for (by, call, expected) in refused {
        assert_eq!(story.act(by, &call), Err(expected));
    }
    story.act(SHARER, &Call::RevokeDelegation { patient, grantee, scope: RECORD }).unwrap();
    assert_eq!(decide_shared(story), Reason::DelegationRevoked as u8);

    let signed = message::Delegate {
        patient,
        delegator,
        grantee,
        scope: RECORD,
        terms: terms(READ),
        parent_revision: 1,
        parent_is_all: true,
        epoch: 0,
        revision: 2,
        deadline: LATE,
    };
    let stale = message::Delegate { parent_revision: 2, ..signed };
    assert_eq!(story.relay(SHARER, stale), Err(Revert::StaleParent { current: 1, signed: 2 }));
    story.relay(SHARER, signed).unwrap();
    story.relay_again(SHARER, signed);
    assert_eq!(decide_shared(story), Basis::Delegation as u8);
    let revision = 3 + REVISIONS_AHEAD;
    let (scope, deadline) = (RECORD, LATE);
    let ended = message::RevokeDelegation { patient, delegator, grantee, scope, revision, deadline };
    story.relay(SHARER, ended).unwrap();
    story.relay_again(SHARER, ended);

    // The patient bars it and lets it be made anew.
    story.act(PATIENT, &Call::DenyDelegation { delegator, grantee, scope }).unwrap();
    assert_eq!(decide_shared(story), Reason::DelegationDenied as u8);
    let word = delegation_of(story).encode();
    assert_eq!(story.act(SHARER, &delegate(patient, grantee, READ)), Err(Revert::PatientWord { word }));
    story.act(PATIENT, &Call::LiftDelegation { delegator, grantee, scope }).unwrap();
    let word = delegation_of(story).encode();
    let lift = Call::LiftDelegation { delegator, grantee, scope };
    assert_eq!(story.act(PATIENT, &lift), Err(Revert::NotDenied { word }));
    let nobody = Call::DenyDelegation { delegator: NOBODY, grantee, scope };
    assert_eq!(story.act(PATIENT, &nobody), Err(Revert::ZeroDelegator));
    let revision = delegation_of(story).revision + REVISIONS_AHEAD;
    let barred = message::DenyDelegation { patient, delegator, grantee, scope, revision, deadline };
    story.relay(PATIENT, barred).unwrap();
    story.relay_again(PATIENT, barred);
    let (epoch, revision) = (0, revision + 1);
    let lifted = message::LiftDelegation { patient, delegator, grantee, scope, epoch, revision, deadline };
    story.relay(PATIENT, lifted).unwrap();
    story.relay_again(PATIENT, lifted);
    assert_eq!(delegation_of(story).state, State::Revoked);
    story.act(SHARER, &delegate(patient, grantee, READ)).unwrap();
    assert_eq!(decide_shared(story), Basis::Delegation as u8);
}

fn emergencies(story: &mut Story) {
    let (patient, clinician) = (party(PATIENT), party(CLINICIAN));
    let glass = Call::BreakGlass { patient, reason: 3 };
    let caller = clinician;
    assert_eq!(story.act(CLINICIAN, &glass), Err(Revert::NotEmergencyClinician { caller }));
    let credential = Call::Accredit {
        account: clinician,
        roles: Role::Emergency.bit(),
        not_before: story.time,
        not_after: LATE,
    };
    story.act(REGISTRAR, &credential).unwrap();
    assert_eq!(decide(story, clinician, Purpose::BreakGlass), Reason::EmergencyUnopened as u8);
    let event = story.act(CLINICIAN, &glass).unwrap();
    assert!(matches!(event, Event::EmergencyOpened { reason: 3, .. }));
    assert_eq!(decide(story, clinician, Purpose::BreakGlass), Basis::Emergency as u8);
    let not_after = emergency_of(story).terms.not_after;
    assert_eq!(not_after, story.time + 4 * HOUR);
    assert_eq!(story.act(CLINICIAN, &glass), Err(Revert::EmergencyStillOpen { not_after }));
    let close = Call::CloseEmergency { patient, clinician };
    let stranger = party(STRANGER);
    assert_eq!(story.act(STRANGER, &close), Err(Revert::NotEmergencyParty { caller: stranger }));
    story.act(CLINICIAN, &close).unwrap();
    assert_eq!(decide(story, clinician, Purpose::BreakGlass), Reason::EmergencyClosed as u8);
    assert_eq!(story.act(CLINICIAN, &close), Err(Revert::EmergencyNotOpen { patient, clinician }));
    // After the clinician's close it may be opened again; after the patient's, not for a day.
    story.act(CLINICIAN, &glass).unwrap();
    story.act(PATIENT, &close).unwrap();
    let until = story.time + DAY;
    assert_eq!(story.act(CLINICIAN, &glass), Err(Revert::EmergencyLocked { until }));
    story.wait(DAY);
    story.act(CLINICIAN, &glass).unwrap();
    let revision = emergency_of(story).revision + REVISIONS_AHEAD;
    let closed = message::CloseEmergency { patient, clinician, revision, deadline: LATE };
    story.relay(PATIENT, closed).unwrap();
    story.relay_again(PATIENT, closed);

    story.wait(DAY);
    assert_eq!(
        story.act(PATIENT, &Call::SetPolicy { flags: 2, cards: 0 }),
        Err(Revert::UnknownFlags { flags: 2 })
    );
    story.act(PATIENT, &Call::SetPolicy { flags: 1, cards: 4 }).unwrap();
    assert_eq!(story.act(CLINICIAN, &glass), Err(Revert::BreakGlassForbidden { patient }));
    assert_eq!(decide(story, clinician, Purpose::BreakGlass), Reason::EmergencyForbidden as u8);
    let fell = Err(Revert::CardsFell { current: 4, proposed: 3 });
    assert_eq!(story.act(PATIENT, &Call::SetPolicy { flags: 0, cards: 3 }), fell);
    let policy = message::SetPolicy { account: patient, flags: 0, cards: 5, revision: 1, deadline: LATE };
    story.relay(PATIENT, policy).unwrap();
    story.relay_again(PATIENT, policy);
    story.act(CLINICIAN, &glass).unwrap();
    assert_eq!(decide(story, clinician, Purpose::BreakGlass), Basis::Emergency as u8);
}

fn everything_at_once(story: &mut Story) {
    let patient = party(PATIENT);
    story.act(PATIENT, &grant(DOCTOR, RECORD, READ)).unwrap();
    story.act(PATIENT, &Call::RevokeAll).unwrap();
    assert_eq!(decide(story, DOCTOR, Purpose::Treatment), Reason::RevokedAll as u8);
    assert_eq!(decide(story, party(CLINICIAN), Purpose::BreakGlass), Reason::EmergencyRevokedAll as u8);
    let all = message::RevokeAll { patient, epoch: 1, deadline: LATE };
    story.relay(PATIENT, all).unwrap();
    story.relay_again(PATIENT, all);
    let account = AccountWord { epoch: 2, no_break_glass: false, revision: 4, cards: 5 };
    assert_eq!(account_of(story, PATIENT), account);
    story.set_word(Slot::Account(party(STRANGER)), AccountWord { epoch: u32::MAX, ..account }.encode());
    let exhausted = Err(Revert::EpochExhausted { patient: party(STRANGER) });
    assert_eq!(story.act(STRANGER, &Call::RevokeAll), exhausted);
}

fn notices(story: &mut Story) {
    let (patient, accessor, scope) = (party(PATIENT), party(STRANGER), RECORD);
    let not_after = story.time + DAY;
    let request = Call::RequestAccess { patient, scope, operations: READ, purposes: 1, not_after };
    let event = Event::AccessRequested { patient, accessor, scope, operations: READ, purposes: 1, not_after };
    assert_eq!(story.act(STRANGER, &request), Ok(event));
    let (purpose, commitment) = (Purpose::Treatment.index(), ROOT);
    let log = Call::LogAccess { patient, scope, purpose, commitment };
    let event = Event::AccessLogged { patient, accessor, scope, purpose, commitment };
    assert_eq!(story.act(STRANGER, &log), Ok(event));
}

fn accreditation(story: &mut Story) {
    let (issuer, account, registrar) = (party(ISSUER), DOCTOR, party(REGISTRAR));
    let accredit =
        |account, roles: u16, not_after| Call::Accredit { account, roles, not_before: 0, not_after };
    let practitioner = Role::Practitioner.bit();
    let discredit = |account| Call::Discredit { account };
    let unknown = Err(Revert::NotIssuer { caller: issuer });
    assert_eq!(story.act(ISSUER, &accredit(account, practitioner, LATE)), unknown);
    assert_eq!(story.act(REGISTRAR, &accredit(NOBODY, practitioner, LATE)), Err(Revert::ZeroAccount));
    assert_eq!(story.act(REGISTRAR, &accredit(account, 0, LATE)), Err(Revert::NoRoles));
    assert_eq!(story.act(REGISTRAR, &discredit(account)), Err(Revert::NotAccredited { account }));
    story.act(REGISTRAR, &accredit(issuer, Role::Issuer.bit(), LATE)).unwrap();
    story.act(ISSUER, &accredit(account, practitioner, LATE)).unwrap();
    let roles = Role::Issuer.bit();
    assert_eq!(story.act(ISSUER, &accredit(account, roles, LATE)), Err(Revert::IssuerRole { roles }));
    let beyond = Err(Revert::BeyondIssuer { not_after: LATE + 1, issuer_not_after: LATE });
    assert_eq!(story.act(ISSUER, &accredit(account, practitioner, LATE + 1)), beyond);
    let clinician = party(CLINICIAN);
    let foreign = Err(Revert::NotOwnCredential { account: clinician, issuer: registrar });
    assert_eq!(story.act(ISSUER, &discredit(clinician)), foreign);
    story.act(ISSUER, &discredit(account)).unwrap();
    assert_eq!(story.view(&Call::CredentialOf { account }).unwrap().len(), 128);

    let hospital = party(HOSPITAL);
    let propose = Call::TransferRegistrar { pending: hospital };
    assert_eq!(story.act(HOSPITAL, &propose), Err(Revert::NotRegistrar { caller: hospital }));
    story.act(REGISTRAR, &propose).unwrap();
    let pending = story.view(&Call::PendingRegistrar).unwrap();
    assert_eq!(address_from_answer(&pending), Ok(hospital));
    let stranger = Err(Revert::NotPendingRegistrar { caller: issuer });
    assert_eq!(story.act(ISSUER, &Call::AcceptRegistrar), stranger);
    story.act(HOSPITAL, &Call::AcceptRegistrar).unwrap();
    assert_eq!(address_from_answer(&story.view(&Call::Registrar).unwrap()), Ok(hospital));
}

fn questions(story: &mut Story) {
    let (patient, accessor, delegator) = (party(PATIENT), DOCTOR, party(SHARER));
    let good = Question {
        patient,
        accessor,
        salt: NONE,
        scopes: &[RECORD],
        operation: READ,
        purpose: 0,
        delegator,
        at: story.time,
    };
    let malformed = [
        (Question { patient: NOBODY, ..good }, Revert::ZeroPatient),
        (Question { accessor: NOBODY, ..good }, Revert::ZeroAccessor),
        (Question { scopes: &[RECORD; 7], ..good }, Revert::TooManyScopes { count: U256::from(7_u64) }),
        (
            Question { scopes: &[RECORD, NONE, RECORD], ..good },
            Revert::ZeroScope { index: U256::from(1_u64) },
        ),
        (Question { operation: 3, ..good }, Revert::NotOneOperation { operation: 3 }),
        (Question { delegator: patient, ..good }, Revert::DelegatorIsPatient { delegator: patient }),
        (Question { delegator: accessor, ..good }, Revert::DelegatorIsAccessor { delegator: accessor }),
    ];
    for (question, expected) in malformed {
        assert_eq!(story.view(&Call::Decide { question }), Err(expected));
    }
    let answer = story.view(&Call::Decide { question: good }).unwrap();
    assert!(matches!(Decision::from_answer(&answer), Ok(Decision::Deny { .. })));
    let domain = story.view(&Call::Eip712Domain).unwrap();
    assert_eq!(domain_from_answer(&domain), Ok(message::domain(CHAIN, story.contract)));
}

/// Creation code without a registrar, executed as the code of an account: its refusal can be read there.
fn deployment_without_registrar() -> Revert {
    let creator = Address([0xc0; 20]);
    let mut genesis = Genesis::new(CHAIN, GENESIS_TIME);
    genesis.accounts.insert(creator, GenesisAccount::contract(contract::creation_code(NOBODY)));
    match Devchain::new(genesis).call(creator, &[]) {
        Err(CallError::Reverted { data, .. }) => Revert::decode(&data).unwrap(),
        other => panic!("{other:?}"),
    }
}

fn run(anvil: Option<&OsStr>) {
    let mut story = Story::begin(anvil, PARTIES);
    authors(&mut story);
    grants(&mut story);
    managers(&mut story);
    delegations(&mut story);
    emergencies(&mut story);
    everything_at_once(&mut story);
    notices(&mut story);
    accreditation(&mut story);
    questions(&mut story);
    assert_eq!(deployment_without_registrar(), Revert::ZeroRegistrar);
    story.errors.insert("ZeroRegistrar".to_owned());
    let raw = story.chain.sign(key(REGISTRAR), None, &contract::creation_code(NOBODY));
    assert!(!story.mine(&raw).success);

    let called: BTreeSet<u32> =
        Call::SELECTORS.iter().chain(Message::SELECTORS).map(|(_, selector)| *selector).collect();
    assert_eq!(story.called, called, "every function");
    let events: BTreeSet<String> = Event::TOPICS.iter().map(|(name, ..)| (*name).to_owned()).collect();
    assert_eq!(story.events, events, "every event");
    let errors: BTreeSet<String> = Revert::SELECTORS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(story.errors, errors, "every error");
}

#[test]
fn every_function_event_and_error_is_met_on_the_embedded_chain() {
    run(None);
}

#[test]
fn anvil_tells_the_same_story_for_the_same_gas() {
    match std::env::var_os("HEALTHRECORD_ANVIL") {
        Some(program) => run(Some(&program)),
        None => println!("SKIPPED 1"),
    }
}
