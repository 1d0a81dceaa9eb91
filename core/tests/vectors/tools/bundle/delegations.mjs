// Good cases of "verify" that name a delegator.

import { word } from '../parties.mjs';
import * as it from './parties.mjs';
import { OPERATIONS } from './request.mjs';
import { verifying } from './world.mjs';

const { ALL, AT, DOCTOR, END, GROUP, HOSPITAL, LATER, RECORD, ROLE, SOONER } = it;
const { accountOf, accredited, asks, delegated, deny, denying, granted, permit, permitting, purposes, revoked } = it;

/** A case of a request that names the hospital as delegator. */
const sharing = (name, words, request, expected) => verifying(name, words, asks({ delegator: HOSPITAL, ...request }), expected);

/** The hospital's own grant at a scope, and its word for the doctor. */
const parent = (scope, changes) =>
  granted(HOSPITAL, scope, permitting({ operations: OPERATIONS.READ | OPERATIONS.SHARE, notAfter: LATER, ...changes }));
const shared = (scope, changes) => delegated(scope, permitting(changes));
const direct = (scope, fields) => granted(DOCTOR, scope, fields);

const record = { scopes: [RECORD] };
const PRACTITIONER = { requiredRoles: ROLE.PRACTITIONER };
const practising = (notAfter) => accredited({ roles: ROLE.PRACTITIONER, notAfter });

/** A delegation under a good parent that must be refused. */
const refused = (name, changes, reason, request) => sharing(name, [parent(ALL), shared(ALL, changes)], request, deny(reason));

/** A good delegation under a parent that must not bear it. */
const orphaned = (name, changes, others = [], request = {}, own = {}) =>
  sharing(name, [parent(ALL, changes), shared(ALL, own), ...others], request, deny('delegation-parent'));

export const DELEGATIONS = await Promise.all([
  sharing('a delegation for all records', [parent(ALL), shared(ALL)], {}, permit('delegation', ALL, END)),
  sharing(
    'a delegation and its parent at the record',
    [parent(RECORD), shared(RECORD)],
    record,
    permit('delegation', RECORD, END),
  ),
  sharing(
    'a delegation at the record whose parent is for all',
    [parent(ALL, { revision: 5n }), shared(RECORD, { parentRevision: 5n, parentIsAll: 1n })],
    record,
    permit('delegation', RECORD, END),
  ),
  sharing(
    'a delegation for all that says so of its parent too',
    [parent(ALL), shared(ALL, { parentIsAll: 1n })],
    record,
    permit('delegation', ALL, END),
  ),
  sharing('the parent ends first', [parent(ALL, { notAfter: SOONER }), shared(ALL)], {}, permit('delegation', ALL, SOONER)),
  sharing(
    'the credential that the delegation requires ends first',
    [parent(ALL), shared(ALL, PRACTITIONER), practising(SOONER)],
    {},
    permit('delegation', ALL, SOONER),
  ),
  sharing(
    'the credential that the parent requires ends first',
    [parent(ALL, PRACTITIONER), shared(ALL), practising(SOONER)],
    {},
    permit('delegation', ALL, SOONER),
  ),
  sharing(
    'a delegation to write',
    [parent(ALL, { operations: 7n }), shared(ALL, { operations: 2n })],
    { operation: 'WRITE' },
    permit('delegation', ALL, END),
  ),
  sharing(
    'the first delegation that holds: the record has none, the group has',
    [parent(GROUP), parent(ALL), shared(GROUP, { notAfter: SOONER }), shared(ALL)],
    { scopes: [RECORD, GROUP] },
    permit('delegation', GROUP, SOONER),
  ),
  sharing(
    'the delegation at the record was revoked, the one for all holds',
    [parent(ALL), delegated(RECORD, revoked()), shared(ALL)],
    record,
    permit('delegation', ALL, END),
  ),
  sharing(
    'the delegation at the record is denied, the one for all holds',
    [parent(ALL), delegated(RECORD, denying()), shared(ALL)],
    record,
    permit('delegation', ALL, END),
  ),
  sharing(
    "the delegator's grant at the record was revoked, the delegation stands on the one for all",
    [granted(HOSPITAL, RECORD, revoked()), parent(ALL), shared(RECORD, { parentIsAll: 1n })],
    record,
    permit('delegation', RECORD, END),
  ),
  sharing(
    'a direct grant comes before a delegation that holds longer',
    [direct(ALL, permitting({ notAfter: SOONER })), parent(RECORD), shared(RECORD)],
    record,
    permit('grant', ALL, SOONER),
  ),
  sharing(
    'a direct grant that has expired does not stop a delegation',
    [direct(ALL, permitting({ notAfter: AT })), parent(ALL), shared(ALL)],
    {},
    permit('delegation', ALL, END),
  ),
  sharing(
    'six scopes, and a delegation for all',
    [parent(ALL), shared(ALL)],
    { scopes: Array.from({ length: 6 }, (_, index) => word(`scope/${index}`)) },
    permit('delegation', ALL, END),
  ),
  verifying('a delegator that is not named is not asked', [parent(ALL), shared(ALL)], asks(), deny('never-granted')),
  sharing('a delegator that delegated nothing', [parent(ALL)], record, deny('never-granted')),

  // The accessor's own words.
  sharing(
    'a direct deny beats a delegation',
    [direct(RECORD, denying()), parent(ALL), shared(ALL)],
    record,
    deny('explicit', RECORD),
  ),
  sharing(
    'a direct tombstone stops every delegation',
    [direct(RECORD, revoked()), parent(ALL), shared(ALL)],
    record,
    deny('revoked', RECORD),
  ),
  sharing(
    'a tombstone stops a delegation even beside a reason that comes later',
    [direct(RECORD, permitting({ notAfter: AT })), direct(ALL, revoked()), parent(ALL), delegated(ALL, denying())],
    record,
    deny('revoked', ALL),
  ),

  // The delegator.
  sharing(
    'the delegator is denied at the record',
    [granted(HOSPITAL, RECORD, denying()), parent(ALL), shared(ALL)],
    record,
    deny('delegation-denied', RECORD),
  ),
  sharing(
    'the delegator is denied everything',
    [parent(RECORD), shared(RECORD), granted(HOSPITAL, ALL, denying())],
    record,
    deny('delegation-denied', ALL),
  ),
  sharing(
    'a delegator that is denied hides why its delegation fails',
    [granted(HOSPITAL, ALL, denying()), delegated(RECORD, revoked())],
    record,
    deny('delegation-denied', ALL),
  ),

  // The delegation.
  sharing('the patient denied the delegation', [parent(ALL), delegated(ALL, denying())], record, deny('delegation-denied')),
  sharing(
    'the delegation was revoked',
    [parent(RECORD), delegated(RECORD, revoked())],
    record,
    deny('delegation-revoked', RECORD),
  ),
  sharing(
    'everything was revoked at once, the delegation with it',
    [accountOf({ epoch: 1n, revision: 1n }), parent(ALL, { epoch: 1n }), shared(ALL)],
    {},
    deny('delegation-revoked-all'),
  ),
  refused('a delegation at the end of its window', { notAfter: AT }, 'delegation-expired'),
  refused('a delegation before its window', { notBefore: AT + 1n }, 'delegation-not-yet'),
  refused('an operation that is not delegated', {}, 'delegation-operation', { operation: 'WRITE' }),
  refused('sharing is never delegated', { operations: 15n }, 'delegation-operation', { operation: 'SHARE' }),
  refused('a purpose that is not delegated', { purposes: purposes('HRESCH') }, 'delegation-purpose'),
  refused('a role that the delegation requires', PRACTITIONER, 'delegation-credential'),
  sharing('a credential at its end', [parent(ALL), shared(ALL, PRACTITIONER), practising(AT)], {}, deny('delegation-credential')),

  // Its parent.
  orphaned('the parent was written again', { revision: 2n }),
  orphaned('the parent is older than the delegation says', {}, [], {}, { parentRevision: 2n }),
  orphaned('the parent has expired', { notAfter: AT }),
  orphaned('the parent has not begun', { notBefore: AT + 1n }),
  orphaned('the parent may not share', { operations: 1n }),
  orphaned('the parent may share but not write', {}, [], { operation: 'WRITE' }, { operations: 2n }),
  orphaned('the parent has another purpose', { purposes: purposes('CAREMGT') }),
  orphaned('the parent is of an earlier epoch', {}, [accountOf({ epoch: 1n, revision: 1n })], {}, { epoch: 1n }),
  orphaned('the parent requires a role that the accessor lacks', PRACTITIONER, [accredited({ roles: ROLE.INSURER })]),
  sharing(
    'the parent was revoked',
    [granted(HOSPITAL, RECORD, revoked()), shared(RECORD, { parentRevision: 2n })],
    record,
    deny('delegation-parent', RECORD),
  ),
  sharing('the parent was never written', [shared(RECORD, { parentRevision: 0n })], record, deny('delegation-parent', RECORD)),
  sharing(
    'the parent at the record is not the one for all',
    [parent(ALL), shared(RECORD)],
    record,
    deny('delegation-parent', RECORD),
  ),
  sharing(
    'the parent for all is not the one at the record',
    [parent(RECORD), shared(RECORD, { parentIsAll: 1n })],
    record,
    deny('delegation-parent', RECORD),
  ),

  // The order of reasons.
  sharing(
    'a direct reason comes before those of delegations',
    [direct(ALL, permitting({ purposes: purposes('HRESCH') })), parent(ALL), delegated(ALL, denying())],
    {},
    deny('purpose'),
  ),
  sharing(
    'of two delegations the reason that comes first',
    [parent(RECORD), shared(RECORD, { parentRevision: 9n }), parent(ALL), shared(ALL, { notAfter: AT })],
    record,
    deny('delegation-expired', ALL),
  ),
  sharing(
    'of two delegations with one reason the first scope',
    [parent(ALL), shared(RECORD, { notAfter: AT }), shared(ALL, { notAfter: AT })],
    record,
    deny('delegation-expired', RECORD),
  ),
]);
