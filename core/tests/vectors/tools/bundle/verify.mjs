// The operation "verify": what a bundle proves about a request, or the rule that it breaks.
// Source: the bundle format, version 1; the Ethereum Yellow Paper, appendix D.

import { RLP } from '@ethereumjs/rlp';

import { concat, equal, hex, keccak, toInteger, unhex } from '../bytes.mjs';
import { Fault } from '../fault.mjs';
import { nibblesOf } from '../proof/node.mjs';
import { EMPTY_ROOT } from '../proof/tries.mjs';
import { checkConsent, parseConsent } from '../consent/consent.mjs';
import { decide } from './decide.mjs';
import { checkRequest, requiredPlaces } from './request.mjs';
import { unpack } from './words.mjs';

const VERSION = 1n;
const KNOWN_FIELDS = 15;

export function verify({ bundle, trustedHash, deployment, request, policy, clock, consent }) {
  checkRequest(request);
  const shown = consent && checkConsent(parseConsent(unhex(consent)), deployment);
  const { chainId, contract, header, nodes } = parse(unhex(bundle));
  if (hex(keccak(header)) !== trustedHash) throw new Fault('anchor.hash_mismatch');
  const block = readHeader(header);
  if (chainId !== BigInt(deployment.chainId)) throw new Fault('verify.chain');
  if (hex(contract) !== deployment.contract) throw new Fault('verify.contract');
  if (clock) checkClock(clock, block.time);

  const set = new NodeSet(nodes);
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

  const at = BigInt(request.at);
  const read = ({ slot }) => {
    if (!words.has(slot)) throw new Error(`not proved: ${slot}`);
    return words.get(slot);
  };
  return {
    decision: decide(request, at > block.time ? at : block.time, read, shown),
    blockNumber: String(block.number),
    blockTime: String(block.time),
  };
}

/** The parts of a bundle; its RLP must be the only one for what it holds. */
function parse(bytes) {
  const items = decodeExactly(bytes);
  if (!Array.isArray(items) || items.length !== 6) throw new Fault('bundle.rlp');
  const [version, chainId, contract, header, ancestry, nodes] = items;
  const strings = [version, chainId, contract, header, ...(Array.isArray(nodes) ? nodes : [null])];
  if (!strings.every((item) => item instanceof Uint8Array)) throw new Fault('bundle.rlp');
  if (![version, chainId].every((integer) => integer[0] !== 0 && integer.length <= 8)) throw new Fault('bundle.rlp');
  if (contract.length !== 20 || !Array.isArray(ancestry)) throw new Fault('bundle.rlp');
  if (toInteger(version) !== VERSION) throw new Fault('bundle.version');
  if (ancestry.length !== 0) throw new Fault('bundle.ancestry');
  return { chainId: toInteger(chainId), contract, header, nodes };
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

/** The fields of a header that are read here. */
function readHeader(rlp) {
  const fields = RLP.decode(rlp);
  if (fields.length < KNOWN_FIELDS) throw new Fault('header.field_count');
  const [stateRoot, number, time] = [fields[3], fields[8], fields[11]];
  if (stateRoot.length !== 32 || [number, time].some((one) => one[0] === 0 || one.length > 8)) {
    throw new Fault('header.field');
  }
  return { stateRoot, number: toInteger(number), time: toInteger(time) };
}

function checkClock({ now, maxAge, maxSkew }, time) {
  if (BigInt(now) - time > BigInt(maxAge)) throw new Fault('verify.stale');
  if (time - BigInt(now) > BigInt(maxSkew)) throw new Fault('verify.future');
}

/** Nodes by their hash, and which of them a walk has come by. All are well-formed here. */
class NodeSet {
  constructor(nodes) {
    this.nodes = new Map(nodes.map((node) => [hex(keccak(node)), node]));
    this.unused = new Set(this.nodes.keys());
    if (this.nodes.size !== nodes.length) throw new Fault('proof.duplicate_node');
  }

  /** The value at a key before hashing; null where the trie proves that there is none. */
  valueAt(root, key) {
    if (equal(root, EMPTY_ROOT)) return null;
    let rest = nibblesOf(keccak(unhex(key)));
    for (let node = this.follow(root); ;) {
      if (node.length === 17) {
        const child = node[rest[0]];
        rest = rest.slice(1);
        if (child.length === 0) return null;
        node = this.follow(child);
        continue;
      }
      const [flagged, next] = node;
      const [flags, ...nibbles] = nibblesOf(flagged);
      const path = flags & 1 ? nibbles : nibbles.slice(1);
      if (path.some((nibble, index) => nibble !== rest[index])) return null;
      rest = rest.slice(path.length);
      if (flags & 2) return next;
      node = this.follow(next);
    }
  }

  /** The node that a reference leads to, decoded. */
  follow(reference) {
    if (Array.isArray(reference)) return reference;
    const hash = hex(reference);
    if (!this.nodes.has(hash)) throw new Fault('proof.missing_node');
    this.unused.delete(hash);
    return RLP.decode(this.nodes.get(hash));
  }

  finish() {
    if (this.unused.size !== 0) throw new Fault('proof.unused_node');
  }
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
