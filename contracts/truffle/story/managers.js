const { DAY, ZERO } = require('./world.js')

const MANAGE = 8

module.exports = {
  title: 'A manager',
  steps: {
    async 'is a daughter whom her father lets act for him'(w) {
      const [ben, daughter] = [w.person('ben'), w.person('daughter')]
      const terms = await w.terms({ operations: MANAGE | 3, notAfter: (await w.now()) + 60 * DAY })
      await w.send(ben, w.methods.grant(daughter.address, ZERO, terms, ZERO))
      await w.decides(ben, daughter, 3, { operation: MANAGE })
    },

    async 'grants, and the event names her'(w) {
      const [ben, daughter, doctor] = [w.person('ben'), w.person('daughter'), w.person('doctor')]
      const method = w.methods.grantFor(ben.address, doctor.address, ZERO, await w.terms(), ZERO)
      await w.emits(daughter, method, 'Granted', { patient: ben.address, by: daughter.address })
      await w.decides(ben, doctor, 3)
      await w.reverts(w.person('stranger'), method, 'NotManager', {
        patient: ben.address, caller: w.person('stranger').address, scope: ZERO,
      })
    },

    async 'stays within what she was given'(w) {
      const [ben, daughter, doctor] = [w.person('ben'), w.person('daughter'), w.person('doctor')]
      const own = await w.word(w.methods.grantOf(ben.address, daughter.address, ZERO))
      for (const [grantee, changed, name, args] of [
        [daughter, {}, 'ManagerIsGrantee', { manager: daughter.address }],
        [doctor, { notAfter: Number(own.notAfter) + 1 }, 'BeyondManagerWindow', { managerNotAfter: own.notAfter }],
        [doctor, { operations: MANAGE }, 'BeyondManagerOperations', { operations: MANAGE }],
        [doctor, { purposes: 3 }, 'BeyondManagerPurposes', { purposes: 3, managerPurposes: 1 }],
      ]) {
        const method = w.methods.grantFor(ben.address, grantee.address, ZERO, await w.terms(changed), ZERO)
        await w.reverts(daughter, method, name, args)
      }
    },

    async 'revokes and denies'(w) {
      const [ben, daughter, doctor] = [w.person('ben'), w.person('daughter'), w.person('doctor')]
      const by = daughter.address
      await w.emits(daughter, w.methods.revokeFor(ben.address, doctor.address, ZERO), 'Revoked', { by })
      await w.emits(daughter, w.methods.denyFor(ben.address, doctor.address, ZERO, ZERO), 'Denied', { by })
      await w.decides(ben, doctor, 16)
    },

    async 'never lifts what the patient wrote'(w) {
      const [ben, daughter, nurse] = [w.person('ben'), w.person('daughter'), w.person('nurse')]
      await w.send(ben, w.methods.deny(nurse.address, ZERO, ZERO))
      await w.reverts(daughter, w.methods.grantFor(ben.address, nurse.address, ZERO, await w.terms(), ZERO), 'PatientWord')
      await w.reverts(daughter, w.methods.revokeFor(ben.address, nurse.address, ZERO), 'PatientWord')
    },

    async 'resigns'(w) {
      const [ben, daughter] = [w.person('ben'), w.person('daughter')]
      await w.emits(daughter, w.methods.revokeFor(ben.address, daughter.address, ZERO), 'Revoked')
      await w.decides(ben, daughter, 17, { operation: MANAGE })
    },
  },
}
