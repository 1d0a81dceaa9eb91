// Cases of "verify" and "eventProof" about blocks that are older than the trusted one, and of clocks of each kind.

import { RLP } from '@ethereumjs/rlp';

import { big, concat, hex, keccak, toInteger, unhex } from '../bytes.mjs';
import { verifyEvent } from '../event/verify.mjs';
import { encodeReceipt, logOf, receiptsTrie, wayTo as wayToReceipt } from '../event/receipt.mjs';
import { outcome } from '../fault.mjs';
import { address, NO_SCOPE, word } from '../parties.mjs';
import { blockHash, FORKS, header, integer } from '../proof/header.mjs';
import { account, stateTrie, storageTrie, wayTo } from '../proof/tries.mjs';
import { HISTORY, HISTORY_CODE, slotOf } from './ancestry.mjs';
import * as it from './parties.mjs';
import { requiredPlaces } from './request.mjs';
import { encodeBundle, verify } from './verify.mjs';
import { BLOCK_TIME, CHAIN_ID, CONTRACT, DEPLOYMENT, stateOf, storageOf, verifying } from './world.mjs';

const { ALL, asks, deny, DOCTOR, END, granted, permit, permitting, revoked } = it;

const NEWEST = 21_000_000n;
const WORDS = [granted(DOCTOR, ALL, permitting())];
const PERMIT = permit('grant', ALL, END);

/** Hashes of other blocks, among which the one that is asked for stands. */
const OTHERS = Array.from({ length: 40 }, (_, index) => [
  slotOf(NEWEST - 20_000n - BigInt(index)),
  toInteger(unhex(word(`block/${index}`))),
]);

/**
 * A state in which the history contract has the hash of a block. `change`: `slot` and `hash` in place of the right ones
 * (no hash: the slot is never written), `code` (of the contract), `absent` (no such contract).
 */
async function remembering(number, hash, change = {}) {
  const words = change.hash === null ? [] : [[change.slot ?? slotOf(number), toInteger(change.hash ?? hash)]];
  const others = OTHERS.filter(([slot]) => slot !== slotOf(number) && slot !== change.slot);
  const storage = await storageTrie([...others, ...words]);
  const codeHash = keccak(change.code ?? HISTORY_CODE);
  const contract = [HISTORY, account({ nonce: 1n, storageRoot: storage.root(), codeHash })];
  const neighbours = [1n, 2n, 3n].map((balance) => [address(`neighbour/${balance}`), account({ balance })]);
  const state = await stateTrie(change.absent ? neighbours : [...neighbours, contract]);
  const way = await wayTo(state, HISTORY);
  const nodes = change.absent ? way : [...way, ...(await wayTo(storage, slotOf(number)))];
  return { stateRoot: state.root(), nodes };
}

/**
 * The way from a trusted block back by `gaps` blocks each to the block whose header has `fields`: the trusted header, the
 * older ones, and the nodes of the steps. `change(index)` is what is wrong with the step to the older header of that place.
 */
async function wayBack(gaps, fields, { change = () => undefined, fork = 'Prague' } = {}) {
  const distance = gaps.reduce((sum, gap) => sum + BigInt(gap), 0n);
  let number = NEWEST - distance;
  let time = BLOCK_TIME;
  let rlp = header({ number: integer(number), timestamp: integer(time), ...fields }, FORKS[fork]);
  const headers = [rlp];
  const nodes = [];
  for (const [back, gap] of gaps.toReversed().entries()) {
    const changed = change(gaps.length - 1 - back);
    const hash = unhex(blockHash(rlp));
    const state = gap === 1 ? {} : await remembering(number, hash, changed);
    const parentHash = gap === 1 ? (changed?.parentHash ?? hash) : undefined;
    if (gap !== 1) nodes.unshift(state.nodes);
    number += BigInt(gap);
    time += 12n * BigInt(gap);
    const own = { number: integer(number), timestamp: integer(time), parentHash, stateRoot: state.stateRoot };
    rlp = header(own, FORKS[fork]);
    headers.unshift(rlp);
  }
  const distinct = [...new Set(nodes.flat().map(hex))].map(unhex);
  return { header: headers[0], ancestry: headers.slice(1), nodes: distinct };
}

/** A case of "verify" about the block at the end of a way back. `options` as of `wayBack`, and `parts`, `input`, `words`. */
async function ancestral(name, gaps, expected, options = {}) {
  const request = asks(options.request);
  const storage = await storageOf(options.words ?? WORDS, 'few');
  const state = await stateOf(storage, 'few', undefined);
  const way = await wayBack(gaps, { stateRoot: state.root(), ...options.fields }, options);
  const own = [await wayTo(state, CONTRACT)];
  for (const { slot } of requiredPlaces(request)) own.push(await wayTo(storage, slot));
  const nodes = [...new Set([...way.nodes, ...own.flat()].map(hex))].map(unhex);
  const parts = { version: 1n, chainId: CHAIN_ID, contract: unhex(CONTRACT), ...way, nodes };
  const input = {
    bundle: hex(encodeBundle({ ...parts, ...options.parts?.(parts) })),
    trustedHash: blockHash(way.header),
    deployment: DEPLOYMENT,
    request,
    policy: { acceptZeroLeaves: false },
    ...options.input,
  };
  return finished(name, 'verify', input, outcome(verify, input), expected, ({ decision }) => decision);
}

function finished(name, operation, input, result, expected, answer) {
  const bad = typeof expected === 'string' && expected.includes('.');
  const found = result.error?.code ?? answer(result.output);
  const title = `${bad ? expected : operation}: ${name}`;
  if (JSON.stringify(found) !== JSON.stringify(expected)) {
    throw new Error(`${title}: ${JSON.stringify(result)}, expected: ${JSON.stringify(expected)}`);
  }
  return { name: title, operation, input, ...result };
}

const at = (index, what) => ({ change: (place) => (place === index ? what : undefined) });
const GAP = 7200;
const stale = { now: String(BLOCK_TIME + 12n * 7200n), maxAge: '86400', maxSkew: '30' };

const GOOD = [
  ancestral('as of the parent', [1], PERMIT),
  ancestral('as of a block two back', [2], PERMIT),
  ancestral('as of a block 8191 back', [8191], PERMIT),
  ancestral('as of a block by two steps of EIP-2935', [8191, GAP], PERMIT),
  ancestral('as of a block by steps of both kinds', [1, 8191, 1, GAP, 1, 1], PERMIT),
  ancestral('as of a block by 64 parents', Array(64).fill(1), PERMIT),
  ancestral('as of a block whose hash is in the slot 0', [Number(NEWEST % 8191n)], PERMIT),
  ancestral('a deny as of an older block', [GAP], deny('revoked', ALL), { words: [granted(DOCTOR, ALL, revoked())] }),
  ancestral('as of an older block of Amsterdam', [GAP], PERMIT, { fork: 'Amsterdam' }),
  ancestral('as of an older block, expired by the time asked about', [GAP], deny('expired', ALL), { request: { at: END } }),
  ancestral('as of parents alone, on a chain before Prague', [1, 1, 1], PERMIT, { fork: 'London' }),
];

const refused = (code, name, gaps, options) => ancestral(`of an ancestry: ${name}`, gaps, code, options);
const parts = (code, name, gaps, change) => refused(code, name, gaps, { parts: change });

const BAD = [
  refused('verify.past', 'asked by a clock', [GAP], { input: { clock: stale } }),
  refused('verify.past', 'of the parent, asked by a clock', [1], { input: { clock: stale } }),
  refused('verify.past', 'asked by a floor', [GAP], { input: { floor: { time: '0', maxAge: '86400' } } }),
  refused('step.no_hash', 'a slot that was never written', [GAP], at(0, { hash: null })),
  refused('step.no_hash', 'a slot that was never written, at the second step', [GAP, GAP], at(1, { hash: null })),
  refused('step.history_code', 'other code where the history contract is', [GAP], at(0, { code: Uint8Array.of(0x60) })),
  refused('step.history_code', 'an account without code where the history contract is', [2], at(0, { code: Uint8Array.of() })),
  refused('step.no_history', 'no history contract', [GAP], at(0, { absent: true })),
  refused('step.out_of_range', 'a step of 8192 blocks', [8192]),
  refused('step.out_of_range', 'a second step of 8192 blocks', [1, 8192]),
  refused('step.out_of_range', 'a step of all blocks', [Number(NEWEST)]),
  refused('step.hash_mismatch', 'another parent', [1], at(0, { parentHash: unhex(word('another parent')) })),
  refused('step.hash_mismatch', 'another parent at the last of three steps', [1, GAP, 1], at(2, { parentHash: unhex(word('x')) })),
  refused('step.hash_mismatch', 'the hash of another block in the slot', [GAP], at(0, { hash: unhex(word('another block')) })),
  parts('step.hash_mismatch', 'an older header with one bit changed', [1], ({ ancestry }) => ({ ancestry: [flipped(ancestry[0])] })),
  parts('step.not_older', 'the trusted header again', [1], ({ header: newest }) => ({ ancestry: [newest] })),
  parts('step.not_older', 'an older header twice', [1, 1], ({ ancestry }) => ({ ancestry: [ancestry[0], ancestry[0]] })),
  parts('step.not_older', 'the headers in the order of time', [1, GAP], ({ header: newest, ancestry }) => ({
    ancestry: [ancestry[0], newest],
  })),
  refused('bundle.too_many_ancestors', '65 parents', Array(65).fill(1)),
  parts('bundle.rlp', 'an older header as a list', [1], ({ ancestry }) => ({ ancestry: [RLP.decode(ancestry[0])] })),
  parts('header.field_count', 'an older header of 14 fields', [1], ({ ancestry }) => ({
    ancestry: [RLP.encode(RLP.decode(ancestry[0]).slice(0, 14))],
  })),
  parts('proof.missing_node', 'without the nodes of the step', [GAP], ({ nodes }) => ({ nodes: nodes.slice(1) })),
  parts('proof.missing_node', 'without a node of the storage of the step', [GAP], ({ nodes }) => ({ nodes: nodes.toSpliced(3, 1) })),
  parts('proof.duplicate_node', 'a node of the step twice', [GAP], ({ nodes }) => ({ nodes: [nodes[0], ...nodes] })),
  refused('proof.unused_node', 'the nodes of a step to the parent, which needs none', [1], {
    parts: ({ nodes }) => ({ nodes: [...nodes, RLP.encode([Uint8Array.of(0x20, ...word('x').slice(2, 40))])] }),
  }),
  parts('proof.unused_node', 'nodes for a second slot of the history', [GAP], ({ nodes }) => ({
    nodes: [...nodes, RLP.encode([new Uint8Array(33).fill(0x20), new Uint8Array(32).fill(1)])],
  })),
];

/** The bytes with the lowest bit of the last one changed. */
function flipped(bytes) {
  return concat(bytes.subarray(0, -1), Uint8Array.of(bytes.at(-1) ^ 1));
}

// Clocks of each kind, at the trusted block itself.
const by = (name, expected, input, words = WORDS) => verifying(name, words, asks(), expected, input);
const clock = (now, error, maxAge, maxSkew) => ({
  clock: { now: String(now), error: String(error), maxAge: String(maxAge), maxSkew: String(maxSkew) },
});
const floor = (time, maxAge = 600n) => ({ floor: { time: String(time), maxAge: String(maxAge) } });

const CLOCKS = [
  by('a block as old as it may be by a clock that errs', PERMIT, clock(BLOCK_TIME + 590n, 10n, 600n, 30n)),
  by('a block as far ahead as it may be by a clock that errs', PERMIT, clock(BLOCK_TIME - 20n, 10n, 600n, 30n)),
  by('a block too old by the error of the clock', 'verify.stale', clock(BLOCK_TIME + 591n, 10n, 600n, 30n)),
  by('a block too far ahead by the error of the clock', 'verify.future', clock(BLOCK_TIME - 21n, 10n, 600n, 30n)),
  by('a clock that errs by more than blocks may be ahead', 'verify.future', clock(BLOCK_TIME, 31n, 600n, 30n)),
  by('a floor below the block', PERMIT, floor(0n)),
  by('a floor as long after the block as it may be', PERMIT, floor(BLOCK_TIME + 600n)),
  by('a floor one second too long after the block', 'verify.stale', floor(BLOCK_TIME + 601n)),
  by('a floor in the last second of a grant', PERMIT, floor(END - 1n, 10n ** 9n)),
  by('a floor at the end of a grant', deny('expired', ALL), floor(END, 10n ** 9n)),
  by(
    'a floor by which a grant has begun',
    PERMIT,
    floor(it.AT + 60n, 10n ** 9n),
    [granted(DOCTOR, ALL, permitting({ notBefore: it.AT + 60n }))],
  ),
];

export const ANCESTRIES = await Promise.all([...GOOD, ...BAD, ...CLOCKS]);

const GRANTED = logOf(CONTRACT, 'Granted', {
  patient: address('patient'),
  grantee: DOCTOR,
  scope: word('scope/record'),
  word: '0x1',
  by: address('patient'),
  document: NO_SCOPE,
});

/** A case of "eventProof" in the only transaction of the block at the end of a way back. */
async function pastEvent(name, gaps, expected, options = {}) {
  const trie = await receiptsTrie([encodeReceipt({ logs: [GRANTED] })]);
  const way = await wayBack(gaps, { receiptsRoot: trie.root() }, options);
  const nodes = [...(await wayToReceipt(trie, 0)), ...way.nodes];
  const parts = {
    version: integer(1),
    chainId: integer(CHAIN_ID),
    contract: unhex(CONTRACT),
    header: way.header,
    ancestry: way.ancestry,
    transaction: integer(0),
    log: integer(0),
    nodes,
  };
  const input = {
    proof: hex(RLP.encode(Object.values({ ...parts, ...options.parts?.(parts) }))),
    trustedHash: blockHash(way.header),
    deployment: DEPLOYMENT,
  };
  return finished(name, 'eventProof', input, outcome(verifyEvent, input), expected, ({ event }) => event);
}

const event = (code, name, gaps, options) => pastEvent(`of a past event: ${name}`, gaps, code, options);

export const PAST_EVENTS = await Promise.all([
  pastEvent('in the parent', [1], 'Granted'),
  pastEvent('in a block 8191 back', [8191], 'Granted'),
  pastEvent('in a block by steps of both kinds', [1, GAP, 1], 'Granted'),
  event('event.too_many_ancestors', '65 parents', Array(65).fill(1)),
  event('step.no_hash', 'a slot that was never written', [GAP], at(0, { hash: null })),
  event('step.history_code', 'other code where the history contract is', [GAP], at(0, { code: Uint8Array.of(0x60) })),
  event('step.out_of_range', 'a step of 8192 blocks', [8192]),
  event('step.hash_mismatch', 'another parent', [1], at(0, { parentHash: unhex(word('another parent')) })),
  event('step.not_older', 'an older header twice', [1], { parts: ({ ancestry }) => ({ ancestry: [...ancestry, ...ancestry] }) }),
  event('proof.unused_node', 'a node that no step needs', [1], {
    parts: ({ nodes }) => ({ nodes: [...nodes, RLP.encode([new Uint8Array(33).fill(0x20), new Uint8Array(32).fill(1)])] }),
  }),
  event('proof.missing_node', 'without a node of the step', [GAP], { parts: ({ nodes }) => ({ nodes: nodes.slice(0, -1) }) }),
  event('receipt.wrong_node', 'the nodes of the step before those of the receipt', [GAP], {
    parts: ({ nodes }) => ({ nodes: [...nodes.slice(1), nodes[0]] }),
  }),
]);
