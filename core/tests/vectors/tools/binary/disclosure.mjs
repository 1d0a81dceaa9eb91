// The operations "encodeDisclosure" and "openDisclosure": the binary form of a disclosure, version 1.
// Source: the format in core/tests/vectors/README.md.

import { RLP } from '@ethereumjs/rlp';

import { fromUtf8, hex, toInteger, unhex, utf8 } from '../bytes.mjs';
import { Fault } from '../fault.mjs';
import { check } from '../hr1/disclosure.mjs';
import { any, bytes32, integer, listOf } from './rlp.mjs';

const VERSION = 1n;
const SHAPE = [integer(2n ** 64n - 1n), bytes32, { each: [any, any, bytes32] }, { each: bytes32 }, any];

export function encodeDisclosure({ commitment, leaves, proof, flags }) {
  const openings = leaves.map(({ path, value, salt }) => [utf8(path), unhex(value), unhex(salt)]);
  const parts = [VERSION, unhex(commitment), openings, proof.map(unhex), pack(flags)];
  return { rlp: hex(RLP.encode(parts)) };
}

export function openDisclosure({ rlp, commitment }) {
  const [version, , openings, proof, packed] = listOf(unhex(rlp), SHAPE, 'disclosure.rlp');
  if (toInteger(version) !== VERSION) throw new Fault('disclosure.version');
  const leaves = openings.map(([path, value, salt]) => ({ path: textOf(path), value: hex(value), salt: hex(salt) }));
  const flags = unpack(packed, Math.max(leaves.length + proof.length - 1, 0));
  return check({ commitment, leaves, proof: proof.map(hex), flags });
}

function textOf(path) {
  try {
    return fromUtf8(path);
  } catch {
    throw new Fault('disclosure.utf8');
  }
}

/** One bit for each flag, from the highest of the first byte; the last byte is filled up with zeros. */
function pack(flags) {
  const bits = flags.map((flag) => (flag ? '1' : '0')).join('');
  const bytes = bits.padEnd(Math.ceil(bits.length / 8) * 8, '0').match(/.{8}/g) ?? [];
  return Uint8Array.from(bytes, (byte) => parseInt(byte, 2));
}

function unpack(packed, count) {
  const bits = [...packed].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  if (packed.length !== Math.ceil(count / 8) || bits.slice(count).includes('1')) throw new Fault('disclosure.flags');
  return [...bits.slice(0, count)].map((bit) => bit === '1');
}
