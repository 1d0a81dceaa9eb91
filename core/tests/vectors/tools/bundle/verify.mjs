// The operation "verify": what a bundle proves about a request, or the rule that it breaks.
// Source: the bundle format, version 1; the Ethereum Yellow Paper, appendix D.

import { RLP } from '@ethereumjs/rlp';

import { concat, equal, hex, keccak, toInteger, unhex } from '../bytes.mjs';
import { Fault } from '../fault.mjs';
import { checkConsent, parseConsent } from '../consent/consent.mjs';
import { checkCount, oldest, readHeader } from './ancestry.mjs';
import { decide } from './decide.mjs';
import { NodeSet } from './node-set.mjs';
import { checkRequest, requiredPlaces } from './request.mjs';
import { unpack } from './words.mjs';

const VERSION = 1n;

export function verify({ bundle, trustedHash, deployment, request, policy, clock, floor, consent }) {
  checkRequest(request);
  const shown = consent && checkConsent(parseConsent(unhex(consent)), deployment);
  const { chainId, contract, header, ancestry, nodes } = parse(unhex(bundle));
  if (hex(keccak(header)) !== trustedHash) throw new Fault('anchor.hash_mismatch');
  const trusted = readHeader(header);
  if (chainId !== BigInt(deployment.chainId)) throw new Fault('verify.chain');
  if (hex(contract) !== deployment.contract) throw new Fault('verify.contract');
  if ((clock || floor) && ancestry.length !== 0) throw new Fault('verify.past');
  if (clock) checkClock(clock, trusted.time);
  if (floor && BigInt(floor.time) - trusted.time > BigInt(floor.maxAge)) throw new Fault('verify.stale');

  const set = new NodeSet(nodes);
  const block = oldest(trusted, ancestry, set);
  const account = set.valueAt(block.stateRoot, deployment.contract);
  if (account === null) throw new Fault('verify.no_contract');
  const [, , storageRoot, codeHash] = RLP.decode(account);
  if (!deployment.codeHashes.includes(hex(codeHash))) throw new Fault('verify.code_hash');
  const words = new Map();
  for (const { kind, slot } of requiredPlaces(request)) {
    const value = set.valueAt(storageRoot, slot);
    const word = value === null ? 0n : toInteger(RLP.decode(value));
    if (value !== null && word === 0n && !policy.acceptZeroLeaves) throw new Fault('proof.zero_value');
    words.set(slot, unpack(kind, word));
  }
  set.finish();

  const times = [BigInt(request.at), block.time, BigInt(floor?.time ?? 0)];
  const time = times.reduce((latest, one) => (one > latest ? one : latest));
  const read = ({ slot }) => {
    if (!words.has(slot)) throw new Error(`not proved: ${slot}`);
    return words.get(slot);
  };
  return {
    decision: decide(request, time, read, shown, policy.distrustedIssuers),
    blockNumber: String(block.number),
    blockTime: String(block.time),
  };
}

/** The parts of a bundle; its RLP must be the only one for what it holds. */
function parse(bytes) {
  const items = decodeExactly(bytes);
  if (!Array.isArray(items) || items.length !== 6) throw new Fault('bundle.rlp');
  const [version, chainId, contract, header, ancestry, nodes] = items;
  const lists = [ancestry, nodes].flatMap((list) => (Array.isArray(list) ? list : [null]));
  const strings = [version, chainId, contract, header, ...lists];
  if (!strings.every((item) => item instanceof Uint8Array)) throw new Fault('bundle.rlp');
  if (![version, chainId].every((integer) => integer[0] !== 0 && integer.length <= 8)) throw new Fault('bundle.rlp');
  if (contract.length !== 20) throw new Fault('bundle.rlp');
  if (toInteger(version) !== VERSION) throw new Fault('bundle.version');
  checkCount(ancestry, 'bundle');
  return { chainId: toInteger(chainId), contract, header, ancestry, nodes };
}

function decodeExactly(bytes) {
  try {
    const items = RLP.decode(bytes);
    if (equal(RLP.encode(items), bytes)) return items;
  } catch {
    // The library has one error for all that is not RLP.
  }
  throw new Fault('bundle.rlp');
}

function checkClock({ now, error = '0', maxAge, maxSkew }, time) {
  if (BigInt(now) + BigInt(error) - time > BigInt(maxAge)) throw new Fault('verify.stale');
  if (time - (BigInt(now) - BigInt(error)) > BigInt(maxSkew)) throw new Fault('verify.future');
}

/** The RLP of a bundle of these parts. */
export function encodeBundle({ version, chainId, contract, header, ancestry, nodes }) {
  return RLP.encode([version, chainId, contract, header, ancestry, nodes]);
}

/** The RLP of a list whose items are encoded already, its length in two bytes. */
export function listOf(...encoded) {
  const payload = concat(...encoded);
  return concat(Uint8Array.of(0xf9, payload.length >> 8, payload.length & 255), payload);
}
