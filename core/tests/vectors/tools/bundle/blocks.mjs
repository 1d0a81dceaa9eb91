// Good cases of "verify" about the block, the clock, the deployment, and the shapes of the trie.

import { unhex } from '../bytes.mjs';
import { address, word } from '../parties.mjs';
import { FORKS, integer } from '../proof/header.mjs';
import { endOf } from '../proof/tries.mjs';
import * as it from './parties.mjs';
import { BLOCK_TIME, CODE_HASH, storageOf, verifying } from './world.mjs';
import { place } from './words.mjs';

const { ALL, DOCTOR, END, HOSPITAL, PATIENT, RECORD, SALT } = it;
const { accountOf, accredited, asks, deny, denying, granted, permit, permitting } = it;

const GRANT = granted(DOCTOR, ALL, permitting());
const PERMIT = permit('grant', ALL, END);
const clock = (now, maxAge, maxSkew) => ({ clock: { now: String(now), maxAge: String(maxAge), maxSkew: String(maxSkew) } });
const at = (time) => ({ fields: { timestamp: integer(time) } });
const reading = (name, options, expected = PERMIT, request = {}, words = [GRANT]) =>
  verifying(name, words, asks(request), expected, options);

const BLOCKS = [
  reading('the block is later than the time asked about, and decides', at(END), deny('expired')),
  reading('a block in the last second of the grant', at(END - 1n)),
  reading(
    'a block by which a grant has begun that had not when asked about',
    {},
    permit('grant', ALL, END),
    { at: BLOCK_TIME - 1n },
    [granted(DOCTOR, ALL, permitting({ notBefore: BLOCK_TIME }))],
  ),
  reading('a question about the past is answered as of the block', {}, PERMIT, { at: 0 }),
  reading('a time long after the block', {}, deny('expired'), { at: END + 1n }),
  reading('the block and the question at the same second', {}, PERMIT, { at: BLOCK_TIME }),
  reading('a block of number 0', { fields: { number: integer(0) } }),
  reading('a header of Amsterdam, with fields that are not read', { count: FORKS.Amsterdam }),
];

const CLOCKS = [
  reading('a block of just now', clock(BLOCK_TIME, 0n, 0n)),
  reading('a block as old as it may be', clock(BLOCK_TIME + 600n, 600n, 0n)),
  reading('a block as far ahead as it may be', clock(BLOCK_TIME - 30n, 600n, 30n)),
  reading('a clock says nothing about the time decided at', clock(END + 1n, 10n ** 9n, 30n)),
  reading('a deny from a fresh block', clock(BLOCK_TIME + 12n, 600n, 30n), deny('never-granted'), {}, []),
];

const DEPLOYMENTS = [
  reading('the second of two pinned codes', { deployment: { codeHashes: [word('old code'), CODE_HASH] } }),
  reading('a contract with a balance', { account: { nonce: 1n, balance: 10n ** 18n, codeHash: unhex(CODE_HASH) } }),
  reading('a chain whose id has several bytes', {
    deployment: { chainId: '11155111' },
    parts: () => ({ chainId: 11_155_111n }),
  }),
  reading('a chain whose id is the greatest of eight bytes', {
    deployment: { chainId: String(2n ** 64n - 1n) },
    parts: () => ({ chainId: 2n ** 64n - 1n }),
  }),
];

// Ways to the words, and where they end.
const many = await storageOf([], 'many');

/** A stranger whose grant is absent in this manner among many words. */
async function nobody(name, end) {
  const stranger = (number) => address(`stranger/${number}`);
  let number = 0;
  while ((await endOf(many, place.grant(PATIENT, stranger(number), ALL).slot)) !== end) number += 1;
  return reading(name, { beside: 'many' }, deny('never-granted'), { accessor: stranger(number) }, []);
}

const beside = (name, storage, words, expected, request) => reading(name, { beside: storage }, expected, request, words);

const SHAPES = [
  nobody('never granted, by the empty place of a branch', 'Branch'),
  nobody('never granted, by the leaf of another word', 'Leaf'),
  nobody('never granted, by an extension that leads elsewhere', 'Extension'),
  beside('never granted, by an empty storage', 'none', [], deny('never-granted')),
  beside('never granted at two scopes, by an empty storage', 'none', [], deny('never-granted'), { scopes: [RECORD] }),
  beside('self, by an empty storage', 'none', [], permit('self', ALL, 2n ** 40n - 1n), { accessor: PATIENT }),
  beside('a storage of one leaf, the grant', 'none', [GRANT], PERMIT),
  beside('a storage of one leaf, the account', 'none', [accountOf({ epoch: 1n, revision: 1n })], deny('never-granted')),
  beside('a storage of two leaves', 'none', [GRANT, accountOf({ epoch: 1n, revision: 1n })], deny('revoked-all')),
  beside('a grant among many words', 'many', [GRANT], PERMIT, { scopes: [RECORD] }),
  beside('a deny among many words', 'many', [GRANT, granted(DOCTOR, RECORD, denying())], deny('explicit', RECORD), {
    scopes: [RECORD],
  }),
  beside('nothing among many words', 'many', [], deny('never-granted'), { scopes: [RECORD], salt: SALT, delegator: HOSPITAL }),
  beside(
    'a credential among many words',
    'many',
    [granted(DOCTOR, ALL, permitting({ requiredRoles: 2n })), accredited({ roles: 2n })],
    PERMIT,
  ),
];

// Leaves of value zero, as Anvil keeps them.
const zero = ({ kind, slot }) => [{ kind, slot }, 0n];
const zeroes = (name, words, expected, request) =>
  reading(name, { policy: { acceptZeroLeaves: true } }, expected, request, words);

const ZEROES = [
  zeroes(
    'a grant of zero, where that is accepted, was never written',
    [zero(place.grant(PATIENT, DOCTOR, ALL))],
    deny('never-granted'),
  ),
  zeroes('a credential of zero, where that is accepted, has no roles', [GRANT, zero(place.credential(DOCTOR))], PERMIT),
  zeroes('an account of zero, where that is accepted, has no flags', [GRANT, zero(place.account(PATIENT))], PERMIT),
  zeroes(
    'a grant of zero for the record, where that is accepted, under one for all',
    [GRANT, zero(place.grant(PATIENT, DOCTOR, RECORD))],
    PERMIT,
    { scopes: [RECORD] },
  ),
];

export const ANSWERS = await Promise.all([...BLOCKS, ...CLOCKS, ...DEPLOYMENTS, ...SHAPES, ...ZEROES]);
