// Receipts of transactions, their blooms, and the trie of a block's receipts.
// Source: the Ethereum Yellow Paper, 4.3.1 and 4.3.2; EIP-2718, EIP-658.

import { createMerkleProof, createMPT } from '@ethereumjs/mpt';
import { RLP } from '@ethereumjs/rlp';

import { concat, hex, keccak, unhex, utf8 } from '../bytes.mjs';
import { integer } from '../proof/header.mjs';

/** The contract's events that the cases log: the signature, then each argument and whether it is indexed. */
const EVENTS = {
  Anchored: ['author address indexed', 'root bytes32 indexed', 'word uint256'],
  Granted: [
    'patient address indexed',
    'grantee address indexed',
    'scope bytes32 indexed',
    'word uint256',
    'by address',
    'document bytes32',
  ],
  Revoked: ['patient address indexed', 'grantee address indexed', 'scope bytes32 indexed', 'word uint256', 'by address'],
  RevokedAll: ['patient address indexed', 'word uint256'],
  RegistrarProposed: ['registrar address indexed', 'pending address indexed'],
};

const argumentsOf = (name) =>
  EVENTS[name].map((text) => {
    const [argument, type, indexed] = text.split(' ');
    return { argument, type, indexed: indexed !== undefined };
  });
const topicOf = (name) => keccak(utf8(`${name}(${argumentsOf(name).map(({ type }) => type)})`));
const inWord = (text) => unhex('0x' + text.slice(2).padStart(64, '0'));

/** The log that a contract emits for an event with these arguments, each in hex. */
export function logOf(contract, name, values) {
  const words = (wanted) =>
    argumentsOf(name).flatMap(({ argument, indexed }) => (indexed === wanted ? [inWord(values[argument])] : []));
  return { address: unhex(contract), topics: [topicOf(name), ...words(true)], data: concat(...words(false)) };
}

/** How a word is written, by its type. */
const SPELLING = {
  address: (text) => '0x' + text.slice(-40),
  bytes32: (text) => text,
  uint256: (text) => `0x${BigInt(text).toString(16)}`,
};

/** The event that a log of the contract's is; null where it is none. */
export function eventOf({ topics, data }) {
  const name = Object.keys(EVENTS).find((one) => topics.length > 0 && hex(topicOf(one)) === hex(topics[0]));
  if (name === undefined) return null;
  const all = argumentsOf(name);
  const inData = Array.from({ length: data.length / 32 }, (_, at) => data.subarray(at * 32, at * 32 + 32));
  const words = [...topics.slice(1), ...inData].map(hex);
  const spelt = all.map(({ argument, type }, at) => [argument, SPELLING[type](words[at])]);
  return { event: name, arguments: Object.fromEntries(spelt) };
}

/** The bloom of logs: three of 2,048 bits for each address and each topic. */
export function bloomOf(logs) {
  const bits = new Uint8Array(256);
  for (const bytes of logs.flatMap(({ address, topics }) => [address, ...topics])) {
    const hash = keccak(bytes);
    for (const at of [0, 2, 4]) {
      const bit = ((hash[at] << 8) | hash[at + 1]) & 0x7ff;
      bits[255 - (bit >> 3)] |= 1 << (bit & 7);
    }
  }
  return bits;
}

/** A receipt as the receipts trie holds it. `outcome` is the status, or a state root of 32 bytes. */
export function encodeReceipt({ type = 2, outcome = integer(1), gas = 21_000, logs = [] }) {
  const emitted = logs.map(({ address, topics, data }) => [address, topics, data]);
  const list = RLP.encode([outcome, integer(gas), bloomOf(logs), emitted]);
  return type === 0 ? list : concat(Uint8Array.of(type), list);
}

/** The trie of a block's receipts: the key of each is the RLP of its transaction's index. */
export async function receiptsTrie(receipts) {
  const trie = await createMPT();
  for (const [index, receipt] of receipts.entries()) await trie.put(keyOf(index), receipt);
  return trie;
}

/** The nodes on the way to the receipt of a transaction, from the root down. */
export const wayTo = (trie, index) => createMerkleProof(trie, keyOf(index));

export const keyOf = (index) => RLP.encode(integer(index));
