// Bad cases of "verify" whose request, block or deployment is not what it must be.

import { concat, keccak, unhex } from '../bytes.mjs';
import { address, NO_ADDRESS, NO_SCOPE, word } from '../parties.mjs';
import { NO_CODE } from '../proof/tries.mjs';
import * as it from './parties.mjs';
import { BLOCK_TIME, CONTRACT, verifying } from './world.mjs';

const { ALL, asks, DOCTOR, granted, PATIENT, permitting, RECORD } = it;

// The same words under every case: without its one fault, each would be answered.
const WORDS = [granted(DOCTOR, ALL, permitting())];
const broken = (code, name, options, request) => verifying(name, WORDS, asks(request), code, options);
const asked = (code, name, request) => broken(code, name, {}, request);
const clock = (now, maxAge = 600n, maxSkew = 30n) => ({
  clock: { now: String(now), maxAge: String(maxAge), maxSkew: String(maxSkew) },
});
const seven = Array.from({ length: 7 }, (_, index) => word(`scope/${index}`));

const REQUESTS = [
  asked('request.zero_patient', 'nobody is the patient', { patient: NO_ADDRESS }),
  asked('request.zero_accessor', 'nobody asks', { accessor: NO_ADDRESS }),
  asked('request.too_many_scopes', 'seven scopes', { scopes: seven }),
  asked('request.zero_scope', 'all records before one', { scopes: [NO_SCOPE, RECORD] }),
  asked('request.zero_salt', 'a blinding by the salt 0', { salt: NO_SCOPE }),
  asked('request.delegator', 'the delegator is the patient', { delegator: PATIENT }),
  asked('request.delegator', 'the delegator is the accessor', { delegator: DOCTOR }),
  asked('request.delegator', 'the delegator is the zero address', { delegator: NO_ADDRESS }),
  asked('request.delegator', 'a patient that asks names itself', { accessor: PATIENT, delegator: PATIENT }),
  asked('request.time', 'a time of 41 bits', { at: 2n ** 40n }),
  asked('request.time', 'a time of 64 bits', { at: 2n ** 64n - 1n }),
];

const DEPLOYMENTS = [
  broken('verify.chain', 'a bundle of another chain', { parts: () => ({ chainId: 11_155_111n }) }),
  broken('verify.chain', 'a deployment on another chain', { deployment: { chainId: '11155111' } }),
  broken('verify.contract', 'a bundle that names another contract', { parts: () => ({ contract: unhex(address('impostor')) }) }),
  broken('verify.no_contract', 'an account that is not there', { beside: 'many', account: null }),
  broken('verify.no_contract', 'a state without accounts', { beside: 'none', account: null }),
  broken('verify.code_hash', 'other code is pinned', { deployment: { codeHashes: [word('other code')] } }),
  broken('verify.code_hash', 'nothing is pinned', { deployment: { codeHashes: [] } }),
  broken('verify.code_hash', 'an account without code', { account: { codeHash: NO_CODE } }),
  broken('verify.code_hash', 'an account that delegates to the code (EIP-7702)', {
    account: { codeHash: keccak(Uint8Array.of(0xef, 1, 0), unhex(CONTRACT)) },
  }),
];

const BLOCKS = [
  broken('anchor.hash_mismatch', 'of a bundle: another block is trusted', { trustedHash: word('another block') }),
  broken('anchor.hash_mismatch', 'of a bundle: a header with one bit changed', {
    parts: ({ header }) => ({ header: concat(header.subarray(0, -1), Uint8Array.of(header.at(-1) ^ 1)) }),
  }),
  broken('header.field', 'of a bundle: a time with a leading zero', {
    fields: { timestamp: Uint8Array.of(0, 0x69, 0x55, 0xb9, 0x0b) },
  }),
  broken('header.field', 'of a bundle: a number of nine bytes', { fields: { number: new Uint8Array(9).fill(1) } }),
  broken('verify.stale', 'a block one second too old', clock(BLOCK_TIME + 601n)),
  broken('verify.stale', 'a block a second old where none may be', clock(BLOCK_TIME + 1n, 0n)),
  broken('verify.future', 'a block one second too far ahead', clock(BLOCK_TIME - 31n)),
  broken('verify.future', 'a block a second ahead where none may be', clock(BLOCK_TIME - 1n, 600n, 0n)),
];

export const ERRORS = await Promise.all([...REQUESTS, ...DEPLOYMENTS, ...BLOCKS]);
