const assert = require('node:assert/strict')
const { eth } = require('web3')
const { artifact } = require('./world.js')

const sorted = (names) => [...names].sort()

module.exports = {
  title: 'The story',
  steps: {
    'leaves out no function that changes the state'(w) {
      const functions = artifact.abi.filter((entry) => entry.type === 'function' && entry.stateMutability !== 'view')
      const missed = functions.filter((entry) => !w.sent.has(eth.abi.encodeFunctionSignature(entry)))
      assert.deepEqual(missed.map(({ name }) => name), [])
      assert.equal(w.sent.size, functions.length)
    },

    'leaves out no event'(w) {
      const events = artifact.abi.filter(({ type }) => type === 'event').map(({ name }) => name)
      assert.deepEqual(sorted(w.emitted), sorted(events))
    },
  },
}
