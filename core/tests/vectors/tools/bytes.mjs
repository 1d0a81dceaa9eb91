// Bytes, their hex, and the few encodings that every format here is made of.

import { keccak_256 } from '@noble/hashes/sha3.js';

/** One array of all the bytes, in order. */
export function concat(...parts) {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** The UTF-8 of a string that holds no lone surrogate. */
export function utf8(text) {
  return new TextEncoder().encode(text);
}

/** The text of bytes that are UTF-8; throws if they are not. */
export function fromUtf8(bytes) {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
}

/** `0x` and two lower-case digits for each byte. */
export function hex(bytes) {
  return '0x' + Buffer.from(bytes).toString('hex');
}

/** The bytes of `0x…`; throws on anything but whole bytes in hex. */
export function unhex(text) {
  if (!/^0x([0-9a-f]{2})*$/.test(text)) throw new Error(`not hex: ${text}`);
  return Uint8Array.from(Buffer.from(text.slice(2), 'hex'));
}

/** An unsigned integer in exactly `length` bytes, the most significant first. */
export function big(value, length) {
  const number = BigInt(value);
  if (number < 0n || number >> BigInt(8 * length)) throw new Error(`${number} does not fit ${length} bytes`);
  return unhex('0x' + number.toString(16).padStart(2 * length, '0'));
}

export const u16 = (value) => big(value, 2);
export const u32 = (value) => big(value, 4);
export const u64 = (value) => big(value, 8);

/** The unsigned integer that the bytes are, the most significant first. */
export function toInteger(bytes) {
  return bytes.length === 0 ? 0n : BigInt(hex(bytes));
}

export function keccak(...parts) {
  return keccak_256(concat(...parts));
}

/** Orders bytes as unsigned numbers, position by position; a prefix comes first. */
export function compare(left, right) {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

export function equal(left, right) {
  return compare(left, right) === 0;
}
