// The paths and values that a disclosure may hold, read back from their bytes.

import { compare, equal, fromUtf8, hex, toInteger, utf8 } from '../bytes.mjs';
import { Fault } from '../fault.mjs';
import { firstInvalidByte, isNumber } from '../json.mjs';

/** Checks the content of each reserved leaf but those of attachments. */
const RESERVED = {
  '#patient': (content) => content.length === 20 && isSet(content),
  '#author': (content) => content.length === 20 && isSet(content),
  '#kind': (content) => content.length === 2 && isSet(content),
  '#issued': (content) => content.length === 8,
  '#scope': isScopeList,
  '#previous': (content) => content.length === 32,
};
const ATTACHMENT = '#attachment/';
const ATTACHMENT_LENGTH = 8 + 32;

/** The member names and indexes that a JSON Pointer is made of; null for a reserved path. */
export function tokensOf(path) {
  if (path.startsWith('#')) {
    if (Object.hasOwn(RESERVED, path)) return null;
    if (path.startsWith(ATTACHMENT) && path.length > ATTACHMENT.length) return null;
    throw new Fault('disclosure.path');
  }
  if (path !== '' && !path.startsWith('/')) throw new Fault('disclosure.path');
  if (/~(?![01])/.test(path)) throw new Fault('disclosure.path');
  return path
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The path of the container that holds what stands at this one; null for the whole document. */
export function parentOf(path) {
  return path === '' ? null : path.slice(0, path.lastIndexOf('/'));
}

/** Checks that bytes are a value that the leaf at this path can have. */
export function checkValue(path, value) {
  const fits = path.startsWith('#') ? fitsReserved(path, value) : fitsDocument(value);
  if (!fits) throw new Fault('disclosure.value');
}

function fitsReserved(path, value) {
  if (tagOf(value) !== 'b') return false;
  const content = value.subarray(1);
  return path.startsWith(ATTACHMENT) ? content.length === ATTACHMENT_LENGTH : RESERVED[path](content);
}

/** Complete, 1 to 5 of them, none zero, none twice. */
function isScopeList(content) {
  const scopes = [];
  for (let at = 0; at < content.length; at += 32) scopes.push(content.subarray(at, at + 32));
  const isWhole = content.length % 32 === 0 && scopes.length >= 1 && scopes.length <= 5;
  return isWhole && scopes.every(isSet) && new Set(scopes.map(hex)).size === scopes.length;
}

function isSet(content) {
  return content.some((byte) => byte !== 0);
}

function fitsDocument(value) {
  const content = value.subarray(1);
  switch (tagOf(value)) {
    case 's':
      return firstInvalidByte(content) === -1;
    case 'n':
      return isNumber(Buffer.from(content).toString('latin1'));
    case 't':
    case 'f':
    case 'z':
      return content.length === 0;
    case '[':
      return content.length === 4;
    case '{':
      return namesIn(content) !== null;
    default:
      return false;
  }
}

/** True where a container's value says that it has an element of this name or index. */
export function hasChild(value, token) {
  const content = value.subarray(1);
  if (tagOf(value) === '{') return namesIn(content).some((name) => equal(name, utf8(token)));
  if (tagOf(value) !== '[' || !/^(0|[1-9][0-9]*)$/.test(token)) return false;
  return BigInt(token) < toInteger(content);
}

/** The member names of an object's value, without its tag; null if the bytes are no such list. */
function namesIn(content) {
  if (content.length < 4) return null;
  const names = [];
  let rest = content.subarray(4);
  while (rest.length > 0) {
    if (rest.length < 4) return null;
    const end = 4 + Number(toInteger(rest.subarray(0, 4)));
    if (rest.length < end) return null;
    names.push(rest.subarray(4, end));
    rest = rest.subarray(end);
  }
  const ascend = names.slice(1).every((name, index) => compare(names[index], name) < 0);
  const areText = names.every((name) => firstInvalidByte(name) === -1);
  return BigInt(names.length) === toInteger(content.subarray(0, 4)) && ascend && areText ? names : null;
}

/** The addresses and scopes that a list of openings binds; null if one of the three is missing. */
export function boundBy(openings) {
  const content = (path) => openings.find((opening) => opening.path === path)?.value.subarray(1);
  const [patient, author, scope] = ['#patient', '#author', '#scope'].map(content);
  if (!patient || !author || !scope) return null;
  const scopes = [];
  for (let at = 0; at < scope.length; at += 32) scopes.push(hex(scope.subarray(at, at + 32)));
  return { patient: hex(patient), author: hex(author), scope: scopes };
}

function tagOf(value) {
  return String.fromCharCode(value[0] ?? 0);
}
