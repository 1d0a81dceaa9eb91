// Good cases of the operation "commit".

import { hex, keccak, utf8 } from '../bytes.mjs';
import { DOCUMENTS } from './documents.mjs';
import { SUITE_GOOD } from './suite-good.mjs';
import { address, record, word } from '../parties.mjs';
import * as resources from './resources.mjs';

const GROUPS = ['cardiology', 'study', 'insurer', 'family'].map((name) => word(`scope/${name}`));
const OWN = word('scope/record');

export const ATTACHMENTS = [
  { name: 'report.pdf', length: '18', hash: hex(keccak(utf8('%PDF-1.7 a report\n'))) },
  { name: 'series 1.dcm', length: '18446744073709551615', hash: word('attachment/series') },
  { name: 'empty', length: '0', hash: hex(keccak()) },
  { name: 'Röntgen 右.png', length: '4096', hash: word('attachment/image') },
];

const RECORDS = [
  ['a patient', resources.PATIENT, { kind: 6 }],
  ['a laboratory value', resources.OBSERVATION, { author: address('laboratory'), scope: [OWN, GROUPS[0]] }],
  ['a request that forbids a medication', resources.MEDICATION_REQUEST, {}],
  ['an allergy in a group', resources.ALLERGY, { scope: [OWN, GROUPS[3]] }],
  ['a claim', resources.CLAIM, { kind: 5, scope: [OWN, GROUPS[2]] }],
  ['readings of a device', resources.DEVICE_SERIES, { author: address('device') }],
  ['an imaging report with attachments', resources.IMAGING_REPORT, { attachments: ATTACHMENTS }],
  ['one attachment', '{}', { attachments: ATTACHMENTS.slice(0, 1) }],
  ['an attachment with a name of 255 bytes', '{}', { attachments: [{ ...ATTACHMENTS[0], name: 'é'.repeat(127) + 'x' }] }],
  ['no attachment, though the list is there', '{}', { attachments: [] }],
  ['a later version', '{"status":"amended"}', { previous: word('previous commitment') }],
  [
    'everything that can be reserved',
    '{"a":1}',
    {
      scope: [OWN, ...GROUPS],
      previous: word('previous commitment'),
      attachments: ATTACHMENTS.slice(2),
    },
  ],
  ['a record by the patient', '{"text":"Slept badly."}', { author: address('patient') }],
  ['the smallest numbers', 'null', { kind: 1, issued: '0' }],
  ['the greatest numbers', 'null', { kind: 65535, issued: '18446744073709551615' }],
  ['issued beyond what a double holds', 'null', { issued: '9007199254740993' }],
  ...[1, 2, 3, 4, 5].map((count) => [`${count} of 5 scopes`, '{}', { scope: [OWN, ...GROUPS].slice(0, count) }]),
  ['the same scopes in another order', '{}', { scope: [OWN, ...GROUPS].reverse() }],
];

export const COMMITMENTS = [
  ...[...DOCUMENTS, ...SUITE_GOOD].map(([name, text]) => commit(name, record(name, text))),
  ...RECORDS.map(([name, text, changes]) => commit(name, record(name, text, changes))),
  commit('UTF-8 given as bytes', {
    documentHex: hex(utf8('{"é":"😀"}')),
    secret: word('secret/bytes'),
    metadata: record('', '').metadata,
  }),
  commit('the empty object under another secret', { ...record('an empty object', '{}'), secret: word('another secret') }),
];

function commit(name, input) {
  return { name: `commit: ${name}`, operation: 'commit', input };
}
