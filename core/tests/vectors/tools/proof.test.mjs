// What proof.json says is what the library's own verifier takes from the same bytes.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { verifyMerkleProof } from '@ethereumjs/mpt';
import { RLP } from '@ethereumjs/rlp';

import { equal, hex, keccak, toInteger, unhex } from './bytes.mjs';

const EMPTY_ROOT = keccak(RLP.encode(new Uint8Array()));

const { cases } = JSON.parse(readFileSync(new URL('../proof.json', import.meta.url), 'utf8'));
const good = cases.filter(({ output }) => output);

test('every good header has the trusted hash, and the number and time that are given', () => {
  for (const { name, input, output } of good) {
    const fields = RLP.decode(unhex(input.header));
    assert.equal(hex(keccak(unhex(input.header))), input.trustedHash, name);
    assert.equal(String(toInteger(fields[8])), output.number, name);
    assert.equal(String(toInteger(fields[11])), output.timestamp, name);
  }
});

test('the nodes of every good case prove its account and its words, or their absence', async () => {
  for (const { name, input, output } of good) {
    const stateRoot = RLP.decode(unhex(input.header))[3];
    const leaf = await valueAt(stateRoot, input.address, input.nodes);
    assert.equal(leaf === null, output.account === null, name);
    if (leaf === null) {
      assert.ok(
        output.words.every((word) => word === '0x0'),
        name,
      );
      continue;
    }
    const [nonce, balance, storageRoot, codeHash] = RLP.decode(leaf);
    assert.equal(String(toInteger(nonce)), output.account.nonce, name);
    assert.equal(toInteger(balance), BigInt(output.account.balance), name);
    assert.equal(hex(storageRoot), output.account.storageRoot, name);
    assert.equal(hex(codeHash), output.account.codeHash, name);
    for (const [index, slot] of input.slots.entries()) {
      const word = await valueAt(storageRoot, slot, input.nodes);
      assert.equal(word === null ? 0n : toInteger(RLP.decode(word)), BigInt(output.words[index]), name);
    }
  }
});

test('no node of a good case is short or given twice', () => {
  for (const { name, input } of good) {
    assert.equal(new Set(input.nodes).size, input.nodes.length, name);
    assert.ok(
      input.nodes.every((node) => unhex(node).length >= 32),
      name,
    );
  }
});

/** The value at a key; the library wants the root's node first, and takes the others in any order. */
async function valueAt(root, key, nodes) {
  if (equal(root, EMPTY_ROOT)) return null;
  const bytes = nodes.map(unhex);
  const top = bytes.find((node) => equal(keccak(node), root));
  return verifyMerkleProof(keccak(unhex(key)), [top, ...bytes.filter((node) => node !== top)], { root });
}
