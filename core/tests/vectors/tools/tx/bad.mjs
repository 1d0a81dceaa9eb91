// Bytes that are no canonical signed transaction, each with the code of the rule that it breaks.

import { concat as join, decodeRlp, encodeRlp, hexlify } from 'ethers';

import { address, word } from '../parties.mjs';
import { SIGNED_TRANSACTIONS } from './good.mjs';

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const raw = (title) => SIGNED_TRANSACTIONS.find(({ name }) => name === `sign: ${title} of ordinary values`).output.raw;

/** The fields of a good transaction, as RLP has them, and its type. */
function parts(title) {
  const bytes = raw(title);
  const type = Number(bytes.slice(0, 4)) < 0xc0 ? bytes.slice(0, 4) : '0x';
  return { type, fields: decodeRlp('0x' + bytes.slice(type.length)) };
}

/** A good transaction, with some fields replaced by their place. */
function changed(title, changes) {
  const { type, fields } = parts(title);
  for (const [index, value] of Object.entries(changes)) fields[index] = value;
  return join([type, encodeRlp(fields)]);
}

const minimal = (number) => '0x' + (number.toString(16).length % 2 ? '0' : '') + number.toString(16);
const negated = (title, place) => minimal(ORDER - BigInt(parts(title).fields[place]));

const bad = (code, note, bytes, chainId) => ({
  name: `${code}: ${note}`,
  operation: 'transaction',
  input: { raw: bytes, ...(chainId === undefined ? {} : { chainId }) },
  error: { code },
});

// Places of the fields: type 0 has nonce first, the others chainId.
const [NONCE, PRICE, V, R, S] = [0, 1, 6, 7, 8];

export const BAD_TRANSACTIONS = [
  bad('tx.empty', 'no bytes', '0x'),
  bad('tx.unknown_type', 'type 5', '0x05' + raw('type 2').slice(4)),
  bad('tx.unknown_type', 'type 0 written out', '0x00' + raw('legacy for a chain').slice(2)),
  bad('tx.parity', 'v of 29', changed('legacy without a chain', { [V]: '0x1d' })),
  bad('tx.parity', 'v of 0', changed('legacy without a chain', { [V]: '0x' })),
  bad('tx.parity', 'yParity of 2', changed('type 2', { 9: '0x02' })),
  bad('tx.other_chain', 'of chain 1337 on chain 1', raw('type 2'), '1'),
  bad('tx.other_chain', 'without a chain on chain 1', raw('legacy without a chain'), '1'),
  bad('tx.nonce_too_large', 'a nonce of 2^64 - 1', changed('type 2', { 1: '0xffffffffffffffff' })),
  bad('tx.priority_fee_above_max_fee', 'one wei above', changed('type 2', { 2: '0x06fc23ac01', 3: '0x06fc23ac00' })),
  bad('tx.no_recipient', 'a blob transaction that creates a contract', changed('type 3', { 5: '0x' })),
  bad('tx.no_recipient', 'a type 4 that creates a contract', changed('type 4', { 5: '0x' })),
  bad('tx.no_blobs', 'an empty list', changed('type 3', { 10: [] })),
  bad('tx.blob_version', 'version 2', changed('type 3', { 10: ['0x02' + word('blob').slice(4)] })),
  bad('tx.no_authorizations', 'an empty list', changed('type 4', { 9: [] })),
  bad('signature.out_of_range', 'r of 0', changed('type 2', { 10: '0x' })),
  bad('signature.out_of_range', 's of the order', changed('type 2', { 11: minimal(ORDER) })),
  bad('signature.high_s', 's of the order less s', changed('legacy for a chain', { [S]: negated('legacy for a chain', S) })),
  bad('signature.no_key', 'r that is no x of the curve', changed('type 2', { 10: '0x05' })),
  bad('rlp.leading_zero', 'a nonce of one zero byte', changed('legacy for a chain', { [NONCE]: '0x00' })),
  bad('rlp.leading_zero', 'r with a zero before it', changed('type 1', { 9: '0x00' + word('r').slice(2) })),
  bad('rlp.integer_too_large', 'a nonce of 9 bytes', changed('legacy for a chain', { [NONCE]: '0x010000000000000000' })),
  bad('rlp.integer_too_large', 'a price of 33 bytes', changed('legacy for a chain', { [PRICE]: '0x01' + '00'.repeat(32) })),
  bad('rlp.integer_too_large', 'a yParity of 2 in an authorisation', changed('type 4', { 9: [authorization('0x02')] })),
  bad('rlp.wrong_length', 'a recipient of 19 bytes', changed('type 2', { 5: address('contract').slice(0, -2) })),
  bad('rlp.wrong_length', 'an account of 21 bytes in an access list', changed('type 2', { 8: [[address('a') + '00', []]] })),
  bad('rlp.wrong_length', 'a slot of 31 bytes', changed('type 1', { 7: [[address('a'), ['0x' + '11'.repeat(31)]]] })),
  bad('rlp.unexpected_list', 'a list as data', changed('type 2', { 7: [] })),
  bad('rlp.unexpected_string', 'a string as access list', changed('type 2', { 8: '0x' })),
  bad('rlp.unexpected_end', 'without s', fewer('type 2')),
  bad('rlp.unexpected_end', 'cut in the middle', raw('type 2').slice(0, 60)),
  bad('rlp.trailing_bytes', 'a field more', changed('type 2', { 12: '0x' })),
  bad('rlp.trailing_bytes', 'a byte behind the list', raw('type 2') + '00'),
  bad('rlp.trailing_bytes', 'an account with three fields', changed('type 2', { 8: [[address('a'), [], []]] })),
  bad('rlp.non_canonical_byte', 'a nonce of 7 with a length before it', '0x02' + spelled()),
  bad('rlp.non_canonical_size', 'a list with a length of a length that it does not need', '0x02f802' + '0101'),
];

function authorization(parity) {
  return ['0x01', address('code'), '0x', parity, word('r'), word('s')];
}

function fewer(title) {
  const { type, fields } = parts(title);
  return join([type, encodeRlp(fields.slice(0, -1))]);
}

/** Type 2 with the nonce 7 as a string of one byte. */
function spelled() {
  const { fields } = parts('type 2');
  const items = fields.map((field, index) => (index === 1 ? '0x8107' : encodeRlp(field)));
  const payload = join(items);
  const length = (payload.length - 2) / 2;
  return join([hexlify(new Uint8Array([0xf8, length])), payload]).slice(2);
}
