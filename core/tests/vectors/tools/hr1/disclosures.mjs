// Good cases of the operations "disclose" and "check".

import { ATTACHMENTS } from './commitments.mjs';
import { disclose } from './disclosure.mjs';
import { commit } from './record.mjs';
import { record, word } from '../parties.mjs';
import * as resources from './resources.mjs';

const BINDING = ['#patient', '#author', '#scope'];
const SCOPES = ['record', 'cardiology', 'study'].map((name) => word(`scope/${name}`));
const NAMES = String.raw`{"":{"":1},"a/b":[true],"m~n":{"~1":"x"},"\u0000":[[0]],"é😀":{"/":{}}}`;

const FULL = { scope: SCOPES, previous: word('previous commitment'), attachments: ATTACHMENTS };

const CHOICES = [
  ['a scalar document', '"Aspirin"', {}, ['']],
  ['the root of an object, which shows its names', resources.PATIENT, {}, ['']],
  ['one scalar, with the containers on the way', resources.OBSERVATION, {}, ['/valueQuantity/value']],
  ['two scalars of one container', resources.OBSERVATION, {}, ['/valueQuantity/value', '/valueQuantity/comparator']],
  ['a container asked for beside its content', resources.OBSERVATION, {}, ['/valueQuantity/unit', '/valueQuantity']],
  ['pointers in another order than the document', resources.PATIENT, {}, ['/gender', '/name/1/text', '/id', '#issued']],
  ['the last element of an array', '[0,1,2,3,4,5,6,7,8,9,10]', {}, ['/10']],
  ['an element deep inside', '['.repeat(64) + ']'.repeat(64), {}, ['/0'.repeat(63)]],
  [
    'empty names, slashes, tildes, NUL and letters beyond ASCII',
    NAMES,
    {},
    ['//', '/a~1b/0', '/m~0n/~01', '/\u0000/0/0', '/é😀/~1'],
  ],
  ['an empty container', '{"a":[],"b":{}}', {}, ['/a', '/b']],
  ['the binding alone', resources.ALLERGY, {}, BINDING],
  ['one reserved leaf alone', resources.ALLERGY, {}, ['#kind']],
  ['patient and author without scope, which binds nothing', resources.ALLERGY, {}, ['#patient', '#author']],
  [
    'a binding of three scopes and one element',
    resources.MEDICATION_REQUEST,
    { scope: SCOPES },
    [...BINDING, '/doNotPerform', '/status'],
  ],
  [
    'every reserved leaf',
    resources.IMAGING_REPORT,
    FULL,
    [...BINDING, '#kind', '#issued', '#previous', ...ATTACHMENTS.map(({ name }) => `#attachment/${name}`)],
  ],
  ['one attachment', resources.IMAGING_REPORT, FULL, ['#attachment/Röntgen 右.png']],
  ['numbers as written', resources.DEVICE_SERIES, {}, ['/0', '/1', '/3']],
  ['everything', resources.CLAIM, FULL, null],
  ['everything of the smallest record', 'null', {}, null],
];

export const DISCLOSURES = CHOICES.map(([name, text, changes, pointers]) => {
  const input = record(`disclose/${name}`, text, changes);
  return {
    name: `disclose: ${name}`,
    operation: 'disclose',
    input: { ...input, pointers: pointers ?? commit(input).leaves.map(({ path }) => path) },
  };
});

/** Each good disclosure, as its verifier receives it. */
export const CHECKS = DISCLOSURES.map(({ name, input }) => ({
  name: name.replace('disclose', 'check'),
  operation: 'check',
  input: { commitment: commit(input).commitment, ...disclose(input) },
}));
