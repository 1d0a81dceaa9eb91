// Transactions of every type, signed by ethers.

import { SigningKey, Transaction, computeAddress, hashAuthorization } from 'ethers';

import { address, word } from '../parties.mjs';

const LARGEST = (1n << 256n) - 1n;
const MAX64 = (1n << 64n) - 1n;
const BLOBS = [1, 2].map((index) => '0x01' + word(`blob/${index}`).slice(4));
const bytes = (length) => '0x' + '5a'.repeat(length);
const quantity = (value) => '0x' + BigInt(value).toString(16);

/** What the fields of a transaction may be, each set with its name. */
const SHAPES = {
  'of ordinary values': {},
  'of zeros': { nonce: 0n, gasLimit: 0n, value: 0n, data: '0x', price: 0n, tip: 0n, chainId: 1n },
  'of the greatest values': {
    // The greatest that ethers takes; the core's own is 2^64 - 2.
    nonce: BigInt(Number.MAX_SAFE_INTEGER),
    gasLimit: MAX64,
    value: LARGEST,
    price: LARGEST,
    tip: LARGEST,
    // ethers computes v of legacy transactions as a number of any size.
    chainId: (1n << 62n) - 1n,
  },
  'of one byte of data': { data: '0x7f' },
  'of one high byte of data': { data: '0x80' },
  'of 55 bytes of data': { data: bytes(55) },
  'of 56 bytes of data': { data: bytes(56) },
  'of 300 bytes of data': { data: bytes(300) },
  'that creates a contract': { to: null, data: '0x600160005500' },
  'that announces an account': { accessList: [{ address: address('announced'), storageKeys: [] }] },
  'that announces slots': {
    accessList: [
      { address: address('announced'), storageKeys: [word('slot/1'), word('slot/2')] },
      { address: address('other'), storageKeys: ['0x' + '00'.repeat(32)] },
    ],
  },
};

const ORDINARY = {
  chainId: 1337n,
  nonce: 7n,
  gasLimit: 90_000n,
  to: address('contract'),
  value: 1n,
  data: '0x12345678',
  price: 30_000_000_000n,
  tip: 1_500_000_000n,
  accessList: [],
};

function authorization(name, chainId, nonce) {
  const key = new SigningKey(word(`authority/${name}`));
  const plain = { chainId, address: address(`code/${name}`), nonce };
  return { ...plain, signature: key.sign(hashAuthorization(plain)) };
}

/** The types; `takes` says whether a shape makes sense for one. */
const TYPES = [
  { type: 0, title: 'legacy without a chain', takes: (shape) => !shape.accessList, plain: true },
  { type: 0, title: 'legacy for a chain', takes: (shape) => !shape.accessList },
  { type: 1, title: 'type 1', takes: () => true },
  { type: 2, title: 'type 2', takes: () => true },
  { type: 3, title: 'type 3', takes: (shape) => shape.to !== null },
  { type: 4, title: 'type 4', takes: (shape) => shape.to !== null },
];

/** The transaction as ethers builds it. */
function build({ type, plain }, fields) {
  const { chainId, nonce, gasLimit, to, value, data, price, tip, accessList } = fields;
  return Transaction.from({
    type,
    chainId: plain ? 0n : chainId,
    nonce: Number(nonce),
    gasLimit,
    to,
    value,
    data,
    ...(type < 2 ? { gasPrice: price } : { maxFeePerGas: price, maxPriorityFeePerGas: tip }),
    ...(type > 0 ? { accessList } : {}),
    ...(type === 3 ? { maxFeePerBlobGas: 3n, blobVersionedHashes: BLOBS } : {}),
    ...(type === 4 ? { authorizationList: [authorization('a', 1337n, 5n), authorization('b', 0n, 0n)] } : {}),
  });
}

/** The same as the JSON of nodes. */
function json({ type, plain }, fields, transaction) {
  const { chainId, nonce, gasLimit, to, value, data, price, tip, accessList } = fields;
  return {
    type: quantity(type),
    ...(plain ? {} : { chainId: quantity(chainId) }),
    nonce: quantity(nonce),
    gas: quantity(gasLimit),
    to,
    value: quantity(value),
    input: data,
    ...(type < 2
      ? { gasPrice: quantity(price) }
      : { maxPriorityFeePerGas: quantity(tip), maxFeePerGas: quantity(price) }),
    ...(type > 0 ? { accessList } : {}),
    ...(type === 3 ? { maxFeePerBlobGas: '0x3', blobVersionedHashes: BLOBS } : {}),
    ...(type === 4 ? { authorizationList: transaction.authorizationList.map(told) } : {}),
  };
}

function told({ chainId, address, nonce, signature: { yParity, r, s } }) {
  return {
    chainId: quantity(chainId),
    address: address.toLowerCase(),
    nonce: quantity(nonce),
    yParity: quantity(yParity),
    r: quantity(r),
    s: quantity(s),
  };
}

function make(type, note, shape) {
  const name = `sign: ${type.title} ${note}`;
  const fields = { ...ORDINARY, ...shape };
  const secretKey = word(`key/${name}`);
  const key = new SigningKey(secretKey);
  const transaction = build(type, fields);
  const input = { secretKey, transaction: json(type, fields, transaction) };
  const signingHash = transaction.unsignedHash;
  transaction.signature = key.sign(signingHash);
  const { serialized: raw, hash } = transaction;
  return {
    name,
    operation: 'sign',
    input,
    output: { signingHash, raw, hash, sender: computeAddress(key).toLowerCase() },
  };
}

export const SIGNED_TRANSACTIONS = TYPES.flatMap((type) =>
  Object.entries(SHAPES)
    .filter(([, shape]) => type.takes(shape))
    .map(([note, shape]) => make(type, note, shape)),
);
