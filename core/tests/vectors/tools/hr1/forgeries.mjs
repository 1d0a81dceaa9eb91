// Bad cases of the operation "check", each with one fault. Where no honest record would hold the
// leaves in question, a tree is built round them by hand, so that the proof itself is right.

import { compare, concat, hex, keccak, u16, u32, u64, unhex, utf8 } from '../bytes.mjs';
import { discloseFrom, prove } from './disclosure.mjs';
import { jsonValue, leafOf, saltOf } from './leaf.mjs';
import { address, record, word } from '../parties.mjs';
import { recordLeaves, sealed, treeOf } from './record.mjs';
import { OBSERVATION } from './resources.mjs';

const SECRET = unhex(word('secret/forger'));
const HONEST = recordLeaves(record('honest', OBSERVATION));
const SHOWN = ['/valueQuantity/value', '#patient', '#author', '#scope'];

const text = (content) => concat(utf8('s'), utf8(content));
const raw = (tag, ...content) => concat(utf8(tag), ...content);
const array = (length) => raw('[', u32(length));
const object = (...names) => jsonValue({ type: 'object', members: names.map((name) => ({ name })) });
const member = (name) => concat(u32(utf8(name).length), utf8(name));

/** A check of the honest disclosure after `change`. */
function changed(code, name, change) {
  const input = { commitment: treeOf(HONEST).root, ...discloseFrom(HONEST, SHOWN) };
  change(input);
  return { name: `${code}: ${name}`, operation: 'check', input, expected: { code } };
}

/** A check of leaves with these paths and values, in a tree with a few that stay hidden. */
function forged(code, name, ...openings) {
  const shown = sealed(
    openings.map(([path, value]) => ({ path, value })),
    SECRET,
  );
  const hidden = sealed(
    ['/h', '/i', '/j'].map((path) => ({ path, value: text(name) })),
    SECRET,
  );
  const leaves = [...shown, ...hidden];
  const input = { commitment: treeOf(leaves).root, ...prove(leaves, shown) };
  return { name: `${code}: ${name}`, operation: 'check', input, expected: { code } };
}

/** The disclosure that verifiers once took: a tree over a zero leaf "proves" what nobody committed. */
function surplus() {
  const value = object();
  const salt = saltOf(SECRET, '');
  const leaf = leafOf(salt, '', value);
  const commitment = hex(keccak(...[leaf, new Uint8Array(32)].sort(compare)));
  const leaves = [{ path: '', value: hex(value), salt: hex(salt) }];
  const input = { commitment, leaves, proof: [word('surplus')], flags: [true] };
  return {
    name: 'disclosure.proof_unused: a zero leaf stands in for the surplus',
    operation: 'check',
    input,
    expected: { code: 'disclosure.proof_unused' },
  };
}

const PROOFS = [
  changed('disclosure.root', 'another commitment', (input) => (input.commitment = word('another commitment'))),
  changed('disclosure.root', 'a changed value', (input) => (input.leaves.at(-1).value = hex(raw('n', utf8('6.5'))))),
  changed('disclosure.root', 'a changed salt', (input) => (input.leaves[0].salt = word('another salt'))),
  changed('disclosure.root', 'a changed hash in the proof', (input) => (input.proof[0] = word('another hash'))),
  changed('disclosure.root', 'two hashes of the proof in the wrong order', (input) =>
    input.proof.push(...input.proof.splice(0, 1)),
  ),
  changed('disclosure.root', 'another patient', (input) => (input.leaves[0].value = hex(raw('b', unhex(address('stranger')))))),
  changed('disclosure.proof_length', 'a hash too few', (input) => input.proof.pop()),
  changed('disclosure.proof_length', 'a hash too many', (input) => input.proof.push(word('surplus'))),
  changed('disclosure.proof_length', 'a flag too few', (input) => input.flags.pop()),
  changed('disclosure.proof_length', 'a flag too many', (input) => input.flags.push(false)),
  changed('disclosure.proof_length', 'a leaf too few', (input) => input.leaves.shift()),
  changed('disclosure.proof_length', 'no leaf, and the commitment for a proof', (input) => {
    Object.assign(input, { leaves: [], proof: [input.commitment], flags: [] });
  }),
  changed('disclosure.proof_length', 'nothing at all', (input) => {
    Object.assign(input, { leaves: [], proof: [], flags: [] });
  }),
  changed('disclosure.proof_unused', 'a hash too many, hidden by a flag', (input) => {
    input.proof.push(word('surplus'));
    input.flags.push(true);
  }),
  surplus(),
];

const OPENINGS = [
  forged('disclosure.repeated_path', 'two values at one path', ['', object('a')], ['/a', text('yes')], ['/a', text('no')]),
  forged(
    'disclosure.repeated_path',
    'two patients',
    ['#patient', raw('b', unhex(address('one')))],
    ['#patient', raw('b', unhex(address('two')))],
  ),
  forged('disclosure.repeated_path', 'the same leaf twice', ['', text('x')], ['', text('x')]),

  forged('disclosure.path', 'no slash', ['', object('a')], ['a', text('x')]),
  forged('disclosure.path', 'a tilde that escapes nothing', ['', object('~')], ['/~', text('x')]),
  forged('disclosure.path', 'a tilde before 2', ['', object('~2')], ['/~2', text('x')]),
  forged('disclosure.path', 'an unknown reserved path', ['#subject', raw('b', new Uint8Array(20))]),
  forged('disclosure.path', 'a reserved path in another case', ['#Patient', raw('b', new Uint8Array(20))]),
  forged('disclosure.path', 'a reserved path with more behind it', ['#scope/0', raw('b', new Uint8Array(32))]),
  forged('disclosure.path', 'attachments without a name', ['#attachment', raw('b', new Uint8Array(40))]),
  forged('disclosure.path', 'a pointer in a URI fragment', ['#/a', text('x')]),

  ...[
    ['nothing', raw('')],
    ['an unknown tag', raw('x', utf8('1'))],
    ['a reserved value in the document', raw('b', unhex(address('one')))],
    ['a string that is not UTF-8', raw('s', Uint8Array.of(0xff))],
    ['a number with a leading zero', raw('n', utf8('01'))],
    ['an empty number', raw('n')],
    ['a number with a space behind it', raw('n', utf8('1 '))],
    ['true with more behind it', raw('t', utf8('rue'))],
    ['null with more behind it', raw('z', Uint8Array.of(0))],
    ['an array of three bytes for a length', raw('[', Uint8Array.of(0, 0, 1))],
    ['an array with more behind it', raw('[', u32(1), Uint8Array.of(0))],
    ['an object without a count', raw('{')],
    ['an object with fewer names than it counts', raw('{', u32(2), member('a'))],
    ['an object with more names than it counts', raw('{', u32(1), member('a'), member('b'))],
    ['an object with a name cut off', raw('{', u32(1), u32(2), utf8('a'))],
    ['an object with a length cut off', raw('{', u32(1), Uint8Array.of(0, 0, 0))],
    ['an object with names in the wrong order', raw('{', u32(2), member('b'), member('a'))],
    ['an object with names in the order of UTF-16', raw('{', u32(2), member('😀'), member('～'))],
    ['an object with a name twice', raw('{', u32(2), member('a'), member('a'))],
    ['an object with a name that is not UTF-8', raw('{', u32(1), u32(1), Uint8Array.of(0xff))],
  ].map(([name, value]) => forged('disclosure.value', name, ['', value])),
  ...[
    ['a patient of 19 bytes', '#patient', raw('b', new Uint8Array(19).fill(1))],
    ['an author of 32 bytes', '#author', raw('b', new Uint8Array(32).fill(1))],
    ['a kind of one byte', '#kind', raw('b', Uint8Array.of(1))],
    ['a kind under another tag', '#kind', raw('n', u16(1))],
    ['a time of five bytes', '#issued', raw('b', new Uint8Array(5))],
    ['no scope', '#scope', raw('b')],
    ['one scope and a half', '#scope', raw('b', new Uint8Array(48).fill(1))],
    ['six scopes', '#scope', raw('b', ...[1, 2, 3, 4, 5, 6].map((byte) => new Uint8Array(32).fill(byte)))],
    ['a patient who is nobody', '#patient', raw('b', new Uint8Array(20))],
    ['an author who is nobody', '#author', raw('b', new Uint8Array(20))],
    ['kind 0', '#kind', raw('b', u16(0))],
    ['scope 0', '#scope', raw('b', new Uint8Array(32))],
    ['scope 0 behind another', '#scope', raw('b', new Uint8Array(32).fill(1), new Uint8Array(32))],
    ['one scope twice', '#scope', raw('b', new Uint8Array(64).fill(1))],
    ['a previous commitment of 31 bytes', '#previous', raw('b', new Uint8Array(31).fill(1))],
    ['an attachment without its hash', '#attachment/a', raw('b', u64(1))],
  ].map(([name, path, value]) => forged('disclosure.value', name, [path, value])),

  forged('disclosure.missing_container', 'an element without its container', ['/a', text('x')]),
  forged(
    'disclosure.missing_container',
    'a container left out on the way',
    ['', object('a')],
    ['/a/0/b', text('x')],
    ['/a', array(1)],
  ),
  forged('disclosure.missing_container', 'the root left out', ['/a', object('b')], ['/a/b', text('x')]),

  forged('disclosure.contradiction', 'a name that the object does not list', ['', object('a', 'c')], ['/b', text('x')]),
  forged('disclosure.contradiction', 'a name that is only the beginning of a listed one', ['', object('ab')], ['/a', text('x')]),
  forged('disclosure.contradiction', 'a member of an empty object', ['', object()], ['/', text('x')]),
  forged('disclosure.contradiction', 'an index beyond the length', ['', array(2)], ['/2', text('x')]),
  forged('disclosure.contradiction', 'an index of an empty array', ['', array(0)], ['/0', text('x')]),
  forged('disclosure.contradiction', 'an index above 32 bits', ['', array(2)], ['/4294967296', text('x')]),
  forged('disclosure.contradiction', 'an index with a leading zero', ['', array(2)], ['/01', text('x')]),
  forged('disclosure.contradiction', 'a name in an array', ['', array(2)], ['/a', text('x')]),
  forged('disclosure.contradiction', 'an empty index', ['', array(2)], ['/', text('x')]),
  forged('disclosure.contradiction', 'an element of a scalar', ['', text('x')], ['/0', text('x')]),
  forged(
    'disclosure.contradiction',
    'deep inside',
    ['', object('a')],
    ['/a', array(1)],
    ['/a/0', object('b')],
    ['/a/0/c', text('x')],
  ),
];

export const FORGERIES = [...PROOFS, ...OPENINGS];
