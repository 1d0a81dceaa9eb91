// From a trusted header to an older one: by the parent's hash, or by EIP-2935.
// Source: EIP-2935; the bundle format, version 1, in core/tests/vectors/README.md.

import { RLP } from '@ethereumjs/rlp';

import { big, hex, keccak, toInteger, unhex } from '../bytes.mjs';
import { Fault } from '../fault.mjs';

/** The history contract's address and runtime code, as the EIP gives them. */
export const HISTORY = '0x0000f90827f1c53a10cb7a02335b175320002935';
export const HISTORY_CODE = unhex(
  '0x3373fffffffffffffffffffffffffffffffffffffffe14604657602036036042575f35600143038111604257611fff' +
    '81430311604257611fff9006545f5260205ff35b5f5ffd5b5f35611fff60014303065500',
);

const WINDOW = 8191n;
const MOST_HEADERS = 64;
const KNOWN_FIELDS = 15;

/** The slot that keeps the hash of a block. */
export const slotOf = (number) => hex(big(number % WINDOW, 32));

export function checkCount(ancestry, family) {
  if (ancestry.length > MOST_HEADERS) throw new Fault(`${family}.too_many_ancestors`);
}

/** The fields of a header that are read here. */
export function readHeader(rlp) {
  const fields = RLP.decode(rlp);
  if (fields.length < KNOWN_FIELDS) throw new Fault('header.field_count');
  const [parentHash, stateRoot, number, time] = [fields[0], fields[3], fields[8], fields[11]];
  if (stateRoot.length !== 32 || [number, time].some((one) => one[0] === 0 || one.length > 8)) {
    throw new Fault('header.field');
  }
  return { parentHash, stateRoot, number: toInteger(number), time: toInteger(time) };
}

/** The header at the end of an ancestry, each of whose headers is older than the one before and known to it. */
export function oldest(trusted, ancestry, set) {
  return ancestry.reduce((newer, rlp) => {
    const older = readHeader(rlp);
    const distance = newer.number - older.number;
    if (distance <= 0n) throw new Fault('step.not_older');
    if (distance > WINDOW) throw new Fault('step.out_of_range');
    const known = distance === 1n ? newer.parentHash : remembered(newer.stateRoot, older.number, set);
    if (hex(keccak(rlp)) !== hex(known)) throw new Fault('step.hash_mismatch');
    return older;
  }, trusted);
}

/** The hash of a block that a state remembers. */
function remembered(stateRoot, number, set) {
  const account = set.valueAt(stateRoot, HISTORY);
  if (account === null) throw new Fault('step.no_history');
  const [, , storageRoot, codeHash] = RLP.decode(account);
  if (hex(codeHash) !== hex(keccak(HISTORY_CODE))) throw new Fault('step.history_code');
  const word = set.valueAt(storageRoot, slotOf(number));
  if (word === null) throw new Fault('step.no_hash');
  return big(toInteger(RLP.decode(word)), 32);
}
