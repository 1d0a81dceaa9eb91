// What hr1.json says agrees with readers and trees that were not written for it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { SimpleMerkleTree } from '@openzeppelin/merkle-tree';

import { compare, fromUtf8, hex, keccak, unhex, utf8 } from './bytes.mjs';
import { commit } from './hr1/record.mjs';

const { cases } = JSON.parse(readFileSync(new URL('../hr1.json', import.meta.url), 'utf8'));
const good = (operation) => cases.filter((one) => one.operation === operation && one.output);
const named = (name) => cases.find((one) => one.name === name);
const commitmentOf = (name) => named(`commit: ${name}`).output.commitment;

test('there are at least 40 good commitments', () => {
  assert.ok(good('commit').length >= 40);
});

test('a leaf is what the format says, written out', () => {
  const { input, output } = named('commit: a number alone');
  const tag = (name) => hex(keccak(utf8(`healthrecord/hr1/${name}`))).slice(2);
  const { value, salt, leaf } = output.leaves.at(-1);
  assert.equal(value, '0x' + '6e' + '37');
  assert.equal(salt, hex(keccak(unhex('0x' + tag('salt') + input.secret.slice(2) + '00000000'))));
  assert.equal(leaf, hex(keccak(unhex('0x' + tag('leaf') + salt.slice(2) + '00000000' + '6e37'))));
});

test('a commitment is the root over the sorted leaves, and OpenZeppelin proves each leaf', () => {
  for (const { name, output } of good('commit')) {
    const leaves = output.leaves.map(({ leaf }) => leaf);
    assert.equal(rootOf(leaves), output.commitment, name);
    const tree = SimpleMerkleTree.of(leaves);
    for (const leaf of leaves) {
      assert.ok(SimpleMerkleTree.verify(output.commitment, leaf, tree.getProof(leaf)), name);
    }
  }
});

test('OpenZeppelin accepts every good disclosure', () => {
  assert.equal(good('disclose').length, good('check').length);
  for (const { name, input, output } of good('disclose')) {
    const { commitment, leaves: allLeaves } = commit(input);
    const all = new Map(allLeaves.map((leaf) => [leaf.path, leaf]));
    for (const { path, value, salt } of output.leaves) {
      assert.deepEqual({ value, salt }, { value: all.get(path).value, salt: all.get(path).salt }, name);
    }
    const leaves = output.leaves.map(({ path }) => all.get(path).leaf).sort();
    const multiproof = { leaves, proof: output.proof, proofFlags: output.flags };
    assert.ok(SimpleMerkleTree.verifyMultiProof(commitment, multiproof), name);
  }
});

test('good documents are JSON to others too, and bad ones are not', () => {
  for (const { name, input } of good('commit')) {
    assert.doesNotThrow(() => JSON.parse(textOf(input)), name);
  }
  const beyondGrammar = ['json.lone_surrogate', 'json.duplicate_member', 'json.too_deep', 'json.utf8'];
  for (const { name, input, error } of cases) {
    if (!error?.code.startsWith('json.') || beyondGrammar.includes(error.code)) continue;
    assert.throws(() => JSON.parse(textOf(input)), SyntaxError, name);
  }
});

test('the offset of bad UTF-8 is the length of the longest good beginning', () => {
  for (const { name, input, error } of cases) {
    if (error?.code !== 'json.utf8') continue;
    const bytes = unhex(input.documentHex);
    assert.doesNotThrow(() => fromUtf8(bytes.subarray(0, error.offset)), name);
    for (let end = error.offset + 1; end <= bytes.length; end += 1) {
      assert.throws(() => fromUtf8(bytes.subarray(0, end)), TypeError, name);
    }
  }
});

test('an offset is a byte of the document, or its end', () => {
  for (const { name, input, error } of cases) {
    if (error?.offset === undefined) continue;
    const { length } = input.documentHex ? unhex(input.documentHex) : utf8(input.document);
    assert.ok(error.code === 'json.unexpected_end' ? error.offset === length : error.offset < length, name);
  }
});

test('structure is committed', () => {
  assert.notEqual(
    commitmentOf('an array of one string, unlike the object with member 0'),
    commitmentOf('an object with member 0, unlike the array of one string'),
  );
});

function textOf({ document, documentHex }) {
  return documentHex === undefined ? document : fromUtf8(unhex(documentHex));
}

/** The root, made from the written rule alone: leaves ascending fill the tree from its end. */
function rootOf(leaves) {
  const ascending = leaves.map(unhex).sort(compare);
  const nodes = new Array(ascending.length - 1).concat(ascending.reverse());
  for (let at = ascending.length - 2; at >= 0; at -= 1) {
    nodes[at] = keccak(...[nodes[2 * at + 1], nodes[2 * at + 2]].sort(compare));
  }
  return hex(nodes[0]);
}
