// Requests: their rules, and the storage words that answer them.

import { Fault } from '../fault.mjs';
import { NO_ADDRESS, NO_SCOPE } from '../parties.mjs';
import { blind, place } from './words.mjs';

export const OPERATIONS = { READ: 1n, WRITE: 2n, SHARE: 4n, MANAGE: 8n };

/** HL7 v3 ActReason, in the order of their bits. */
export const PURPOSES = [
  'TREAT',
  'ETREAT',
  'BTG',
  'CAREMGT',
  'PATRQT',
  'FAMRQT',
  'PWATRNY',
  'HPAYMT',
  'CLMATTCH',
  'COVERAGE',
  'HOPERAT',
  'HRESCH',
  'DSRCH',
  'PUBHLTH',
  'PATSFTY',
  'HMARKT',
  'HTEST',
];

const MOST_SCOPES = 6;
const TIMES = 1n << 40n;

/** Fails on a request that asks nothing. */
export function checkRequest({ patient, accessor, scopes, salt, delegator, at }) {
  if (patient === NO_ADDRESS) throw new Fault('request.zero_patient');
  if (accessor === NO_ADDRESS) throw new Fault('request.zero_accessor');
  if (scopes.length > MOST_SCOPES) throw new Fault('request.too_many_scopes');
  if (scopes.includes(NO_SCOPE)) throw new Fault('request.zero_scope');
  if (salt === NO_SCOPE) throw new Fault('request.zero_salt');
  if ([NO_ADDRESS, patient, accessor].includes(delegator)) throw new Fault('request.delegator');
  if (BigInt(at) >= TIMES) throw new Fault('request.time');
}

/** The scopes in the order in which they are tried. */
export const scopesOf = ({ scopes }) => [...scopes, NO_SCOPE];

/** The accessor's direct words at a scope, the open one first. */
export function directPlaces({ patient, accessor, salt }, scope) {
  const open = { ...place.grant(patient, accessor, scope), scope, blinded: false };
  if (salt === undefined) return [open];
  return [open, { ...place.grant(patient, blind(patient, accessor, salt), scope), scope, blinded: true }];
}

/** The places of every word that a request needs, in the order in which they are proved. */
export function requiredPlaces(request) {
  const { patient, accessor, delegator, purpose } = request;
  const places = [place.account(patient)];
  if (accessor !== patient) {
    places.push(place.credential(accessor));
    if (purpose === 'BTG') {
      places.push(place.emergency(patient, accessor), ...directPlaces(request, NO_SCOPE));
    } else {
      for (const scope of scopesOf(request)) {
        places.push(...directPlaces(request, scope));
        if (delegator === undefined) continue;
        places.push(place.delegation(patient, delegator, accessor, scope), place.grant(patient, delegator, scope));
      }
    }
  }
  return [...new Map(places.map((one) => [one.slot, one])).values()];
}
