// Keys: from phrases and seeds (BIP-39, BIP-32), in key files (Web3 Secret Storage, version 3), and
// the checksums of their addresses (EIP-55), by ethers.

import { createCipheriv } from 'node:crypto';

import {
  HDNodeWallet,
  Mnemonic,
  computeAddress,
  concat,
  dataSlice,
  decryptKeystoreJsonSync,
  encryptKeystoreJsonSync,
  getAddress,
  getBytes,
  hexlify,
  keccak256,
  pbkdf2,
  toUtf8Bytes,
} from 'ethers';

import { address, word } from '../parties.mjs';

const ACCOUNT = "m/44'/60'/0'/0/0";
const entropy = (name, length) => dataSlice(word(`entropy/${name}`), 0, length);
export const phrase = (name, length = 16) => Mnemonic.fromEntropy(entropy(name, length)).phrase;
const lower = (text) => text.toLowerCase();

const found = ({ privateKey, address }) => ({ secretKey: privateKey, address: lower(address) });

function derive(note, length, path, passphrase = '') {
  const name = `deriveKey: ${note}`;
  const words = phrase(name, length);
  const output = found(HDNodeWallet.fromPhrase(words, passphrase, path));
  return { name, operation: 'deriveKey', input: { phrase: words, passphrase, path }, output };
}

function deriveFromSeed(note, length, path) {
  const name = `deriveKey: ${note}`;
  const seed = hexlify(getBytes(concat([word(`${name}/1`), word(`${name}/2`)])).slice(0, length));
  return { name, operation: 'deriveKey', input: { seed, path }, output: found(HDNodeWallet.fromSeed(seed).derivePath(path)) };
}

function spell(length) {
  const name = `spellPhrase: ${length} bytes`;
  const bytes = entropy(name, length);
  return { name, operation: 'spellPhrase', input: { entropy: bytes }, output: { phrase: Mnemonic.fromEntropy(bytes).phrase } };
}

export const DERIVED = [
  derive('12 words, the first account', 16, ACCOUNT),
  derive('15 words', 20, ACCOUNT),
  derive('18 words', 24, ACCOUNT),
  derive('21 words', 28, ACCOUNT),
  derive('24 words', 32, ACCOUNT),
  derive('an account of its own', 16, "m/44'/60'/7'/0/0"),
  derive('the greatest numbers', 16, "m/2147483647'/2147483647"),
  derive('the master key itself', 16, 'm'),
  derive('ten steps', 16, "m/0/1'/2/3'/4/5'/6/7'/8/9'"),
  derive('a passphrase', 16, ACCOUNT, 'TREZOR'),
  derive('a passphrase with a space before it', 24, ACCOUNT, ' spaced'),
  derive('a passphrase of other letters, in the form NFKD', 16, ACCOUNT, 'e\u0301 \u60a3\u8005 \u{1fa7a}'),
  deriveFromSeed('the shortest seed', 16, "m/0'/1"),
  deriveFromSeed('the longest seed', 64, "m/0/2147483647'/1"),
  ...[16, 20, 24, 28, 32].map(spell),
];

const read = (note, text) => ({
  name: `readAddress: ${note}`,
  operation: 'readAddress',
  input: { address: text },
  output: { checksummed: getAddress(lower(text)) },
});
const digits = (text, change) => '0x' + change(text.slice(2));

export const ADDRESSES = [
  ...['a', 'b', 'c', 'd'].map((name) => read(`with its checksum, ${name}`, getAddress(address(`checksum/${name}`)))),
  read('in lower case, without a checksum', address('lower')),
  read('in upper case, without a checksum', digits(address('upper'), (text) => text.toUpperCase())),
  read('of digits alone', '0x' + '1234567890'.repeat(4)),
  read('zero', '0x' + '0'.repeat(40)),
  read('all letters upper case in the standard', '0x52908400098527886E0F7030069857D2E4169EE7'),
  read('all letters lower case in the standard', '0xde709f2102306220921060314715629080e2fb77'),
];

const bare = (text) => text.slice(2);
const uuid = (bytes) => bare(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

/** A key file whose key is made with scrypt. */
export function scryptKeystore(name, password, { N, r, p }, secretKey = word(`keystore/${name}`)) {
  const options = {
    scrypt: { N, r, p },
    salt: word(`salt/${name}`),
    iv: dataSlice(word(`iv/${name}`), 0, 16),
    uuid: dataSlice(word(`uuid/${name}`), 0, 16),
  };
  const account = { address: computeAddress(secretKey), privateKey: secretKey };
  return JSON.parse(encryptKeystoreJsonSync(account, password, options));
}

/** A key file whose key is made with PBKDF2; `plain` may be 32 bytes that are no key, of no `owner`. */
export function pbkdf2Keystore(name, password, rounds, plain = word(`keystore/${name}`), owner = computeAddress(plain)) {
  const salt = word(`salt/${name}`);
  const iv = dataSlice(word(`iv/${name}`), 0, 16);
  const derived = pbkdf2(toUtf8Bytes(password), salt, rounds, 32, 'sha256');
  const cipher = createCipheriv('aes-128-ctr', getBytes(dataSlice(derived, 0, 16)), getBytes(iv));
  const ciphertext = hexlify(cipher.update(getBytes(plain)));
  return {
    version: 3,
    id: uuid(dataSlice(word(`uuid/${name}`), 0, 16)),
    ...(owner === null ? {} : { address: lower(bare(owner)) }),
    crypto: {
      cipher: 'aes-128-ctr',
      cipherparams: { iv: bare(iv) },
      ciphertext: bare(ciphertext),
      kdf: 'pbkdf2',
      kdfparams: { c: rounds, dklen: 32, prf: 'hmac-sha256', salt: bare(salt) },
      mac: bare(keccak256(concat([dataSlice(derived, 16, 32), ciphertext]))),
    },
  };
}

function open(note, password, make) {
  const name = `openKeystore: ${note}`;
  const keystore = make(name, password);
  const account = decryptKeystoreJsonSync(JSON.stringify(keystore), password);
  const output = { secretKey: account.privateKey, address: lower(account.address) };
  return { name, operation: 'openKeystore', input: { keystore, password }, output };
}

const SMALL = { N: 1024, r: 8, p: 1 };

/** The same file as old wallets wrote it. */
function old(keystore) {
  const { crypto, Crypto, ...rest } = keystore;
  return { ...rest, Crypto: crypto ?? Crypto };
}

export const KEYSTORES = [
  open('scrypt', 'correct horse battery staple', (name, password) => scryptKeystore(name, password, SMALL)),
  open('scrypt with p of 4 and r of 1', 'password', (name, password) =>
    scryptKeystore(name, password, { N: 256, r: 1, p: 4 }),
  ),
  open('scrypt, no password', '', (name, password) => scryptKeystore(name, password, SMALL)),
  open('scrypt, a password of other letters', '\u60a3\u8005 \u{1fa7a}', (name, password) =>
    scryptKeystore(name, password, SMALL),
  ),
  open('PBKDF2', 'testpassword', (name, password) => pbkdf2Keystore(name, password, 1024)),
  open('PBKDF2 of one round', 'testpassword', (name, password) => pbkdf2Keystore(name, password, 1)),
  open('as old wallets wrote them', 'testpassword', (name, password) => old(pbkdf2Keystore(name, password, 2))),
  open('a password with a line end', 'testpassword\n', (name, password) => pbkdf2Keystore(name, password, 2)),
];
