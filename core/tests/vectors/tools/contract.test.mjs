// contract.json and consent.json leave nothing out.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { verifyTypedData } from 'ethers';

import { CONSENT_BASES, CONSENT_REASONS } from './bundle/decide.mjs';
import { entries, SIGNED } from './contract/interface.mjs';

const json = (name) => JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')).cases;
const contract = json('contract.json');
const consents = json('consent.json');
const seen = (operation, name) =>
  new Set(contract.filter((one) => one.operation === operation && one.output).map(name));

test('every function, event, error and signed struct has a case', () => {
  const functions = seen('call', ({ input }) => input.function);
  for (const { name } of entries('function')) assert.ok(functions.has(name), name);
  const events = seen('event', ({ output }) => output.event);
  for (const { name } of entries('event')) assert.ok(events.has(name), name);
  const errors = seen('revert', ({ output }) => output.error);
  for (const { name } of entries('error')) assert.ok(errors.has(name), name);
  const structs = seen('message', ({ input }) => input.struct);
  assert.deepEqual([...structs].sort(), SIGNED.map(({ name }) => name).sort());
});

test('the structs are those that the interface documents', () => {
  const source = readFileSync(new URL('../../../../contracts/src/IHealthRecord.sol', import.meta.url), 'utf8');
  const text = source.replace(/\n\/\/\/\s*/g, ' ');
  for (const { name, members } of SIGNED) {
    const list = `(${members.map((member) => member.name).join(', ')})`;
    const documented = new RegExp('`' + name + '(`, `\\w+)*' + list.replace(/[()]/g, '\\$&') + '`');
    assert.match(text, documented);
  }
});

test('every message is signed by its signer', () => {
  for (const { name, input, output } of contract.filter(({ operation }) => operation === 'message')) {
    const { members } = SIGNED.find((one) => one.name === input.struct);
    const domain = { name: 'HealthRecord', version: '1', chainId: input.chainId, verifyingContract: input.contract };
    const signer = verifyTypedData(domain, { [input.struct]: members }, input.members, output.signature);
    assert.equal(signer.toLowerCase(), output.signer, name);
  }
});

test('consents permit, and are refused for every reason', () => {
  const decisions = consents.flatMap(({ output }) => (output ? [output.decision] : []));
  for (const basis of Object.values(CONSENT_BASES))
    assert.ok(
      decisions.some((one) => one.basis === basis),
      basis,
    );
  for (const reason of Object.values(CONSENT_REASONS))
    assert.ok(
      decisions.some((one) => one.reason === reason),
      reason,
    );
});

test('a consent fits a QR code of version 11 at error correction M', () => {
  for (const { name, input, output } of consents) {
    if (output) assert.ok(input.consent.length / 2 - 1 <= 216, name);
  }
});
