// Blocks of chains with validators, as their nodes write and seal them, and the states of anchors.

import { RLP } from '@ethereumjs/rlp';
import { SigningKey, computeAddress } from 'ethers';

import { big, compare, concat, hex, keccak, u64, unhex } from '../bytes.mjs';
import { word } from '../parties.mjs';
import { header, integer } from '../proof/header.mjs';

export const START = 1_790_000_000;
export const DAY = 86_400;
const EMPTY = new Uint8Array();
const VANITY = new Uint8Array(32).fill(0x76);
const MARK = new TextEncoder().encode('ctical byzantine fault tolerance');
const RULES = ['qbft', 'ibft2', 'ibft1'];

const key = (name) => new SigningKey(word(`validator/${name}`));
export const member = (name) => computeAddress(key(name)).toLowerCase();

/** A seal of 65 bytes: r, s, and the parity of y. */
export function seal(name, hash) {
  const { r, s, yParity } = key(name).sign(hash);
  return concat(unhex(r), unhex(s), Uint8Array.of(yParity));
}

/** The first block of a chain whose validators are these. */
export function first(rule, validators) {
  return block({ rule, number: 0, time: START, parent: word('header/none'), validators, vote: null, round: 0 });
}

/** A block, with what follows from it. */
export function block(fields) {
  const { rule } = fields;
  const whole = (extraData) =>
    header({
      parentHash: unhex(fields.parent),
      number: integer(fields.number),
      timestamp: integer(fields.time),
      mixHash: MARK,
      ...(fields.stateRoot ? { stateRoot: unhex(fields.stateRoot) } : {}),
      extraData,
    }, 17);
  const hash = hex(keccak(whole(extra(fields, 'named', []))));
  const signed = rule === 'ibft1' ? keccak(unhex(hash), Uint8Array.of(2)) : keccak(whole(extra(fields, 'signed', [])));
  const seals = (names) => names.map((name) => seal(name, hex(signed)));
  return {
    ...fields,
    hash,
    seals,
    /** The header with these seals. */
    with: (given) => hex(whole(extra(fields, 'whole', given))),
    /** The header, sealed by these validators. */
    sealed: (...names) => hex(whole(extra(fields, 'whole', seals(names)))),
    /** The header with other extra data. */
    holding: (extraData) => hex(whole(extraData)),
    /** The items of the extra data's list. */
    items: (...names) => items(fields, 'whole', seals(names)),
    changed: (changes) => block({ ...fields, ...changes }),
    next: (changes = {}) =>
      block({ ...fields, number: fields.number + 1, time: fields.time + 1, parent: hash, round: 0, vote: null, ...changes }),
    later: (changes = {}) =>
      block({ ...fields, number: fields.number + 50, time: fields.time + 50, parent: word('header/far'), ...changes }),
    state: (period = DAY) => state(rule, period, fields.number, fields.time, hash, fields.validators.map(member)),
  };
}

function extra(fields, form, seals) {
  const list = RLP.encode(items(fields, form, seals));
  return fields.rule === 'ibft1' ? concat(VANITY, list) : list;
}

/** What the list of the extra data holds: whole, as it is signed, as it names the block. */
function items({ rule, number, validators, vote, round }, form, seals) {
  const listed = validators.map((name) => unhex(member(name)));
  if (rule === 'ibft1') return [listed, number === 0 ? EMPTY : new Uint8Array(65).fill(6), seals];
  const [nobody, drop] = rule === 'qbft' ? [[], EMPTY] : [EMPTY, Uint8Array.of(0)];
  const voted = vote ? [unhex(member(vote.name)), vote.add ? Uint8Array.of(0xff) : drop] : nobody;
  const start = [VANITY, listed, voted];
  if (rule === 'qbft') return [...start, integer(form === 'named' ? 0 : round), seals];
  if (form === 'named') return start;
  return form === 'signed' ? [...start, big(round, 4)] : [...start, big(round, 4), seals];
}

/** The state of an anchor. */
export function state(rule, period, number, time, hash, addresses) {
  const listed = addresses.map(unhex).sort(compare);
  const head = Uint8Array.of(1, RULES.indexOf(rule) + 1, listed.length);
  return checked(concat(head, u64(period), u64(number), u64(time), unhex(hash), ...listed));
}

/** A state whose last four bytes agree with those before. */
export const checked = (before) => hex(concat(before, keccak(before).subarray(0, 4)));

/** The header of a Clique chain, sealed by this signer. */
export function cliqueHeader(name, signers, changes = {}) {
  const listed = concat(VANITY, ...signers.map((signer) => unhex(member(signer))));
  const whole = (extraData) => header({ difficulty: integer(2), extraData, ...changes }, 16);
  const sealed = concat(listed, seal(name, hex(keccak(whole(listed)))));
  return { header: hex(whole(sealed)), holding: (extraData) => hex(whole(extraData)), listed, sealed };
}
