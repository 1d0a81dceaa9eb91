// Bad cases of "verify" whose words are proved and are no words of the contract.

import * as it from './parties.mjs';
import { verifying } from './world.mjs';
import { pack, place } from './words.mjs';

const { ALL, asks, BLINDED, DOCTOR, granted, GROUP, HOSPITAL, PATIENT, RECORD, SALT } = it;
const { delegated, denying, opened, permitting, revoked } = it;

const BTG = { purpose: 'BTG' };
const DELEGATED = { delegator: HOSPITAL };

/** A case with one bad word beside good ones. */
const bad = (code, name, word, request, others = [granted(DOCTOR, ALL, permitting())]) =>
  verifying(name, [...others, word], asks(request), code);
const only = (code, name, word, request) => bad(code, name, word, request, []);

/** A word with these bits set beside those it has. */
const and = ([at, word], bits) => [at, word | bits];

const account = (fields) => [place.account(PATIENT), pack('account', fields)];
const delegation = (fields) => delegated(ALL, permitting(fields));
const parent = granted(HOSPITAL, ALL, permitting({ operations: 5n }));
const grant = (fields) => granted(DOCTOR, ALL, permitting(fields));

export const BAD_WORDS = await Promise.all([
  bad('word.unknown_bits', 'an account with its bit 88', and(account({ revision: 1n }), 1n << 88n)),
  bad('word.unknown_bits', 'the account of a patient that asks', and(account({}), 1n << 88n), { accessor: PATIENT }, []),
  bad('word.unknown_bits', 'a delegation with its bit 240', and(delegation(), 1n << 240n), DELEGATED, [parent]),

  only('word.state', 'a grant of state 4', grant({ state: 4n })),
  only('word.state', 'a grant of state 0 with terms', grant({ state: 0n })),
  only('word.state', 'a grant of state 0 with nothing but a revision', [
    place.grant(PATIENT, DOCTOR, ALL),
    pack('grant', { revision: 1n }),
  ]),
  bad('word.state', 'a delegation of state 4', delegation({ state: 4n }), DELEGATED, [parent]),
  bad(
    'word.state',
    'a delegation of state 0 with a parent',
    [place.delegation(PATIENT, HOSPITAL, DOCTOR, ALL), pack('delegation', { parentRevision: 1n })],
    DELEGATED,
    [parent],
  ),
  only('word.state', 'an emergency of state 4', opened({ state: 4n }), BTG),
  only('word.state', 'a blinded grant of state 4', granted(BLINDED, ALL, permitting({ state: 4n })), { salt: SALT }),

  only('word.operations', 'a grant of operation 16', grant({ operations: 16n })),
  only('word.operations', 'a grant of an unknown operation beside the one asked', grant({ operations: 17n })),
  only('word.operations', 'a grant of the highest operation bit', grant({ operations: 0x8001n })),
  bad('word.operations', 'a delegation of operation 16', delegation({ operations: 17n }), DELEGATED, [parent]),
  only('word.operations', 'an emergency of operation 16', opened({ operations: 17n }), BTG),

  bad('word.flags', 'an account with flag 2', account({ flags: 2n, revision: 1n })),
  only('word.writer', 'a grant by writer 2', grant({ by: 2n })),
  only('word.writer', 'a tombstone by writer 255', granted(DOCTOR, ALL, revoked({ by: 255n }))),
  only('word.writer', 'an emergency by writer 2', opened({ by: 2n }), BTG),
  bad('word.parent', 'a delegation whose parent is 2', delegation({ parentIsAll: 2n }), DELEGATED, [parent]),

  // Words that no rule would have come to.
  bad('word.state', 'a grant for all behind one for the record', grant({ state: 4n }), { scopes: [RECORD] }, [
    granted(DOCTOR, RECORD, permitting()),
  ]),
  bad('word.operations', 'a grant for all behind a deny of the record', grant({ operations: 16n }), { scopes: [RECORD, GROUP] }, [
    granted(DOCTOR, RECORD, denying()),
  ]),
  bad('word.unknown_bits', 'a delegation behind a direct grant', and(delegation(), 1n << 240n), DELEGATED),
]);
