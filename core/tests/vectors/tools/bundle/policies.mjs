// Cases of "verify" under a policy of the verifier's own: issuers whom it distrusts.

import { address } from '../parties.mjs';
import * as it from './parties.mjs';
import { OPERATIONS } from './request.mjs';
import { BLOCK_TIME, verifying } from './world.mjs';

const { ALL, DOCTOR, END, HOSPITAL, RECORD, ROLE, SALT, SOONER } = it;
const { accountOf, accredited, asks, delegated, deny, granted, opened, permit, permitting } = it;

const ISSUER = address('issuer');
const OTHER = address('another issuer');

/** A case about these words, where the verifier distrusts these issuers. */
const distrusting = (issuers, name, words, request, expected, options = {}) =>
  verifying(`policy: ${name}`, words, asks(request), expected, { policy: { distrustedIssuers: issuers }, ...options });

const requiring = (fields) => granted(DOCTOR, ALL, permitting({ requiredRoles: ROLE.PRACTITIONER, ...fields }));
const practitioner = (fields) => accredited({ roles: ROLE.PRACTITIONER, ...fields });
const clinician = accredited({ roles: ROLE.EMERGENCY, notAfter: SOONER });
const btg = { purpose: 'BTG' };
const shared = [
  granted(HOSPITAL, ALL, permitting({ operations: OPERATIONS.READ | OPERATIONS.SHARE })),
  delegated(ALL, permitting({ requiredRoles: ROLE.PRACTITIONER })),
];
const by = { delegator: HOSPITAL };

export const POLICIES = await Promise.all([
  distrusting([], 'nobody is distrusted', [requiring(), practitioner()], {}, permit('grant', ALL, END)),
  distrusting([ISSUER], 'the issuer is distrusted', [requiring(), practitioner()], {}, deny('credential', ALL)),
  distrusting([OTHER], 'another issuer is distrusted', [requiring(), practitioner()], {}, permit('grant', ALL, END)),
  distrusting(
    [OTHER, ISSUER],
    'the second of two is the issuer',
    [requiring(), practitioner()],
    {},
    deny('credential', ALL),
  ),
  distrusting(
    [OTHER],
    'the credential of a distrusted issuer',
    [requiring(), practitioner({ issuer: BigInt(OTHER) })],
    {},
    deny('credential', ALL),
  ),
  distrusting(
    [ISSUER],
    'a grant that requires no role',
    [granted(DOCTOR, ALL, permitting()), practitioner()],
    {},
    permit('grant', ALL, END),
  ),
  distrusting(
    [ISSUER],
    'a broad grant that requires no role follows one that does',
    [granted(DOCTOR, RECORD, permitting({ requiredRoles: ROLE.PRACTITIONER })), granted(DOCTOR, ALL, permitting()), practitioner()],
    { scopes: [RECORD] },
    permit('grant', ALL, END),
  ),
  distrusting(
    [address('issuer').replace(/^0x../, '0x00')],
    'an address that is nearly the issuer',
    [requiring(), practitioner()],
    {},
    permit('grant', ALL, END),
  ),
  distrusting(['0x' + '0'.repeat(40)], 'the zero address, and no credential', [requiring()], {}, deny('credential', ALL)),
  distrusting(
    [DOCTOR],
    'the accessor is distrusted as an issuer',
    [requiring(), practitioner()],
    {},
    permit('grant', ALL, END),
  ),
  distrusting([], 'an emergency of a clinician', [opened(), clinician], btg, permit('emergency', ALL, BLOCK_TIME + 10_800n)),
  distrusting(
    [ISSUER],
    'an emergency of a clinician of a distrusted issuer',
    [opened(), clinician],
    btg,
    deny('emergency-credential'),
  ),
  distrusting([], 'a delegation that requires a role', [...shared, practitioner()], by, permit('delegation', ALL, END)),
  distrusting(
    [ISSUER],
    'a delegation to whom a distrusted issuer accredited',
    [...shared, practitioner()],
    by,
    deny('delegation-credential', ALL),
  ),
  distrusting(
    [ISSUER],
    'a blinded grant that requires a role',
    [granted(it.BLINDED, ALL, permitting({ requiredRoles: ROLE.PRACTITIONER })), practitioner()],
    { salt: SALT },
    deny('credential', ALL),
  ),
  distrusting(
    [ISSUER],
    'everything was revoked beside',
    [requiring(), practitioner(), accountOf({ epoch: 1n, revision: 1n })],
    {},
    deny('revoked-all', ALL),
  ),
  distrusting([ISSUER], 'a fresh block', [requiring(), practitioner()], {}, deny('credential', ALL), {
    clock: { now: String(BLOCK_TIME + 60n), maxAge: '60', maxSkew: '0' },
  }),
  distrusting([ISSUER], 'a stale block', [requiring(), practitioner()], {}, 'verify.stale', {
    clock: { now: String(BLOCK_TIME + 61n), maxAge: '60', maxSkew: '0' },
  }),
  distrusting([ISSUER], 'a block of the future', [requiring(), practitioner()], {}, 'verify.future', {
    clock: { now: String(BLOCK_TIME - 6n), maxAge: '60', maxSkew: '5' },
  }),
]);
