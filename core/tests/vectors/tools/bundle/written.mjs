// Good cases of "verify" about words exactly as the contract's functions write them: what ended has no terms, a delegation
// names its parent, an emergency asks for its role, a manager leaves its mark.
// Source: "Words" in contracts/src/IHealthRecord.sol.

import { address } from '../parties.mjs';
import * as it from './parties.mjs';
import { OPERATIONS } from './request.mjs';
import { BLOCK_TIME, verifying } from './world.mjs';
import { pack, place } from './words.mjs';

const { ALL, AT, BLINDED, DOCTOR, END, HOSPITAL, LATER, PATIENT, RECORD, ROLE, SALT, SOONER, START } = it;
const { asks, deny, permit, purposes } = it;

const HOUR = 3600n;
const REGISTRAR = BigInt(address('registrar'));
const ISSUER = BigInt(address('issuer'));
const [NONE, PERMIT, REVOKED, DENY] = [0n, 1n, 2n, 3n];
const [BY_PATIENT, BY_MANAGER] = [0n, 1n];

const TERMS = { notBefore: START, notAfter: END, purposes: purposes('TREAT'), operations: OPERATIONS.READ };

// What each function leaves behind, the revision being how often the word was written.
const grant = (by = BY_PATIENT) => ({ ...TERMS, revision: 1n, state: PERMIT, writtenAt: START, by });
const ended = (state, by = BY_PATIENT, revision = 2n) => ({ revision, state, writtenAt: BLOCK_TIME, by });
const delegate = (parent) => ({
  ...TERMS,
  revision: 1n,
  state: PERMIT,
  parentRevision: 1n,
  parentIsAll: parent === ALL ? 1n : 0n,
});
const endedDelegation = (state, revision = 2n) => ({ revision, state });
const breakGlass = (credentialEnd = LATER) => {
  const notAfter = BLOCK_TIME + 4n * HOUR;
  return {
    notBefore: BLOCK_TIME,
    notAfter: notAfter < credentialEnd ? notAfter : credentialEnd,
    purposes: purposes('BTG'),
    operations: OPERATIONS.READ,
    revision: 1n,
    state: PERMIT,
    requiredRoles: ROLE.EMERGENCY,
    writtenAt: BLOCK_TIME,
  };
};

const granted = (grantee, scope, fields) => [place.grant(PATIENT, grantee, scope), pack('grant', fields)];
const sharing = granted(HOSPITAL, ALL, { ...grant(), operations: OPERATIONS.READ | OPERATIONS.SHARE });
const delegated = (scope, fields) => [place.delegation(PATIENT, HOSPITAL, DOCTOR, scope), pack('delegation', fields)];
const emergency = (fields) => [place.emergency(PATIENT, DOCTOR), pack('emergency', fields)];
const account = (fields) => [place.account(PATIENT), pack('account', fields)];
const credential = (fields) => [place.credential(DOCTOR), pack('credential', fields)];
const accredited = (roles, issuer, notAfter = LATER) => credential({ notBefore: START, notAfter, roles, issuer });

const written = (name, words, request, expected) =>
  verifying(`as the contract writes: ${name}`, words, asks({ scopes: [RECORD], ...request }), expected);
const shared = { delegator: HOSPITAL };
const glass = { purpose: 'BTG', scopes: [] };
const clinician = accredited(ROLE.EMERGENCY | ROLE.PRACTITIONER, REGISTRAR);

export const WRITTEN = await Promise.all([
  written('a grant', [granted(DOCTOR, RECORD, grant())], {}, permit('grant', RECORD, END)),
  written('a grant by a manager', [granted(DOCTOR, RECORD, grant(BY_MANAGER))], {}, permit('grant', RECORD, END)),
  written('a revoke', [granted(DOCTOR, RECORD, ended(REVOKED))], {}, deny('revoked', RECORD)),
  written(
    'a revoke of what was never written',
    [granted(DOCTOR, RECORD, ended(REVOKED, BY_PATIENT, 1n))],
    {},
    deny('revoked', RECORD),
  ),
  written('a revoke by a manager', [granted(DOCTOR, RECORD, ended(REVOKED, BY_MANAGER))], {}, deny('revoked', RECORD)),
  written(
    'a deny by a manager',
    [granted(DOCTOR, RECORD, ended(DENY, BY_MANAGER)), granted(DOCTOR, ALL, grant())],
    {},
    deny('explicit', RECORD),
  ),
  written(
    'a signed revoke, far ahead',
    [granted(DOCTOR, RECORD, ended(REVOKED, BY_PATIENT, 18n))],
    {},
    deny('revoked', RECORD),
  ),
  written(
    'a deny for a blinded address',
    [granted(BLINDED, RECORD, ended(DENY)), granted(BLINDED, ALL, grant())],
    { salt: SALT },
    deny('explicit', RECORD),
  ),
  written(
    'a delegation under a grant for all',
    [sharing, delegated(RECORD, delegate(ALL))],
    shared,
    permit('delegation', RECORD, END),
  ),
  written(
    'a delegation for all under a grant for all',
    [sharing, delegated(ALL, delegate(ALL))],
    shared,
    permit('delegation', ALL, END),
  ),
  written(
    'a delegation under a grant at its scope',
    [granted(HOSPITAL, RECORD, { ...grant(), operations: 5n, notAfter: SOONER }), delegated(RECORD, delegate(RECORD))],
    shared,
    permit('delegation', RECORD, SOONER),
  ),
  written(
    'a delegation whose parent was granted again',
    [granted(HOSPITAL, ALL, { ...grant(), operations: 5n, revision: 2n }), delegated(RECORD, delegate(ALL))],
    shared,
    deny('delegation-parent', RECORD),
  ),
  written(
    'a delegation whose parent was revoked',
    [granted(HOSPITAL, ALL, ended(REVOKED)), delegated(RECORD, delegate(ALL))],
    shared,
    deny('delegation-parent', RECORD),
  ),
  written(
    'a delegation that its delegator ended',
    [sharing, delegated(RECORD, endedDelegation(REVOKED))],
    shared,
    deny('delegation-revoked', RECORD),
  ),
  written(
    'a delegation that the patient denied',
    [sharing, delegated(RECORD, endedDelegation(DENY))],
    shared,
    deny('delegation-denied', RECORD),
  ),
  written(
    'a delegation whose deny the patient lifted',
    [sharing, delegated(RECORD, endedDelegation(REVOKED, 3n))],
    shared,
    deny('delegation-revoked', RECORD),
  ),
  written(
    'a delegation of before a revoke of everything',
    [sharing, delegated(RECORD, delegate(ALL)), account({ epoch: 1n, revision: 1n })],
    shared,
    deny('delegation-revoked-all', RECORD),
  ),
  written(
    'an emergency',
    [clinician, emergency(breakGlass())],
    glass,
    permit('emergency', ALL, BLOCK_TIME + 4n * HOUR),
  ),
  written(
    'an emergency until the credential ends',
    [accredited(ROLE.EMERGENCY, ISSUER, AT + HOUR), emergency(breakGlass(AT + HOUR))],
    glass,
    permit('emergency', ALL, AT + HOUR),
  ),
  written(
    'an emergency that the clinician closed',
    [clinician, emergency(ended(REVOKED))],
    glass,
    deny('emergency-closed'),
  ),
  written('an emergency that the patient closed', [clinician, emergency(ended(DENY))], glass, deny('emergency-closed')),
  written(
    'an emergency that the patient barred before it was opened',
    [clinician, emergency(ended(DENY, BY_PATIENT, 1n))],
    glass,
    deny('emergency-closed'),
  ),
  written(
    'an emergency of a clinician whose credential was withdrawn',
    [accredited(NONE, REGISTRAR), emergency(breakGlass())],
    glass,
    deny('emergency-credential'),
  ),
  written(
    'an emergency of before a revoke of everything',
    [clinician, emergency(breakGlass()), account({ epoch: 1n, revision: 1n })],
    glass,
    deny('emergency-revoked-all'),
  ),
  written(
    'an emergency where a policy forbids it',
    [clinician, emergency(breakGlass()), account({ flags: 1n, revision: 1n, cards: 4n })],
    glass,
    deny('emergency-forbidden'),
  ),
  written(
    'a grant that requires a role of an issuer',
    [accredited(ROLE.LABORATORY, ISSUER), granted(DOCTOR, RECORD, { ...grant(), requiredRoles: ROLE.LABORATORY })],
    {},
    permit('grant', RECORD, END),
  ),
  written(
    'a grant that requires a role that was withdrawn',
    [accredited(NONE, ISSUER), granted(DOCTOR, RECORD, { ...grant(), requiredRoles: ROLE.LABORATORY })],
    {},
    deny('credential', RECORD),
  ),
]);
