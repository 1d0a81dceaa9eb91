// Calls, logs, refusals, answers and signed structs of the contract.

import { AbiCoder, SigningKey, TypedDataEncoder, computeAddress } from 'ethers';

import { toInteger, unhex } from '../bytes.mjs';
import { word } from '../parties.mjs';
import { entries, INTERFACE, ordered, sample, samples, SIGNED } from './interface.mjs';

const ROUNDS = [0, 1, 2];
const NOTES = ['of any values', 'with zero words', 'of the greatest values'];
const each = (list, make) => list.flatMap((one) => ROUNDS.map((round) => make(one, round)));

/** "call": the calldata of a function. */
const CALLS = each(entries('function'), ({ name, inputs }, round) => {
  const values = samples(inputs, round, `call/${name}`);
  return {
    name: `call: ${name} ${NOTES[round]}`,
    operation: 'call',
    input: { function: name, arguments: values },
    output: { calldata: INTERFACE.encodeFunctionData(name, ordered(inputs, values)) },
  };
}).filter(({ input }, index, all) => {
  // A function without parameters has one calldata.
  const first = all.findIndex((other) => other.input.function === input.function);
  return first === index || Object.keys(input.arguments).length > 0;
});

/** A value as an event or an error tells it: words as quantities, other numbers in decimal digits. */
const told = ({ type }, value) => (type === 'uint256' ? '0x' + BigInt(value).toString(16) : value);

/** "event": what a log tells. */
const EVENTS = each(entries('event'), ({ name, inputs }, round) => {
  const values = samples(inputs, round, `event/${name}`);
  const { topics, data } = INTERFACE.encodeEventLog(name, ordered(inputs, values));
  return {
    name: `event: ${name} ${NOTES[round]}`,
    operation: 'event',
    input: { topics, data },
    output: {
      event: name,
      arguments: Object.fromEntries(inputs.map((one) => [one.name, told(one, values[one.name])])),
    },
  };
});

/** "revert": why the contract refuses. */
const REVERTS = each(entries('error'), ({ name, inputs }, round) => {
  const values = samples(inputs, round, `error/${name}`);
  return {
    name: `revert: ${name} ${NOTES[round]}`,
    operation: 'revert',
    input: { data: INTERFACE.encodeErrorResult(name, ordered(inputs, values)) },
    output: {
      error: name,
      arguments: Object.fromEntries(inputs.map((one) => [one.name, told(one, values[one.name])])),
    },
  };
}).filter(({ output }, index, all) => {
  const first = all.findIndex((other) => other.output.error === output.error);
  return first === index || Object.keys(output.arguments).length > 0;
});

/** Data of a refusal by no error of the contract's. */
const OTHER_REVERTS = [
  ['nothing', '0x'],
  ['a text', '0x08c379a0' + AbiCoder.defaultAbiCoder().encode(['string'], ['no']).slice(2)],
  ['a panic', '0x4e487b71' + AbiCoder.defaultAbiCoder().encode(['uint256'], [17]).slice(2)],
  ['an error with a word too many', INTERFACE.encodeErrorResult('ZeroRoot', []) + '0'.repeat(64)],
  ['an error that is cut off', INTERFACE.encodeErrorResult('SelfGrant', ['0x' + '1'.repeat(40)]).slice(0, -2)],
].map(([name, data]) => ({ name: `revert: ${name}`, operation: 'revert', input: { data }, output: { error: null } }));

/** "answer": the word that a view's answer gives the fields of. */
const VIEWS = {
  grantOf: 0,
  emergencyOf: 1,
  delegationOf: 2,
  accountOf: 3,
  credentialOf: 4,
  anchorOf: 5,
  retractionOf: 6,
};
const ANSWERS = Object.keys(VIEWS).flatMap((view) =>
  ROUNDS.map((round) => {
    const { outputs } = entries('function').find(({ name }) => name === view);
    const fields = outputs[0].components.map((field) => [
      field,
      understood(field, sample(field, round, `answer/${view}`), round),
    ]);
    let [packed, at] = [0n, 0n];
    for (const [{ type }, value] of fields) {
      packed |= BigInt(value) << at;
      at += { address: 160n, bool: 8n }[type] ?? BigInt(type.slice('uint'.length));
    }
    const answer = INTERFACE.encodeFunctionResult(view, [fields.map(([, value]) => value)]);
    return {
      name: `answer: ${view} ${NOTES[round]}`,
      operation: 'answer',
      input: { function: view, answer },
      output: { word: '0x' + packed.toString(16) },
    };
  }),
);

/** Fields that have few values: a word with another would not be understood. */
function understood({ name }, value, round) {
  const few = { state: [1, 2, 3], by: [0, 1, 1], flags: [1, 0, 1], operations: [1, 0, 15] };
  return name in few ? String(few[name][round]) : value;
}

const DOMAIN = { name: 'HealthRecord', version: '1' };

/** "message": the hashes of a signed struct, its signature, and the call that relays it. */
const MESSAGES = each(SIGNED, ({ call, name, members, parameters }, round) => {
  const secretKey = word(`contract/secret/${round}/${name}`);
  const signer = computeAddress(new SigningKey(secretKey)).toLowerCase();
  const values = samples(members, round, `message/${name}`);
  const by = ['Delegate', 'RevokeDelegation'].includes(name) ? 'delegator' : members[0].name;
  values[by] = signer;
  const contract = word(`contract/address/${round}`).slice(0, 42);
  const chainId = ['1', '31337', String(2n ** 64n - 1n)][round];
  const domain = { ...DOMAIN, chainId, verifyingContract: contract };
  const types = { [name]: members };
  const signingHash = TypedDataEncoder.hash(domain, types, values);
  const signature = new SigningKey(secretKey).sign(signingHash).serialized;
  const nested = parameters.map(({ name, components }) =>
    components ? components.map((one) => values[one.name]) : values[name],
  );
  return {
    name: `message: ${name} ${NOTES[round]}`,
    operation: 'message',
    input: { struct: name, chainId, contract, secretKey, members: values },
    output: {
      type: TypedDataEncoder.from(types).encodeType(name),
      structHash: TypedDataEncoder.hashStruct(name, types, values),
      signingHash,
      signer,
      signature,
      calldata: INTERFACE.encodeFunctionData(call, [...nested, signature]),
    },
  };
});

/** Logs that are none of the contract's events. */
const [ANCHORED] = EVENTS;
const bad = (code, name, { topics = ANCHORED.input.topics, data = ANCHORED.input.data }) => ({
  name: `${code}: ${name}`,
  operation: 'event',
  input: { topics, data },
  error: { code },
});
const BAD_EVENTS = [
  bad('event.unknown_topic', 'a log without topics', { topics: [] }),
  bad('event.unknown_topic', 'an event of another contract', { topics: [word('another event')] }),
  bad('abi.length', 'an event with a topic too few', { topics: ANCHORED.input.topics.slice(0, -1) }),
  bad('abi.length', 'an event with a topic too many', { topics: [...ANCHORED.input.topics, word('topic')] }),
  bad('abi.length', 'an event without data', { data: '0x' }),
  bad('abi.length', 'an event with a word too many', { data: ANCHORED.input.data + '0'.repeat(64) }),
  bad('abi.length', 'an event whose data is no whole number of words', { data: ANCHORED.input.data + '00' }),
  bad('abi.range', 'an event of an address of more than 20 bytes', {
    topics: [ANCHORED.input.topics[0], '0x' + '1'.repeat(64), ANCHORED.input.topics[2]],
  }),
];

export const CONTRACT_CASES = [
  ...CALLS,
  ...EVENTS,
  ...REVERTS,
  ...OTHER_REVERTS,
  ...ANSWERS,
  ...MESSAGES,
  ...BAD_EVENTS,
];

// A signature is 65 bytes, and its s is in the lower half.
const HALF = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;
for (const { name, output } of MESSAGES) {
  const bytes = unhex(output.signature);
  if (bytes.length !== 65 || toInteger(bytes.subarray(32, 64)) > HALF) throw new Error(name);
}
