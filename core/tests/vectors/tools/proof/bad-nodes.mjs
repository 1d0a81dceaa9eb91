// Bad cases of the operation "proof" whose nodes prove nothing: tries built by hand round one fault.

import { concat, hex, keccak, unhex } from '../bytes.mjs';
import { word } from '../parties.mjs';
import { blockHash, header } from './header.mjs';
import { CONTRACT, LARGE } from './large.mjs';
import { branch, encode, extension, hashOf, hexPrefix, leaf, nibblesOf, reference } from './node.mjs';
import { account, encodeAccount, nodesFor, slotAt, stateTrie } from './tries.mjs';

const SLOT = slotAt(0);
const WAY = nibblesOf(keccak(unhex(SLOT)));
const HOME = nibblesOf(keccak(unhex(CONTRACT)));
const ONE = encode(Uint8Array.of(1));
const ELSEWHERE = (WAY[0] + 1) % 16;
const EMPTY = new Uint8Array();

/** A case that asks for one slot of the contract under this state root. */
function asked(code, name, stateRoot, nodes, slots = [SLOT]) {
  const rlp = header({ stateRoot });
  return {
    name: `${code}: ${name}`,
    operation: 'proof',
    input: { header: hex(rlp), trustedHash: blockHash(rlp), address: CONTRACT, slots, nodes },
    error: { code },
  };
}

/** A case whose contract has these nodes for a storage trie, the root first. */
function stored(code, name, ...encoded) {
  const contract = account({ nonce: 1n, storageRoot: keccak(encoded[0]), codeHash: unhex(word('code')) });
  const state = encode(leaf(HOME, encodeAccount(contract)));
  return asked(code, name, keccak(state), [state, ...encoded].map(hex));
}

/** The same, of nodes that are not encoded yet. */
const storedNodes = (code, name, ...nodes) => stored(code, name, ...nodes.map(encode));
const malformed = (name, ...nodes) => storedNodes('proof.malformed_node', name, ...nodes);

/** A case whose state is one leaf with this value. */
function held(name, ...fields) {
  const state = encode(leaf(HOME, encode(fields)));
  return asked('proof.account', name, keccak(state), [hex(state)], []);
}

/** An RLP string or list under a length in the long form. */
const longForm = (base, ...payload) => concat(Uint8Array.of(base, payload.length), Uint8Array.from(payload));

const wholeLeaf = leaf(WAY, ONE);
const deepLeaf = leaf(WAY.slice(1), ONE);
const other = leaf(WAY.slice(1).fill(7), ONE);
const fork = (child) => branch({ [WAY[0]]: child, [ELSEWHERE]: hashOf(other) });

/** Nodes of the large state, and what becomes of the proof without, or with, some. */
async function sets() {
  const slots = [slotAt(0), slotAt(3)];
  const { state, storage } = LARGE;
  const nodes = await nodesFor(state, storage, CONTRACT, slots);
  const ofAccount = await nodesFor(state, null, CONTRACT, []);
  const forOther = await nodesFor(state, storage, CONTRACT, [slotAt(5)]);
  const surplus = forOther.find((node) => !nodes.includes(node));
  const whole = (code, name, changed) => asked(code, name, state.root(), changed, slots);
  const without = (index) => nodes.filter((_, position) => position !== index);
  const wallet = await stateTrie([[CONTRACT, account()]]);
  const [onlyLeaf] = await nodesFor(wallet, null, CONTRACT, []);
  return [
    whole('proof.missing_node', 'no nodes at all', []),
    whole('proof.missing_node', 'the root of the state', without(0)),
    whole('proof.missing_node', 'a node on the way to the account', without(1)),
    whole('proof.missing_node', 'the leaf of the account', without(ofAccount.length - 1)),
    whole('proof.missing_node', 'every node of the storage', ofAccount),
    whole('proof.missing_node', 'the root of the storage', without(ofAccount.length)),
    whole('proof.missing_node', 'the leaf of the last slot', without(nodes.length - 1)),
    asked('proof.missing_node', 'the nodes are those of another slot', state.root(), forOther, [SLOT]),
    asked('proof.missing_node', 'a node with one bit changed', keccak(unhex(onlyLeaf)), [flipped(onlyLeaf)], []),
    whole('proof.unused_node', 'a node of another slot', [...nodes, surplus]),
    whole('proof.unused_node', 'bytes that are no node, first', ['0xc0', ...nodes]),
    whole('proof.unused_node', 'a node of no bytes', [...nodes, '0x']),
    asked('proof.unused_node', 'nodes for a slot that is not asked for', state.root(), nodes, [SLOT]),
    asked('proof.unused_node', 'a node of an account without storage', wallet.root(), [onlyLeaf, hex(encode(wholeLeaf))]),
    asked('proof.unused_node', 'a node in an empty state', keccak(encode(EMPTY)), [onlyLeaf]),
    inlineOnItsOwn(),
    whole('proof.duplicate_node', 'the root twice', [nodes[0], ...nodes]),
    whole('proof.duplicate_node', 'the last node twice', [...nodes, nodes.at(-1)]),
    whole('proof.duplicate_node', 'nodes listed for each slot again', [...nodes, ...nodes.slice(ofAccount.length)]),
  ];
}

/** A node with the lowest bit of its last byte changed. */
function flipped(node) {
  const bytes = unhex(node);
  bytes[bytes.length - 1] ^= 1;
  return hex(bytes);
}

// A key's way with a leaf so far down it that it is shorter than 32 bytes.
const TOP = WAY.slice(0, 8);
const shortLeaf = leaf(WAY.slice(9), ONE);
const besides = (child) => branch({ [WAY[8]]: child, [(WAY[8] + 1) % 16]: shortLeaf });

function inlineOnItsOwn() {
  const below = besides(shortLeaf);
  const top = extension(TOP, reference(below));
  return storedNodes('proof.unused_node', 'a leaf that also stands inside its branch', top, below, shortLeaf);
}

const ENCODINGS = [
  stored('proof.rlp', 'a list with its length in the long form', longForm(0xf8, ...encode(wholeLeaf).subarray(1))),
  stored('proof.rlp', 'a length with a leading zero', concat(Uint8Array.of(0xf9, 0), encode(fork(hashOf(deepLeaf))).subarray(1))),
  stored('proof.rlp', 'a byte after the node', concat(encode(wholeLeaf), Uint8Array.of(0))),
  stored('proof.rlp', 'a node without its last byte', encode(wholeLeaf).subarray(0, -1)),
  stored(
    'proof.rlp',
    'a byte that should stand for itself',
    concat(Uint8Array.of(0xe4), encode(hexPrefix(WAY, 2)), Uint8Array.of(0x81, 1)),
  ),
  stored(
    'proof.rlp',
    'an item that is longer than its node',
    concat(Uint8Array.of(0xe3), encode(hexPrefix(WAY, 2)), Uint8Array.of(0x85)),
  ),

  malformed('one item', [hexPrefix(WAY, 2)]),
  malformed('three items', [...wholeLeaf, ONE]),
  malformed('no items', []),
  malformed('16 items', fork(hashOf(deepLeaf)).slice(1), deepLeaf),
  malformed('18 items', [...fork(hashOf(deepLeaf)), EMPTY], deepLeaf),
  malformed('a path with undefined flags', [hexPrefix(WAY, 4), ONE]),
  malformed('a path with bits in its padding', [concat(Uint8Array.of(0x21), hexPrefix(WAY, 2).subarray(1)), ONE]),
  malformed('a path of no bytes', [EMPTY, ONE]),
  malformed('an extension by no nibbles', extension([], hashOf(fork(hashOf(deepLeaf)))), fork(hashOf(deepLeaf)), deepLeaf),
  malformed('an extension to a leaf', extension(WAY.slice(0, 1), hashOf(deepLeaf)), deepLeaf),
  malformed('an extension to an extension', ...extensions()),
  malformed('an extension by all 64 nibbles', extension(WAY, hashOf(fork(EMPTY))), fork(EMPTY)),
  malformed('a branch below all 64 nibbles', ...belowTheEnd()),
  malformed('a leaf with a nibble too few', leaf(WAY.slice(1), ONE)),
  malformed('a leaf with a nibble too many', leaf([...WAY, 0], ONE)),
  malformed('a leaf with a nibble too many below a branch', fork(hashOf(wholeLeaf)), wholeLeaf),
  malformed('a leaf without a value', leaf(WAY, EMPTY)),
  malformed('a branch with a value', branch({ [WAY[0]]: hashOf(deepLeaf) }, ONE), deepLeaf),
  malformed('a reference of 31 bytes', fork(hashOf(deepLeaf).subarray(1))),
  malformed('a reference of 33 bytes', fork(concat(hashOf(deepLeaf), Uint8Array.of(0)))),
  malformed('an extension to nothing', extension(WAY.slice(0, 1), EMPTY)),

  storedNodes(
    'proof.wrong_reference',
    'a leaf of 31 bytes by its hash',
    extension(TOP, hashOf(besides(hashOf(shortLeaf)))),
    besides(hashOf(shortLeaf)),
    shortLeaf,
  ),
  storedNodes('proof.wrong_reference', 'a leaf of 35 bytes inside its branch', fork(deepLeaf)),
  storedNodes(
    'proof.wrong_reference',
    'a branch inside its extension',
    extension(WAY.slice(0, 1), branch({ [WAY[1]]: hashOf(leaf(WAY.slice(2), ONE)) })),
  ),

  storedNodes('proof.value', 'a leading zero', leaf(WAY, encode(Uint8Array.of(0, 1)))),
  storedNodes('proof.value', 'a zero byte', leaf(WAY, Uint8Array.of(0))),
  storedNodes('proof.value', 'a word of 33 bytes', leaf(WAY, encode(new Uint8Array(33).fill(1)))),
  storedNodes('proof.value', 'a list', leaf(WAY, encode([Uint8Array.of(1)]))),
  storedNodes('proof.value', 'a byte that should stand for itself', leaf(WAY, Uint8Array.of(0x81, 1))),
  storedNodes('proof.value', 'a length in the long form', leaf(WAY, longForm(0xb8, 1, 2))),
  storedNodes('proof.value', 'two words', leaf(WAY, Uint8Array.of(1, 2))),
  storedNodes('proof.value', 'a word cut off', leaf(WAY, Uint8Array.of(0x82, 1))),
  storedNodes('proof.zero_value', 'a leaf of value zero', leaf(WAY, encode(EMPTY))),
  storedNodes(
    'proof.zero_value',
    'a leaf of value zero below a branch',
    fork(hashOf(leaf(WAY.slice(1), encode(EMPTY)))),
    leaf(WAY.slice(1), encode(EMPTY)),
  ),

  storedNodes('proof.node_too_large', 'a leaf of 1025 bytes', leaf(WAY, new Uint8Array(1025 - 40).fill(1))),
];

/** Two extensions in a row, where one longer one should be. */
function extensions() {
  const below = branch({ [WAY[2]]: hashOf(leaf(WAY.slice(3), ONE)), [(WAY[2] + 1) % 16]: hashOf(other) });
  const inner = extension(WAY.slice(1, 2), hashOf(below));
  return [extension(WAY.slice(0, 1), reference(inner)), inner, below, leaf(WAY.slice(3), ONE)];
}

/** Branches at nibbles 63 and 64, of which the second has no nibble left to go by. */
function belowTheEnd() {
  const last = fork(EMPTY);
  const before = branch({ [WAY[63]]: hashOf(last), [(WAY[63] + 1) % 16]: hashOf(other) });
  return [extension(WAY.slice(0, 63), hashOf(before)), before, last];
}

const [ROOT, CODE] = [unhex(word('storage root')), unhex(word('code'))];
const ONE_BYTE = Uint8Array.of(1);
const ACCOUNTS = [
  held('three fields', ONE_BYTE, ONE_BYTE, ROOT),
  held('five fields', ONE_BYTE, ONE_BYTE, ROOT, CODE, ONE_BYTE),
  held('a nonce with a leading zero', Uint8Array.of(0, 1), ONE_BYTE, ROOT, CODE),
  held('a nonce of nine bytes', new Uint8Array(9).fill(1), ONE_BYTE, ROOT, CODE),
  held('a balance with a leading zero', ONE_BYTE, Uint8Array.of(0), ROOT, CODE),
  held('a balance of 33 bytes', ONE_BYTE, new Uint8Array(33).fill(1), ROOT, CODE),
  held('a storage root of 31 bytes', ONE_BYTE, ONE_BYTE, ROOT.subarray(1), CODE),
  held('no code hash', ONE_BYTE, ONE_BYTE, ROOT, EMPTY),
  held('a list for a balance', ONE_BYTE, [ONE_BYTE], ROOT, CODE),
  accountOf('a string', encode(new Uint8Array(70).fill(1))),
  accountOf('a byte after the account', concat(encodeAccount(account()), Uint8Array.of(0))),
];

function accountOf(name, value) {
  const state = encode(leaf(HOME, value));
  return asked('proof.account', name, keccak(state), [hex(state)], []);
}

export const BAD_NODES = [...(await sets()), ...ENCODINGS, ...ACCOUNTS];
