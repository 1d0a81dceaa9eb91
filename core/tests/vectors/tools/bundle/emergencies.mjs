// Good cases of "verify" for the purpose BTG: break-glass.

import * as it from './parties.mjs';
import { BLOCK_TIME, verifying } from './world.mjs';

const { ALL, AT, BLINDED, DOCTOR, HOSPITAL, OPENED, RECORD, ROLE, SALT } = it;
const { accountOf, accredited, asks, delegated, deny, denying, ended, granted, opened, permit, permitting, purposes, revoked } =
  it;

const CREDENTIAL = accredited({ roles: ROLE.EMERGENCY });
const OPEN_END = OPENED.notAfter;
const FORBIDDEN = accountOf({ flags: 1n, revision: 1n });

/** A case of a request for the purpose BTG. */
const breaking = (name, words, expected, request) => verifying(name, words, asks({ purpose: 'BTG', ...request }), expected);
const opening = (name, fields, expected, request) => breaking(name, [opened(fields), CREDENTIAL], expected, request);

export const EMERGENCIES = await Promise.all([
  opening('an emergency', {}, permit('emergency', ALL, OPEN_END)),
  opening('an emergency covers every scope', {}, permit('emergency', ALL, OPEN_END), { scopes: [RECORD, it.GROUP] }),
  breaking(
    'the credential ends before the emergency',
    [opened(), accredited({ roles: ROLE.EMERGENCY | ROLE.PRACTITIONER, notAfter: AT + 1n })],
    permit('emergency', ALL, AT + 1n),
  ),
  opening('the first second of an emergency', { notBefore: AT }, permit('emergency', ALL, OPEN_END)),
  opening('the last second of an emergency', {}, permit('emergency', ALL, OPEN_END), { at: OPEN_END - 1n }),
  breaking(
    'an emergency of the present epoch',
    [opened({ epoch: 2n }), CREDENTIAL, accountOf({ epoch: 2n, revision: 2n })],
    permit('emergency', ALL, OPEN_END),
  ),
  breaking(
    'a grant that was revoked does not stop an emergency',
    [granted(DOCTOR, ALL, revoked()), opened(), CREDENTIAL],
    permit('emergency', ALL, OPEN_END),
  ),
  breaking(
    'a deny at the record does not stop an emergency',
    [granted(DOCTOR, RECORD, denying()), opened(), CREDENTIAL],
    permit('emergency', ALL, OPEN_END),
    { scopes: [RECORD] },
  ),
  breaking(
    'a delegator is not asked in an emergency',
    [granted(HOSPITAL, ALL, denying()), delegated(ALL, denying()), opened(), CREDENTIAL],
    permit('emergency', ALL, OPEN_END),
    { delegator: HOSPITAL },
  ),
  breaking(
    'an emergency of a blinded grantee is under the true address',
    [opened(), CREDENTIAL],
    permit('emergency', ALL, OPEN_END),
    { salt: SALT },
  ),

  breaking('a deny for all stops an emergency', [granted(DOCTOR, ALL, denying()), opened(), CREDENTIAL], deny('explicit')),
  breaking(
    'a blinded deny for all stops an emergency',
    [granted(BLINDED, ALL, denying()), opened(), CREDENTIAL],
    deny('explicit'),
    { salt: SALT },
  ),
  breaking('a deny comes before the policy', [granted(DOCTOR, ALL, denying()), FORBIDDEN], deny('explicit'), {
    operation: 'WRITE',
  }),
  breaking('the patient forbids emergencies', [opened(), CREDENTIAL, FORBIDDEN], deny('emergency-forbidden')),
  breaking('the policy comes before the operation', [opened(), CREDENTIAL, FORBIDDEN], deny('emergency-forbidden'), {
    operation: 'WRITE',
  }),
  opening('an emergency only reads', { operations: 15n }, deny('emergency-operation'), { operation: 'WRITE' }),
  breaking('the operation comes before an emergency that is not open', [], deny('emergency-operation'), { operation: 'SHARE' }),
  breaking('an emergency that was closed', [ended(revoked()), CREDENTIAL], deny('emergency-closed')),
  breaking('an emergency word that denies is not open', [ended(denying()), CREDENTIAL], deny('emergency-closed')),
  breaking(
    'everything was revoked at once, the emergency with it',
    [opened(), CREDENTIAL, accountOf({ epoch: 1n, revision: 1n })],
    deny('emergency-revoked-all'),
  ),
  opening('the first second after an emergency', {}, deny('emergency-expired'), { at: OPEN_END }),
  opening('an emergency before its window', { notBefore: AT + 1n }, deny('emergency-not-yet')),
  breaking('an emergency without a credential', [opened()], deny('emergency-credential')),
  breaking(
    'a credential without the role for emergencies',
    [opened(), accredited({ roles: ROLE.PRACTITIONER })],
    deny('emergency-credential'),
  ),
  breaking(
    'a credential for emergencies at its end',
    [opened(), accredited({ roles: ROLE.EMERGENCY, notAfter: AT })],
    deny('emergency-credential'),
  ),
  breaking(
    'a credential for emergencies before its begin',
    [opened(), accredited({ roles: ROLE.EMERGENCY, notBefore: AT + 1n })],
    deny('emergency-credential'),
  ),
  breaking('the end of an emergency comes before the credential', [opened({ notAfter: BLOCK_TIME })], deny('emergency-expired')),
  breaking('an emergency that was never opened', [CREDENTIAL], deny('emergency-unopened')),
  breaking(
    'a grant does not permit break-glass',
    [granted(DOCTOR, ALL, permitting({ purposes: purposes('TREAT', 'ETREAT') })), CREDENTIAL],
    deny('emergency-unopened'),
  ),
  verifying(
    'an open emergency answers for no other purpose',
    [opened(), CREDENTIAL],
    asks({ purpose: 'ETREAT' }),
    deny('never-granted'),
  ),
]);
