// The operations "batch" and "checkBatch": one root over many commitments, and the proof of one of them.
// Source: format hr1, and the format of batch proofs, version 1, in core/tests/vectors/README.md.

import { RLP } from '@ethereumjs/rlp';
import { SimpleMerkleTree } from '@openzeppelin/merkle-tree';

import { hex, keccak, toInteger, u32, unhex, utf8 } from '../bytes.mjs';
import { Fault } from '../fault.mjs';
import { bytes32, integer, listOf } from './rlp.mjs';

const TAG_BATCH = keccak(utf8('healthrecord/hr1/batch'));
const VERSION = 1n;
const WIDE = integer(2n ** 32n - 1n);
const SHAPE = [integer(2n ** 64n - 1n), WIDE, WIDE, { each: bytes32 }];

export function batch({ commitments }) {
  const count = commitments.length;
  if (count === 0) throw new Fault('batch.empty');
  if (count === 1) return { root: commitments[0], proofs: [proofOf(count, 0, [])] };
  const tree = SimpleMerkleTree.of(commitments.map((commitment, index) => leafOf(index, commitment)));
  return { root: tree.root, proofs: commitments.map((_, index) => proofOf(count, index, tree.getProof(index))) };
}

export function checkBatch({ commitment, root, count, proof }) {
  const { siblings, ...found } = parse(unhex(proof));
  if (found.count !== count) throw new Fault('batch.count');
  if (count === 0) throw new Fault('batch.empty');
  if (found.index >= count) throw new Fault('batch.index');
  const [shallow, deep] = [Math.floor(Math.log2(count)), Math.ceil(Math.log2(count))];
  if (siblings.length < shallow || siblings.length > deep) throw new Fault('batch.proof_length');
  const isIt =
    count === 1
      ? commitment === root
      : SimpleMerkleTree.verify(root, leafOf(found.index, commitment), siblings.map(hex));
  if (!isIt) throw new Fault('batch.root');
  return { index: found.index };
}

export function encodeProof(count, index, siblings) {
  return hex(RLP.encode([VERSION, BigInt(count), BigInt(index), siblings.map(unhex)]));
}

function proofOf(count, index, siblings) {
  return { siblings, rlp: encodeProof(count, index, siblings) };
}

function leafOf(index, commitment) {
  return hex(keccak(TAG_BATCH, u32(index), unhex(commitment)));
}

function parse(bytes) {
  const [version, count, index, siblings] = listOf(bytes, SHAPE, 'batch.rlp');
  if (toInteger(version) !== VERSION) throw new Fault('batch.version');
  return { count: Number(toInteger(count)), index: Number(toInteger(index)), siblings };
}
