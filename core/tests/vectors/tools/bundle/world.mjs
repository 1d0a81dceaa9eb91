// A chain's state with one HealthRecord contract, and the bundles that are made from it.

import { hex, keccak, unhex, utf8 } from '../bytes.mjs';
import { address, word } from '../parties.mjs';
import { blockHash, header, integer } from '../proof/header.mjs';
import { account, encodeAccount, encodeWord, nodesFor, stateTrie, storageTrie } from '../proof/tries.mjs';
import { outcome } from '../fault.mjs';
import { requiredPlaces } from './request.mjs';
import { encodeBundle, verify } from './verify.mjs';

export const CONTRACT = address('health record');
export const CODE_HASH = hex(keccak(utf8('healthrecord/vectors/runtime code')));
export const CHAIN_ID = 1n;
export const DEPLOYMENT = { chainId: String(CHAIN_ID), contract: CONTRACT, codeHashes: [CODE_HASH] };

/** The time of every block that has no other. */
export const BLOCK_TIME = 1_767_225_611n;

// Accounts and words that no request asks for. Beside many of them ways are long; most cases stand beside few, to keep
// the file small.
const NEIGHBOURS = Array.from({ length: 36 }, (_, index) => [
  address(`neighbour/${index}`),
  account({ nonce: BigInt(index), balance: BigInt(index + 1) * 10n ** 18n }),
]);
const STRANGERS = Array.from({ length: 300 }, (_, index) => [
  word(`stranger/slot/${index}`),
  BigInt(word(`stranger/${index}`)),
]);
const beside = async (accounts, words) => ({
  state: await stateTrie(NEIGHBOURS.slice(0, accounts)),
  storage: await storageTrie(STRANGERS.slice(0, words)),
});
const WORLDS = { many: await beside(36, 300), few: await beside(2, 2), none: await beside(0, 0) };

/**
 * A trie of the contract's words: these `[place, value]` and those of the world.
 * A value of 0 is kept as a leaf, as Anvil does.
 */
export async function storageOf(words, world) {
  const trie = WORLDS[world].storage.shallowCopy();
  for (const [{ slot }, value] of words) await trie.put(keccak(unhex(slot)), encodeWord(value));
  return trie;
}

/** A trie of the world's accounts and the contract's, with `changes` made to it; without it if that is null. */
export async function stateOf(storage, world, changes) {
  if (changes === null) return WORLDS[world].state;
  const contract = account({ nonce: 1n, storageRoot: storage.root(), codeHash: unhex(CODE_HASH), ...changes });
  const trie = WORLDS[world].state.shallowCopy();
  await trie.put(keccak(unhex(CONTRACT)), encodeAccount(contract));
  return trie;
}

/**
 * A case of "verify". It must come out as `expected`: a decision, or the code of an error.
 * `options`: `beside` (the world that the words stand in), `account` (changes to the contract's account, or null),
 * `provedFor` (the request that the nodes are for), `fields` and their `count` (of the header), `parts` (what becomes of the bundle's
 * parts), `bundle` (what becomes of its bytes); `trustedHash`, `deployment`, `policy`, `clock`, `floor`, `consent` as in the input.
 */
export async function verifying(name, words, request, expected, options = {}) {
  const world = options.beside ?? 'few';
  const storage = await storageOf(words, world);
  const state = await stateOf(storage, world, options.account);
  const provable = options.account === null ? [] : requiredPlaces(options.provedFor ?? request);
  const rlp = header({ stateRoot: state.root(), timestamp: integer(BLOCK_TIME), ...options.fields }, options.count);
  const nodes = await nodesFor(
    state,
    storage,
    CONTRACT,
    provable.map(({ slot }) => slot),
  );
  const parts = {
    version: 1n,
    chainId: CHAIN_ID,
    contract: unhex(CONTRACT),
    header: rlp,
    ancestry: [],
    nodes: nodes.map(unhex),
  };
  const bytes = encodeBundle({ ...parts, ...options.parts?.(parts) });
  const input = {
    bundle: hex(options.bundle?.(bytes, parts) ?? bytes),
    trustedHash: options.trustedHash ?? blockHash(rlp),
    deployment: { ...DEPLOYMENT, ...options.deployment },
    request,
    policy: { acceptZeroLeaves: false, ...options.policy },
    ...(options.clock && { clock: options.clock }),
    ...(options.floor && { floor: options.floor }),
    ...(options.consent && { consent: options.consent }),
  };
  const bad = typeof expected === 'string';
  const title = `${bad ? expected : 'verify'}: ${name}`;
  const result = outcome(verify, input);
  const answer = bad ? result.error?.code : result.output?.decision;
  if (JSON.stringify(answer) !== JSON.stringify(expected)) {
    throw new Error(`${title}: ${JSON.stringify(result)}, expected: ${JSON.stringify(expected)}`);
  }
  return { name: title, operation: 'verify', input, ...result };
}
