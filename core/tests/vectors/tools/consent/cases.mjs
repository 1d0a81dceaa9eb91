// Cases of "verify" in which a consent is shown that was never relayed.

import { RLP } from '@ethereumjs/rlp';
import { computeAddress } from 'ethers';

import { big, concat, hex, toInteger, unhex } from '../bytes.mjs';
import * as it from '../bundle/parties.mjs';
import { OPERATIONS } from '../bundle/request.mjs';
import { DEPLOYMENT, verifying } from '../bundle/world.mjs';
import { blind, pack, place } from '../bundle/words.mjs';
import { address, word } from '../parties.mjs';
import { itemsOf, signGrant } from './consent.mjs';

const { ALL, AT, DOCTOR, END, GROUP, HOSPITAL, LATER, RECORD, ROLE, SALT, SOONER, START } = it;
const { asks, deny, denying, permit, permitting, purposes, revoked } = it;

const SECRET = word('secret key of a patient');
const PATIENT = computeAddress(SECRET).toLowerCase();
const BLINDED = blind(PATIENT, DOCTOR, SALT);
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const GREATEST_REVISION = 2n ** 24n - 1n;

const GRANT = {
  patient: PATIENT,
  grantee: DOCTOR,
  scope: ALL,
  notBefore: START,
  notAfter: END,
  purposes: purposes('TREAT'),
  operations: OPERATIONS.READ,
  requiredRoles: 0n,
  document: ALL,
  epoch: 0n,
  revision: 0n,
  deadline: LATER,
};

/** A consent with `changes`, signed by the patient for the contract or as `sign` says. */
function consent(changes = {}, sign = (grant) => signGrant(grant, SECRET, DEPLOYMENT)) {
  const grant = { ...GRANT, ...changes };
  return hex(RLP.encode(itemsOf(grant, sign(grant))));
}

// Words of this patient's.
const written = { writtenAt: START };
const granted = (grantee, scope, fields) => [
  place.grant(PATIENT, grantee, scope),
  pack('grant', { ...written, ...fields }),
];
const delegated = (scope, fields) => [
  place.delegation(PATIENT, HOSPITAL, DOCTOR, scope),
  pack('delegation', { parentRevision: 1n, ...fields }),
];
const accountOf = (fields) => [place.account(PATIENT), pack('account', fields)];

const shown = (name, words, consented, expected, request = {}) =>
  verifying(`with a consent: ${name}`, words, asks({ patient: PATIENT, ...request }), expected, { consent: consented });
const record = { scopes: [RECORD] };
const salted = { salt: SALT };
const shared = { delegator: HOSPITAL };
const refused = (name, changes, reason, words = [], request = {}, scope = ALL) =>
  shown(name, words, consent(changes), deny(reason, scope), request);
const signed = (name, sign) => shown(name, [], consent({}, sign), deny('consent-signature'));

const SHARED = [granted(HOSPITAL, ALL, permitting({ operations: 5n })), delegated(ALL, permitting())];

const GOOD = await Promise.all([
  // It permits.
  shown('where nothing was ever written', [], consent(), permit('consent', ALL, END)),
  shown('for all records, about one', [], consent(), permit('consent', ALL, END), record),
  shown('for the record alone', [], consent({ scope: RECORD }), permit('consent', RECORD, END), record),
  shown('for a group', [], consent({ scope: GROUP }), permit('consent', GROUP, END), { scopes: [RECORD, GROUP] }),
  shown('with the commitment of a document', [], consent({ document: word('document') }), permit('consent', ALL, END)),
  shown(
    'after a grant that has expired',
    [granted(DOCTOR, ALL, permitting({ notAfter: AT }))],
    consent({ revision: 1n }),
    permit('consent', ALL, END),
  ),
  shown(
    'after a grant for another purpose',
    [granted(DOCTOR, ALL, permitting({ purposes: purposes('HRESCH') }))],
    consent({ revision: 1n }),
    permit('consent', ALL, END),
  ),
  shown(
    'after a revoke, signed since',
    [granted(DOCTOR, ALL, revoked())],
    consent({ revision: 2n }),
    permit('consent', ALL, END),
  ),
  shown(
    'of the current epoch',
    [accountOf({ epoch: 7n, revision: 7n })],
    consent({ epoch: 7n }),
    permit('consent', ALL, END),
  ),
  shown('for a blinded address', [], consent({ grantee: BLINDED }), permit('consent', ALL, END), salted),
  shown('for the open address where a salt is given', [], consent(), permit('consent', ALL, END), salted),
  shown('to write', [], consent({ operations: 3n }), permit('consent', ALL, END), { operation: 'WRITE' }),
  shown('to share', [], consent({ operations: OPERATIONS.SHARE }), permit('consent', ALL, END), { operation: 'SHARE' }),
  shown('at its deadline', [], consent({ deadline: AT }), permit('consent', ALL, AT + 1n)),
  shown('whose deadline is before its end', [], consent({ deadline: SOONER }), permit('consent', ALL, SOONER + 1n)),
  shown('at the first second of its window', [], consent({ notBefore: AT }), permit('consent', ALL, END)),
  shown('at the last second of its window', [], consent({ notAfter: AT + 1n }), permit('consent', ALL, AT + 1n)),
  shown(
    'that requires a role that is held',
    [it.accredited({ roles: ROLE.PRACTITIONER, notAfter: SOONER })],
    consent({ requiredRoles: ROLE.PRACTITIONER }),
    permit('consent', ALL, SOONER),
  ),
  shown('where a delegation would permit too', SHARED, consent(), permit('consent', ALL, END), shared),
  shown(
    'of the greatest numbers',
    [],
    consent({
      notBefore: 0n,
      notAfter: 2n ** 40n - 1n,
      deadline: 2n ** 40n - 1n,
      purposes: 2n ** 32n - 5n,
      operations: 15n,
    }),
    permit('consent', ALL, 2n ** 40n - 1n),
  ),

  // It changes nothing.
  shown(
    'beside a grant',
    [granted(DOCTOR, RECORD, permitting({ notAfter: SOONER }))],
    consent(),
    permit('grant', RECORD, SOONER),
    record,
  ),
  shown(
    'refused beside a grant',
    [granted(DOCTOR, ALL, permitting())],
    consent({ deadline: START }),
    permit('grant', ALL, END),
  ),
  shown('against a deny', [granted(DOCTOR, RECORD, denying())], consent(), deny('explicit', RECORD), record),
  shown(
    'against a deny of the blinded address',
    [granted(BLINDED, ALL, denying())],
    consent(),
    deny('explicit'),
    salted,
  ),
  shown('by the patient itself', [], consent(), permit('self', ALL, 2n ** 40n - 1n), { accessor: PATIENT }),
  shown('to break the glass', [], consent(), deny('emergency-unopened'), { purpose: 'BTG' }),
  shown(
    'refused where a delegation permits',
    SHARED,
    consent({ revision: 1n }),
    permit('delegation', ALL, END),
    shared,
  ),
  shown(
    'of another patient where a delegation permits',
    SHARED,
    consent({ patient: it.PATIENT }),
    permit('delegation', ALL, END),
    shared,
  ),

  // It is refused. The reason of a direct word comes before its own, that of a delegation after it.
  refused('refused where the grant was revoked', { revision: 1n }, 'revoked', [granted(DOCTOR, ALL, revoked())]),
  refused('refused where the grant has expired', { revision: 7n }, 'expired', [
    granted(DOCTOR, ALL, permitting({ notAfter: AT })),
  ]),
  refused(
    'refused where the delegation was revoked',
    { revision: 7n },
    'consent-revision',
    [SHARED[0], delegated(ALL, revoked())],
    shared,
  ),
  refused('of another patient', { patient: it.PATIENT }, 'consent-foreign'),
  refused('for another accessor', { grantee: HOSPITAL }, 'consent-foreign'),
  refused('for a blinded address whose salt is not given', { grantee: BLINDED }, 'consent-foreign'),
  refused('for another record', { scope: GROUP }, 'consent-foreign', [], record),
  signed('signed by somebody else', (grant) => signGrant(grant, word('secret key of a stranger'), DEPLOYMENT)),
  signed('signed for another contract', (grant) =>
    signGrant(grant, SECRET, { ...DEPLOYMENT, contract: address('another') }),
  ),
  signed('signed for another chain', (grant) => signGrant(grant, SECRET, { ...DEPLOYMENT, chainId: '2' })),
  signed('signed for other terms', (grant) => signGrant({ ...grant, notAfter: SOONER }, SECRET, DEPLOYMENT)),
  signed('with a high s', (grant) => {
    const low = signGrant(grant, SECRET, DEPLOYMENT);
    const s = ORDER - toInteger(low.subarray(32, 64));
    return concat(low.subarray(0, 32), big(s, 32), Uint8Array.of(55 - low[64]));
  }),
  signed('with the other parity', (grant) => {
    const right = signGrant(grant, SECRET, DEPLOYMENT);
    return concat(right.subarray(0, 64), Uint8Array.of(55 - right[64]));
  }),
  signed('with r and s 0', () => concat(new Uint8Array(64), Uint8Array.of(27))),
  signed('with s the order of the curve', (grant) =>
    concat(signGrant(grant, SECRET, DEPLOYMENT).subarray(0, 32), big(ORDER, 32), Uint8Array.of(27)),
  ),
  refused('with an empty window', { notAfter: START }, 'consent-terms'),
  refused('without operations', { operations: 0n }, 'consent-terms'),
  refused('with operations that are not known', { operations: 17n }, 'consent-terms'),
  refused('without purposes', { purposes: 0n }, 'consent-terms'),
  refused('to break the glass and to treat', { purposes: purposes('BTG', 'TREAT') }, 'consent-terms'),
  refused('a second after its deadline', { deadline: AT - 1n }, 'consent-deadline'),
  refused('for a revision to come', { revision: 1n }, 'consent-revision'),
  refused(
    'of before a revoke of what was never written',
    { scope: GROUP },
    'revoked',
    [granted(DOCTOR, GROUP, revoked({ revision: 1n }))],
    { scopes: [GROUP] },
    GROUP,
  ),
  refused(
    'of before a grant at its scope',
    { scope: RECORD },
    'operation',
    [granted(DOCTOR, RECORD, permitting({ operations: 2n }))],
    record,
    RECORD,
  ),
  refused(
    'for the greatest revision, which no revoke could end',
    { revision: GREATEST_REVISION, scope: RECORD },
    'revoked',
    [granted(DOCTOR, RECORD, revoked({ revision: GREATEST_REVISION }))],
    record,
    RECORD,
  ),
  refused('of an epoch that was revoked', {}, 'consent-revoked-all', [accountOf({ epoch: 1n, revision: 1n })]),
  refused('of an epoch to come', { epoch: 1n }, 'consent-revoked-all'),
  refused('whose window has ended', { notAfter: AT }, 'consent-expired'),
  refused('whose window has not begun', { notBefore: AT + 1n }, 'consent-not-yet'),
  refused('for another operation', { operations: OPERATIONS.WRITE }, 'consent-operation'),
  refused('for a blinded address, which cannot share', { grantee: BLINDED, operations: 15n }, 'consent-operation', [], {
    ...salted,
    operation: 'SHARE',
  }),
  refused('for another purpose', { purposes: purposes('HRESCH') }, 'consent-purpose'),
  refused('that requires a role that nobody gave', { requiredRoles: ROLE.PRACTITIONER }, 'consent-credential'),
  refused('that requires a role without a name', { requiredRoles: ROLE.UNNAMED }, 'consent-credential', [
    it.accredited({ roles: 0xffffn }),
  ]),
]);

/** Bytes that are no consent. */
const broken = (code, name, bytes) => shown(name, [], hex(bytes), code);
const whole = unhex(consent());
const items = RLP.decode(whole);
const encoded = (list) => RLP.encode(list);
const other = (index, item) => encoded(items.with(index, item));
const V = items.at(-1).length - 1;

const BAD = await Promise.all([
  broken('consent.rlp', 'that is nothing', new Uint8Array()),
  broken('consent.rlp', 'that is a string', RLP.encode(whole)),
  broken('consent.rlp', 'without its last byte', whole.subarray(0, -1)),
  broken('consent.rlp', 'with a byte after it', concat(whole, Uint8Array.of(0))),
  broken('consent.rlp', 'without a signature', encoded(items.slice(0, -1))),
  broken('consent.rlp', 'with an item too many', encoded([...items, new Uint8Array()])),
  broken('consent.rlp', 'of a patient of 19 bytes', other(1, items[1].subarray(1))),
  broken('consent.rlp', 'of a scope of 31 bytes', other(3, unhex(RECORD).subarray(1))),
  broken('consent.rlp', 'of a scope of 32 zeros', other(3, new Uint8Array(32))),
  broken('consent.rlp', 'of a time with a leading zero', other(4, concat(Uint8Array.of(0), items[4]))),
  broken('consent.rlp', 'of a time of 41 bits', other(5, big(2n ** 40n, 6))),
  broken('consent.rlp', 'of purposes of 33 bits', other(6, big(2n ** 32n, 5))),
  broken('consent.rlp', 'of operations of 17 bits', other(7, big(2n ** 16n, 3))),
  broken('consent.rlp', 'of a revision of 25 bits', other(11, big(2n ** 24n, 4))),
  broken('consent.rlp', 'of a time that is a list', other(12, [])),
  broken('consent.rlp', 'with a signature of 64 bytes', other(13, items[13].subarray(1))),
  broken('consent.version', 'of version 2', other(0, Uint8Array.of(2))),
  broken('consent.version', 'of version 0', other(0, new Uint8Array())),
  broken('signature.v', 'with a parity in place of v', other(13, items[13].with(V, 1))),
  broken('signature.v', 'with a v of 29', other(13, items[13].with(V, 29))),
]);

export const CONSENTS = [...GOOD, ...BAD];
