// Good cases of the operation "proof".

import { equal, hex, keccak, toInteger, unhex } from '../bytes.mjs';
import { address, word } from '../parties.mjs';
import { blockHash, FORKS, header, headerFields, integer } from './header.mjs';
import { CONTRACT, LARGE } from './large.mjs';
import { nibblesOf } from './node.mjs';
import * as tries from './tries.mjs';

const { slotAt } = tries;

/**
 * A case in a world of tries and what they hold: the answer is read from what they hold, and the
 * library's own verifier must prove the same.
 */
async function proof(name, world, at, slots = [], { fields = {}, count } = {}) {
  const { state, accounts, storage, words } = world;
  await agree(name, world, at, slots);
  const changes = { ...fields, stateRoot: state.root() };
  const rlp = header(changes, count);
  const [number, timestamp] = [8, 11].map((index) => String(toInteger(headerFields(changes)[index])));
  const account = accounts.get(at) ?? null;
  return {
    name: `proof: ${name}`,
    operation: 'proof',
    input: {
      header: hex(rlp),
      trustedHash: blockHash(rlp),
      address: at,
      slots,
      nodes: await tries.nodesFor(state, storage, at, slots),
    },
    output: {
      number,
      timestamp,
      account: account && {
        nonce: String(account.nonce),
        balance: quantity(account.balance),
        storageRoot: hex(account.storageRoot),
        codeHash: hex(account.codeHash),
      },
      words: slots.map((slot) => quantity((storage && words.get(slot)) ?? 0n)),
    },
  };
}

async function agree(name, { state, accounts, storage, words }, at, slots) {
  const account = accounts.get(at);
  await proves(name, state, at, account && tries.encodeAccount(account));
  if (!storage) return;
  for (const slot of slots) await proves(name, storage, slot, words.has(slot) ? tries.encodeWord(words.get(slot)) : undefined);
}

async function proves(name, trie, key, held) {
  const value = await tries.provedBy(trie, key);
  const agrees = held === undefined ? value === null : value !== null && equal(value, held);
  if (!agrees) throw new Error(`${name}: the library proves something else at ${key}`);
}

const quantity = (value) => `0x${value.toString(16)}`;

/** A world of these accounts, without storage. */
async function accountsOnly(...entries) {
  return { state: await tries.stateTrie(entries), accounts: new Map(entries) };
}

/** A world of one contract with these words. */
async function contractWith(...entries) {
  const storage = await tries.storageTrie(entries);
  const contract = tries.account({ nonce: 1n, storageRoot: storage.root(), codeHash: unhex(word('code')) });
  return { ...(await accountsOnly([CONTRACT, contract])), storage, words: new Map(entries) };
}

const withoutStorage = ({ state, accounts }) => ({ state, accounts });

async function ofContract() {
  const absent = (end) => tries.absentBy(LARGE.storage, end, (number) => word(`absent/${number}`));
  const [atBranch, atLeaf, atExtension] = [await absent('Branch'), await absent('Leaf'), await absent('Extension')];
  return [
    await proof('an account and none of its slots', LARGE, CONTRACT),
    await proof('one slot that is set', LARGE, CONTRACT, [slotAt(0)]),
    await proof('the smallest words and the greatest', LARGE, CONTRACT, [0, 1, 2, 3, 4, 5].map(slotAt)),
    await proof('set and unset slots', LARGE, CONTRACT, [slotAt(0), slotAt(900), slotAt(4), slotAt(901)]),
    await proof('the same slot twice', LARGE, CONTRACT, [slotAt(1), slotAt(2), slotAt(1)]),
    await proof(
      'words of many lengths',
      LARGE,
      CONTRACT,
      [0, 50, 100, 150, 200, 249].map((index) => word(`slot/${index}`)),
    ),
    await proof('an unset slot at an empty place of a branch', LARGE, CONTRACT, [atBranch]),
    await proof('an unset slot at a leaf of another', LARGE, CONTRACT, [atLeaf]),
    await proof('an unset slot at an extension to others', LARGE, CONTRACT, [atExtension]),
    await proof('three unset slots and a set one', LARGE, CONTRACT, [atLeaf, atExtension, slotAt(3), atBranch]),
    await proof('no slot set: an empty storage trie', await contractWith(), CONTRACT, [slotAt(0), slotAt(1)]),
    await proof('the only slot', await contractWith([slotAt(0), 5n]), CONTRACT, [slotAt(0)]),
    await proof('an unset slot beside the only one', await contractWith([slotAt(0), 5n]), CONTRACT, [slotAt(1)]),
  ];
}

async function ofAccounts() {
  const world = withoutStorage(LARGE);
  const absent = (end) => tries.absentBy(LARGE.state, end, (number) => address(`absent/${number}`));
  const only = await accountsOnly([address('only'), tries.account({ nonce: 7n })]);
  const [twin, other] = await alike('twin', 1);
  const twins = await accountsOnly([twin, tries.account()], [other, tries.account({ balance: 1n })]);
  const stranger = await tries.absentBy(twins.state, 'Extension', (number) => address(`absent/${number}`));
  return [
    await proof('a wallet', world, address('wallet')),
    await proof('the greatest nonce and balance', world, address('whale')),
    await proof('an account of zeros', world, address('nobody')),
    await proof('a wallet that has delegated to code', world, address('delegated')),
    await proof('a wallet has no words', world, address('wallet'), [slotAt(0)]),
    await proof('no account, at an empty place of a branch', world, await absent('Branch')),
    await proof('no account, at a leaf of another', world, await absent('Leaf')),
    await proof('no account, at an extension to others', world, await absent('Extension')),
    await proof('no account and so no words', world, await absent('Leaf'), [slotAt(0), slotAt(1)]),
    await proof('no account, in an empty state', await accountsOnly(), CONTRACT),
    await proof('no account and so no words, in an empty state', await accountsOnly(), CONTRACT, [slotAt(0)]),
    await proof('the only account', only, address('only')),
    await proof('no account, beside the only one', only, CONTRACT),
    await proof('an account below an extension at the root', twins, other),
    await proof('no account, beside an extension at the root', twins, stranger),
  ];
}

/** Two addresses whose keys begin with the same nibble. */
async function alike(name) {
  const first = (at) => nibblesOf(keccak(unhex(at)))[0];
  const one = address(`${name}/0`);
  for (let number = 1; ; number += 1) {
    const other = address(`${name}/${number}`);
    if (first(other) === first(one)) return [one, other];
  }
}

// Slots found by search. The keys of the first three begin with the same 8 nibbles, so do those of
// the next three (and two of them share the ninth): a leaf below with a word of one byte is shorter
// than 32 bytes and stands inside its parent. The keys of the last two share 7 nibbles: 32 bytes.
const [AT_3, AT_C, AT_4] = [1_119_029, 1_530_600, 4_130_921].map(slotAt);
const [AT_3F, AT_80, AT_34] = [175_378, 458_416, 2_311_414].map(slotAt);
const [AT_F1, AT_05] = [14_892, 25_799].map(slotAt);

async function ofInlineLeaves() {
  const two = await contractWith([AT_3, 1n], [AT_C, 0x7fn]);
  const three = await contractWith([AT_3F, 1n], [AT_80, 2n], [AT_34, 3n]);
  return [
    await proof('two leaves inside a branch', two, CONTRACT, [AT_3, AT_C]),
    await proof('one of two leaves inside a branch', two, CONTRACT, [AT_C]),
    await proof('an empty place beside leaves inside a branch', two, CONTRACT, [AT_4]),
    await proof('a leaf inside a branch, of another slot', await contractWith([AT_3F, 1n], [AT_80, 2n]), CONTRACT, [AT_34]),
    await proof('leaves inside branches of two depths', three, CONTRACT, [AT_3F, AT_80, AT_34]),
    await proof('a leaf inside its branch beside one of its own', await contractWith([AT_3, 1n], [AT_C, 0x80n]), CONTRACT, [
      AT_3,
      AT_C,
    ]),
    await proof(
      'leaves of exactly 32 bytes, which stand for themselves',
      await contractWith([AT_F1, 1n], [AT_05, 2n]),
      CONTRACT,
      [AT_F1, AT_05],
    ),
  ];
}

async function ofHeaders() {
  const world = withoutStorage(LARGE);
  const of = (name, form) => proof(name, world, address('wallet'), [], form);
  const greatest = { number: integer(2n ** 64n - 1n), timestamp: integer(2n ** 64n - 1n) };
  const clique = {
    difficulty: integer(2),
    extraData: new Uint8Array(32 + 3 * 20 + 65).fill(0xab),
    nonce: new Uint8Array(8).fill(0xff),
  };
  return [
    ...(await Promise.all(
      Object.entries(FORKS).map(([fork, count]) => of(`a header of ${count} fields, as since ${fork}`, { count })),
    )),
    await of('a block of before the Merge', {
      fields: { difficulty: integer(2n ** 60n), extraData: Uint8Array.of(1, 2, 3) },
      count: 15,
    }),
    await of('a block of known validators', { fields: clique, count: 16 }),
    await of('block 0 at time 0', { fields: { number: integer(0), timestamp: integer(0) } }),
    await of('the greatest number and time', { fields: greatest }),
    await of('a later field of a kind not known yet', { fields: { requestsHash: [Uint8Array.of(1), []] } }),
    await of('a header of 8192 bytes', { fields: { extraData: new Uint8Array(7640) }, count: 17 }),
  ];
}

/** The nodes of a case in another order, which a reader of sets takes as well. */
function reversed(one) {
  return { ...one, name: `${one.name}, the last node first`, input: { ...one.input, nodes: one.input.nodes.toReversed() } };
}

const contract = await ofContract();
export const GOOD_PROOFS = [
  ...contract,
  ...(await ofAccounts()),
  ...(await ofInlineLeaves()),
  ...(await ofHeaders()),
  reversed(contract[3]),
];
