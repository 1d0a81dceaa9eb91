// What golden/texts.json says of random texts, this reader says too: its code and its offset.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { unhex } from './bytes.mjs';
import { outcome } from './fault.mjs';
import { documentLeaves } from './hr1/leaf.mjs';
import { parse } from './json.mjs';

const { cases } = JSON.parse(readFileSync(new URL('../golden/texts.json', import.meta.url), 'utf8'));

test('two readers break off at the same byte for the same reason', () => {
  assert.ok(cases.length > 900, `${cases.length} texts`);
  for (const { text, values, code, offset } of cases) {
    const found = outcome((bytes) => documentLeaves(parse(bytes)).length, unhex(text));
    assert.deepEqual(found, values === undefined ? { error: { code, offset } } : { output: values }, text);
  }
});
