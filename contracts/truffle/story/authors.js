const assert = require('node:assert/strict')
const { ZERO } = require('./world.js')

module.exports = {
  title: 'An author',
  steps: {
    async 'anchors a record and a batch'(w) {
      const author = w.person('author')
      const root = w.hash('a batch')
      const { word } = await w.emits(author, w.methods.anchor(root, 3, 1), 'Anchored', { author: author.address, root })
      const anchor = await w.word(w.methods.anchorOf(author.address, root))
      assert.deepEqual(anchor, { anchoredAt: BigInt(await w.now()), count: 3n, kind: 1n })
      assert.equal(word, anchor.anchoredAt | (anchor.count << 40n) | (anchor.kind << 72n))
    },

    async 'anchors a root once, under its own key'(w) {
      const [author, other] = [w.person('author'), w.person('colleague')]
      const root = w.hash('a batch')
      await w.reverts(author, w.methods.anchor(root, 3, 1), 'AlreadyAnchored', { author: author.address, root })
      await w.emits(other, w.methods.anchor(root, 3, 1), 'Anchored', { author: other.address })
    },

    async 'anchors nothing that says nothing'(w) {
      const author = w.person('author')
      await w.reverts(author, w.methods.anchor(ZERO, 1, 1), 'ZeroRoot')
      await w.reverts(author, w.methods.anchor(w.hash('x'), 0, 1), 'ZeroCount')
      await w.reverts(author, w.methods.anchor(w.hash('x'), 1, 0), 'ZeroKind')
    },

    async 'retracts a commitment once and for good'(w) {
      const author = w.person('author')
      const commitment = w.hash('a wrong diagnosis')
      await w.emits(author, w.methods.retract(commitment, 7), 'Retracted', { commitment })
      const retraction = await w.word(w.methods.retractionOf(author.address, commitment))
      assert.deepEqual(retraction, { retractedAt: BigInt(await w.now()), reason: 7n })
      await w.reverts(author, w.methods.retract(commitment, 8), 'AlreadyRetracted', { author: author.address, commitment })
      await w.reverts(author, w.methods.retract(ZERO, 7), 'ZeroCommitment')
    },

    async 'is relayed, without ether of its own'(w) {
      const [author, relayer] = [w.person('an author without ether'), w.person('relayer')]
      const deadline = (await w.now()) + 3600
      const anchor = { author: author.address, root: w.hash('relayed'), count: 1, kind: 2, deadline }
      await w.emits(relayer, w.signed(author, 'Anchor', anchor), 'Anchored', { author: author.address })
      assert.deepEqual(await w.send(relayer, w.signed(author, 'Anchor', anchor)), [], 'what is done is done')
      const retract = { author: author.address, commitment: w.hash('relayed'), reason: 1, deadline }
      await w.emits(relayer, w.signed(author, 'Retract', retract), 'Retracted', { author: author.address })
      const late = { ...retract, commitment: w.hash('late'), deadline: (await w.now()) - 1 }
      await w.reverts(relayer, w.signed(author, 'Retract', late), 'SignatureExpired', { deadline: late.deadline })
    },
  },
}
