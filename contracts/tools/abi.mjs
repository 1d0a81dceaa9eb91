// Holds the ABI against the design: no function, event or error has a `string` or dynamic `bytes`, but the signature of
// a relayed form and what ERC-5267 prescribes.
import { readFileSync } from 'node:fs'

const { abi } = JSON.parse(readFileSync(new URL('../artifacts/HealthRecord.json', import.meta.url), 'utf8'))

/** The parameters of dynamic text or bytes in a list, their components among them, as `name type`. */
function dynamic(parameters) {
  return parameters.flatMap(({ name, type, components = [] }) => [
    ...(/^(string|bytes)(\[|$)/.test(type) ? [`${name} ${type}`] : []),
    ...dynamic(components),
  ])
}

const found = abi.flatMap(({ name = 'constructor', inputs = [], outputs = [] }) => [
  ...dynamic(inputs).map((parameter) => `${name}(${parameter})`),
  ...dynamic(outputs).map((parameter) => `${name} returns ${parameter}`),
])
const relayed = abi.filter(({ name, type }) => type === 'function' && name.endsWith('BySig'))
const allowed = [
  ...relayed.map(({ name }) => `${name}(signature bytes)`),
  'eip712Domain returns name string',
  'eip712Domain returns version string',
]

const faults = [
  ...found.filter((parameter) => !allowed.includes(parameter)).map((parameter) => `not allowed: ${parameter}`),
  ...allowed.filter((parameter) => !found.includes(parameter)).map((parameter) => `missing: ${parameter}`),
  ...relayed
    .filter(({ inputs }) => inputs.at(-1).name !== 'signature')
    .map(({ name }) => `${name}: the signature is not last`),
]
for (const fault of faults) console.error(fault)
if (faults.length > 0) process.exitCode = 1
else console.log(`the ABI has no string and no bytes but ${relayed.length} signatures and the domain`)
