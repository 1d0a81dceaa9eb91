// The trees of golden/trees.json, whose maker is not this tool, are OpenZeppelin's to the last hash.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { SimpleMerkleTree } from '@openzeppelin/merkle-tree';

const { cases } = JSON.parse(readFileSync(new URL('../golden/trees.json', import.meta.url), 'utf8'));

test('there are trees of every kind of size', () => {
  const sizes = new Set(cases.map(({ leaves }) => leaves.length));
  for (const size of [1, 2, 3, 4, 5, 7, 8, 9, 64, 1000]) assert.ok(sizes.has(size), `${size} leaves`);
});

for (const { name, leaves, root, proofs, multiproofs } of cases) {
  test(`${name}: the same root, proofs and multiproofs`, () => {
    const tree = SimpleMerkleTree.of(leaves);
    assert.equal(tree.root, root);
    assert.ok(proofs.length >= Math.min(leaves.length, 12));
    for (const { leaf, proof } of proofs) {
      assert.deepEqual(tree.getProof(leaves[leaf]), proof);
      assert.ok(SimpleMerkleTree.verify(root, leaves[leaf], proof));
    }
    assert.ok(multiproofs.length >= Math.min(leaves.length, 3));
    for (const { leaves: positions, proof, flags } of multiproofs) {
      const found = tree.getMultiProof(positions.map((position) => leaves[position]));
      const expected = { leaves: positions.map((position) => leaves[position]), proof, proofFlags: flags };
      assert.deepEqual(found, expected);
      assert.ok(SimpleMerkleTree.verifyMultiProof(root, expected));
    }
  });
}
