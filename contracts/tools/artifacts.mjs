// Writes artifacts/HealthRecord.json from the sources; with --check compiles again and compares instead.
//
// It drives the compiler itself, without Forge: the tests then hold Forge's code against the artifact.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import sha3 from 'js-sha3'
import solc from 'solc'

const root = new URL('../', import.meta.url)
const target = new URL('artifacts/HealthRecord.json', root)
const source = 'src/HealthRecord.sol'

const settings = {
  evmVersion: 'shanghai',
  viaIR: true,
  optimizer: { enabled: true, runs: 200 },
  metadata: { appendCBOR: false, bytecodeHash: 'none' },
  remappings: ['solady/=node_modules/solady/'],
}

function read(path) {
  return readFileSync(new URL(path, root), 'utf8')
}

function build() {
  const input = {
    language: 'Solidity',
    sources: { [source]: { content: read(source) } },
    settings: {
      ...settings,
      outputSelection: { [source]: { HealthRecord: ['abi', 'evm', 'storageLayout'] } },
    },
  }
  const output = JSON.parse(
    solc.compile(JSON.stringify(input), { import: (path) => ({ contents: read(path) }) }),
  )
  const errors = (output.errors ?? []).filter(({ severity }) => severity === 'error')
  if (errors.length > 0) throw new Error(errors.map((e) => e.formattedMessage).join('\n'))

  const { abi, evm, storageLayout } = output.contracts[source].HealthRecord
  const runtime = evm.deployedBytecode.object
  if (Object.keys(evm.deployedBytecode.immutableReferences).length > 0) {
    throw new Error('immutable variables would make the runtime code differ from chain to chain')
  }
  return {
    contractName: 'HealthRecord',
    compiler: { name: 'solc', version: solc.version().replace('.Emscripten.clang', ''), settings },
    abi,
    methodIdentifiers: evm.methodIdentifiers,
    storageLayout: storageLayout.storage.map(({ label, slot, type }) => ({
      label,
      slot: '0x' + BigInt(slot).toString(16).padStart(64, '0'),
      type: storageLayout.types[type].label,
    })),
    bytecode: '0x' + evm.bytecode.object,
    runtimeBytecode: '0x' + runtime,
    runtimeCodeHash: '0x' + sha3.keccak256(Buffer.from(runtime, 'hex')),
  }
}

/** The first place where two JSON values differ, as a path and both sides, or undefined. */
function difference(committed, built, path = '$') {
  if (committed === built) return undefined
  if (typeof committed !== 'object' || typeof built !== 'object' || !committed || !built) {
    return `${path}: committed ${JSON.stringify(committed)}, compiled ${JSON.stringify(built)}`
  }
  for (const key of new Set([...Object.keys(committed), ...Object.keys(built)])) {
    const found = difference(committed[key], built[key], `${path}.${key}`)
    if (found) return found
  }
  return undefined
}

const name = fileURLToPath(target)
const artifact = build()
if (process.argv.includes('--check')) {
  const found = difference(JSON.parse(readFileSync(target, 'utf8')), artifact)
  if (found) {
    console.error(`${name} is not what the sources compile to\n${found}`)
    process.exitCode = 1
  } else {
    console.log(`artifacts/HealthRecord.json is what the sources compile to (${artifact.runtimeCodeHash})`)
  }
} else {
  writeFileSync(target, JSON.stringify(artifact, null, 2) + '\n')
  console.log(`wrote ${name}`)
}
