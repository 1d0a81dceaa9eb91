const assert = require('node:assert/strict')
const { artifact, ZERO } = require('./world.js')

module.exports = {
  title: 'The contract',
  steps: {
    async 'has the runtime code of the artifact, byte by byte'(w) {
      const code = await w.web3.eth.getCode(w.address)
      assert.equal(code, artifact.runtimeBytecode)
      assert.equal(w.web3.utils.keccak256(code), artifact.runtimeCodeHash)
    },

    async 'says its domain by ERC-5267'(w) {
      const domain = await w.word(w.methods.eip712Domain())
      assert.deepEqual(domain, {
        fields: '0x0f', name: 'HealthRecord', version: '1', chainId: w.node.chainId, verifyingContract: w.address,
        salt: ZERO, extensions: [],
      })
    },

    async 'takes what a node signs as a wallet does'(w) {
      const author = w.person('author')
      const message = { author: author.address, root: w.hash('signed by a node'), count: 1, kind: 1, deadline: 2 ** 40 - 1 }
      const ours = w.sign(author, 'Anchor', message)
      // Only Ganache holds the keys of the story.
      const accounts = await w.web3.eth.getAccounts()
      if (accounts.map(String).includes(author.address)) {
        assert.equal(await w.web3.eth.signTypedData(author.address, w.typedData('Anchor', message)), ours)
      }
      await w.emits(w.person('relayer'), w.relayed('Anchor', message, ours), 'Anchored', { author: author.address })
    },

    async 'hands out its words as they stand in storage'(w) {
      const slot = artifact.storageLayout.find(({ label }) => /registrar/i.test(label) && !/pending/i.test(label)).slot
      const word = await w.methods.extsload(slot).call()
      assert.equal(word, await w.web3.eth.getStorageAt(w.address, slot))
      assert.equal(BigInt(word), BigInt(await w.methods.registrar().call()))
    },
  },
}
