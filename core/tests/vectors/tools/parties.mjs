// The people, scopes and secrets of the cases: all derived from names, so that none means anything.

import { hex, keccak, utf8 } from './bytes.mjs';

export function word(name) {
  return hex(keccak(utf8(`healthrecord/vectors/${name}`)));
}

export function address(name) {
  return '0x' + word(name).slice(-40);
}

/** A record's metadata: ordinary, but for what is given. */
export function metadata(changes = {}) {
  return {
    patient: address('patient'),
    author: address('hospital'),
    kind: 1,
    issued: '1767225600',
    scope: [word('scope/record')],
    ...changes,
  };
}

/** A record with this document, under a secret of its own. */
export function record(name, document, changes) {
  return { document, secret: word(`secret/${name}`), metadata: metadata(changes) };
}

export const NO_ADDRESS = '0x' + '0'.repeat(40);
export const NO_SCOPE = '0x' + '0'.repeat(64);
