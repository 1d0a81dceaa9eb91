// What format hr1 hashes: salts, leaves, and the values that leaves hold.

import { compare, concat, keccak, u16, u32, u64, unhex, utf8 } from '../bytes.mjs';

const TAG_SALT = keccak(utf8('healthrecord/hr1/salt'));
const TAG_LEAF = keccak(utf8('healthrecord/hr1/leaf'));

export function saltOf(secret, path) {
  return keccak(TAG_SALT, secret, lengthPrefixed(path));
}

export function leafOf(salt, path, value) {
  return keccak(TAG_LEAF, salt, lengthPrefixed(path), value);
}

/** The value of a scalar or container as `json.mjs` reads it. */
export function jsonValue(node) {
  switch (node.type) {
    case 'string':
      return concat(utf8('s'), utf8(node.text));
    case 'number':
      return concat(utf8('n'), utf8(node.text));
    case 'true':
      return utf8('t');
    case 'false':
      return utf8('f');
    case 'null':
      return utf8('z');
    case 'array':
      return concat(utf8('['), u32(node.items.length));
    case 'object': {
      const names = node.members.map(({ name }) => utf8(name)).sort(compare);
      return concat(utf8('{'), u32(names.length), ...names.map((name) => concat(u32(name.length), name)));
    }
  }
  throw new Error(`no such type: ${node.type}`);
}

/** The reserved leaves that stand beside a document, as `{path, value}` in order. */
export function reservedLeaves(metadata) {
  const { patient, author, kind, issued, scope, previous, attachments = [] } = metadata;
  const leaf = (path, ...content) => ({ path, value: concat(utf8('b'), ...content) });
  return [
    leaf('#patient', unhex(patient)),
    leaf('#author', unhex(author)),
    leaf('#kind', u16(kind)),
    leaf('#issued', u64(issued)),
    leaf('#scope', ...scope.map(unhex)),
    ...(previous === undefined ? [] : [leaf('#previous', unhex(previous))]),
    ...attachments.map(({ name, length, hash }) => leaf(`#attachment/${name}`, u64(length), unhex(hash))),
  ];
}

/** The leaves of a document as `{path, value}`: a container, then what it contains, as written. */
export function documentLeaves(node, path = '') {
  const own = { path, value: jsonValue(node) };
  if (node.type === 'array') {
    return [own, ...node.items.flatMap((item, index) => documentLeaves(item, `${path}/${index}`))];
  }
  if (node.type === 'object') {
    const members = node.members.map(({ name, value }) => documentLeaves(value, `${path}/${pointerToken(name)}`));
    return [own, ...members.flat()];
  }
  return [own];
}

/** A member name as a token of an RFC 6901 JSON Pointer. */
function pointerToken(name) {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

function lengthPrefixed(path) {
  const bytes = utf8(path);
  return concat(u32(bytes.length), bytes);
}
