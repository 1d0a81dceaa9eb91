// Compiles the smart accounts of test/accounts, which no artifact is committed of.
const { readFileSync } = require('node:fs')
const { join } = require('node:path')
const solc = require('solc')

const root = join(__dirname, '../..')
const read = (path) => readFileSync(join(root, path.replace(/^solady\//, 'node_modules/solady/')), 'utf8')

/** ABI, creation and runtime code of each of these contracts, by name. */
function compile(names) {
  const paths = Object.fromEntries(names.map((name) => [name, `test/accounts/${name}.sol`]))
  const input = {
    language: 'Solidity',
    sources: Object.fromEntries(Object.values(paths).map((path) => [path, { content: read(path) }])),
    settings: {
      evmVersion: 'shanghai',
      optimizer: { enabled: true, runs: 200 },
      outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'] } },
    },
  }
  const imports = { import: (path) => ({ contents: read(path) }) }
  const { contracts, errors = [] } = JSON.parse(solc.compile(JSON.stringify(input), imports))
  const faults = errors.filter(({ severity }) => severity === 'error')
  if (faults.length > 0) throw new Error(faults.map(({ formattedMessage }) => formattedMessage).join('\n'))
  return Object.fromEntries(
    names.map((name) => {
      const { abi, evm } = contracts[paths[name]][name]
      return [name, { abi, creation: `0x${evm.bytecode.object}`, runtime: `0x${evm.deployedBytecode.object}` }]
    }),
  )
}

/** Where Solady asks for P-256 if there is no precompile. */
const VERIFIER = '0x000000000000D01eA45F9eFD5c54f037Fa57Ea1a'

module.exports = { VERIFIER, ...compile(['TwoOfThree', 'PasskeyAccount', 'P256Verifier']) }
