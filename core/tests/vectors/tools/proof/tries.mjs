// Tries of accounts and of storage words, and the ways through them, by @ethereumjs/mpt.

import { createMerkleProof, createMPT, verifyMerkleProof } from '@ethereumjs/mpt';
import { RLP } from '@ethereumjs/rlp';

import { equal, hex, keccak, u32, unhex } from '../bytes.mjs';
import { integer } from './header.mjs';
import { encode } from './node.mjs';

export const EMPTY_ROOT = keccak(RLP.encode(new Uint8Array()));
export const NO_CODE = keccak();

const HASHED_LENGTH = 32;

/** A slot's number as the 32 bytes that name it. */
export const slotAt = (number) => hex(new Uint8Array(32)).slice(0, -8) + hex(u32(number)).slice(2);

export function account(changes = {}) {
  return { nonce: 0n, balance: 0n, storageRoot: EMPTY_ROOT, codeHash: NO_CODE, ...changes };
}

export function encodeAccount({ nonce, balance, storageRoot, codeHash }) {
  return encode([integer(nonce), integer(balance), storageRoot, codeHash]);
}

/** A storage word as the leaf of its slot holds it. */
export function encodeWord(value) {
  return encode(integer(value));
}

/** A secured trie of `[key before hashing, value]`. */
export async function trieOf(entries) {
  const trie = await createMPT();
  for (const [key, value] of entries) await trie.put(keccak(unhex(key)), value);
  return trie;
}

export const storageTrie = (words) => trieOf(words.map(([slot, value]) => [slot, encodeWord(value)]));
export const stateTrie = (accounts) => trieOf(accounts.map(([at, value]) => [at, encodeAccount(value)]));

/** The nodes on the way to a key that stand for themselves; the library lists inline ones too. */
export async function wayTo(trie, key) {
  if (equal(trie.root(), EMPTY_ROOT)) return [];
  const path = await createMerkleProof(trie, keccak(unhex(key)));
  return path.filter((node, index) => index === 0 || node.length >= HASHED_LENGTH);
}

/** The value that the library's own verifier takes from a way; null where it proves absence. */
export async function provedBy(trie, key) {
  if (equal(trie.root(), EMPTY_ROOT)) return null;
  return verifyMerkleProof(keccak(unhex(key)), await createMerkleProof(trie, keccak(unhex(key))), { root: trie.root() });
}

/** Every distinct node that an account and slots of it need, in the order of the walk. */
export async function nodesFor(state, storage, at, slots) {
  const nodes = new Set();
  const add = async (trie, key) => {
    for (const node of await wayTo(trie, key)) nodes.add(hex(node));
  };
  await add(state, at);
  if (storage) for (const slot of slots) await add(storage, slot);
  return [...nodes];
}

/** How an absence ends: in a branch's empty place, or at a leaf or extension that goes elsewhere. */
export async function endOf(trie, key) {
  const { node, stack } = await trie.findPath(keccak(unhex(key)));
  return node === null ? stack.at(-1).constructor.name.replace('MPTNode', '') : 'Present';
}

/** The first name of a series that is absent from the trie in this manner. */
export async function absentBy(trie, end, nameOf) {
  for (let number = 0; ; number += 1) {
    if ((await endOf(trie, nameOf(number))) === end) return nameOf(number);
  }
}
