// The contract's storage words: where each stands, and how its fields are packed.
// Source: contracts/README.md, "Storage".

import { big, concat, hex, keccak, toInteger, unhex, utf8 } from '../bytes.mjs';
import { Fault } from '../fault.mjs';

/** The base slot of the ERC-7201 namespace. */
export const BASE = namespace('healthrecord.v1');

function namespace(name) {
  const before = toInteger(keccak(utf8(name))) - 1n;
  return toInteger(keccak(big(before, 32))) & ~0xffn;
}

const TERMS = {
  notBefore: 40n,
  notAfter: 40n,
  purposes: 32n,
  operations: 16n,
  epoch: 32n,
  revision: 24n,
  state: 8n,
  requiredRoles: 16n,
};

/** Fields of each kind of word and their bits, from the low bits up. */
const FIELDS = {
  grant: { ...TERMS, writtenAt: 40n, by: 8n },
  delegation: { ...TERMS, parentRevision: 24n, parentIsAll: 8n },
  account: { epoch: 32n, flags: 8n, revision: 24n, cards: 24n },
  credential: { notBefore: 40n, notAfter: 40n, roles: 16n, issuer: 160n },
};
FIELDS.emergency = FIELDS.grant;

/** The largest value that each field may have, where it is not all its bits. */
const LARGEST = [
  ['operations', 15n, 'word.operations'],
  ['state', 3n, 'word.state'],
  ['by', 1n, 'word.writer'],
  ['parentIsAll', 1n, 'word.parent'],
  ['flags', 1n, 'word.flags'],
];

/** The word with these fields; the others are 0. */
export function pack(kind, fields) {
  let word = 0n;
  let at = 0n;
  for (const [name, bits] of Object.entries(FIELDS[kind])) {
    const value = BigInt(fields[name] ?? 0);
    if (value < 0n || value >> bits) throw new Error(`${kind}: ${name} does not fit`);
    word |= value << at;
    at += bits;
  }
  for (const name of Object.keys(fields)) if (!(name in FIELDS[kind])) throw new Error(`${kind}: no ${name}`);
  return word;
}

/** The fields of a word, each within its limits. */
export function unpack(kind, word) {
  const fields = {};
  let rest = word;
  for (const [name, bits] of Object.entries(FIELDS[kind])) {
    fields[name] = rest & ((1n << bits) - 1n);
    rest >>= bits;
  }
  if (rest !== 0n) throw new Fault('word.unknown_bits');
  for (const [name, largest, code] of LARGEST) if (fields[name] > largest) throw new Fault(code);
  if (fields.state === 0n && word !== 0n) throw new Fault('word.state');
  return fields;
}

const wide = (value) => big(toInteger(unhex(value)), 32);

/** The slot of the mapping at `index` for a key that is made of these words. */
const slot = (index, key) => hex(keccak(key, big(BASE + BigInt(index), 32)));
const joined = (...words) => keccak(...words.map(wide));

/** A place for a word: its kind and the slot of its storage. */
export const place = {
  grant: (patient, grantee, scope) => ({ kind: 'grant', slot: slot(0, joined(patient, grantee, scope)) }),
  delegation: (patient, delegator, grantee, scope) => ({
    kind: 'delegation',
    slot: slot(1, joined(patient, delegator, grantee, scope)),
  }),
  emergency: (patient, clinician) => ({ kind: 'emergency', slot: slot(2, joined(patient, clinician)) }),
  account: (account) => ({ kind: 'account', slot: slot(3, wide(account)) }),
  credential: (account) => ({ kind: 'credential', slot: slot(4, wide(account)) }),
};

const TAG_BLIND = keccak(utf8('healthrecord/hr1/blind'));

/** The address that stands for a grantee whom the chain's readers must not know. */
export function blind(patient, grantee, salt) {
  return hex(keccak(concat(TAG_BLIND, unhex(patient), unhex(grantee), unhex(salt))).subarray(12));
}
