// The nodes of a Merkle Patricia trie, encoded one by one, for tries that no library would make.
// Source: Ethereum Yellow Paper, appendices C and D.

import { RLP } from '@ethereumjs/rlp';

import { keccak } from '../bytes.mjs';

const HASHED_LENGTH = 32;
const EMPTY = new Uint8Array();

/** The half-bytes of a key, the high one of each byte first. */
export function nibblesOf(key) {
  return [...key].flatMap((byte) => [byte >> 4, byte & 15]);
}

/** A path with its flags, as leaves (2) and extensions (0) hold it. */
export function hexPrefix(nibbles, flags) {
  const odd = nibbles.length % 2;
  const all = odd ? [flags + 1, ...nibbles] : [flags, 0, ...nibbles];
  return Uint8Array.from({ length: all.length / 2 }, (_, index) => 16 * all[2 * index] + all[2 * index + 1]);
}

// A node is kept as the items of its RLP list.
export const leaf = (nibbles, value) => [hexPrefix(nibbles, 2), value];
export const extension = (nibbles, child) => [hexPrefix(nibbles, 0), child];

/** A branch with these `{nibble: reference}` children. */
export function branch(children, value = EMPTY) {
  return [...Array.from({ length: 16 }, (_, nibble) => children[nibble] ?? EMPTY), value];
}

export const encode = (node) => RLP.encode(node);
export const hashOf = (node) => keccak(encode(node));

/** How a parent refers to a node: by its hash, or by itself where it is short. */
export function reference(node) {
  return encode(node).length < HASHED_LENGTH ? node : hashOf(node);
}
