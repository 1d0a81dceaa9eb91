// Cases of "event": events proved from the receipts of a block, and proofs that prove nothing.

import { RLP } from '@ethereumjs/rlp';

import { CHAIN_ID, CONTRACT, DEPLOYMENT } from '../bundle/world.mjs';
import { concat, hex, keccak, unhex } from '../bytes.mjs';
import { outcome } from '../fault.mjs';
import { address, NO_SCOPE, word } from '../parties.mjs';
import { blockHash, FORKS, header, integer } from '../proof/header.mjs';
import { encodeReceipt, logOf, receiptsTrie, wayTo } from './receipt.mjs';
import { verifyEvent } from './verify.mjs';

const PATIENT = address('patient');
const DOCTOR = address('doctor');
const RECORD = word('scope/record');
const WORD = '0x' + 'ab'.repeat(31) + '01';

const granted = logOf(CONTRACT, 'Granted', {
  patient: PATIENT,
  grantee: DOCTOR,
  scope: RECORD,
  word: WORD,
  by: PATIENT,
  document: NO_SCOPE,
});
const revoked = logOf(CONTRACT, 'Revoked', { patient: PATIENT, grantee: DOCTOR, scope: RECORD, word: WORD, by: DOCTOR });
const anchored = logOf(CONTRACT, 'Anchored', { author: address('hospital'), root: word('root'), word: '0x7' });
const proposed = logOf(CONTRACT, 'RegistrarProposed', { registrar: DOCTOR, pending: PATIENT });
const ended = logOf(CONTRACT, 'RevokedAll', { patient: PATIENT, word: '0x0' });
const foreign = { ...granted, address: unhex(address('impostor')) };

const neighbours = (count) => Array.from({ length: count }, (_, index) => encodeReceipt({ gas: 21_000 * (index + 1) }));

/**
 * A case of "event" in a block of these receipts. It must come out as `expected`: the event's name, or the code of an error.
 * `options`: `at` (the transaction), `log`, `fork`, `parts` (what becomes of the proof's parts), `bytes` (of its bytes), `root` (of
 * the receipts, where it is another), `trustedHash`, `deployment`.
 */
async function proving(name, receipts, expected, options = {}) {
  const { at = 0, log = 0, fork = 'Prague' } = options;
  const trie = await receiptsTrie(receipts);
  const rlp = header({ receiptsRoot: options.root ?? trie.root() }, FORKS[fork]);
  const parts = {
    version: integer(1),
    chainId: integer(CHAIN_ID),
    contract: unhex(CONTRACT),
    header: rlp,
    ancestry: [],
    transaction: integer(at),
    log: integer(log),
    nodes: await wayTo(trie, at),
  };
  const bytes = RLP.encode(Object.values({ ...parts, ...options.parts?.(parts) }));
  const input = {
    proof: hex(options.bytes?.(bytes) ?? bytes),
    trustedHash: options.trustedHash ?? blockHash(rlp),
    deployment: { ...DEPLOYMENT, ...options.deployment },
  };
  const result = outcome(verifyEvent, input);
  const bad = expected.includes('.');
  if ((bad ? result.error?.code : result.output?.event) !== expected) {
    throw new Error(`${name}: ${JSON.stringify(result)}, expected: ${expected}`);
  }
  return { name: `${bad ? expected : 'event proof'}: ${name}`, operation: 'eventProof', input, ...result };
}

const lone = (name, logs, expected, options) => proving(name, [encodeReceipt({ logs })], expected, options);
const broken = (code, name, options) => lone(`of an event: ${name}`, [granted], code, options);
const among = (name, count, at, options) =>
  proving(name, neighbours(count).with(at, encodeReceipt({ logs: [granted] })), 'Granted', { at, ...options });

const GOOD = [
  lone('a grant', [granted], 'Granted'),
  lone('a revocation', [revoked], 'Revoked'),
  lone('an anchor', [anchored], 'Anchored'),
  lone('an event without data', [proposed], 'RegistrarProposed'),
  lone('an event with one topic', [ended], 'RevokedAll'),
  lone('the second of two', [anchored, granted], 'Granted', { log: 1 }),
  lone("after somebody else's", [foreign, revoked], 'Revoked', { log: 1 }),
  ...Object.keys(FORKS).map((fork) => lone(`under a header of ${fork}`, [granted], 'Granted', { fork })),
  ...[0, 1, 2, 3, 4].map((type) =>
    proving(`in a transaction of type ${type}`, [encodeReceipt({ type, logs: [granted] })], 'Granted'),
  ),
  proving('before Byzantium', [encodeReceipt({ type: 0, outcome: unhex(word('state')), logs: [granted] })], 'Granted'),
  among('the first of two transactions', 2, 0),
  among('the last of 16 transactions', 16, 15),
  among('the last whose key is one byte', 130, 127),
  among('the first whose key is two bytes', 130, 128),
  among('the 257th transaction', 258, 256),
];

const THREE = RLP.encode([integer(1), integer(2), integer(3)]);
const STRING = RLP.encode(new Uint8Array(40).fill(7));
const item = (code, name, change) => broken(code, name, { parts: change });
const BAD = [
  broken('event.rlp', 'nothing', { bytes: () => new Uint8Array() }),
  broken('event.rlp', 'without its last byte', { bytes: (whole) => whole.subarray(0, -1) }),
  broken('event.rlp', 'a byte after it', { bytes: (whole) => concat(whole, Uint8Array.of(0)) }),
  broken('event.rlp', 'seven items', { bytes: (whole) => RLP.encode(RLP.decode(whole).slice(0, 7)) }),
  broken('event.rlp', 'nine items', { bytes: (whole) => RLP.encode([...RLP.decode(whole), []]) }),
  item('event.rlp', 'a transaction of nine bytes', () => ({ transaction: new Uint8Array(9).fill(1) })),
  item('event.rlp', 'a log position with a leading zero', () => ({ log: Uint8Array.of(0, 1) })),
  item('event.rlp', 'a contract of 19 bytes', ({ contract }) => ({ contract: contract.subarray(1) })),
  item('event.rlp', 'the header as a list', () => ({ header: [] })),
  item('event.rlp', 'a string for the ancestry', () => ({ ancestry: new Uint8Array() })),
  item('event.rlp', 'the nodes as lists', ({ nodes }) => ({ nodes: nodes.map((node) => RLP.decode(node)) })),
  item('event.version', 'version 0', () => ({ version: new Uint8Array() })),
  item('event.version', 'version 2', () => ({ version: integer(2) })),
  item('event.chain', 'a proof of another chain', () => ({ chainId: integer(5) })),
  broken('event.chain', 'a deployment on another chain', { deployment: { chainId: '5' } }),
  item('event.contract', 'a proof that names another contract', () => ({ contract: unhex(address('impostor')) })),
  broken('event.contract', 'a deployment at another address', { deployment: { contract: address('impostor') } }),
  broken('anchor.hash_mismatch', 'another block is trusted', { trustedHash: word('another block') }),
  lone('of an event: the log of another contract', [foreign], 'event.other_contract'),
  lone('of an event: a receipt without logs', [], 'event.no_log'),
  broken('event.no_log', 'a position after the last log', { log: 1 }),
  broken('event.no_log', 'a position of 64 bits', { log: 2n ** 64n - 1n }),
  lone('of an event: a topic of no event', [{ ...granted, topics: [unhex(word('topic'))] }], 'event.unknown_topic'),
  lone('of an event: no topic', [{ ...granted, topics: [] }], 'event.unknown_topic'),
  item('receipt.missing_node', 'no nodes', () => ({ nodes: [] })),
  item('receipt.unused_node', 'a node after the receipt', ({ nodes }) => ({ nodes: [...nodes, nodes[0]] })),
  item('receipt.wrong_node', 'another node', ({ nodes }) => ({ nodes: [concat(nodes[0], Uint8Array.of(0))] })),
  item('receipt.absent', 'the receipt of the first transaction for the second', () => ({ transaction: integer(1) })),
  proving('of an event: the way without its end', neighbours(20), 'receipt.missing_node', {
    at: 3,
    parts: ({ nodes }) => ({ nodes: nodes.slice(0, -1) }),
  }),
  proving('of an event: a node of the way twice', neighbours(20), 'receipt.wrong_node', {
    at: 3,
    parts: ({ nodes }) => ({ nodes: [nodes[0], ...nodes] }),
  }),
  proving('of an event: the way to a neighbour', neighbours(20), 'receipt.wrong_node', {
    at: 3,
    parts: () => ({ transaction: integer(4) }),
  }),
  proving('of an event: a transaction after the last', neighbours(20), 'receipt.absent', { at: 20 }),
  proving('of an event: a transaction of type 5', [encodeReceipt({ type: 5, logs: [granted] })], 'receipt.unknown_type'),
  proving('of an event: a transaction of type 127', [encodeReceipt({ type: 127 })], 'receipt.unknown_type'),
  proving('of an event: a status of 2', [encodeReceipt({ outcome: integer(2), logs: [granted] })], 'receipt.rlp'),
  proving('of an event: a state root of 31 bytes', [encodeReceipt({ outcome: new Uint8Array(31).fill(1) })], 'receipt.rlp'),
  lone('of an event: five topics', [{ ...granted, topics: [...granted.topics, granted.topics[0]] }], 'receipt.too_many_topics'),
  // What a trusted root leads to, and is no node of a trie of receipts.
  broken('receipt.malformed_node', 'a root of three items', { root: keccak(THREE), parts: () => ({ nodes: [THREE] }) }),
  broken('receipt.node', 'a root that is no list', { root: keccak(STRING), parts: () => ({ nodes: [STRING] }) }),
];

export const EVENT_CASES = await Promise.all([...GOOD, ...BAD]);
