// What ancestry.json says follows from the same bytes by the library's own verifier.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { verifyMerkleProof } from '@ethereumjs/mpt';
import { RLP } from '@ethereumjs/rlp';

import { HISTORY, HISTORY_CODE, slotOf } from './bundle/ancestry.mjs';
import { equal, hex, keccak, toInteger, unhex } from './bytes.mjs';

const { cases } = JSON.parse(readFileSync(new URL('../ancestry.json', import.meta.url), 'utf8'));
const good = cases.filter(({ output }) => output);

const partsOf = ({ bundle, proof }) => {
  const parts = RLP.decode(unhex(bundle ?? proof));
  return { header: parts[3], ancestry: parts[4], nodes: parts.at(-1) };
};

test('the code of the history contract is the one that chains have', () => {
  assert.equal(hex(keccak(HISTORY_CODE)), '0x6e49e66782037c0555897870e29fa5e552daf4719552131a0abce779daec0a5d');
  assert.equal(slotOf(8191n), slotOf(0n));
});

test('the library finds each older hash where the one before has it, and the last answers', async () => {
  let byState = 0;
  let byHeader = 0;
  for (const { name, input, output } of good) {
    const { header, ancestry, nodes } = partsOf(input);
    assert.equal(hex(keccak(header)), input.trustedHash, name);
    let newer = RLP.decode(header);
    for (const rlp of ancestry) {
      const older = RLP.decode(rlp);
      const distance = toInteger(newer[8]) - toInteger(older[8]);
      if (distance === 1n) {
        assert.equal(hex(newer[0]), hex(keccak(rlp)), name);
        byHeader += 1;
      } else {
        assert.ok(distance > 1n && distance <= 8191n, name);
        const account = RLP.decode(await valueAt(newer[3], HISTORY, nodes));
        const word = RLP.decode(await valueAt(account[2], slotOf(toInteger(older[8])), nodes));
        assert.equal(hex(word), hex(keccak(rlp)), name);
        byState += 1;
      }
      newer = older;
    }
    assert.equal(String(toInteger(newer[8])), output.blockNumber, name);
    assert.equal(String(toInteger(newer[11])), output.blockTime, name);
  }
  assert.ok(byState > 10 && byHeader > 64, `${byState} by state, ${byHeader} by header`);
});

/** The value at a key; the library wants the root's node first, and takes the others in any order. */
async function valueAt(root, key, nodes) {
  const top = nodes.find((node) => equal(keccak(node), root));
  return verifyMerkleProof(keccak(unhex(key)), [top, ...nodes.filter((node) => node !== top)], { root });
}
