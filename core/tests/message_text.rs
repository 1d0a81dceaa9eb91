//! What is signed is told in plain words, every member of it, in a bounded text.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::fmt::Write as _;

use healthrecord_core::health::contract::message::{
    Anchor, CloseEmergency, Delegate, Deny, DenyDelegation, Grant, LiftDelegation, MAX_TEXT_LEN, Message,
    Retract, Revoke, RevokeAll, RevokeDelegation, SetPolicy,
};
use healthrecord_core::health::contract::{Purpose, Role, Terms};
use healthrecord_core::{Address, B256};

const PATIENT: Address = Address([0x5a; 20]);
const GRANTEE: Address = Address([0xfb; 20]);
const DELEGATOR: Address = Address([0xde; 20]);
const CONTRACT: Address = Address([0xc0; 20]);
const RECORD: B256 = B256([0x77; 32]);
const DEADLINE: u64 = 1_798_761_599;

/// What a device shows, in memory of a fixed size.
fn text(message: impl Into<Message>) -> String {
    let mut text = heapless::String::<MAX_TEXT_LEN>::new();
    write!(text, "{}", message.into().in_words(31_337, CONTRACT)).unwrap();
    assert!(text.is_ascii());
    text.to_string()
}

const TERMS: Terms = Terms {
    not_before: 1_767_225_600,
    not_after: 1_769_904_000,
    purposes: 1,
    operations: 3,
    required_roles: 0,
};

const GRANT: Grant = Grant {
    patient: PATIENT,
    grantee: GRANTEE,
    scope: B256::ZERO,
    terms: TERMS,
    document: B256::ZERO,
    epoch: 2,
    revision: 7,
    deadline: DEADLINE,
};

#[test]
fn each_message_reads_as_it_is_meant() {
    let golden = include_str!("golden/messages.txt");
    let scope = RECORD;
    let all: [Message; 14] = [
        GRANT.into(),
        Grant {
            scope,
            terms: Terms {
                purposes: Purpose::Treatment.bit() | Purpose::Research.bit() | 1 << 20,
                operations: 15,
                required_roles: Role::Practitioner.bit() | Role::Laboratory.bit() | 256,
                ..TERMS
            },
            document: B256([0x99; 32]),
            ..GRANT
        }
        .into(),
        Deny {
            patient: PATIENT,
            grantee: GRANTEE,
            scope,
            document: B256::ZERO,
            revision: 23,
            deadline: DEADLINE,
        }
        .into(),
        Revoke { patient: PATIENT, grantee: GRANTEE, scope: B256::ZERO, revision: 23, deadline: DEADLINE }
            .into(),
        RevokeAll { patient: PATIENT, epoch: 2, deadline: DEADLINE }.into(),
        SetPolicy { account: PATIENT, flags: 1, cards: 4, revision: 3, deadline: DEADLINE }.into(),
        SetPolicy { account: PATIENT, flags: 0, cards: 0, revision: 0, deadline: DEADLINE }.into(),
        Delegate {
            patient: PATIENT,
            delegator: DELEGATOR,
            grantee: GRANTEE,
            scope,
            terms: Terms { operations: 1, ..TERMS },
            parent_revision: 5,
            parent_is_all: true,
            epoch: 2,
            revision: 0,
            deadline: DEADLINE,
        }
        .into(),
        RevokeDelegation {
            patient: PATIENT,
            delegator: DELEGATOR,
            grantee: GRANTEE,
            scope,
            revision: 17,
            deadline: DEADLINE,
        }
        .into(),
        DenyDelegation {
            patient: PATIENT,
            delegator: DELEGATOR,
            grantee: GRANTEE,
            scope,
            revision: 17,
            deadline: DEADLINE,
        }
        .into(),
        LiftDelegation {
            patient: PATIENT,
            delegator: DELEGATOR,
            grantee: GRANTEE,
            scope,
            epoch: 2,
            revision: 18,
            deadline: DEADLINE,
        }
        .into(),
        CloseEmergency { patient: PATIENT, clinician: GRANTEE, revision: 17, deadline: DEADLINE }.into(),
        Anchor { author: DELEGATOR, root: RECORD, count: 300, kind: 1, deadline: DEADLINE }.into(),
        Retract { author: DELEGATOR, commitment: RECORD, reason: 7, deadline: DEADLINE }.into(),
    ];
    let texts: Vec<String> = all.into_iter().map(text).collect();
    assert_eq!(texts.join("\n\n") + "\n", golden);
}

/// The longest that a message can be, its numbers beyond what the contract would take included.
#[test]
fn no_text_is_longer_than_the_bound() {
    let address = Address([0xff; 20]);
    let word = B256([0xff; 32]);
    let (number, time) = (u32::MAX, u64::MAX);
    let terms = Terms {
        not_before: time,
        not_after: time,
        purposes: number,
        operations: u16::MAX,
        required_roles: u16::MAX,
    };
    let (patient, grantee, delegator, author) = (address, address, address, address);
    let (scope, document, epoch, revision, deadline) = (word, word, number, number, time);
    let all: [Message; 12] = [
        Anchor { author, root: word, count: number, kind: u16::MAX, deadline }.into(),
        Retract { author, commitment: word, reason: u16::MAX, deadline }.into(),
        Grant { patient, grantee, scope, terms, document, epoch, revision, deadline }.into(),
        Deny { patient, grantee, scope, document, revision, deadline }.into(),
        Revoke { patient, grantee, scope, revision, deadline }.into(),
        RevokeAll { patient, epoch, deadline }.into(),
        SetPolicy { account: address, flags: u8::MAX, cards: number, revision, deadline }.into(),
        Delegate {
            patient,
            delegator,
            grantee,
            scope,
            terms,
            parent_revision: number,
            parent_is_all: false,
            epoch,
            revision,
            deadline,
        }
        .into(),
        RevokeDelegation { patient, delegator, grantee, scope, revision, deadline }.into(),
        DenyDelegation { patient, delegator, grantee, scope, revision, deadline }.into(),
        LiftDelegation { patient, delegator, grantee, scope, epoch, revision, deadline }.into(),
        CloseEmergency { patient, clinician: address, revision, deadline }.into(),
    ];
    let lengths = all.iter().map(|message| format!("{}", message.in_words(u64::MAX, address)).len());
    assert_eq!(lengths.max(), Some(MAX_TEXT_LEN));
}

/// A wallet that shows this text shows what it signs: no two messages read alike.
#[test]
fn a_change_of_any_member_is_told() {
    let changed = |change: fn(&mut Grant)| {
        let mut grant = GRANT;
        change(&mut grant);
        text(grant)
    };
    let changes: [fn(&mut Grant); 12] = [
        |grant| grant.patient.0[19] ^= 1,
        |grant| grant.grantee.0[19] ^= 1,
        |grant| grant.scope.0[31] ^= 1,
        |grant| grant.terms.not_before += 1,
        |grant| grant.terms.not_after += 1,
        |grant| grant.terms.purposes ^= 1 << 31,
        |grant| grant.terms.operations ^= 1 << 15,
        |grant| grant.terms.required_roles ^= 1 << 15,
        |grant| grant.document.0[31] ^= 1,
        |grant| grant.epoch += 1,
        |grant| grant.revision += 1,
        |grant| grant.deadline += 1,
    ];
    let mut texts: Vec<String> = changes.into_iter().map(changed).chain([text(GRANT)]).collect();
    texts.sort();
    texts.dedup();
    assert_eq!(texts.len(), 13);
}
