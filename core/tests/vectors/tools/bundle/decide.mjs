// The rules by which words, and a consent that was never relayed, answer a request.
// Source: the documentation of `decide` in contracts/src/IHealthRecord.sol; for consents, the README of the vectors.

import { NO_SCOPE } from '../parties.mjs';
import { directPlaces, OPERATIONS, PURPOSES, scopesOf } from './request.mjs';
import { place } from './words.mjs';

export const BASES = { 1: 'self', 2: 'emergency', 3: 'grant', 5: 'delegation' };

export const REASONS = {
  16: 'explicit',
  17: 'revoked',
  18: 'revoked-all',
  19: 'expired',
  20: 'not-yet',
  21: 'operation',
  22: 'purpose',
  23: 'credential',
  48: 'delegation-denied',
  49: 'delegation-revoked',
  50: 'delegation-revoked-all',
  51: 'delegation-expired',
  52: 'delegation-not-yet',
  53: 'delegation-operation',
  54: 'delegation-purpose',
  55: 'delegation-credential',
  56: 'delegation-parent',
  64: 'emergency-forbidden',
  65: 'emergency-operation',
  66: 'emergency-closed',
  67: 'emergency-revoked-all',
  68: 'emergency-expired',
  69: 'emergency-not-yet',
  70: 'emergency-credential',
  71: 'emergency-unopened',
  255: 'never-granted',
};

/** What the contract does not know: consents that were never relayed. */
export const CONSENT_BASES = { 4: 'consent' };
export const CONSENT_REASONS = {
  32: 'consent-foreign',
  33: 'consent-signature',
  34: 'consent-terms',
  35: 'consent-deadline',
  36: 'consent-revision',
  37: 'consent-revoked-all',
  38: 'consent-expired',
  39: 'consent-not-yet',
  40: 'consent-operation',
  41: 'consent-purpose',
  42: 'consent-credential',
};

/** All of both, in the order of their codes. */
export const ALL_BASES = { ...BASES, ...CONSENT_BASES };
export const ALL_REASONS = { ...REASONS, ...CONSENT_REASONS };

const [PERMIT, REVOKED, DENY] = [1n, 2n, 3n];
const [DENIED_CODE, PERMITTED, NEVER] = [16, 0, 255];
const DELEGATION_CODES = 48 - DENIED_CODE;
const PARENT_CODE = 56;
const EMERGENCY_ROLE = 4n;
const NAMED_ROLES = 0xffn;
const FOR_EVER = (1n << 40n) - 1n;
const GREATEST_REVISION = (1n << 24n) - 1n;
const BREAK_GLASS = 1n << 2n;
// From the codes of an expired grant and its followers to those of a consent.
const CONSENT_CODES = 38 - 19;

const permit = (code, scope, until) => ({ permit: true, basis: ALL_BASES[code], scope, until: String(until) });
const deny = (code, scope) => ({ permit: false, reason: ALL_REASONS[code], scope });
const earliest = (...ends) => ends.reduce((left, right) => (left < right ? left : right));

/**
 * Answers `request` at time `t` from the words that `read` gives for places, and from a `consent` if one is shown: the
 * fields of the grant, and its `signer`, null if it has none.
 */
export function decide(request, t, read, consent) {
  const { patient, accessor, purpose } = request;
  if (accessor === patient) return permit(1, NO_SCOPE, FOR_EVER);
  const asked = {
    t,
    epoch: read(place.account(patient)).epoch,
    credential: read(place.credential(accessor)),
    operation: OPERATIONS[request.operation],
    purpose: BigInt(PURPOSES.indexOf(purpose)),
  };
  if (purpose === 'BTG') return emergency(request, asked, read);

  const direct = scopesOf(request).flatMap((scope) => directPlaces(request, scope));
  const words = direct.map((one) => ({ ...one, word: read(one) }));
  const refused = words.map(({ word, scope, blinded }) => ({
    code: refusal(word, asked, blinded ? 'blinded' : 'open'),
    scope,
    word,
  }));
  const explicit = refused.find(({ word }) => word.state === DENY);
  if (explicit) return deny(DENIED_CODE, explicit.scope);
  const granted = refused.find(({ code }) => code === PERMITTED);
  if (granted) return permit(3, granted.scope, end([granted.word], asked));

  if (consent) {
    const found = words.find(({ slot }) => slot === place.grant(consent.patient, consent.grantee, consent.scope).slot);
    const code = consentRefusal(consent, found, asked);
    if (code === PERMITTED) return permit(4, consent.scope, earliest(end([consent], asked), consent.deadline + 1n));
    refused.push({ code, scope: found ? consent.scope : NO_SCOPE, word: {} });
  }

  if (request.delegator !== undefined && !words.some(({ word }) => word.state === REVOKED)) {
    const tried = delegation(request, asked, read);
    if (tried.granted) return permit(5, tried.granted.scope, end(tried.granted.words, asked));
    refused.push(...tried.refused);
  }
  const code = Math.min(...refused.map((one) => one.code));
  return deny(code, code === NEVER ? NO_SCOPE : refused.find((one) => one.code === code).scope);
}

/** Which operations a word can allow: only an open grant allows more than READ and WRITE. */
const ALLOWED = { open: 15n, blinded: 3n, delegation: 3n };

/** Why a word does not permit what is asked; 0 if it does. */
function refusal(word, { t, epoch, credential, operation, purpose }, manner) {
  if (word.state === 0n) return NEVER;
  if (word.state === DENY) return DENIED_CODE;
  if (word.state !== PERMIT) return 17;
  if (word.epoch !== epoch) return 18;
  if (t >= word.notAfter) return 19;
  if (t < word.notBefore) return 20;
  if ((word.operations & ALLOWED[manner] & operation) !== operation) return 21;
  if (((word.purposes >> purpose) & 1n) === 0n) return 22;
  if (!holds(credential, word.requiredRoles, t)) return 23;
  return PERMITTED;
}

/** Rule 5: why a consent does not permit what is asked over the direct word that it would write; 0 if it does. */
function consentRefusal(consent, found, asked) {
  if (found === undefined) return 32;
  if (consent.signer !== consent.patient) return 33;
  const { notBefore, notAfter, purposes, operations } = consent;
  const sound =
    notBefore < notAfter && operations > 0n && operations < 16n && purposes > 0n && !(purposes & BREAK_GLASS);
  if (!sound) return 34;
  if (asked.t > consent.deadline) return 35;
  if (consent.revision !== found.word.revision || consent.revision === GREATEST_REVISION) return 36;
  if (consent.epoch !== asked.epoch) return 37;
  const code = refusal({ ...consent, state: PERMIT }, asked, found.blinded ? 'blinded' : 'open');
  return code === PERMITTED ? code : code + CONSENT_CODES;
}

/** Whether a credential has all these roles at `t`; no roles need no credential. */
function holds(credential, roles, t) {
  if (roles === 0n) return true;
  if ((roles & ~NAMED_ROLES) !== 0n || (credential.roles & roles) !== roles) return false;
  return credential.notBefore <= t && t < credential.notAfter;
}

/** When a permit by these words ends. */
function end(words, { credential }) {
  const ends = words.map(({ notAfter }) => notAfter);
  return earliest(...ends, ...(words.some(({ requiredRoles }) => requiredRoles !== 0n) ? [credential.notAfter] : []));
}

/** Rule 2. */
function emergency(request, asked, read) {
  const { patient, accessor, operation } = request;
  const { t, epoch, credential } = asked;
  const word = read(place.emergency(patient, accessor));
  const reason = () => {
    if (directPlaces(request, NO_SCOPE).some((one) => read(one).state === DENY)) return DENIED_CODE;
    if (read(place.account(patient)).flags & 1n) return 64;
    if (operation !== 'READ') return 65;
    if (word.state === 0n) return 71;
    if (word.state !== PERMIT) return 66;
    if (word.epoch !== epoch) return 67;
    if (t >= word.notAfter) return 68;
    if (t < word.notBefore) return 69;
    if (!holds(credential, EMERGENCY_ROLE, t)) return 70;
    return PERMITTED;
  };
  const code = reason();
  return code === PERMITTED ? permit(2, NO_SCOPE, earliest(word.notAfter, credential.notAfter)) : deny(code, NO_SCOPE);
}

/** Rule 6: the delegation that permits, or why each does not. */
function delegation(request, asked, read) {
  const { patient, accessor, delegator } = request;
  const scopes = scopesOf(request);
  const own = (scope) => read(place.grant(patient, delegator, scope));
  const denied = scopes.find((scope) => own(scope).state === DENY);
  if (denied !== undefined) return { refused: [{ code: 48, scope: denied }] };

  const refused = [];
  for (const scope of scopes) {
    const word = read(place.delegation(patient, delegator, accessor, scope));
    const parent = own(word.parentIsAll === 0n ? scope : NO_SCOPE);
    let code = refusal(word, asked, 'delegation');
    if (code !== PERMITTED && code !== NEVER) code += DELEGATION_CODES;
    if (code === PERMITTED && !bears(parent, word, asked)) code = PARENT_CODE;
    if (code === PERMITTED) return { granted: { scope, words: [word, parent] } };
    refused.push({ code, scope });
  }
  return { refused };
}

/** Whether the delegator's grant is the one that the delegation names and still allows it. */
function bears(parent, { parentRevision }, asked) {
  const sharing = { ...asked, operation: asked.operation | OPERATIONS.SHARE };
  return parent.revision === parentRevision && refusal(parent, sharing, 'open') === PERMITTED;
}
