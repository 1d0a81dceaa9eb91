// What bundle.json says follows from the same bytes by the library's own verifier, and nothing is left out.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { verifyMerkleProof } from '@ethereumjs/mpt';
import { RLP } from '@ethereumjs/rlp';

import { ALL_BASES, ALL_REASONS, BASES, decide, REASONS } from './bundle/decide.mjs';
import { OPERATIONS, PURPOSES, requiredPlaces } from './bundle/request.mjs';
import { BASE, pack, place, unpack } from './bundle/words.mjs';
import { equal, hex, keccak, toInteger, unhex } from './bytes.mjs';
import { address, word } from './parties.mjs';
import { EMPTY_ROOT } from './proof/tries.mjs';

const json = (path) => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
const { cases } = json('../bundle.json');
const good = cases.filter(({ output }) => output);
const decisions = good.map(({ output }) => output.decision);

const partsOf = ({ bundle }) => {
  const [version, chainId, contract, header, ancestry, nodes] = RLP.decode(unhex(bundle));
  return { version, chainId, contract, header, ancestry, nodes, fields: RLP.decode(header) };
};

test('there are at least 60 good cases, of every basis, reason and operation', () => {
  assert.ok(good.length >= 60);
  const bases = new Set(decisions.map(({ basis }) => basis));
  const reasons = new Set(decisions.map(({ reason }) => reason));
  for (const basis of Object.values(BASES)) assert.ok(bases.has(basis), basis);
  for (const reason of Object.values(REASONS)) assert.ok(reasons.has(reason), reason);
  const operations = new Set(good.map(({ input }) => input.request.operation));
  for (const operation of Object.keys(OPERATIONS)) assert.ok(operations.has(operation), operation);
});

test('the schema knows the same names', () => {
  const { permit, deny, request } = json('../schema.json').$defs;
  assert.deepEqual(permit.properties.basis.enum, Object.values(ALL_BASES));
  assert.deepEqual(deny.properties.reason.enum, Object.values(ALL_REASONS));
  assert.deepEqual(request.properties.operation.enum, Object.keys(OPERATIONS));
  assert.deepEqual(request.properties.purpose.enum, PURPOSES);
});

test('the storage is where the contract describes it', () => {
  const readme = readFileSync(new URL('../../../../contracts/README.md', import.meta.url), 'utf8');
  assert.ok(readme.includes(`\`0x${BASE.toString(16)}\``));
  const source = readFileSync(new URL('../../../../contracts/src/IHealthRecord.sol', import.meta.url), 'utf8');
  const named = source.match(/Purposes, one bit each from bit 0: ([A-Z,\s/]+)\(HL7/)[1];
  assert.deepEqual(named.match(/[A-Z]+/g), PURPOSES);
  const codes = [...source.matchAll(/\b(\d+)\s+(?:\/\/\/\s+)?([a-z]+(?:-[a-z]+)*)\b/g)].map(
    ([, code, name]) => `${code} ${name}`,
  );
  for (const [code, name] of Object.entries({ ...BASES, ...REASONS })) assert.ok(codes.includes(`${code} ${name}`), name);
});

test('a word is packed as it is written down, and unpacked again', () => {
  const fields = { epoch: 1n, flags: 1n, revision: 2n, cards: 3n };
  assert.equal(pack('account', fields), 0x000003_000002_01_00000001n);
  assert.deepEqual(unpack('account', pack('account', fields)), fields);
  const key = '000000000000000000000000' + address('patient').slice(2);
  const base = (BASE + 3n).toString(16).padStart(64, '0');
  assert.equal(place.account(address('patient')).slot, hex(keccak(unhex('0x' + key + base))));
  const joined = hex(keccak(unhex('0x' + key + key + word('scope').slice(2)))).slice(2);
  const grants = BASE.toString(16).padStart(64, '0');
  assert.equal(
    place.grant(address('patient'), address('patient'), word('scope')).slot,
    hex(keccak(unhex('0x' + joined + grants))),
  );
});

test('every good bundle is for its deployment and the trusted block', () => {
  for (const { name, input, output } of good) {
    const { version, chainId, contract, header, ancestry, fields } = partsOf(input);
    assert.deepEqual([...version], [1], name);
    assert.equal(String(toInteger(chainId)), input.deployment.chainId, name);
    assert.equal(hex(contract), input.deployment.contract, name);
    assert.equal(hex(keccak(header)), input.trustedHash, name);
    assert.deepEqual(ancestry, [], name);
    assert.equal(String(toInteger(fields[8])), output.blockNumber, name);
    assert.equal(String(toInteger(fields[11])), output.blockTime, name);
  }
});

test('the library takes the same words from the bundle, and they decide alike', async () => {
  for (const { name, input, output } of good) {
    const { fields, nodes } = partsOf(input);
    const account = await valueAt(fields[3], input.deployment.contract, nodes);
    const [, , storageRoot, codeHash] = RLP.decode(account);
    assert.ok(input.deployment.codeHashes.includes(hex(codeHash)), name);
    const words = new Map();
    for (const { kind, slot } of requiredPlaces(input.request)) {
      const value = await valueAt(storageRoot, slot, nodes);
      words.set(slot, unpack(kind, value === null ? 0n : toInteger(RLP.decode(value))));
    }
    const [at, time] = [BigInt(input.request.at), toInteger(fields[11])];
    const decision = decide(input.request, at > time ? at : time, ({ slot }) => words.get(slot));
    assert.deepEqual(decision, output.decision, name);
  }
});

test('a permit begins where the question does, and a deny of never-granted names no scope', () => {
  for (const { name, input, output } of good) {
    const { decision, blockTime } = output;
    const tried = [...input.request.scopes, '0x' + '0'.repeat(64)];
    assert.ok(tried.includes(decision.scope), name);
    if (decision.permit) {
      assert.ok(BigInt(decision.until) > BigInt(input.request.at), name);
      assert.ok(BigInt(decision.until) > BigInt(blockTime), name);
    } else if (decision.reason === 'never-granted') {
      assert.equal(decision.scope, tried.at(-1), name);
    }
  }
});

test('nodes are in walk order: each after one that names it', () => {
  for (const { name, input } of good) {
    const { nodes, fields } = partsOf(input);
    const known = [hex(fields[3])];
    for (const node of nodes) {
      assert.ok(node.length >= 32, name);
      assert.ok(
        known.some((text) => text.includes(hex(keccak(node)).slice(2))),
        name,
      );
      known.push(hex(node));
    }
    assert.equal(new Set(nodes.map(hex)).size, nodes.length, name);
  }
});

/** The value at a key; the library wants the root's node first, and takes the others in any order. */
async function valueAt(root, key, nodes) {
  if (equal(root, EMPTY_ROOT)) return null;
  const top = nodes.find((node) => equal(keccak(node), root));
  return verifyMerkleProof(keccak(unhex(key)), [top, ...nodes.filter((node) => node !== top)], { root });
}
