// Truffle, on the compiler from npm: nothing is downloaded. The package is of ES modules, which Truffle cannot read:
// hence this file's ending (`truffle … --config truffle-config.cjs`) and the package.json in truffle/.
const { dirname } = require('node:path')
const { compiler } = require('./artifacts/HealthRecord.json')

// The artifact says how the contract is compiled; Truffle finds imports by itself.
const { remappings, ...settings } = compiler.settings
const { hostname, port } = new URL(process.env.HEALTHRECORD_RPC ?? 'http://127.0.0.1:8545')

module.exports = {
  contracts_directory: './src',
  migrations_directory: './truffle/migrations',
  test_directory: './truffle/test',
  contracts_build_directory: './build',
  networks: {
    development: { host: hostname, port: Number(port), network_id: '*', deploymentPollingInterval: 50 },
  },
  // As node:test does it: for people on a terminal, else lines that programs count.
  mocha: { reporter: process.stdout.isTTY ? 'spec' : 'tap', timeout: 60_000 },
  compilers: {
    solc: { version: dirname(require.resolve('solc/package.json')), settings },
  },
}
