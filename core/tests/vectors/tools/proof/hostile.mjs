// The hostile corpus: what a prover would try, each with the code and, where it names one, the node
// of its error. First the two faults of released verifiers.

import { RLP } from '@ethereumjs/rlp';

import { concat, hex, keccak, unhex } from '../bytes.mjs';
import { word } from '../parties.mjs';
import { blockHash, header } from './header.mjs';
import { CONTRACT, LARGE } from './large.mjs';
import { branch, encode, extension, hashOf, hexPrefix, leaf, nibblesOf } from './node.mjs';
import { account, encodeAccount, nodesFor, slotAt } from './tries.mjs';

const SLOT = slotAt(0);
const WAY = nibblesOf(keccak(unhex(SLOT)));
const HOME = nibblesOf(keccak(unhex(CONTRACT)));
const ONE = encode(Uint8Array.of(1));
const EMPTY = new Uint8Array();
const ELSEWHERE = (WAY[0] + 1) % 16;
const CODE = unhex(word('code'));

/** A case under a state root; `node` is the position that the error names. */
function hostile(code, name, node, stateRoot, nodes, slots = [SLOT]) {
  const rlp = header({ stateRoot });
  return {
    name: `${code}: hostile: ${name}`,
    operation: 'proof',
    input: { header: hex(rlp), trustedHash: blockHash(rlp), address: CONTRACT, slots, nodes: nodes.map(hex) },
    error: node === undefined ? { code } : { code, node },
  };
}

/** A case whose storage trie has these encoded nodes, the root first: they stand from position 1. */
function stored(code, name, node, encoded, { without = 0, appended = [], slot = SLOT } = {}) {
  const contract = account({ nonce: 1n, storageRoot: keccak(encoded[0]), codeHash: CODE });
  const state = encode(leaf(HOME, encodeAccount(contract)));
  const given = encoded.slice(0, encoded.length - without);
  return hostile(code, name, node, keccak(state), [state, ...given, ...appended], [slot]);
}

const malformed = (name, node, ...nodes) => stored('proof.malformed_node', name, node, nodes.map(encode));
const encoding = (name, ...encoded) => stored('proof.rlp', name, encoded.length, encoded);
const value = (name, bytes) => stored('proof.value', name, 1, [encode(leaf(WAY, bytes))]);

/** A list of items that are encoded already. */
function list(...items) {
  const payload = concat(...items);
  const { length } = payload;
  const prefix = length < 56 ? [0xc0 + length] : length < 256 ? [0xf8, length] : [0xf9, length >> 8, length & 255];
  return concat(Uint8Array.from(prefix), payload);
}

const longString = (payload) => concat(Uint8Array.of(0xb8, payload.length), payload);
const deepLeaf = leaf(WAY.slice(1), ONE);
const other = leaf(WAY.slice(1).fill(7), ONE);
const branchAt = (nibble, child) => branch({ [nibble]: child, [(nibble + 1) % 16]: hashOf(other) });
const fork = (child) => branchAt(WAY[0], child);
const top = fork(hashOf(deepLeaf));

/** A slot whose way the top branch ends at once. */
function absentSlot() {
  for (let number = 1; ; number += 1) {
    const [first] = nibblesOf(keccak(unhex(slotAt(number))));
    if (first !== WAY[0] && first !== ELSEWHERE) return slotAt(number);
  }
}

const ABSENT = absentSlot();
const forged = encode(leaf(nibblesOf(keccak(unhex(ABSENT))).slice(1), ONE));
const KNOWN = [
  stored('proof.missing_node', 'a proof cut off at a branch is no absence', 1, [top, deepLeaf].map(encode), { without: 1 }),
  stored('proof.unused_node', 'an appended leaf is no value', 2, [encode(top)], { appended: [forged], slot: ABSENT }),
  malformed('a leaf inside an extension inside a branch', 1, fork(extension(WAY.slice(1, 2), [Uint8Array.of(0x20), ONE]))),
];

/** What becomes of a whole proof when each of its nodes in turn is tampered with. */
async function tampered() {
  const slots = [slotAt(0), slotAt(3)];
  const { state, storage } = LARGE;
  const nodes = (await nodesFor(state, storage, CONTRACT, slots)).map(unhex);
  const foreign = (await nodesFor(state, storage, CONTRACT, [slotAt(5)])).map(unhex);
  const known = new Set(nodes.map(hex));
  const stranger = foreign.find((node) => !known.has(hex(node)));
  const whole = (code, name, node, changed) => hostile(code, name, node, state.root(), changed, slots);
  return nodes.flatMap((node, index) => [
    whole('proof.missing_node', `cut off before node ${index}`, undefined, nodes.slice(0, index)),
    whole('proof.missing_node', `without node ${index}`, undefined, nodes.toSpliced(index, 1)),
    whole('proof.missing_node', `another node in place of node ${index}`, undefined, nodes.with(index, stranger)),
    whole('proof.missing_node', `the last byte of node ${index} is lost`, undefined, nodes.with(index, node.subarray(0, -1))),
    whole('proof.missing_node', `a byte after node ${index}`, undefined, nodes.with(index, concat(node, Uint8Array.of(0)))),
    whole('proof.unused_node', `a foreign node before node ${index}`, index, nodes.toSpliced(index, 0, stranger)),
    whole('proof.duplicate_node', `node ${index} again at the end`, nodes.length, [...nodes, node]),
  ]);
}

const shortLeaf = leaf(WAY.slice(9), ONE);
const besides = (child) => branch({ [WAY[8]]: child, [(WAY[8] + 1) % 16]: shortLeaf });
const byHash = [extension(WAY.slice(0, 8), hashOf(besides(hashOf(shortLeaf)))), besides(hashOf(shortLeaf)), shortLeaf];
const beside = (child) => branch({ [WAY[0]]: hashOf(deepLeaf), [ELSEWHERE]: child });
const [longer, deeper] = [[...WAY, 0], extension(WAY.slice(1, 2), hashOf(top))];

const SHAPES = [
  stored('proof.wrong_reference', 'an inline node by its hash', 3, byHash.map(encode)),
  stored('proof.wrong_reference', 'a node of 32 bytes and more inside its branch', 1, [encode(fork(deepLeaf))]),
  stored('proof.wrong_reference', 'a node of 32 bytes and more beside the way', 1, [beside(other), deepLeaf].map(encode)),
  malformed('a reference of 31 bytes beside the way', 1, beside(hashOf(other).subarray(1)), deepLeaf),
  malformed('an extension elsewhere, to nothing', 1, extension([ELSEWHERE], EMPTY)),
  malformed('an extension of no nibbles', 1, extension([], hashOf(top)), top, deepLeaf),
  malformed('an extension to an extension', 2, extension(WAY.slice(0, 1), hashOf(deeper)), deeper, top),
  malformed('an extension to a leaf', 2, extension(WAY.slice(0, 1), hashOf(deepLeaf)), deepLeaf),
  malformed('a branch with one child', 1, branch({ [WAY[0]]: hashOf(deepLeaf) }), deepLeaf),
  malformed('a branch with one child, elsewhere', 1, branch({ [ELSEWHERE]: hashOf(other) })),
  malformed('a branch without children', 1, branch({})),
  malformed('a branch with a value', 1, branch({ [WAY[0]]: hashOf(deepLeaf), [ELSEWHERE]: hashOf(other) }, ONE)),
  malformed('65 nibbles in one leaf', 1, leaf(longer, ONE)),
  malformed('65 nibbles, the last in a leaf below a branch', 2, fork(hashOf(leaf(WAY, ONE))), leaf(WAY, ONE)),
  malformed('63 nibbles', 1, leaf(WAY.slice(0, 63), ONE)),
  malformed('an even path with the flag of an odd one', 1, [concat(Uint8Array.of(0x30), hexPrefix(WAY, 2).subarray(1)), ONE]),
  malformed('an odd path with the flag of an even one', 2, ...oddAsEven()),
  malformed('a path with flag 4', 1, [hexPrefix(WAY, 4), ONE]),
  malformed('a path with flag 8', 1, [hexPrefix(WAY, 8), ONE]),
  malformed('a path of no bytes', 1, [EMPTY, ONE]),
  malformed('a third item in a leaf', 1, [hexPrefix(WAY, 2), ONE, EMPTY]),
  malformed('an 18th item in a branch', 1, [...top, EMPTY], deepLeaf),
  malformed('a leaf without a value', 1, leaf(WAY, EMPTY)),
  stored('proof.zero_value', 'a leaf of value zero', 1, [encode(leaf(WAY, encode(EMPTY)))]),
  stored('proof.missing_node', 'a branch that claims to be its own child', 1, [encode(selfish())]),
  stored('proof.missing_node', 'a branch below one that claims to be its child', 2, [fork(hashOf(selfish(WAY[1]))), selfish(WAY[1])].map(encode)),
];

/** A leaf whose 63 nibbles are flagged as if they were even in number. */
function oddAsEven() {
  const wrong = [concat(Uint8Array.of(0x20 + WAY[1]), hexPrefix(WAY.slice(1), 2).subarray(1)), ONE];
  const flagged = WAY[1] === 0 ? [Uint8Array.of(0x21), ONE] : wrong;
  return [fork(hashOf(flagged)), flagged];
}

/** A branch that refers to a hash that it would like to have: no branch can know its own. */
function selfish(nibble = WAY[0]) {
  return branchAt(nibble, keccak(encode('the hash of this very branch')));
}

const path = encode(hexPrefix(WAY, 2));
const items = top.map(encode);
const ENCODINGS = [
  encoding('a list with a long length that is short', concat(Uint8Array.of(0xf8, 35), path, ONE)),
  encoding('a length with a leading zero', concat(Uint8Array.of(0xf9, 0), encode(top).subarray(1))),
  encoding('a path with a long length that is short', list(longString(hexPrefix(WAY, 2)), ONE)),
  encoding('a value that should stand for itself', list(path, Uint8Array.of(0x81, 1))),
  encoding('a value with a long length that is short', list(path, longString(Uint8Array.of(1, 2)))),
  encoding('a child with a long length that is short', list(...items.with(WAY[0], longString(hashOf(deepLeaf))))),
  encoding('an empty child with a long length', list(...items.with((WAY[0] + 2) % 16, Uint8Array.of(0xb8, 0)))),
  encoding('an empty value of a branch with a long length', list(...items.with(16, Uint8Array.of(0xb8, 0)))),
  encoding('a byte after a leaf', concat(encode(leaf(WAY, ONE)), Uint8Array.of(0))),
  encoding('a byte after a branch', concat(encode(top), Uint8Array.of(0x80))),
  encoding('a string in place of a node', encode(new Uint8Array(40).fill(1))),
  value('a word with a leading zero', encode(Uint8Array.of(0, 1))),
  value('a zero that is a byte', Uint8Array.of(0)),
  value('a word of 33 bytes', encode(new Uint8Array(33).fill(1))),
  value('a word that should stand for itself', Uint8Array.of(0x81, 1)),
  value('a word with a long length that is short', longString(Uint8Array.of(1, 2))),
  value('a byte after the word', Uint8Array.of(1, 1)),
  value('a list for a word', encode([Uint8Array.of(1)])),
];

/** Accounts with one field encoded in another way than the only right one. */
function accounts() {
  const fields = RLP.decode(encodeAccount(account({ nonce: 1n, balance: 2n, codeHash: CODE }))).map(encode);
  const held = (name, bytes) => {
    const state = encode(leaf(HOME, bytes));
    return hostile('proof.account', name, 0, keccak(state), [state], []);
  };
  const names = ['nonce', 'balance', 'storage root', 'code hash'];
  return [
    ...names.slice(0, 2).flatMap((name, index) => [
      held(`a ${name} that should stand for itself`, list(...fields.with(index, Uint8Array.of(0x81, 1)))),
      held(`a ${name} with a leading zero`, list(...fields.with(index, Uint8Array.of(0x82, 0, 1)))),
    ]),
    ...names.slice(2).map((name, index) => held(`a ${name} with a long length`, list(...fields.with(index + 2, longString(CODE))))),
    held('three fields of an account', list(...fields.slice(0, 3))),
    held('five fields of an account', list(...fields, ONE)),
  ];
}

/** Headers that are too short a list for any block. */
function headers() {
  const stateRoot = LARGE.state.root();
  const under = (code, name, rlp) => ({
    name: `${code}: hostile: ${name}`,
    operation: 'proof',
    input: { header: hex(rlp), trustedHash: blockHash(rlp), address: CONTRACT, slots: [], nodes: [] },
    error: { code },
  });
  return Array.from({ length: 14 }, (_, index) => index + 1).map((count) =>
    under('header.field_count', `a header of ${count} fields`, header({ stateRoot }, count)),
  );
}

export const HOSTILE = [...KNOWN, ...(await tampered()), ...SHAPES, ...ENCODINGS, ...accounts(), ...headers()];
