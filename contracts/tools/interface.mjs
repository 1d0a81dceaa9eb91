// Writes the interface's tables into README.md, between their markers, from the artifact and the signed structs' source;
// with --check compares instead.
import { readFileSync, writeFileSync } from 'node:fs'
import { eth, utils } from 'web3'
import signatures from './signatures.cjs'

const readme = new URL('../README.md', import.meta.url)
const [BEGIN, END] = ['<!-- interface: begin, by tools/interface.mjs -->', '<!-- interface: end -->']
const { abi, methodIdentifiers } = JSON.parse(
  readFileSync(new URL('../artifacts/HealthRecord.json', import.meta.url), 'utf8'),
)

const code = (text) => `\`${text}\``
const table = (heads, rows) =>
  [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

/** A parameter's type as the signature has it: a tuple by its members. */
const typeOf = ({ type, components }) =>
  type.startsWith('tuple') ? `(${components.map(typeOf).join(',')})${type.slice(5)}` : type

const signature = ({ name, inputs }) => `${name}(${inputs.map(typeOf).join(',')})`

/** An event's parameters with what a reader of logs needs: which of them are topics. */
const declared = ({ name, inputs }) =>
  `${name}(${inputs.map((input) => `${input.type} ${input.indexed ? 'indexed ' : ''}${input.name}`).join(', ')})`

const named = ({ name, inputs }) => `${name}(${inputs.map((input) => `${typeOf(input)} ${input.name}`).join(', ')})`

const entries = (wanted) =>
  abi.filter(({ type }) => type === wanted).sort((a, b) => (signature(a) < signature(b) ? -1 : 1))

/** Selectors as the compiler gives them, held against their hashes. */
function functions() {
  return entries('function').map((entry) => {
    const selector = `0x${methodIdentifiers[signature(entry)]}`
    if (selector !== eth.abi.encodeFunctionSignature(signature(entry))) throw new Error(`not ${selector}: ${entry.name}`)
    return [code(selector), code(named(entry)), entry.stateMutability === 'view' ? 'view' : '']
  })
}

const block = [
  BEGIN,
  '### Functions',
  table(['selector', 'function', ''], functions()),
  '### Events',
  table(['topic 0', 'event'], entries('event').map((e) => [code(utils.keccak256(signature(e))), code(declared(e))])),
  '### Errors',
  table(
    ['selector', 'error'],
    entries('error').map((e) => [code(utils.keccak256(signature(e)).slice(0, 10)), code(named(e))]),
  ),
  '### Signed structs',
  table(
    ['type hash', 'type string'],
    Object.values(signatures.typeStrings).map((string) => [code(utils.keccak256(string)), code(string)]),
  ),
  END,
].join('\n\n')

const text = readFileSync(readme, 'utf8')
const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)]
if (from < 0 || to < from) throw new Error(`README.md has no ${BEGIN} … ${END}`)
const current = text.slice(0, from) + block + text.slice(to + END.length)

if (!process.argv.includes('--check')) {
  writeFileSync(readme, current)
} else if (current !== text) {
  console.error('the interface in README.md is not what the sources have: node tools/interface.mjs')
  process.exitCode = 1
} else {
  console.log('the interface in README.md is what the sources have')
}
