// The words and requests of the cases: ordinary, but for what is given.

import { address, NO_SCOPE, word } from '../parties.mjs';
import { OPERATIONS, PURPOSES } from './request.mjs';
import { BLOCK_TIME } from './world.mjs';
import { blind, pack, place } from './words.mjs';

export const PATIENT = address('patient');
export const DOCTOR = address('doctor');
export const HOSPITAL = address('hospital');
export const SALT = word('salt');
export const BLINDED = blind(PATIENT, DOCTOR, SALT);

export const ALL = NO_SCOPE;
export const RECORD = word('scope/record');
export const GROUP = word('scope/group');

const HOUR = 3600n;
const DAY = 24n * HOUR;

/** When the requests ask, after their block; windows of ordinary words begin and end about it. */
export const AT = BLOCK_TIME + 60n;
export const START = BLOCK_TIME - 30n * DAY;
export const END = BLOCK_TIME + 30n * DAY;
export const SOONER = END - DAY;
export const LATER = END + DAY;

export const ROLE = { PRACTITIONER: 2n, EMERGENCY: 4n, INSURER: 8n, LABORATORY: 64n, UNNAMED: 256n };

/** The mask of these purposes. */
export const purposes = (...names) => names.reduce((mask, name) => mask | (1n << BigInt(PURPOSES.indexOf(name))), 0n);

const TERMS = {
  notBefore: START,
  notAfter: END,
  purposes: purposes('TREAT'),
  operations: OPERATIONS.READ,
  revision: 1n,
  state: 1n,
};
const WRITTEN = { writtenAt: START, by: 0n };

/** The fields of an emergency that is open. */
export const OPENED = { ...TERMS, purposes: purposes('BTG'), notBefore: BLOCK_TIME - HOUR, notAfter: BLOCK_TIME + 3n * HOUR };

/** The fields of a word that permits, was revoked, or denies. */
export const permitting = (changes) => ({ ...TERMS, ...changes });
export const revoked = (changes) => ({ revision: 2n, state: 2n, ...changes });
export const denying = (changes) => ({ revision: 2n, state: 3n, ...changes });

// Words at their places.
export const granted = (grantee, scope, fields) => [
  place.grant(PATIENT, grantee, scope),
  pack('grant', { ...WRITTEN, ...fields }),
];
export const delegated = (scope, fields) => [
  place.delegation(PATIENT, HOSPITAL, DOCTOR, scope),
  pack('delegation', { parentRevision: 1n, ...fields }),
];
export const ended = (fields) => [place.emergency(PATIENT, DOCTOR), pack('emergency', { ...WRITTEN, ...fields })];
export const opened = (fields) => ended({ ...OPENED, ...fields });
export const accountOf = (fields) => [place.account(PATIENT), pack('account', fields)];
export const accredited = (fields) => [
  place.credential(DOCTOR),
  pack('credential', { notBefore: START, notAfter: LATER, issuer: BigInt(address('issuer')), ...fields }),
];

/** Whether the doctor may read, to treat, a record of the patient's, or with `changes`. */
export function asks(changes = {}) {
  const request = {
    patient: PATIENT,
    accessor: DOCTOR,
    scopes: [],
    operation: 'READ',
    purpose: 'TREAT',
    at: String(AT),
    ...changes,
  };
  return { ...request, at: String(request.at) };
}

// Expected decisions.
export const permit = (basis, scope, until) => ({ permit: true, basis, scope, until: String(until) });
export const deny = (reason, scope = NO_SCOPE) => ({ permit: false, reason, scope });
