// Texts and bytes that are signed (EIP-191), by ethers.

import { SigningKey, computeAddress, getBytes, hashMessage } from 'ethers';

import { word } from '../parties.mjs';

/** The signature of a hash by the key of a name, and what led to it. */
export function signed(secretKey, hash) {
  const key = new SigningKey(secretKey);
  return { hash, signature: key.sign(hash).serialized, signer: computeAddress(key).toLowerCase() };
}

function make(operation, note, input, message) {
  const name = `${operation}: ${note}`;
  const secretKey = word(`key/${name}`);
  return { name, operation, input: { secretKey, ...input }, output: signed(secretKey, hashMessage(message)) };
}

const text = (note, value) => make('signText', note, { text: value }, value);
const bytes = (note, value) => make('signBytes', note, { bytes: value }, getBytes(value));

export const TEXTS = [
  text('no text', ''),
  text('one letter', 'a'),
  text('of 9 bytes', 'consent 9'),
  text('of 10 bytes', 'consent 10'),
  text('of 99 bytes', 'x'.repeat(99)),
  text('of 100 bytes', 'x'.repeat(100)),
  text('of 1000 bytes', 'x'.repeat(1000)),
  text('that reads as hex', '0x00ff'),
  text('letters of two, three and four bytes', 'Grüße, 患者 🩺'),
  text('with line ends and a zero', 'one\r\ntwo\n\u0000'),
  text('that begins as the prefix', '\u0019Ethereum Signed Message:\n1a'),
  text('composed and decomposed letters stay as they are', '\u00e9 e\u0301'),
];

export const BYTES = [
  bytes('none', '0x'),
  bytes('one zero', '0x00'),
  bytes('that are no UTF-8', '0xff80c0'),
  bytes('those of a text that reads as hex', '0x307830306666'),
  bytes('a hash', word('hash')),
  bytes('of 300 bytes', '0x' + '5a'.repeat(300)),
];
