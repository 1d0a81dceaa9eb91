const assert = require('node:assert/strict')
const { DAY } = require('./world.js')

const [ISSUER, PRACTITIONER, EMERGENCY] = [1, 2, 4]

module.exports = {
  title: 'The registrar',
  steps: {
    async 'accredits an issuer, and the issuer a professional'(w) {
      const [registrar, clinic, nurse] = [w.person('registrar'), w.person('clinic'), w.person('nurse')]
      const now = await w.now()
      await w.emits(registrar, w.methods.accredit(clinic.address, ISSUER, now, now + 10 * DAY), 'Accredited', {
        account: clinic.address, issuer: registrar.address,
      })
      await w.emits(clinic, w.methods.accredit(nurse.address, PRACTITIONER, now, now + DAY), 'Accredited', {
        account: nurse.address, issuer: clinic.address,
      })
      assert.deepEqual(await w.word(w.methods.credentialOf(nurse.address)), {
        notBefore: BigInt(now), notAfter: BigInt(now + DAY), roles: 2n, issuer: clinic.address,
      })
    },

    async 'bounds what an issuer gives'(w) {
      const [clinic, doctor, gus] = ['clinic', 'doctor', 'gus'].map((name) => w.person(name))
      const now = await w.now()
      const { notAfter } = await w.word(w.methods.credentialOf(clinic.address))
      await w.send(w.person('registrar'), w.methods.accredit(gus.address, PRACTITIONER, now, now + DAY))
      const give = (account, roles, until) => w.methods.accredit(account.address, roles, now, until)
      await w.reverts(clinic, give(doctor, ISSUER, now + DAY), 'IssuerRole', { roles: ISSUER })
      await w.reverts(clinic, give(doctor, PRACTITIONER, notAfter + 1n), 'BeyondIssuer', { issuerNotAfter: notAfter })
      await w.reverts(clinic, give(gus, PRACTITIONER, now + DAY), 'NotOwnCredential', { account: gus.address })
      await w.reverts(clinic, give(doctor, 0, now + DAY), 'NoRoles')
    },

    async 'lets nobody appoint themselves'(w) {
      const stranger = w.person('stranger')
      const now = await w.now()
      const method = w.methods.accredit(stranger.address, EMERGENCY, now, now + DAY)
      await w.reverts(stranger, method, 'NotIssuer', { caller: stranger.address })
    },

    async 'withdraws, and so does the issuer that gave'(w) {
      const [registrar, clinic, nurse] = [w.person('registrar'), w.person('clinic'), w.person('nurse')]
      await w.emits(clinic, w.methods.discredit(nurse.address), 'Discredited', { by: clinic.address })
      assert.equal((await w.word(w.methods.credentialOf(nurse.address))).roles, 0n)
      await w.emits(registrar, w.methods.discredit(clinic.address), 'Discredited', { by: registrar.address })
      await w.reverts(clinic, w.methods.discredit(w.person('gus').address), 'NotIssuer')
      await w.reverts(registrar, w.methods.discredit(nurse.address), 'NotAccredited')
    },

    async 'hands over in two steps, and back'(w) {
      const [registrar, successor] = [w.person('registrar'), w.person('successor')]
      for (const [from, to] of [[registrar, successor], [successor, registrar]]) {
        await w.emits(from, w.methods.transferRegistrar(to.address), 'RegistrarProposed', {
          registrar: from.address, pending: to.address,
        })
        await w.reverts(w.person('stranger'), w.methods.acceptRegistrar(), 'NotPendingRegistrar')
        assert.equal(await w.methods.pendingRegistrar().call(), to.address)
        await w.emits(to, w.methods.acceptRegistrar(), 'RegistrarChanged', {
          previous: from.address, registrar: to.address,
        })
        await w.reverts(from, w.methods.transferRegistrar(from.address), 'NotRegistrar', { caller: from.address })
      }
    },
  },
}
