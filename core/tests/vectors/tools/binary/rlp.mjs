// What the binary forms of records have in common: lists of strings in the one canonical RLP.

import { RLP } from '@ethereumjs/rlp';

import { equal, toInteger } from '../bytes.mjs';
import { Fault } from '../fault.mjs';

/** The items of bytes that are one list in canonical RLP, of which each is as `shape` says; else the fault `code`. */
export function listOf(bytes, shape, code) {
  const items = decodeExactly(bytes, code);
  if (!fits(items, shape)) throw new Fault(code);
  return items;
}

/** A shape is a function of a string, an array of one shape for each item, or `{ each }` for any number of items. */
function fits(item, shape) {
  if (typeof shape === 'function') return item instanceof Uint8Array && shape(item);
  if (!Array.isArray(item)) return false;
  if (shape.each) return item.every((one) => fits(one, shape.each));
  return item.length === shape.length && item.every((one, index) => fits(one, shape[index]));
}

export const any = () => true;
export const bytes32 = (item) => item.length === 32;
export const integer = (most) => (item) => item[0] !== 0 && item.length <= 8 && toInteger(item) <= most;

function decodeExactly(bytes, code) {
  try {
    const items = RLP.decode(bytes);
    if (equal(RLP.encode(items), bytes)) return items;
  } catch {
    // The library has one error for all that is not RLP.
  }
  throw new Fault(code);
}
