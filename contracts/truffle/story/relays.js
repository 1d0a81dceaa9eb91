const assert = require('node:assert/strict')
const { ZERO } = require('./world.js')

/** What a patient signs now, but for what is named otherwise. */
async function grantMessage(w, patient, changed = {}) {
  const terms = await w.terms()
  return {
    patient: patient.address, grantee: w.person('doctor').address, scope: ZERO, ...terms, document: w.hash('a form'),
    epoch: 0, revision: 0, deadline: terms.notAfter, ...changed,
  }
}

module.exports = {
  title: 'A patient without ether',
  steps: {
    async 'grants by a signature that anybody relays, once'(w) {
      const [pia, doctor, relayer] = [w.person('pia'), w.person('doctor'), w.person('relayer')]
      const message = await grantMessage(w, pia)
      const grant = w.signed(pia, 'Grant', message)
      await w.emits(relayer, grant, 'Granted', { patient: pia.address, by: pia.address, document: message.document })
      await w.decides(pia, doctor, 3)
      assert.deepEqual(await w.send(w.person('stranger'), grant), [], 'what is applied is done')
    },

    async 'is told by name what is wrong with a signature'(w) {
      const [pia, relayer] = [w.person('pia'), w.person('relayer')]
      const message = await grantMessage(w, pia, { revision: 1 })
      const forged = w.sign(w.person('doctor'), 'Grant', message)
      await w.reverts(relayer, w.relayed('Grant', message, forged), 'InvalidSignature', { signer: pia.address })
      const altered = w.relayed('Grant', { ...message, operations: 3 }, w.sign(pia, 'Grant', message))
      await w.reverts(relayer, altered, 'InvalidSignature', { signer: pia.address })
      const stale = { ...message, revision: 0, operations: 3 }
      await w.reverts(relayer, w.signed(pia, 'Grant', stale), 'StaleRevision', { current: 1, signed: 0 })
      const epoch = { ...message, epoch: 1 }
      await w.reverts(relayer, w.signed(pia, 'Grant', epoch), 'StaleEpoch', { current: 0, signed: 1 })
      const late = { ...message, deadline: (await w.now()) - 1 }
      await w.reverts(relayer, w.signed(pia, 'Grant', late), 'SignatureExpired', { deadline: late.deadline })
    },

    async 'takes no other spelling of its signature'(w) {
      const [pia, relayer] = [w.person('pia'), w.person('relayer')]
      const message = await grantMessage(w, pia, { revision: 1 })
      const signature = w.sign(pia, 'Grant', message)
      const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
      const high = (order - BigInt('0x' + signature.slice(66, 130))).toString(16).padStart(64, '0')
      const other = signature.slice(0, 66) + high + (signature.endsWith('1b') ? '1c' : '1b')
      await w.reverts(relayer, w.relayed('Grant', message, other), 'InvalidSignature', { signer: pia.address })
    },

    async 'revokes, and outruns an older consent'(w) {
      const [pia, doctor, relayer] = [w.person('pia'), w.person('doctor'), w.person('relayer')]
      const deadline = (await w.now()) + 3600
      const older = w.signed(pia, 'Grant', await grantMessage(w, pia, { revision: 1 }))
      const revoke = { patient: pia.address, grantee: doctor.address, scope: ZERO, revision: 1 + 16, deadline }
      await w.emits(relayer, w.signed(pia, 'Revoke', revoke), 'Revoked', { by: pia.address })
      await w.decides(pia, doctor, 17)
      await w.reverts(relayer, older, 'StaleRevision', { current: 18, signed: 1 })
    },

    async 'denies'(w) {
      const [pia, doctor] = [w.person('pia'), w.person('doctor')]
      const message = {
        patient: pia.address, grantee: doctor.address, scope: w.hash('a record'), document: ZERO, revision: 16,
        deadline: (await w.now()) + 3600,
      }
      await w.emits(w.person('relayer'), w.signed(pia, 'Deny', message), 'Denied', { scope: message.scope })
      await w.decides(pia, doctor, 16, { scopes: [message.scope] })
    },

    async 'sets its policy'(w) {
      const pia = w.person('pia')
      const deadline = (await w.now()) + 3600
      const message = { account: pia.address, flags: 1, cards: 2, revision: 0, deadline }
      await w.emits(w.person('relayer'), w.signed(pia, 'SetPolicy', message), 'PolicySet', { account: pia.address })
      const other = { ...message, flags: 0 }
      await w.reverts(w.person('relayer'), w.signed(pia, 'SetPolicy', other), 'StaleRevision', { current: 1, signed: 0 })
    },

    async 'ends everything, and every signature of before'(w) {
      const [pia, relayer] = [w.person('pia'), w.person('relayer')]
      const unsent = w.signed(pia, 'Grant', await grantMessage(w, pia, { grantee: w.person('nurse').address }))
      const message = { patient: pia.address, epoch: 0, deadline: (await w.now()) + 3600 }
      await w.emits(relayer, w.signed(pia, 'RevokeAll', message), 'RevokedAll', { patient: pia.address })
      await w.reverts(relayer, unsent, 'StaleEpoch', { current: 1, signed: 0 })
    },
  },
}
