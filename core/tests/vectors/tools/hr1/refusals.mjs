// Bad cases of the operations "commit" and "disclose".

import { hex } from '../bytes.mjs';
import { BAD_DOCUMENTS } from './bad-documents.mjs';
import { ATTACHMENTS } from './commitments.mjs';
import { SUITE_BAD } from './suite-bad.mjs';
import { address, metadata, NO_ADDRESS, NO_SCOPE, record, word } from '../parties.mjs';

const SIX = [1, 2, 3, 4, 5, 6].map((number) => word(`scope/${number}`));
const [REPORT, SERIES] = ATTACHMENTS;

const BAD_METADATA = [
  ['record.scope_count', 'no scope', { scope: [] }],
  ['record.scope_count', 'six scopes', { scope: SIX }],
  ['record.scope_zero', 'scope 0 alone', { scope: [NO_SCOPE] }],
  ['record.scope_zero', 'scope 0 among others', { scope: [SIX[0], SIX[1], NO_SCOPE] }],
  ['record.scope_repeated', 'one scope twice in a row', { scope: [SIX[0], SIX[0]] }],
  ['record.scope_repeated', 'one scope first and last', { scope: [SIX[0], SIX[1], SIX[2], SIX[3], SIX[0]] }],
  ['record.kind', 'kind 0', { kind: 0 }],
  ['record.patient', 'no patient', { patient: NO_ADDRESS }],
  ['record.author', 'no author', { author: NO_ADDRESS }],
  [
    'record.attachment_repeated',
    'two attachments of one name',
    { attachments: [REPORT, SERIES, { ...SERIES, name: REPORT.name }] },
  ],
  ['record.attachment_repeated', 'the same attachment twice', { attachments: [REPORT, REPORT] }],
  ['record.attachment_name', 'an attachment without a name', { attachments: [{ ...REPORT, name: '' }] }],
  ['record.attachment_name', 'a name of 256 bytes', { attachments: [{ ...REPORT, name: 'é'.repeat(128) }] }],
];

const DOCUMENT = '{"a":[{"b/c":1},2],"":null}';
const BAD_POINTERS = [
  ['a member that is not there', ['/x']],
  ['an index beyond the end', ['/a/2']],
  ['an index with a leading zero', ['/a/00']],
  ['the index after the last', ['/a/-']],
  ['an element of a scalar', ['/a/1/0']],
  ['a slash that should be escaped', ['/a/0/b/c']],
  ['a slash at the end', ['/a/']],
  ['a reserved leaf that this record lacks', ['#previous']],
  ['an attachment that this record lacks', ['#attachment/report.pdf']],
  ['one wrong pointer among right ones', ['', '/a/1', '/A', '#kind']],
];

export const REFUSALS = [
  ...[...BAD_DOCUMENTS, ...SUITE_BAD].map(([code, name, text, offset]) => ({
    name: `${code}: ${name}`,
    operation: 'commit',
    input: typeof text === 'string' ? record(name, text) : fromBytes(name, text),
    expected: { code, offset },
  })),
  ...BAD_METADATA.map(([code, name, changes]) => ({
    name: `${code}: ${name}`,
    operation: 'commit',
    input: record(name, '{}', changes),
    expected: { code },
  })),
  ...BAD_POINTERS.map(([name, pointers]) => ({
    name: `disclosure.no_such_path: ${name}`,
    operation: 'disclose',
    input: { ...record(name, DOCUMENT, { author: address('clinic') }), pointers },
    expected: { code: 'disclosure.no_such_path' },
  })),
];

function fromBytes(name, bytes) {
  return { documentHex: hex(bytes), secret: word(`secret/${name}`), metadata: metadata() };
}
