// A patient's signed grant that travels beside a bundle.
// Source: the README of the vectors; the struct `Grant` of contracts/src/IHealthRecord.sol.

import { RLP } from '@ethereumjs/rlp';
import { recoverAddress, SigningKey, Signature, TypedDataEncoder } from 'ethers';

import { equal, hex, toInteger, unhex } from '../bytes.mjs';
import { Fault } from '../fault.mjs';
import { NO_SCOPE } from '../parties.mjs';
import { integer } from '../proof/header.mjs';

const VERSION = 1n;

/** The struct that is signed. */
const GRANT = {
  patient: 'address',
  grantee: 'address',
  scope: 'bytes32',
  notBefore: 'uint40',
  notAfter: 'uint40',
  purposes: 'uint32',
  operations: 'uint16',
  requiredRoles: 'uint16',
  document: 'bytes32',
  epoch: 'uint32',
  revision: 'uint24',
  deadline: 'uint40',
};
const TYPES = { Grant: Object.entries(GRANT).map(([name, type]) => ({ name, type })) };
const bits = (type) => BigInt(type.slice('uint'.length));

/** The hash that a patient signs. */
export function signingHash(grant, { chainId, contract }) {
  const domain = { name: 'HealthRecord', version: '1', chainId, verifyingContract: contract };
  return TypedDataEncoder.hash(
    domain,
    TYPES,
    Object.fromEntries(Object.keys(GRANT).map((name) => [name, grant[name]])),
  );
}

/** The 65 bytes of a signature. */
export const signGrant = (grant, secretKey, deployment) =>
  unhex(new SigningKey(secretKey).sign(signingHash(grant, deployment)).serialized);

/** The items of a consent in their order, before they are encoded. */
export function itemsOf(grant, signature) {
  const items = Object.entries(GRANT).map(([name, type]) => {
    const value = grant[name];
    if (type === 'bytes32') return value === NO_SCOPE ? new Uint8Array() : unhex(value);
    return type === 'address' ? unhex(value) : integer(value);
  });
  return [integer(VERSION), ...items, signature];
}

/** The fields of a consent and its signature; its RLP must be the only one for what it holds. */
export function parseConsent(bytes) {
  let items;
  try {
    items = RLP.decode(bytes);
    if (!equal(RLP.encode(items), bytes)) throw new Fault('consent.rlp');
  } catch {
    throw new Fault('consent.rlp');
  }
  const names = Object.keys(GRANT);
  if (!Array.isArray(items) || !items.every((item) => item instanceof Uint8Array)) throw new Fault('consent.rlp');
  const [version, ...fields] = items;
  if (version === undefined || version[0] === 0 || version.length > 8) throw new Fault('consent.rlp');
  if (toInteger(version) !== VERSION) throw new Fault('consent.version');
  if (fields.length !== names.length + 1) throw new Fault('consent.rlp');
  const signature = fields.pop();
  const grant = Object.fromEntries(names.map((name, index) => [name, field(GRANT[name], fields[index])]));
  if (signature.length !== 65) throw new Fault('consent.rlp');
  if (![27, 28].includes(signature[64])) throw new Fault('signature.v');
  return { grant, signature };
}

function field(type, bytes) {
  if (type === 'address') {
    if (bytes.length !== 20) throw new Fault('consent.rlp');
    return hex(bytes);
  }
  if (type === 'bytes32') {
    if (bytes.length === 0) return NO_SCOPE;
    if (bytes.length !== 32 || hex(bytes) === NO_SCOPE) throw new Fault('consent.rlp');
    return hex(bytes);
  }
  if (bytes[0] === 0 || toInteger(bytes) >> bits(type)) throw new Fault('consent.rlp');
  return toInteger(bytes);
}

/** The fields of a consent and who signed it for this contract: null if nobody did, or with a high s. */
export function checkConsent({ grant, signature }, deployment) {
  return { ...grant, signer: signerOf(signingHash(grant, deployment), signature) };
}

function signerOf(hash, signature) {
  try {
    // It takes no high s.
    return recoverAddress(hash, Signature.from(hex(signature))).toLowerCase();
  } catch {
    return null;
  }
}
