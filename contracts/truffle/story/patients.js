const assert = require('node:assert/strict')
const { DAY, ZERO } = require('./world.js')

const [PERMIT, REVOKED, DENIED] = [1n, 2n, 3n]

module.exports = {
  title: 'A patient',
  steps: {
    async 'grants a doctor everything, for a month'(w) {
      const [ana, doctor] = [w.person('ana'), w.person('doctor')]
      const document = w.hash('a consent form')
      await w.decides(ana, doctor, 255)
      const terms = await w.terms({ operations: 3 })
      await w.emits(ana, w.methods.grant(doctor.address, ZERO, terms, document), 'Granted', {
        patient: ana.address, grantee: doctor.address, scope: ZERO, by: ana.address, document,
      })
      const grant = await w.word(w.methods.grantOf(ana.address, doctor.address, ZERO))
      assert.deepEqual(grant, {
        notBefore: BigInt(terms.notBefore), notAfter: BigInt(terms.notAfter), purposes: 1n, operations: 3n, epoch: 0n,
        revision: 1n, state: PERMIT, requiredRoles: 0n, writtenAt: BigInt(await w.now()), by: 0n,
      })
      const { until } = await w.decides(ana, doctor, 3)
      assert.equal(until, grant.notAfter)
    },

    async 'keeps one record from the doctor who has all others'(w) {
      const [ana, doctor] = [w.person('ana'), w.person('doctor')]
      const scope = w.hash('a record of its own')
      await w.emits(ana, w.methods.deny(doctor.address, scope, ZERO), 'Denied', { scope })
      assert.equal((await w.word(w.methods.grantOf(ana.address, doctor.address, scope))).state, DENIED)
      assert.equal((await w.decides(ana, doctor, 16, { scopes: [scope] })).scope, scope)
      await w.decides(ana, doctor, 3)
    },

    async 'revokes, and the tombstone stays'(w) {
      const [ana, doctor] = [w.person('ana'), w.person('doctor')]
      await w.emits(ana, w.methods.revoke(doctor.address, ZERO), 'Revoked', { by: ana.address })
      const { state, revision } = await w.word(w.methods.grantOf(ana.address, doctor.address, ZERO))
      assert.deepEqual([state, revision], [REVOKED, 2n])
      await w.decides(ana, doctor, 17)
    },

    async 'grants many at once, or nobody'(w) {
      const ana = w.person('ana')
      const targets = ['doctor', 'colleague', 'nurse'].map((name) => [w.person(name).address, w.hash('a group')])
      const terms = await w.terms()
      const events = await w.send(ana, w.methods.grantMany(targets, terms, ZERO))
      assert.deepEqual(events.map(({ event, grantee }) => [event, grantee]), targets.map(([to]) => ['Granted', to]))
      const wrong = [...targets, [ana.address, ZERO]]
      await w.reverts(ana, w.methods.grantMany(wrong, terms, ZERO), 'SelfGrant', { patient: ana.address })
      await w.reverts(ana, w.methods.grantMany([], terms, ZERO), 'EmptyBatch')
    },

    async 'ends everything at once'(w) {
      const [ana, nurse] = [w.person('ana'), w.person('nurse')]
      const scopes = [w.hash('a group')]
      await w.decides(ana, nurse, 3, { scopes })
      await w.emits(ana, w.methods.revokeAll(), 'RevokedAll', { patient: ana.address })
      await w.decides(ana, nurse, 18, { scopes })
      assert.equal((await w.word(w.methods.accountOf(ana.address))).epoch, 1n)
    },

    async 'sets its policy, whose cards never fall'(w) {
      const ana = w.person('ana')
      await w.emits(ana, w.methods.setPolicy(1, 4), 'PolicySet', { account: ana.address })
      const account = await w.word(w.methods.accountOf(ana.address))
      assert.deepEqual(account, { epoch: 1n, flags: 1n, revision: 2n, cards: 4n })
      await w.reverts(ana, w.methods.setPolicy(0, 3), 'CardsFell', { current: 4, proposed: 3 })
      await w.reverts(ana, w.methods.setPolicy(2, 4), 'UnknownFlags', { flags: 2 })
    },

    async 'is told by name what is wrong with a grant'(w) {
      const [ana, doctor] = [w.person('ana'), w.person('doctor')]
      const now = await w.now()
      const nobody = '0x' + '00'.repeat(20)
      for (const [grantee, changed, name, args] of [
        [nobody, {}, 'ZeroGrantee'],
        [ana.address, {}, 'SelfGrant', { patient: ana.address }],
        [doctor.address, { notBefore: now, notAfter: now }, 'EmptyWindow', { notBefore: now, notAfter: now }],
        [doctor.address, { operations: 0 }, 'NoOperations'],
        [doctor.address, { operations: 16 }, 'UnknownOperations', { operations: 16 }],
        [doctor.address, { purposes: 0 }, 'NoPurposes'],
        [doctor.address, { purposes: 4 }, 'EmergencyPurpose', { purposes: 4 }],
      ]) {
        await w.reverts(ana, w.methods.grant(grantee, ZERO, await w.terms(changed), ZERO), name, args)
      }
    },

    async 'pays for a transaction that reverts, and nothing changes'(w) {
      const [ana, doctor] = [w.person('ana'), w.person('doctor')]
      const before = await w.word(w.methods.grantOf(ana.address, doctor.address, ZERO))
      const data = w.methods.grant(doctor.address, ZERO, await w.terms({ purposes: 0 }), ZERO).encodeABI()
      const { status, logs } = await w.transact(ana, { to: w.address, data })
      assert.deepEqual([BigInt(status), logs], [0n, []])
      assert.deepEqual(await w.word(w.methods.grantOf(ana.address, doctor.address, ZERO)), before)
    },

    async 'grants for an hour, and the hour ends'(w) {
      const [ana, colleague] = [w.person('ana'), w.person('colleague')]
      const terms = await w.terms({ notAfter: (await w.now()) + 3600 })
      await w.send(ana, w.methods.grant(colleague.address, ZERO, terms, ZERO))
      await w.decides(ana, colleague, 3)
      await w.decides(ana, colleague, 20, { at: terms.notBefore - 1 })
      await w.node.travel(DAY / 24)
      await w.decides(ana, colleague, 19)
    },

    async 'finds its events again'(w) {
      const ana = w.person('ana')
      const found = await w.contract.getPastEvents('Granted', { fromBlock: 0, filter: { patient: ana.address } })
      assert.deepEqual(found.map(({ returnValues }) => returnValues.grantee), [
        'doctor', 'doctor', 'colleague', 'nurse', 'colleague',
      ].map((name) => w.person(name).address))
    },
  },
}
