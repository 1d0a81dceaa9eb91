// The contract's ABI as the compiler put it out, and values for its parameters: some derived from names, some the greatest
// of their types.

import { readFileSync } from 'node:fs';

import { Interface } from 'ethers';

import { word } from '../parties.mjs';

const artifact = new URL('../../../../../contracts/artifacts/HealthRecord.json', import.meta.url);
export const { abi: ABI } = JSON.parse(readFileSync(artifact, 'utf8'));
export const INTERFACE = new Interface(ABI);

export const entries = (type) => ABI.filter((entry) => entry.type === type);

/** Functions that take a signature, and the struct that is signed: its name and members, terms one by one. */
export const SIGNED = entries('function')
  .filter(({ name }) => name.endsWith('BySig'))
  .map(({ name, inputs }) => ({
    call: name,
    name: name[0].toUpperCase() + name.slice(1, -'BySig'.length),
    members: inputs
      .slice(0, -1)
      .flatMap((input) => input.components ?? [input])
      .map(({ name, type }) => ({ name, type })),
    parameters: inputs.slice(0, -1),
  }));

/** Lengths of signatures and arrays by the case's number: of a key, of nothing, of a smart account's code. */
const SIGNATURE_LENGTHS = [65, 0, 200];
const ARRAY_LENGTHS = [2, 1, 6];

/** The value number `round` of a parameter; the last round has the greatest of its type. */
export function sample({ name, type, components }, round, path) {
  const here = `${path}/${name}`;
  if (type.endsWith('[]')) {
    const element = { name, type: type.slice(0, -2), components };
    return Array.from({ length: ARRAY_LENGTHS[round] }, (_, index) => sample(element, round, `${here}/${index}`));
  }
  if (type === 'tuple') return Object.fromEntries(components.map((one) => [one.name, sample(one, round, here)]));
  const random = word(`contract/${round}/${here}`);
  if (type === 'bytes') return bytes(here, SIGNATURE_LENGTHS[round]);
  if (type === 'bool') return round !== 1;
  const greatest = 'f'.repeat(64);
  const digits = round === 2 ? greatest : random.slice(2);
  if (type === 'address') return '0x' + digits.slice(-40);
  if (type === 'bytes32') return '0x' + (round === 1 ? '0'.repeat(64) : digits);
  const bits = Number(type.slice('uint'.length));
  // Operations of a question are one bit; the contract's other numbers may be anything here.
  return String(BigInt('0x' + digits) & ((1n << BigInt(bits)) - 1n));
}

function bytes(path, length) {
  const words = Array.from({ length: Math.ceil(length / 32) }, (_, index) => word(`${path}/${index}`).slice(2));
  return '0x' + words.join('').slice(0, 2 * length);
}

/** The values of parameters, by their names. */
export const samples = (parameters, round, path) =>
  Object.fromEntries(parameters.map((parameter) => [parameter.name, sample(parameter, round, path)]));

/** Values as ethers takes them: in order, structs as arrays. */
export const ordered = (parameters, values) =>
  parameters.map(({ name, type, components }) => {
    if (type === 'tuple') return ordered(components, values[name]);
    if (type === 'tuple[]') return values[name].map((one) => ordered(components, one));
    return values[name];
  });
