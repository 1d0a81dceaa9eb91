// What is refused of messages, typed data, keys and key files, each with the code of the rule that it breaks.

import { SigningKey, computeAddress, getAddress, hashMessage } from 'ethers';

import { NO_ADDRESS, address, word } from '../parties.mjs';
import { pbkdf2Keystore, phrase, scryptKeystore } from './keys.mjs';
import { members, single } from './typed-data.mjs';

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const NO_KEY = '0x' + '0'.repeat(64);
const padded = (number) => '0x' + number.toString(16).padStart(64, '0');

const bad = (operation, code, note, input) => ({ name: `${code}: ${note}`, operation, input, error: { code } });

// Signatures of texts.

const TEXT = 'I agree';
const KEY = new SigningKey(word('key/text'));
const SIGNER = computeAddress(KEY).toLowerCase();
const GOOD = KEY.sign(hashMessage(TEXT));
const vOf = (parity) => (parity ? '1c' : '1b');
const join = (r, s, v) => r + s.slice(2) + v;
const text = (code, note, signature, changes = {}) =>
  bad('verifyText', code, note, { text: TEXT, signature, signer: SIGNER, ...changes });

const SIGNATURES = [
  text('signature.other_signer', 'the signature of another text', GOOD.serialized, { text: 'I agree.' }),
  text('signature.other_signer', 'the signature of another key', GOOD.serialized, { signer: address('stranger') }),
  text('signature.other_signer', 'the other parity', join(GOOD.r, GOOD.s, vOf(!GOOD.yParity))),
  text('signature.other_signer', 'the zero address as signer', GOOD.serialized, { signer: NO_ADDRESS }),
  text('signature.v', 'a parity of 0 as v, under a text', join(GOOD.r, GOOD.s, '00')),
  text('signature.v', 'a parity of 1 as v, under a text', join(GOOD.r, GOOD.s, '01')),
  text('signature.v', 'v of 37, as a chain has it, under a text', join(GOOD.r, GOOD.s, '25')),
  text('signature.high_s', 'the second form of a text\'s signature', join(GOOD.r, padded(ORDER - BigInt(GOOD.s)), vOf(!GOOD.yParity))),
  text('signature.out_of_range', 'r of the order under a text', join(padded(ORDER), GOOD.s, '1b')),
  text('signature.out_of_range', 's of 0 under a text', join(GOOD.r, padded(0n), '1b')),
  text('signature.no_key', 'r of 5, which is no x of the curve, under a text', join(padded(5n), GOOD.s, '1b')),
];

// Typed data.

const typed = (code, note, typedData) =>
  bad('signTypedData', code, note, { secretKey: word('key/typed'), typedData });
const one = (code, note, type, value) => typed(code, note, single([`value ${type}`], { value }));
const defined = (code, note, types, message = {}) =>
  typed(code, note, { ...single([], message), types: { Case: [], ...types } });
const without = (field) => {
  const { [field]: _, ...rest } = single(['value uint256'], { value: 1 });
  return rest;
};
const MANY = Object.fromEntries(Array.from({ length: 256 }, (_, index) => [`T${index}`, []]));
const MIXED = getAddress(address('mixed'));

const TYPED = [
  defined('typed_data.name', 'a struct named as a number', { uint8: [] }),
  defined('typed_data.name', 'a struct named as an array', { 'Case[]': [] }),
  defined('typed_data.name', 'a struct without a name', { '': [] }),
  defined('typed_data.name', 'a member without a name', { Case: members(' uint8') }),
  defined('typed_data.name', 'a member whose name reads as two', { Case: members('a,uint8 uint8') }, { 'a,uint8': 1 }),
  defined('typed_data.duplicate_member', 'two of one name', { Case: members('a uint8', 'a uint16') }, { a: 1 }),
  one('typed_data.unknown_type', 'a struct that is not defined', 'Person', {}),
  one('typed_data.unknown_type', 'an array of structs that are not defined', 'Person[]', []),
  one('typed_data.unknown_type', 'uint7', 'uint7', 1),
  one('typed_data.unknown_type', 'uint264', 'uint264', 1),
  one('typed_data.unknown_type', 'int0', 'int0', 1),
  one('typed_data.unknown_type', 'bytes33', 'bytes33', '0x'),
  one('typed_data.unknown_type', 'bytes0', 'bytes0', '0x'),
  one('typed_data.unknown_type', 'an array whose bracket is not closed', 'uint8[', []),
  one('typed_data.unknown_type', 'an array of a negative length', 'uint8[-1]', []),
  typed('typed_data.unknown_type', 'the primary type', { ...single([], {}), primaryType: 'Other' }),
  defined('typed_data.circular', 'a struct that holds itself', { Case: members('next Case') }, {}),
  defined('typed_data.circular', 'a struct that holds an array of itself', { Case: members('next Case[]') }, { next: [] }),
  defined('typed_data.circular', 'two structs that hold each other', { A: members('b B'), B: members('a A') }),
  defined('typed_data.too_many_types', '257', MANY),
  typed('typed_data.unsigned_domain', 'a chain that the written type lacks', {
    types: { EIP712Domain: members('name string'), Case: [] },
    primaryType: 'Case',
    domain: { name: 'HealthRecord', chainId: 1 },
    message: {},
  }),
  typed('typed_data.unsigned_domain', 'a member that no domain has', single([], {}, { owner: address('owner') })),
  typed('typed_data.missing_member', 'of the message', single(['a uint8', 'b uint8'], { a: 1 })),
  typed('typed_data.missing_member', 'of a domain whose type is written out', {
    types: { EIP712Domain: members('name string', 'chainId uint256'), Case: [] },
    primaryType: 'Case',
    domain: { name: 'HealthRecord' },
    message: {},
  }),
  one('typed_data.value', 'a text as a number', 'uint8', 'one'),
  one('typed_data.value', 'an empty text as a number', 'uint8', ''),
  one('typed_data.value', 'a fraction', 'uint8', 1.5),
  one('typed_data.value', 'true as a number', 'uint8', true),
  one('typed_data.value', 'null as a number', 'uint8', null),
  one('typed_data.value', '0x without digits as a number', 'uint8', '0x'),
  one('typed_data.value', 'a number as bool', 'bool', 1),
  one('typed_data.value', 'a text as bool', 'bool', 'true'),
  one('typed_data.value', 'a number as string', 'string', 7),
  one('typed_data.value', 'an object as an array', 'uint8[]', {}),
  one('typed_data.value', 'a list of bytes as bytes', 'bytes', [1, 2]),
  one('typed_data.value', 'a number as address', 'address', 1),
  typed('typed_data.value', 'a text as the message', single([], 'message')),
  one('typed_data.range', '256 as uint8', 'uint8', 256),
  one('typed_data.range', '2^256 as uint256', 'uint256', (1n << 256n).toString()),
  one('typed_data.range', '2^256 as uint256 in hex', 'uint256', '0x1' + '0'.repeat(64)),
  one('typed_data.range', '-1 as uint256', 'uint256', -1),
  one('typed_data.range', '128 as int8', 'int8', 128),
  one('typed_data.range', '-129 as int8', 'int8', '-129'),
  one('typed_data.range', '2^255 as int256', 'int256', (1n << 255n).toString()),
  one('typed_data.range', 'below the least int256', 'int256', (-(1n << 255n) - 1n).toString()),
  one('typed_data.range', 'the second number of an array', 'uint8[]', [255, 256]),
  one('typed_data.length', 'two elements of three', 'uint8[3]', [1, 2]),
  one('typed_data.length', 'four elements of three', 'uint8[3]', [1, 2, 3, 4]),
  one('typed_data.length', 'bytes4 of 3 bytes', 'bytes4', '0x010203'),
  one('typed_data.length', 'bytes4 of 5 bytes', 'bytes4', '0x0102030405'),
  one('typed_data.hex', 'bytes without 0x', 'bytes', '0102'),
  one('typed_data.hex', 'bytes of an odd number of digits', 'bytes', '0x012'),
  one('typed_data.hex', 'bytes with a letter that is no digit', 'bytes', '0x0g'),
  one('typed_data.address', 'a wrong checksum', 'address', swapped(MIXED)),
  one('typed_data.address', '19 bytes', 'address', address('short').slice(0, -2)),
  typed('form.missing_field', 'typed data without types', without('types')),
  typed('form.missing_field', 'typed data without a primary type', without('primaryType')),
  typed('form.missing_field', 'typed data without a domain', without('domain')),
  typed('form.missing_field', 'typed data without a message', without('message')),
  typed('form.type', 'a number as primary type', { ...single([], {}), primaryType: 1 }),
];

/** An address whose first letter has the wrong case. */
function swapped(text) {
  const index = text.search(/[a-fA-F]/);
  const letter = text[index];
  const other = letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
  const changed = text.slice(0, index) + other + text.slice(index + 1);
  if (!/[a-f]/.test(changed) || !/[A-F]/.test(changed)) throw new Error(`${changed} has no checksum`);
  return changed;
}

// Keys.

const WORDS = phrase('bad');
const PATH = "m/44'/60'/0'/0/0";
const derive = (code, note, changes) => bad('deriveKey', code, note, { phrase: WORDS, passphrase: '', path: PATH, ...changes });
const at = (code, note, path) => derive(code, note, { path });
const words = (code, note, text) => derive(code, note, { phrase: text });
const seed = (code, note, length) => bad('deriveKey', code, note, { seed: '0x' + '5e'.repeat(length), path: 'm' });
const spell = (note, length) => bad('spellPhrase', 'key.entropy_length', note, { entropy: '0x' + '5e'.repeat(length) });
const sign = (note, secretKey) => bad('signText', 'key.invalid', note, { secretKey, text: TEXT });
const changed = (list, index, value) => list.map((item, place) => (place === index ? value : item)).join(' ');
const ABANDON = Array(12).fill('abandon').join(' ');

const KEYS = [
  sign('0', NO_KEY),
  sign('the order', padded(ORDER)),
  sign('the greatest 32 bytes', '0x' + 'ff'.repeat(32)),
  words('key.word_count', 'no words', ''),
  words('key.word_count', '11 words', WORDS.split(' ').slice(1).join(' ')),
  words('key.word_count', '13 words', `${WORDS} zoo`),
  words('key.word_count', '27 words', Array(27).fill('zoo').join(' ')),
  words('key.unknown_word', 'a spelling mistake', changed(WORDS.split(' '), 5, 'abandom')),
  words('key.unknown_word', 'four letters of a word', changed(WORDS.split(' '), 11, 'aban')),
  words('key.unknown_word', 'upper case', WORDS.toUpperCase()),
  words('key.checksum', 'the last word', ABANDON),
  words('key.checksum', 'two words that changed places', WORDS.split(' ').reverse().join(' ')),
  spell('no bytes', 0),
  spell('15 bytes', 15),
  spell('18 bytes', 18),
  spell('33 bytes', 33),
  seed('key.seed_length', '15 bytes', 15),
  seed('key.seed_length', '65 bytes', 65),
  at('key.path_master', 'nothing', ''),
  at('key.path_master', 'steps alone', "44'/60'/0'/0/0"),
  at('key.path_master', 'a public one', 'M/0'),
  at('key.path_number', 'an empty step', 'm//0'),
  at('key.path_number', 'a slash at the end', 'm/0/'),
  at('key.path_number', '2^31', 'm/2147483648'),
  at('key.path_number', 'a sign', 'm/+1'),
  at('key.path_number', 'hardened twice', "m/0''"),
  at('key.path_length', 'eleven steps', 'm' + '/0'.repeat(11)),
];

const read = (code, note, text) => bad('readAddress', code, note, { address: text });

const ADDRESSES = [
  read('address.checksum', 'one letter in the wrong case', swapped(MIXED)),
  read('address.checksum', 'a wrong checksum of the standard', '0x5Aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed'),
  read('address.checksum', 'a letter of another address', MIXED.replace(/[a-f]/, 'A')),
  read('hex.digit', 'an address with a letter that is no digit', address('digit').slice(0, -1) + 'g'),
  read('hex.length', 'an address of 19 bytes', address('short').slice(0, -2)),
  read('hex.length', 'an address of 32 bytes', word('long')),
  read('hex.odd_length', 'an address of 39 digits', address('odd').slice(0, -1)),
];

// Key files.

const PASSWORD = 'testpassword';
const FILE = pbkdf2Keystore('bad', PASSWORD, 2);
const SCRYPT = scryptKeystore('bad', PASSWORD, { N: 2, r: 1, p: 1 });
const crypto = (file) => ('crypto' in file ? 'crypto' : 'Crypto');
const open = (code, note, keystore, password = PASSWORD) =>
  bad('openKeystore', code, note, { keystore, password });
const inner = (changes) => ({ ...FILE, crypto: { ...FILE.crypto, ...changes } });
const params = (file, changes) => {
  const key = crypto(file);
  return { ...file, [key]: { ...file[key], kdfparams: { ...file[key].kdfparams, ...changes } } };
};
const noKey = (note, plain) => open('key.invalid', note, pbkdf2Keystore(note, PASSWORD, 2, plain, null));
const { mac: _, ...unsealed } = FILE.crypto;
const flipped = (text) => text.slice(0, -1) + (text.endsWith('0') ? '1' : '0');

const KEYSTORES = [
  open('keystore.version', 'version 1', { ...FILE, version: 1 }),
  open('keystore.version', 'version 4', { ...FILE, version: 4 }),
  open('keystore.unknown', 'another cipher', inner({ cipher: 'aes-256-cbc' })),
  open('keystore.unknown', 'another way to make the key', inner({ kdf: 'argon2id' })),
  open('keystore.unknown', 'another hash for PBKDF2', params(FILE, { prf: 'hmac-sha512' })),
  open('keystore.unknown', 'a key of 16 bytes', params(FILE, { dklen: 16 })),
  open('keystore.work', 'PBKDF2 of no rounds', params(FILE, { c: 0 })),
  open('keystore.work', 'PBKDF2 of ten million and one rounds', params(FILE, { c: 10_000_001 })),
  open('keystore.work', 'scrypt with n of 0', params(SCRYPT, { n: 0 })),
  open('keystore.work', 'scrypt with n of 1', params(SCRYPT, { n: 1 })),
  open('keystore.work', 'scrypt with n of 3', params(SCRYPT, { n: 3 })),
  open('keystore.work', 'scrypt of 2 GiB', params(SCRYPT, { n: 1 << 21, r: 8 })),
  open('keystore.work', 'scrypt with r of 0', params(SCRYPT, { r: 0 })),
  open('keystore.work', 'scrypt with p of 0', params(SCRYPT, { p: 0 })),
  open('keystore.work', 'scrypt with p of 17', params(SCRYPT, { p: 17 })),
  open('keystore.password', 'another password', FILE, 'testpasswort'),
  open('keystore.password', 'no password', FILE, ''),
  open('keystore.password', 'a line end behind the password', FILE, `${PASSWORD}\n`),
  open('keystore.password', 'altered bytes', inner({ ciphertext: flipped(FILE.crypto.ciphertext) })),
  open('keystore.password', 'an altered seal', inner({ mac: flipped(FILE.crypto.mac) })),
  open('keystore.address', "a stranger's", { ...FILE, address: address('stranger').slice(2) }),
  noKey('a keystore of 0', NO_KEY),
  noKey('a keystore of the order', padded(ORDER)),
  open('form.missing_field', 'a keystore without a seal', { ...FILE, crypto: unsealed }),
  open('form.missing_field', 'a keystore without a version', { ...FILE, version: undefined }),
  open('form.type', 'a number as cipher', inner({ cipher: 128 })),
  open('form.hex', 'a seal of 31 bytes', inner({ mac: FILE.crypto.mac.slice(2) })),
];

export const BAD_MESSAGES = [...SIGNATURES, ...TYPED, ...KEYS, ...ADDRESSES, ...KEYSTORES];
