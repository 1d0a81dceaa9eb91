// The operation "event": what the proof of an event proves, or the rule that it breaks.
// Source: the format of event proofs, version 1, in core/tests/vectors/README.md.

import { RLP } from '@ethereumjs/rlp';

import { checkCount, oldest, readHeader } from '../bundle/ancestry.mjs';
import { NodeSet } from '../bundle/node-set.mjs';
import { equal, hex, keccak, toInteger, unhex } from '../bytes.mjs';
import { Fault } from '../fault.mjs';
import { nibblesOf } from '../proof/node.mjs';
import { eventOf, keyOf } from './receipt.mjs';

export function verifyEvent({ proof, trustedHash, deployment }) {
  const { chainId, contract, header, ancestry, transaction, log, nodes } = parse(unhex(proof));
  if (chainId !== BigInt(deployment.chainId)) throw new Fault('event.chain');
  if (hex(contract) !== deployment.contract) throw new Fault('event.contract');
  if (hex(keccak(header)) !== trustedHash) throw new Fault('anchor.hash_mismatch');
  const fields = RLP.decode(ancestry.at(-1) ?? header);
  const { receipt, rest } = receiptAt(fields[5], transaction, nodes);
  if (ancestry.length === 0 && rest.length !== 0) throw new Fault('receipt.unused_node');
  const set = new NodeSet(rest);
  oldest(readHeader(header), ancestry, set);
  set.finish();
  const logs = logsOf(receipt);
  if (log >= BigInt(logs.length)) throw new Fault('event.no_log');
  const { address, ...emitted } = logs[Number(log)];
  if (hex(address) !== deployment.contract) throw new Fault('event.other_contract');
  const event = eventOf(emitted);
  if (event === null) throw new Fault('event.unknown_topic');
  return {
    ...event,
    blockNumber: String(toInteger(fields[8])),
    blockTime: String(toInteger(fields[11])),
    transaction: String(transaction),
    log: String(log),
  };
}

function parse(bytes) {
  const items = decodeExactly(bytes);
  if (!Array.isArray(items) || items.length !== 8) throw new Fault('event.rlp');
  const [version, chainId, contract, header, ancestry, transaction, log, nodes] = items;
  const lists = [ancestry, nodes].flatMap((list) => (Array.isArray(list) ? list : [null]));
  const strings = [version, chainId, contract, header, transaction, log, ...lists];
  if (!strings.every((item) => item instanceof Uint8Array)) throw new Fault('event.rlp');
  const integers = [version, chainId, transaction, log];
  if (!integers.every((one) => one[0] !== 0 && one.length <= 8)) throw new Fault('event.rlp');
  if (contract.length !== 20) throw new Fault('event.rlp');
  if (toInteger(version) !== 1n) throw new Fault('event.version');
  checkCount(ancestry, 'event');
  const [chain, at, place] = [chainId, transaction, log].map(toInteger);
  return { chainId: chain, contract, header, ancestry, transaction: at, log: place, nodes };
}

function decodeExactly(bytes) {
  try {
    const items = RLP.decode(bytes);
    if (equal(RLP.encode(items), bytes)) return items;
  } catch {
    // The library has one error for all that is not RLP.
  }
  throw new Fault('event.rlp');
}

/** The receipt at an index under the root of a receipts trie, from the nodes on the way to it; the rest is left. */
function receiptAt(root, index, nodes) {
  let rest = nibblesOf(keyOf(index));
  let expected = root;
  for (const [at, bytes] of nodes.entries()) {
    if (!equal(keccak(bytes), expected)) throw new Fault('receipt.wrong_node');
    const node = RLP.decode(bytes);
    if (!Array.isArray(node)) throw new Fault('receipt.node');
    if (node.length === 17) {
      expected = node[rest[0]];
      rest = rest.slice(1);
      if (expected.length === 0) throw new Fault('receipt.absent');
      continue;
    }
    if (node.length !== 2) throw new Fault('receipt.malformed_node');
    const [flags, ...nibbles] = nibblesOf(node[0]);
    const path = flags & 1 ? nibbles : nibbles.slice(1);
    if (path.some((nibble, place) => nibble !== rest[place])) throw new Fault('receipt.absent');
    rest = rest.slice(path.length);
    if ((flags & 2) === 0) {
      expected = node[1];
      continue;
    }
    return { receipt: node[1], rest: nodes.slice(at + 1) };
  }
  throw new Fault('receipt.missing_node');
}

function logsOf(receipt) {
  if (receipt[0] < 0x80 && (receipt[0] === 0 || receipt[0] > 4)) throw new Fault('receipt.unknown_type');
  const fields = RLP.decode(receipt[0] < 0x80 ? receipt.subarray(1) : receipt);
  if (fields.length !== 4 || fields[2].length !== 256) throw new Fault('receipt.rlp');
  const [outcome, , , logs] = fields;
  const isStatus = outcome.length === 0 || (outcome.length === 1 && outcome[0] === 1);
  if (!isStatus && outcome.length !== 32) throw new Fault('receipt.rlp');
  if (logs.some(([, topics]) => topics.length > 4)) throw new Fault('receipt.too_many_topics');
  return logs.map(([address, topics, data]) => ({ address, topics, data }));
}
