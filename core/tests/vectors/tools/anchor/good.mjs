// Cases of anchors that trust what they should.

import { hex, keccak, unhex } from '../bytes.mjs';
import { DAY, START, cliqueHeader, first, member } from './chain.mjs';

const RULES = ['qbft', 'ibft2', 'ibft1'];
const FOUR = ['a', 'b', 'c', 'd'];
const FIVE = [...FOUR, 'e'];

function start(name, block, header, trustingPeriod) {
  const input = { rule: block.rule, header, trustedHash: block.hash, trustingPeriod: String(trustingPeriod) };
  return { name: `startAnchor: ${name}`, operation: 'startAnchor', input, output: { state: block.state(trustingPeriod) } };
}

/** The anchor that took `before` takes `block`, of which `headers` are copies. */
function advance(name, before, block, headers, input = {}) {
  const { hash, number, time } = block;
  const output = { hash, number: String(number), time: String(time), state: block.state() };
  return { name: `advanceAnchor: ${name}`, operation: 'advanceAnchor', input: { state: before.state(), headers, ...input }, output };
}

const ofRule = (rule) => {
  const genesis = first(rule, FOUR);
  const next = genesis.next();
  const of = (text) => `${rule}, ${text}`;
  const five = first(rule, FIVE);
  const grown = genesis.later({ validators: FIVE });
  const shrunk = five.next({ validators: FOUR });
  const lone = first(rule, ['a']);
  const many = Array.from({ length: 21 }, (_, index) => `v${index}`);
  return [
    start(of('a first block without seals'), genesis, genesis.sealed(), DAY),
    start(of('a later block, whose seals do not matter'), next, next.sealed('x'), 1),
    start(of('validators in another order'), genesis.changed({ validators: ['d', 'b', 'a', 'c'] }), genesis.changed({ validators: ['d', 'b', 'a', 'c'] }).sealed(), DAY),
    advance(of('three of four'), genesis, next, [next.sealed('a', 'b', 'd')]),
    advance(of('all of four'), genesis, next, [next.sealed(...FOUR)]),
    advance(of('one of one'), lone, lone.next(), [lone.next().sealed('a')]),
    advance(of('14 of 21'), first(rule, many), first(rule, many).next(), [first(rule, many).next().sealed(...many.slice(7))]),
    advance(of('blocks left out between'), genesis, genesis.later(), [genesis.later().sealed('d', 'c', 'b')]),
    advance(of('the block last taken, by its hash alone'), next, next, [next.sealed()]),
    advance(of('a fifth validator'), genesis, grown, [grown.sealed('b', 'c', 'd', 'e')]),
    advance(of('the fifth leaves, and all seal'), five, shrunk, [shrunk.sealed(...FOUR)]),
    advance(of('the fifth leaves, two copies united'), five, shrunk, [shrunk.sealed('a', 'b', 'c'), shrunk.sealed('d', 'a', 'b')]),
    advance(of('a time of the same second'), genesis, genesis.next({ time: START }), [genesis.next({ time: START }).sealed(...FOUR)]),
    advance(of('the last second of the trusting period'), genesis, genesis.next({ time: START + DAY }), [genesis.next({ time: START + DAY }).sealed(...FOUR)], { now: String(START + DAY) }),
  ];
};

const withRounds = (rule) => {
  const genesis = first(rule, FOUR);
  const sealed = (text, changes) => {
    const block = genesis.next(changes);
    return advance(`${rule}, ${text}`, genesis, block, [block.sealed('a', 'b', 'c')]);
  };
  return [
    sealed('round 1', { round: 1 }),
    sealed('round 262', { round: 262 }),
    sealed('a vote to add', { vote: { name: 'e', add: true } }),
    sealed('a vote to drop, in round 17', { vote: { name: 'd', add: false }, round: 17 }),
  ];
};

function recover(name, { header }, signer, signers) {
  const output = { hash: hex(keccak(unhex(header))), signer: member(signer) };
  return { name: `recoverSigner: ${name}`, operation: 'recoverSigner', input: { header, signers: signers.map(member) }, output };
}

const CLIQUE = [
  recover('a block', cliqueHeader('b', []), 'b', ['a', 'b']),
  recover("an epoch's first block, which lists the signers", cliqueHeader('a', ['a', 'b']), 'a', ['b', 'a']),
];

export const GOOD_ANCHORS = [...RULES.flatMap(ofRule), ...['qbft', 'ibft2'].flatMap(withRounds), ...CLIQUE];
