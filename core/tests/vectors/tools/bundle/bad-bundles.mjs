// Bad cases of "verify" whose bundle is none, or does not hold the nodes that the request needs.

import { RLP } from '@ethereumjs/rlp';

import { concat } from '../bytes.mjs';
import * as it from './parties.mjs';
import { listOf } from './verify.mjs';
import { verifying } from './world.mjs';
import { place } from './words.mjs';

const { ALL, asks, DOCTOR, GROUP, granted, HOSPITAL, PATIENT, permitting, RECORD, SALT } = it;

// The same words under every case: without its one fault, each would be answered.
const WORDS = [granted(DOCTOR, ALL, permitting())];
const broken = (code, name, options, request) => verifying(`of a bundle: ${name}`, WORDS, asks(request), code, options);
const parts = (code, name, change) => broken(code, name, { parts: change });
const bytes = (name, change) => broken('bundle.rlp', name, { bundle: change });

/** The bundle with the encoding of one item replaced, in its place 0 to 5. */
const item = (name, index, encoding) =>
  bytes(name, (_, { version, chainId, contract, header, ancestry, nodes }) => {
    const encoded = [version, chainId, contract, header, ancestry, nodes].map((one) => RLP.encode(one));
    return listOf(...encoded.with(index, encoding(encoded[index])));
  });
const fixed =
  (...values) =>
  () =>
    Uint8Array.from(values);

const ENCODINGS = [
  bytes('nothing', () => new Uint8Array()),
  bytes('a string', (whole) => RLP.encode(whole)),
  bytes('an empty list', () => RLP.encode([])),
  bytes('without its last byte', (whole) => whole.subarray(0, -1)),
  bytes('a byte after it', (whole) => concat(whole, Uint8Array.of(0))),
  bytes('a length with a leading zero', (whole) => concat(Uint8Array.of(0xfa, 0), whole.subarray(1))),
  bytes('five items', (_, all) => RLP.encode([all.version, all.chainId, all.contract, all.header, all.nodes])),
  bytes('seven items', (_, all) => RLP.encode([all.version, all.chainId, all.contract, all.header, all.ancestry, all.nodes, []])),
  item('a version that should stand for itself', 0, fixed(0x81, 1)),
  item('a version with a leading zero', 0, fixed(0x82, 0, 1)),
  item('a list for a version', 0, fixed(0xc1, 1)),
  item('a chain id with a leading zero', 1, fixed(0x82, 0, 1)),
  item('a chain id that is zero and not empty', 1, fixed(0)),
  item('a chain id of nine bytes', 1, fixed(0x89, 1, 0, 0, 0, 0, 0, 0, 0, 0)),
  item('a list for a chain id', 1, fixed(0xc1, 1)),
  parts('bundle.rlp', 'a contract of 19 bytes', ({ contract }) => ({ contract: contract.subarray(1) })),
  parts('bundle.rlp', 'a contract of 21 bytes', ({ contract }) => ({ contract: concat(contract, Uint8Array.of(0)) })),
  parts('bundle.rlp', 'no contract', () => ({ contract: new Uint8Array() })),
  parts('bundle.rlp', 'the header as a list', ({ header }) => ({ header: RLP.decode(header) })),
  parts('bundle.rlp', 'a string for the ancestry', () => ({ ancestry: new Uint8Array() })),
  parts('bundle.rlp', 'an older header as a list', () => ({ ancestry: [[]] })),
  parts('bundle.rlp', 'a string for the nodes', () => ({ nodes: new Uint8Array() })),
  parts('bundle.rlp', 'the nodes as lists', ({ nodes }) => ({ nodes: nodes.map((node) => RLP.decode(node)) })),
  parts('bundle.version', 'version 0', () => ({ version: 0n })),
  parts('bundle.version', 'version 2', () => ({ version: 2n })),
  parts('bundle.version', 'version 257', () => ({ version: 257n })),
];

const nodes = (code, name, change, beside = 'few') =>
  broken(code, name, { beside, parts: (all) => ({ nodes: change(all.nodes) }) });

/** A bundle for another request, among so many words that each has a node of its own. */
const provedFor = (code, name, request, other) => broken(code, name, { beside: 'many', provedFor: asks(other) }, request);
const record = { scopes: [RECORD] };

const NODES = [
  nodes('proof.missing_node', 'no nodes', () => []),
  nodes('proof.missing_node', 'without the root of the state', (all) => all.slice(1)),
  nodes('proof.missing_node', 'without a node in the middle', (all) => all.toSpliced(3, 1), 'many'),
  nodes('proof.missing_node', 'without its last node', (all) => all.slice(0, -1), 'many'),
  nodes('proof.missing_node', 'with one bit of a node changed', (all) => all.with(-1, flipped(all.at(-1))), 'many'),
  provedFor('proof.missing_node', 'the record was not proved', record, {}),
  provedFor('proof.missing_node', 'the blinded grant was not proved', { salt: SALT }, {}),
  provedFor('proof.missing_node', 'the delegation was not proved', { delegator: HOSPITAL }, {}),
  provedFor('proof.missing_node', 'the emergency was not proved', { purpose: 'BTG' }, {}),
  provedFor('proof.unused_node', 'a group was proved that was not asked about', record, { scopes: [RECORD, GROUP] }),
  provedFor('proof.unused_node', 'a blinded grant was proved that was not asked about', {}, { salt: SALT }),
  provedFor('proof.unused_node', 'a delegation was proved that was not asked about', {}, { delegator: HOSPITAL }),
  provedFor('proof.unused_node', 'more was proved than a patient needs', { accessor: PATIENT }, {}),
  nodes('proof.unused_node', 'bytes that are no node', (all) => [...all, Uint8Array.of(0xc0)]),
  nodes('proof.unused_node', 'a node of no bytes', (all) => [...all, new Uint8Array()]),
  nodes('proof.duplicate_node', 'the root twice', (all) => [all[0], ...all]),
  nodes('proof.duplicate_node', 'the last node twice', (all) => [...all, all.at(-1)]),
];

/** A node with the lowest bit of its last byte changed. */
function flipped(node) {
  return concat(node.subarray(0, -1), Uint8Array.of(node.at(-1) ^ 1));
}

const zero = (name, at, request) => verifying(`of a bundle: ${name}`, [[at, 0n]], asks(request), 'proof.zero_value');

const ZEROES = [
  zero('a grant of value zero', place.grant(PATIENT, DOCTOR, ALL)),
  zero('an account of value zero', place.account(PATIENT), { accessor: PATIENT }),
  zero('a credential of value zero', place.credential(DOCTOR)),
];

export const BAD_BUNDLES = await Promise.all([...ENCODINGS, ...NODES, ...ZEROES]);
