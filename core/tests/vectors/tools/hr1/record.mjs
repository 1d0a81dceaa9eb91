// The operation "commit": a record's leaves and their root.

import { SimpleMerkleTree } from '@openzeppelin/merkle-tree';

import { hex, unhex, utf8 } from '../bytes.mjs';
import { Fault } from '../fault.mjs';
import { parse } from '../json.mjs';
import { documentLeaves, leafOf, reservedLeaves, saltOf } from './leaf.mjs';

const MOST_SCOPES = 5;
const LONGEST_NAME = 255;

export function commit(input) {
  const leaves = recordLeaves(input);
  return {
    commitment: treeOf(leaves).root,
    leaves: leaves.map(({ path, value, salt, leaf }) => ({
      path,
      value: hex(value),
      salt: hex(salt),
      leaf: hex(leaf),
    })),
  };
}

/** The leaves of a record as `{path, value, salt, leaf}`: the reserved ones, then the document's. */
export function recordLeaves({ document, documentHex, secret, metadata }) {
  checkMetadata(metadata);
  const text = documentHex === undefined ? utf8(document) : unhex(documentHex);
  return sealed([...reservedLeaves(metadata), ...documentLeaves(parse(text))], unhex(secret));
}

/** Adds to each `{path, value}` its salt and its leaf. */
export function sealed(openings, secret) {
  return openings.map(({ path, value }) => {
    const salt = saltOf(secret, path);
    return { path, value, salt, leaf: leafOf(salt, path, value) };
  });
}

export function treeOf(leaves) {
  return SimpleMerkleTree.of(leaves.map(({ leaf }) => leaf));
}

function checkMetadata({ patient, author, kind, scope, attachments = [] }) {
  if (isZero(patient)) throw new Fault('record.patient');
  if (isZero(author)) throw new Fault('record.author');
  if (kind === 0) throw new Fault('record.kind');
  if (scope.length < 1 || scope.length > MOST_SCOPES) throw new Fault('record.scope_count');
  if (scope.some(isZero)) throw new Fault('record.scope_zero');
  if (new Set(scope).size < scope.length) throw new Fault('record.scope_repeated');
  const names = attachments.map(({ name }) => name);
  if (names.some((name) => name === '' || utf8(name).length > LONGEST_NAME)) throw new Fault('record.attachment_name');
  if (new Set(names).size < names.length) throw new Fault('record.attachment_repeated');
}

function isZero(text) {
  return unhex(text).every((byte) => byte === 0);
}
