// Cases of the binary forms of records: good ones made from the disclosures and from batches, bad ones of one
// fault each.

import { RLP } from '@ethereumjs/rlp';

import { concat, hex, unhex, utf8 } from '../bytes.mjs';
import { CHECKS } from '../hr1/disclosures.mjs';
import { FORGERIES } from '../hr1/forgeries.mjs';
import { word } from '../parties.mjs';
import { batch, encodeProof } from './batch.mjs';
import { encodeDisclosure } from './disclosure.mjs';

const nameOf = ({ name }) => name.replace(/^[^:]*: /, '');
const opening = (name, { commitment, ...parts }, code) => ({
  name: `${code ?? 'openDisclosure'}: ${name}`,
  operation: 'openDisclosure',
  input: { rlp: encodeDisclosure({ commitment, ...parts }).rlp, commitment },
  ...(code && { expected: { code } }),
});

const ENCODED = CHECKS.map((one) => ({
  name: `encodeDisclosure: ${nameOf(one)}`,
  operation: 'encodeDisclosure',
  input: one.input,
}));
const OPENED = CHECKS.map((one) => opening(nameOf(one), one.input));

/** The forgeries of the JSON form that have a binary one: whose flags are as many as leaves and hashes ask for. */
const FORGED = FORGERIES.filter(
  ({ operation, input }) =>
    operation === 'check' && input.flags.length === Math.max(input.leaves.length + input.proof.length - 1, 0),
).map((one) => opening(`in binary form, ${nameOf(one)}`, one.input, one.expected.code));

const WHOLE = CHECKS.find(({ name }) => name.endsWith('a binding of three scopes and one element')).input;
const ITEMS = RLP.decode(unhex(encodeDisclosure(WHOLE).rlp));

const bytes = (code, name, all) => ({
  name: `${code}: a disclosure with ${name}`,
  operation: 'openDisclosure',
  input: { rlp: hex(all), commitment: WHOLE.commitment },
  expected: { code },
});

/** A disclosure that opens, but for what `change` makes of its items. */
const broken = (code, name, change) => {
  const items = structuredClone(ITEMS);
  return bytes(code, name, RLP.encode(change(items) ?? items));
};
const rlp = (name, change) => broken('disclosure.rlp', name, change);

const BROKEN = [
  ['nothing in it', () => new Uint8Array()],
  ['its last byte missing', (all) => all.subarray(0, -1)],
  ['a byte after it', (all) => concat(all, Uint8Array.of(0))],
  ['a length that has a leading zero', (all) => concat(Uint8Array.of(all[0] + 1, 0), all.subarray(1))],
  ['a version that should stand for itself', (all) => withVersion(all, [0x81, 1])],
  ['a version with a leading zero', (all) => withVersion(all, [0x82, 0, 1])],
].map(([name, change]) => bytes('disclosure.rlp', name, change(RLP.encode(ITEMS))));

/** The same list with another encoding of its first item, the one byte of the version. */
function withVersion(all, encoding) {
  const rest = all.subarray(4);
  const payload = concat(Uint8Array.from(encoding), rest);
  return concat(Uint8Array.of(0xf9, payload.length >> 8, payload.length & 0xff), payload);
}

const FAULTS = [
  rlp('four fields', (items) => items.slice(0, 4)),
  rlp('six fields', (items) => [...items, []]),
  rlp('a commitment of 31 bytes', (items) => void (items[1] = items[1].subarray(1))),
  rlp('a list for a commitment', (items) => void (items[1] = [])),
  rlp('a string for the leaves', (items) => void (items[2] = utf8('leaves'))),
  rlp('a leaf without its salt', (items) => void items[2][0].pop()),
  rlp('a leaf of four fields', (items) => void items[2][0].push(utf8('more'))),
  rlp('a salt of 33 bytes', (items) => void (items[2][0][2] = concat(items[2][0][2], Uint8Array.of(0)))),
  rlp('a list for a path', (items) => void (items[2][0][0] = [])),
  rlp('a list for a value', (items) => void (items[2][0][1] = [])),
  rlp('a hash of 31 bytes', (items) => void (items[3][0] = items[3][0].subarray(1))),
  rlp('a string for the proof', (items) => void (items[3] = utf8('proof'))),
  rlp('a list for the flags', (items) => void (items[4] = [items[4]])),
  broken('disclosure.version', 'version 0', (items) => void (items[0] = new Uint8Array())),
  broken('disclosure.version', 'version 2', (items) => void (items[0] = Uint8Array.of(2))),
  broken('disclosure.version', 'version 257', (items) => void (items[0] = Uint8Array.of(1, 1))),
  broken('disclosure.utf8', 'a path that is no text', (items) => void (items[2][0][0] = Uint8Array.of(0x2f, 0xff))),
  broken('disclosure.utf8', 'a path cut inside a letter', (items) => void (items[2][0][0] = Uint8Array.of(0x2f, 0xc3))),
  broken('disclosure.flags', 'a byte of flags too few', (items) => void (items[4] = items[4].subarray(1))),
  broken('disclosure.flags', 'a byte of flags too many', (items) => void (items[4] = concat(items[4], Uint8Array.of(0)))),
  broken('disclosure.flags', 'a bit beyond the flags', (items) => void (items[4][items[4].length - 1] |= 1)),
  broken('disclosure.root', 'a bit of another leaf', (items) => void (items[2][0][2][0] ^= 1)),
];

export const BINARY_DISCLOSURES = [...ENCODED, ...OPENED, ...FORGED, ...BROKEN, ...FAULTS];

const commitments = (count) => Array.from({ length: count }, (_, index) => word(`batch/${index}`));
const BATCHES = [1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33].map((count) => ({
  name: `batch: of ${count}`,
  operation: 'batch',
  input: { commitments: commitments(count) },
}));
const TWICE = {
  name: 'batch: of one commitment twice',
  operation: 'batch',
  input: { commitments: [word('batch/0'), word('batch/1'), word('batch/0')] },
};
const EMPTY = { name: 'batch.empty: of no records', operation: 'batch', input: { commitments: [] }, expected: { code: 'batch.empty' } };

const SIZE = 11;
const MEMBERS = commitments(SIZE);
const TREE = batch({ commitments: MEMBERS });

/** The proof of one record of eleven, with what is given in place of its parts. */
function proving(name, index, changes = {}, code) {
  const { siblings } = TREE.proofs[index];
  const proof = changes.proof ?? encodeProof(changes.proofCount ?? SIZE, changes.proofIndex ?? index, changes.siblings ?? siblings);
  const { commitment = MEMBERS[index], root = TREE.root, count = SIZE } = changes;
  return {
    name: `${code ?? 'checkBatch'}: ${name}`,
    operation: 'checkBatch',
    input: { commitment, root, count, proof },
    ...(code && { expected: { code } }),
  };
}

const change = (text) => text.slice(0, -1) + (text.at(-1) === '0' ? '1' : '0');
const malformed = (name, items) => proving(name, 3, { proof: hex(RLP.encode(items)) }, 'batch.rlp');
const PARTS = RLP.decode(unhex(TREE.proofs[3].rlp));
const ALONE = { count: 1, proofCount: 1, proofIndex: 0, siblings: [], commitment: MEMBERS[0], root: MEMBERS[0] };

const PROOFS = [
  ...MEMBERS.map((_, index) => proving(`record ${index} of ${SIZE}`, index)),
  proving('a record by itself', 0, ALONE),
  proving('the root as a record by itself', 0, { ...ALONE, root: TREE.root }, 'batch.root'),
  proving('another record', 3, { commitment: MEMBERS[4] }, 'batch.root'),
  proving('another place', 3, { proofIndex: 4 }, 'batch.root'),
  proving('another root', 3, { root: word('another root') }, 'batch.root'),
  proving('one bit of a sibling', 3, { siblings: [change(TREE.proofs[3].siblings[0]), ...TREE.proofs[3].siblings.slice(1)] }, 'batch.root'),
  proving('siblings in another order', 3, { siblings: [...TREE.proofs[3].siblings].reverse() }, 'batch.root'),
  proving('a node of the tree as a record', 3, { commitment: TREE.proofs[3].siblings[0] }, 'batch.root'),
  proving('the proof of a larger batch', 3, { proofCount: 12 }, 'batch.count'),
  proving('a proof of a single record in a batch', 0, { proof: encodeProof(1, 0, []) }, 'batch.count'),
  proving('the place behind the last', 3, { proofIndex: SIZE }, 'batch.index'),
  proving('the last place that there is', 3, { proofIndex: 2 ** 32 - 1 }, 'batch.index'),
  proving('no siblings', 3, { siblings: [] }, 'batch.proof_length'),
  proving('a sibling too many', 3, { siblings: Array(5).fill(word('sibling')) }, 'batch.proof_length'),
  proving('siblings of a record by itself', 0, { ...ALONE, siblings: [word('sibling')] }, 'batch.proof_length'),
  proving('in a batch of none', 0, { count: 0, proofCount: 0, proofIndex: 0, siblings: [] }, 'batch.empty'),
  proving('version 0', 3, { proof: hex(RLP.encode(PARTS.with(0, new Uint8Array()))) }, 'batch.version'),
  proving('version 2', 3, { proof: hex(RLP.encode(PARTS.with(0, Uint8Array.of(2)))) }, 'batch.version'),
  malformed('three fields', PARTS.slice(0, 3)),
  malformed('five fields', [...PARTS, []]),
  malformed('a count of five bytes', PARTS.with(1, Uint8Array.of(1, 0, 0, 0, 0))),
  malformed('an index of five bytes', PARTS.with(2, Uint8Array.of(1, 0, 0, 0, 0))),
  malformed('an index with a leading zero', PARTS.with(2, Uint8Array.of(0, 3))),
  malformed('a list for an index', PARTS.with(2, [])),
  malformed('a string for the siblings', PARTS.with(3, utf8('siblings'))),
  malformed('a sibling of 31 bytes', PARTS.with(3, [PARTS[3][0].subarray(1), ...PARTS[3].slice(1)])),
  proving('a byte behind a batch proof', 3, { proof: TREE.proofs[3].rlp + '00' }, 'batch.rlp'),
  proving('a batch proof of nothing', 3, { proof: '0x' }, 'batch.rlp'),
];

export const BATCH_CASES = [...BATCHES, TWICE, EMPTY, ...PROOFS];
