// The operations "disclose" and "check": some leaves of a record and their multiproof.

import { SimpleMerkleTree } from '@openzeppelin/merkle-tree';

import { compare, hex, unhex } from '../bytes.mjs';
import { Fault } from '../fault.mjs';
import { leafOf } from './leaf.mjs';
import { boundBy, checkValue, hasChild, parentOf, tokensOf } from './opening.mjs';
import { recordLeaves, treeOf } from './record.mjs';

export function disclose({ pointers, ...record }) {
  return discloseFrom(recordLeaves(record), pointers);
}

/** Discloses the leaves at the pointers and every container on the way to them. */
export function discloseFrom(leaves, pointers) {
  const paths = new Set();
  for (const pointer of pointers) {
    if (!leaves.some(({ path }) => path === pointer)) throw new Fault('disclosure.no_such_path');
    paths.add(pointer);
    if (!pointer.startsWith('#')) {
      for (let path = parentOf(pointer); path !== null; path = parentOf(path)) paths.add(path);
    }
  }
  return prove(
    leaves,
    leaves.filter(({ path }) => paths.has(path)),
  );
}

/** The openings of the chosen leaves, in the record's order, and their multiproof. */
export function prove(leaves, chosen) {
  const multiproof = treeOf(leaves).getMultiProof(chosen.map((leaf) => leaves.indexOf(leaf)));
  return {
    leaves: chosen.map(({ path, value, salt }) => ({ path, value: hex(value), salt: hex(salt) })),
    proof: multiproof.proof,
    flags: multiproof.proofFlags,
  };
}

export function check({ commitment, leaves, proof, flags }) {
  const openings = leaves.map(({ path, value, salt }) => ({ path, value: unhex(value), salt: unhex(salt) }));
  checkOpenings(openings);
  checkProof(commitment, openings, proof, flags);
  return { bound: boundBy(openings) };
}

/** Checks that the openings can stand in one record together. */
function checkOpenings(openings) {
  const values = new Map();
  for (const { path, value } of openings) {
    tokensOf(path);
    checkValue(path, value);
    if (values.has(path)) throw new Fault('disclosure.repeated_path');
    values.set(path, value);
  }
  for (const { path } of openings) {
    const parent = path.startsWith('#') ? null : parentOf(path);
    if (parent === null) continue;
    if (!values.has(parent)) throw new Fault('disclosure.missing_container');
    if (!hasChild(values.get(parent), tokensOf(path).at(-1))) throw new Fault('disclosure.contradiction');
  }
}

/** Checks that the multiproof leads from the leaves to the commitment and uses all that it has. */
function checkProof(commitment, openings, proof, flags) {
  const needed = flags.filter((flag) => !flag).length;
  const balances = openings.length + proof.length === flags.length + 1;
  // OpenZeppelin's multiproof of no leaves is the root itself: it discloses nothing and is none here.
  const fits = openings.length > 0 && balances && needed <= proof.length;
  if (!fits) throw new Fault('disclosure.proof_length');
  if (needed < proof.length) throw new Fault('disclosure.proof_unused');
  const leaves = openings
    .map(({ path, value, salt }) => leafOf(salt, path, value))
    .sort(compare)
    .map(hex);
  if (!SimpleMerkleTree.verifyMultiProof(commitment, { leaves, proof, proofFlags: flags })) {
    throw new Fault('disclosure.root');
  }
}
