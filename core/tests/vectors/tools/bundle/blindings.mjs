// Good cases of "verify" about grants under a blinded address.

import { word } from '../parties.mjs';
import * as it from './parties.mjs';
import { OPERATIONS } from './request.mjs';
import { verifying } from './world.mjs';
import { blind } from './words.mjs';

const { ALL, AT, BLINDED, DOCTOR, END, HOSPITAL, PATIENT, RECORD, ROLE, SALT, SOONER } = it;
const { accredited, asks, delegated, deny, denying, granted, permit, permitting, revoked } = it;

/** A case of a request with a salt. */
const blinded = (name, words, request, expected) => verifying(name, words, asks({ salt: SALT, ...request }), expected);
const record = { scopes: [RECORD] };

export const BLINDINGS = await Promise.all([
  blinded('a grant under the blinded address', [granted(BLINDED, ALL, permitting())], {}, permit('grant', ALL, END)),
  blinded('a blinded grant for the record', [granted(BLINDED, RECORD, permitting())], record, permit('grant', RECORD, END)),
  blinded(
    'a blinded grant to write',
    [granted(BLINDED, ALL, permitting({ operations: 3n }))],
    { operation: 'WRITE' },
    permit('grant', ALL, END),
  ),
  blinded(
    'at one scope the open grant comes first',
    [granted(DOCTOR, ALL, permitting({ notAfter: SOONER })), granted(BLINDED, ALL, permitting())],
    {},
    permit('grant', ALL, SOONER),
  ),
  blinded(
    'a blinded grant for the record comes before an open one for all',
    [granted(BLINDED, RECORD, permitting({ notAfter: SOONER })), granted(DOCTOR, ALL, permitting())],
    record,
    permit('grant', RECORD, SOONER),
  ),
  blinded(
    'a blinded grant where the open one was revoked',
    [granted(DOCTOR, ALL, revoked()), granted(BLINDED, ALL, permitting())],
    {},
    permit('grant', ALL, END),
  ),
  blinded('the open grant of a request with a salt', [granted(DOCTOR, ALL, permitting())], {}, permit('grant', ALL, END)),
  blinded(
    'a blinded grant requires a role of the true address',
    [
      granted(BLINDED, ALL, permitting({ requiredRoles: ROLE.PRACTITIONER })),
      accredited({ roles: ROLE.PRACTITIONER, notAfter: SOONER }),
    ],
    {},
    permit('grant', ALL, SOONER),
  ),
  blinded(
    'a blinded grant requires a role that the true address lacks',
    [granted(BLINDED, ALL, permitting({ requiredRoles: ROLE.PRACTITIONER }))],
    {},
    deny('credential'),
  ),
  blinded(
    'a blinded deny beats an open grant',
    [granted(DOCTOR, RECORD, permitting()), granted(BLINDED, ALL, denying())],
    record,
    deny('explicit', ALL),
  ),
  blinded(
    'a blinded deny for the record comes before an open one for all',
    [granted(BLINDED, RECORD, denying()), granted(DOCTOR, ALL, denying())],
    record,
    deny('explicit', RECORD),
  ),
  blinded(
    'nothing is shared by a blinded grant',
    [granted(BLINDED, ALL, permitting({ operations: 15n }))],
    { operation: 'SHARE' },
    deny('operation'),
  ),
  blinded(
    'nothing is managed by a blinded grant',
    [granted(BLINDED, ALL, permitting({ operations: 15n }))],
    { operation: 'MANAGE' },
    deny('operation'),
  ),
  blinded('a blinded grant that was revoked', [granted(BLINDED, RECORD, revoked())], record, deny('revoked', RECORD)),
  blinded(
    'revoked under the blinded address comes before expired under the open one',
    [granted(DOCTOR, RECORD, permitting({ notAfter: AT })), granted(BLINDED, ALL, revoked())],
    record,
    deny('revoked', ALL),
  ),
  blinded('never granted under either address', [], record, deny('never-granted')),
  blinded(
    'another salt finds nothing',
    [granted(BLINDED, ALL, permitting())],
    { salt: word('another salt') },
    deny('never-granted'),
  ),
  verifying(
    'without its salt a blinded grant is not found',
    [granted(BLINDED, ALL, permitting())],
    asks(),
    deny('never-granted'),
  ),
  verifying(
    'without its salt a blinded deny is not found',
    [granted(BLINDED, ALL, denying()), granted(DOCTOR, ALL, permitting())],
    asks(),
    permit('grant', ALL, END),
  ),
  blinded(
    'the blinded address of another patient',
    [granted(blind(HOSPITAL, DOCTOR, SALT), ALL, permitting())],
    {},
    deny('never-granted'),
  ),
  blinded(
    'six scopes under both addresses, and a blinded grant for all',
    [granted(BLINDED, ALL, permitting())],
    { scopes: Array.from({ length: 6 }, (_, index) => word(`scope/${index}`)) },
    permit('grant', ALL, END),
  ),
  blinded(
    'a revoked blinded word stops a delegation',
    [
      granted(BLINDED, ALL, revoked()),
      granted(HOSPITAL, ALL, permitting({ operations: OPERATIONS.READ | OPERATIONS.SHARE })),
      delegated(ALL, permitting()),
    ],
    { delegator: HOSPITAL },
    deny('revoked'),
  ),
  blinded(
    'a delegator that was given its grant under a blinded address has none',
    [granted(blind(PATIENT, HOSPITAL, SALT), ALL, permitting({ operations: 5n })), delegated(ALL, permitting())],
    { delegator: HOSPITAL },
    deny('delegation-parent'),
  ),
]);
