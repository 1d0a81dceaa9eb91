// Cases of anchors that refuse, each for one rule.

import { RLP } from '@ethereumjs/rlp';

import { concat, hex, keccak, u64, unhex } from '../bytes.mjs';
import { word } from '../parties.mjs';
import { DAY, START, checked, cliqueHeader, first, member, seal } from './chain.mjs';

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const FOUR = ['a', 'b', 'c', 'd'];
const FIVE = [...FOUR, 'e'];
const [QBFT, IBFT2, IBFT1] = ['qbft', 'ibft2', 'ibft1'].map((rule) => first(rule, FOUR));
const ALL = [QBFT, IBFT2, IBFT1];

const bad = (operation, code, note, input) => ({ name: `${code}: ${note}`, operation, input, error: { code } });

/** The anchor that took `before` refuses `headers`. */
const advance = (code, note, before, headers, input = {}) =>
  bad('advanceAnchor', code, `${before.rule}, ${note}`, { state: before.state(), headers, ...input });

const start = (code, note, header, trustedHash, rule, trustingPeriod = DAY) =>
  bad('startAnchor', code, note, { rule, header, trustedHash, trustingPeriod: String(trustingPeriod) });

/** The four's next block with the seals that `change` makes of three good ones. */
function sealsOf(code, note, change) {
  return ALL.map((genesis) => {
    const next = genesis.next();
    return advance(code, note, genesis, [next.with(change(next.seals(['a', 'b', 'c']), next))]);
  });
}

function highTwin(bytes) {
  const s = ORDER - BigInt(hex(bytes.subarray(32, 64)));
  return concat(bytes.subarray(0, 32), unhex('0x' + s.toString(16).padStart(64, '0')), Uint8Array.of(bytes[64] ^ 1));
}
const filled = (bytes, from, to, byte) => Uint8Array.from(bytes).fill(byte, from, to);
const withR5 = (bytes) => concat(new Uint8Array(31), Uint8Array.of(5), bytes.subarray(32));

const SEALS = [
  ...sealsOf('signature.high_s', 'the second form of a seal', ([a, b, c]) => [a, highTwin(b), c]),
  ...sealsOf('signature.high_s', 'the second form beside the first', ([a, b, c]) => [a, b, c, highTwin(c)]),
  ...sealsOf('signature.out_of_range', 'a seal whose r is 0', ([a, b, c]) => [filled(a, 0, 32, 0), b, c]),
  ...sealsOf('signature.out_of_range', 'a seal whose s is 2^256 - 1', ([a, b, c]) => [a, b, filled(c, 32, 64, 0xff)]),
  ...sealsOf('signature.no_key', 'a seal whose r is 5, which is no x of the curve', ([a, b, c]) => [withR5(a), b, c]),
  ...sealsOf('seal.parity', 'a seal that ends with 27', ([a, b, c]) => [a, b, filled(c, 64, 65, 27)]),
  ...sealsOf('bft.not_member', "a stranger's seal", (seals, block) => [...seals, ...block.seals(['x'])]),
  ...sealsOf('bft.not_member', 'a seal of another block', (seals, block) => [...seals, ...block.changed({ time: START + 2 }).seals(['d'])]),
  ...sealsOf('bft.not_member', 'a seal of the plain hash', (seals, block) => [...seals, seal('d', hex(keccak(unhex(block.with(seals)))))]),
  ...sealsOf('bft.duplicate_seal', 'one seal twice', ([a, b, c]) => [a, b, c, a]),
  ...sealsOf('bft.quorum', 'two of four', ([a, b]) => [a, b]),
  ...sealsOf('bft.quorum', 'nobody', () => []),
  ...[QBFT, IBFT2].map((genesis) => {
    const next = genesis.next({ round: 3 });
    return advance('bft.not_member', "another round's seals", genesis, [next.with(next.changed({ round: 2 }).seals(['a', 'b', 'c']))]);
  }),
];

const five = first('qbft', FIVE);
const change = (names, ...signers) => [QBFT.next({ validators: names }).sealed(...signers)];

const SETS = [
  advance('bft.empty_set', 'no validators', QBFT, change([])),
  advance('bft.duplicate_validator', 'a validator twice', QBFT, change([...FOUR, 'b'], ...FOUR)),
  advance('bft.set_change', 'one for another', QBFT, change(['a', 'b', 'c', 'e'], 'a', 'b', 'c', 'e')),
  advance('bft.set_change', 'two more', QBFT, change([...FIVE, 'f'], ...FIVE)),
  advance('bft.set_change', 'two fewer', QBFT, change(['a', 'b'], 'a', 'b')),
  advance('bft.set_change', 'strangers all', QBFT, change(['w', 'x', 'y', 'z'], 'w', 'x', 'y', 'z')),
  advance('bft.old_quorum', '5 to 6, carried by three of the five', five, [five.next({ validators: [...FIVE, 'f'] }).sealed('a', 'b', 'c', 'f')]),
  advance('bft.old_quorum', '5 to 4, a copy alone', five, [five.next({ validators: FOUR }).sealed('a', 'b', 'c')]),
  advance('bft.not_member', '5 to 4, sealed by the one who left', five, [five.next({ validators: FOUR }).sealed('a', 'b', 'c', 'e')]),
  advance('bft.quorum', '4 to 5, with the old quorum alone', QBFT, change(FIVE, 'a', 'b', 'c')),
];

const next = QBFT.next();
const other = QBFT.next({ stateRoot: word('another state') });
const late = QBFT.next({ time: START + DAY + 1 });
const PLACES = [
  advance('bft.lower', 'a block before', next, [QBFT.sealed(...FOUR)]),
  advance('bft.older', 'an earlier time', next, [next.later({ time: START }).sealed(...FOUR)]),
  advance('bft.conflict', 'another block of the height', next, [other.sealed(...FOUR)]),
  advance('bft.parent', 'a block that follows another', next, [other.next().sealed(...FOUR)]),
  advance('bft.expired', 'a header after the trusting period', QBFT, [late.sealed(...FOUR)]),
  advance('bft.expired', 'a clock after the trusting period', QBFT, [next.sealed(...FOUR)], { now: String(START + DAY + 1) }),
  advance('bft.copies', 'none', QBFT, []),
  advance('bft.copies', 'nine', QBFT, Array(9).fill(next.sealed(...FOUR))),
  advance('bft.other_block', 'two blocks', QBFT, [next.sealed('a', 'b', 'c'), other.sealed(...FOUR)]),
];

const ROUNDS = [QBFT, IBFT2].map((genesis) => {
  const next = genesis.next();
  return advance('bft.other_round', 'two rounds', genesis, [next.sealed('a', 'b'), next.changed({ round: 1 }).sealed('c', 'd')]);
});

/** The four's next block with other items in the extra data. */
function extra(code, note, genesis, change) {
  const next = genesis.next();
  const list = RLP.encode(change(next.items('a', 'b', 'c')));
  return advance(code, note, genesis, [next.holding(genesis.rule === 'ibft1' ? concat(new Uint8Array(32), list) : list)]);
}
const replaced = (index, item) => (items) => items.with(index, item);
const vote = (choice) => [unhex(member('e')), choice];

const EXTRAS = [
  extra('extra.rlp', 'a vanity of 31 bytes', QBFT, replaced(0, new Uint8Array(31))),
  extra('extra.rlp', 'a validator of 19 bytes', QBFT, replaced(1, [new Uint8Array(19).fill(1)])),
  extra('extra.rlp', 'no vote as the empty string', QBFT, replaced(2, new Uint8Array())),
  extra('extra.rlp', 'a round of four bytes', QBFT, replaced(3, Uint8Array.of(0, 0, 0, 1))),
  extra('extra.rlp', 'a seal of 64 bytes', QBFT, replaced(4, [new Uint8Array(64).fill(1)])),
  extra('extra.rlp', 'no seals', QBFT, (items) => items.slice(0, 4)),
  extra('extra.rlp', 'a sixth item', QBFT, (items) => [...items, []]),
  extra('extra.rlp', 'no vote as the empty list', IBFT2, replaced(2, [])),
  extra('extra.rlp', 'a round that is an integer', IBFT2, replaced(3, Uint8Array.of(1))),
  extra('extra.rlp', "a proposer's seal of 64 bytes", IBFT1, replaced(1, new Uint8Array(64).fill(1))),
  extra('extra.vote', 'a vote to drop as of IBFT 2.0', QBFT, replaced(2, vote(Uint8Array.of(0)))),
  extra('extra.vote', 'a vote to drop as of QBFT', IBFT2, replaced(2, vote(new Uint8Array()))),
  extra('extra.vote', 'a vote of 1', QBFT, replaced(2, vote(Uint8Array.of(1)))),
  advance('extra.too_short', '31 bytes', IBFT1, [IBFT1.next().holding(new Uint8Array(31))]),
  start('extra.rule', 'validators on a plain chain', QBFT.sealed(), hex(keccak(unhex(QBFT.sealed()))), 'plain'),
];

const STARTS = [
  start('anchor.hash_mismatch', 'the plain hash of a sealed header', QBFT.sealed('a'), hex(keccak(unhex(QBFT.sealed('a')))), 'qbft'),
  start('bft.trusting_period', '0 s', QBFT.sealed(), QBFT.hash, 'qbft', 0),
  start('bft.empty_set', 'a first block without validators', first('qbft', []).sealed(), first('qbft', []).hash, 'qbft'),
  start(
    'bft.too_many_validators',
    '65 of at most 64',
    ...[first('qbft', Array.from({ length: 65 }, (_, index) => `v${index}`))].flatMap((block) => [block.sealed(), block.hash]),
    'qbft',
  ),
];

/** A state that was changed before its last four bytes were made. */
function state(code, note, change, whole = checked) {
  const before = unhex(QBFT.state()).slice(0, -4);
  return bad('advanceAnchor', code, note, { state: whole(change(before)), headers: [QBFT.next().sealed(...FOUR)] });
}
const put = (at, bytes) => (before) => concat(before.subarray(0, at), bytes, before.subarray(at + bytes.length));
const members = (change) => (before) =>
  concat(before.subarray(0, 59), ...change([0, 1, 2, 3].map((index) => before.subarray(59 + 20 * index, 79 + 20 * index))));

const STATES = [
  state('anchor_state.version', 'version 0', put(0, Uint8Array.of(0))),
  state('anchor_state.version', 'version 2', put(0, Uint8Array.of(2))),
  state('anchor_state.rule', 'rule 0', put(1, Uint8Array.of(0))),
  state('anchor_state.rule', 'rule 4', put(1, Uint8Array.of(4))),
  state('anchor_state.length', 'a validator fewer than counted', (before) => before.subarray(0, -20)),
  state('anchor_state.length', 'nothing', () => new Uint8Array(), hex),
  state('anchor_state.length', 'a byte more', (before) => concat(before, Uint8Array.of(0))),
  state('anchor_state.check', 'another number', put(11, u64(7)), (changed) => hex(concat(changed, unhex(QBFT.state()).slice(-4)))),
  state('anchor_state.order', 'validators backwards', members((list) => list.reverse())),
  state('bft.duplicate_validator', 'a state with one validator twice', members(([a, , c, d]) => [a, a, c, d])),
  state('bft.trusting_period', 'a state without one', put(3, u64(0))),
  state('bft.empty_set', 'a state without validators', (before) => put(2, Uint8Array.of(0))(before).subarray(0, 59)),
];

const signer = (code, note, header, signers = ['a', 'b']) =>
  bad('recoverSigner', code, note, { header, signers: signers.map(member) });
const CLIQUE = cliqueHeader('a', []);

const SIGNERS = [
  signer('clique.not_signer', "a stranger's block", cliqueHeader('x', []).header),
  signer('clique.not_signer', 'nobody may sign', CLIQUE.header, []),
  signer('extra.too_short', '96 bytes', CLIQUE.holding(new Uint8Array(96))),
  signer('extra.signers', '19 bytes of signers', CLIQUE.holding(new Uint8Array(97 + 19).fill(1))),
  signer('signature.out_of_range', 'a block without seal', CLIQUE.holding(new Uint8Array(97))),
  signer('signature.high_s', 'the second form of a signer\'s seal', CLIQUE.holding(concat(CLIQUE.listed, highTwin(CLIQUE.sealed.subarray(32))))),
];

export const BAD_ANCHORS = [...SEALS, ...SETS, ...PLACES, ...ROUNDS, ...EXTRAS, ...STARTS, ...STATES, ...SIGNERS];
