// A state of several hundred accounts, with one contract of several hundred words.

import { unhex } from '../bytes.mjs';
import { address, word } from '../parties.mjs';
import { account, slotAt, stateTrie, storageTrie } from './tries.mjs';

const WORDS = [
  [slotAt(0), 1n],
  [slotAt(1), 0x7fn],
  [slotAt(2), 0x80n],
  [slotAt(3), BigInt(address('owner'))],
  [slotAt(4), 2n ** 256n - 1n],
  [slotAt(5), 2n ** 255n],
  ...Array.from({ length: 300 }, (_, index) => [word(`slot/${index}`), BigInt(word(`word/${index}`)) >> BigInt(index % 250)]),
];

export const CONTRACT = address('contract');

const storage = await storageTrie(WORDS);

const ACCOUNTS = [
  [CONTRACT, account({ nonce: 1n, storageRoot: storage.root(), codeHash: unhex(word('code')) })],
  [address('wallet'), account({ nonce: 42n, balance: 1_500_000_000_000_000_000n })],
  [address('whale'), account({ nonce: 2n ** 64n - 1n, balance: 2n ** 256n - 1n })],
  [address('nobody'), account()],
  [address('delegated'), account({ nonce: 1n, codeHash: unhex(word('delegation designator')) })],
  ...Array.from({ length: 400 }, (_, index) => [address(`account/${index}`), account({ balance: BigInt(index + 1) })]),
];

/** The tries, and beside them what they hold: accounts by address, words by slot. */
export const LARGE = {
  state: await stateTrie(ACCOUNTS),
  accounts: new Map(ACCOUNTS),
  storage,
  words: new Map(WORDS),
};
