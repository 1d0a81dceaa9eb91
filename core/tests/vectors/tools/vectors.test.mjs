// Every vector file follows the schema, and is what the tool makes.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import Ajv from 'ajv/dist/2020.js';

const FOLDER = new URL('../', import.meta.url);
const LARGEST = 1 << 20;

const names = readdirSync(FOLDER).filter((name) => name.endsWith('.json') && name !== 'schema.json');
const texts = Object.fromEntries(names.map((name) => [name, readFileSync(new URL(name, FOLDER), 'utf8')]));
const cases = Object.values(texts).flatMap((text) => JSON.parse(text).cases);

test('every file follows the schema', () => {
  const schema = JSON.parse(readFileSync(new URL('schema.json', FOLDER), 'utf8'));
  const validate = new Ajv({ strict: true, strictTypes: false, strictRequired: false, allErrors: true }).compile(schema);
  for (const [name, text] of Object.entries(texts)) {
    assert.ok(validate(JSON.parse(text)), `${name}: ${JSON.stringify(validate.errors?.slice(0, 3))}`);
  }
});

test('the tool makes every file, the same bytes twice', () => {
  for (let time = 0; time < 2; time += 1) {
    const folder = mkdtempSync(join(tmpdir(), 'healthrecord-vectors-'));
    try {
      execFileSync(process.execPath, [fileURLToPath(new URL('make.mjs', import.meta.url)), folder]);
      assert.deepEqual(readdirSync(folder).sort(), names.sort());
      for (const name of names) assert.ok(readFileSync(join(folder, name), 'utf8') === texts[name], `${name} differs`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
});

test('no file is too large to read in a review', () => {
  for (const [name, text] of Object.entries(texts)) assert.ok(Buffer.byteLength(text) < LARGEST, name);
});

test('names are unique', () => {
  const seen = new Set();
  for (const { name } of cases) {
    assert.ok(!seen.has(name), `twice: ${name}`);
    seen.add(name);
  }
});

test('every code has a bad case, and the name of a bad case tells its code', () => {
  const codes = new Set(cases.flatMap(({ error }) => (error ? [error.code] : [])));
  for (const code of CODES) assert.ok(codes.has(code), `no case for ${code}`);
  for (const code of codes) assert.ok(CODES.includes(code), `not listed: ${code}`);
  for (const { name, error } of cases) assert.ok(!error || name.startsWith(`${error.code}: `), name);
});

const family = (name, rules) => rules.map((rule) => `${name}.${rule}`);
const CODES = [
  ...family('json', [
    'utf8',
    'bom',
    'unexpected_end',
    'unexpected_byte',
    'control_character',
    'escape',
    'lone_surrogate',
    'number',
    'trailing_bytes',
    'too_deep',
    'duplicate_member',
  ]),
  ...family('record', [
    'scope_count',
    'scope_zero',
    'scope_repeated',
    'kind',
    'patient',
    'author',
    'attachment_repeated',
    'attachment_name',
  ]),
  ...family('disclosure', [
    'no_such_path',
    'root',
    'proof_length',
    'proof_unused',
    'repeated_path',
    'value',
    'path',
    'missing_container',
    'contradiction',
  ]),
  ...family('proof', [
    'missing_node',
    'unused_node',
    'duplicate_node',
    'node_too_large',
    'rlp',
    'malformed_node',
    'wrong_reference',
    'value',
    'zero_value',
    'account',
  ]),
  ...family('header', ['too_large', 'rlp', 'field_count', 'field']),
  ...family('anchor', ['hash_mismatch']),
  ...family('extra', ['rule', 'too_short', 'rlp', 'vote', 'signers']),
  ...family('bft', [
    'trusting_period',
    'copies',
    'expired',
    'lower',
    'older',
    'conflict',
    'parent',
    'empty_set',
    'duplicate_validator',
    'too_many_validators',
    'set_change',
    'not_member',
    'duplicate_seal',
    'quorum',
    'old_quorum',
    'other_block',
    'other_round',
  ]),
  ...family('seal', ['parity']),
  ...family('anchor_state', ['version', 'length', 'check', 'rule', 'order']),
  ...family('clique', ['not_signer']),
  ...family('bundle', ['rlp', 'version', 'too_many_ancestors']),
  ...family('step', ['not_older', 'out_of_range', 'no_history', 'history_code', 'no_hash', 'hash_mismatch']),
  ...family('consent', ['rlp', 'version']),
  ...family('signature', ['v', 'out_of_range', 'high_s', 'no_key', 'other_signer']),
  ...family('typed_data', [
    'name',
    'duplicate_member',
    'unknown_type',
    'circular',
    'too_many_types',
    'unsigned_domain',
    'missing_member',
    'value',
    'range',
    'length',
    'hex',
    'address',
  ]),
  // key.no_key is one step of a path in 2^127: nobody knows one.
  ...family('key', [
    'invalid',
    'word_count',
    'unknown_word',
    'checksum',
    'entropy_length',
    'seed_length',
    'path_master',
    'path_number',
    'path_length',
  ]),
  ...family('address', ['checksum']),
  ...family('hex', ['digit', 'length', 'odd_length']),
  ...family('keystore', ['version', 'unknown', 'work', 'password', 'address']),
  ...family('form', ['missing_field', 'type', 'hex']),
  ...family('rlp', [
    'leading_zero',
    'integer_too_large',
    'wrong_length',
    'unexpected_list',
    'unexpected_string',
    'unexpected_end',
    'trailing_bytes',
    'non_canonical_byte',
    'non_canonical_size',
  ]),
  ...family('tx', [
    'empty',
    'unknown_type',
    'parity',
    'other_chain',
    'nonce_too_large',
    'priority_fee_above_max_fee',
    'no_recipient',
    'no_blobs',
    'blob_version',
    'no_authorizations',
  ]),
  ...family('abi', ['length', 'range']),
  ...family('event', ['rlp', 'version', 'too_many_ancestors', 'chain', 'contract', 'no_log', 'other_contract', 'unknown_topic']),
  ...family('receipt', [
    'wrong_node',
    'missing_node',
    'unused_node',
    'node',
    'malformed_node',
    'absent',
    'unknown_type',
    'rlp',
    'too_many_topics',
  ]),
  ...family('word', ['unknown_bits', 'state', 'operations', 'flags', 'writer', 'parent']),
  ...family('verify', ['chain', 'contract', 'no_contract', 'code_hash', 'stale', 'future', 'past']),
  ...family('request', ['zero_patient', 'zero_accessor', 'too_many_scopes', 'zero_scope', 'zero_salt', 'delegator', 'time']),
];
