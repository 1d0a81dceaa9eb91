const assert = require('node:assert/strict')
const { DAY, ZERO } = require('./world.js')

const [READ, WRITE, PRACTITIONER] = [1, 2, 2]

module.exports = {
  title: 'A request',
  steps: {
    async 'is made to a patient, and changes nothing'(w) {
      const [emil, doctor] = [w.person('emil'), w.person('doctor')]
      const notAfter = (await w.now()) + DAY
      const scope = w.hash('a group')
      await w.emits(doctor, w.methods.requestAccess(emil.address, scope, READ, 1, notAfter), 'AccessRequested', {
        patient: emil.address, accessor: doctor.address, scope, operations: READ, purposes: 1, notAfter,
      })
      await w.reverts(doctor, w.methods.requestAccess(emil.address, scope, 0, 1, notAfter), 'NoOperations')
      await w.decides(emil, doctor, 255, { scopes: [scope] })
    },

    async 'is logged where it was used'(w) {
      const [emil, doctor] = [w.person('emil'), w.person('doctor')]
      const commitment = w.hash('an entry of an audit log')
      await w.emits(doctor, w.methods.logAccess(emil.address, ZERO, 0, commitment), 'AccessLogged', {
        patient: emil.address, accessor: doctor.address, purpose: 0, commitment,
      })
    },

    async 'is answered with its basis or its reason'(w) {
      const [emil, doctor] = [w.person('emil'), w.person('doctor')]
      await w.decides(emil, emil, 1)
      await w.send(emil, w.methods.grant(doctor.address, ZERO, await w.terms(), ZERO))
      await w.decides(emil, doctor, 3)
      await w.decides(emil, doctor, 21, { operation: WRITE })
      await w.decides(emil, doctor, 22, { purpose: 7 })
      const scope = w.hash('a record')
      await w.send(emil, w.methods.grant(doctor.address, scope, await w.terms({ operations: WRITE }), ZERO))
      assert.equal((await w.decides(emil, doctor, 3, { scopes: [scope], operation: WRITE })).scope, scope)
    },

    async 'needs the credential that the grant requires'(w) {
      const [emil, nurse] = [w.person('emil'), w.person('nurse')]
      await w.send(emil, w.methods.grant(nurse.address, ZERO, await w.terms({ requiredRoles: PRACTITIONER }), ZERO))
      await w.decides(emil, nurse, 23)
      const now = await w.now()
      const until = now + DAY
      await w.send(w.person('registrar'), w.methods.accredit(nurse.address, PRACTITIONER, now, until))
      assert.equal((await w.decides(emil, nurse, 3)).until, BigInt(until))
      await w.decides(emil, nurse, 23, { at: until })
    },

    async 'finds a grant under a blinded address by its salt'(w) {
      const [emil, colleague] = [w.person('emil'), w.person('colleague')]
      const salt = w.hash('a salt')
      const tag = w.hash('healthrecord/hr1/blind')
      const packed = tag + emil.address.slice(2) + colleague.address.slice(2) + salt.slice(2)
      const blinded = w.web3.utils.toChecksumAddress('0x' + w.web3.utils.keccak256(packed).slice(-40))
      await w.send(emil, w.methods.grant(blinded, ZERO, await w.terms(), ZERO))
      await w.decides(emil, colleague, 255)
      await w.decides(emil, colleague, 3, { salt })
    },

    async 'is refused where it is malformed'(w) {
      const [emil, doctor] = [w.person('emil'), w.person('doctor')]
      const request = {
        patient: emil.address, accessor: doctor.address, salt: ZERO, scopes: [], operation: READ, purpose: 0,
        delegator: '0x' + '00'.repeat(20), at: 0,
      }
      const scope = w.hash('a record')
      for (const [changed, name, args] of [
        [{ operation: 3 }, 'NotOneOperation', { operation: 3 }],
        [{ scopes: Array(7).fill(scope) }, 'TooManyScopes', { count: 7 }],
        [{ scopes: [ZERO, scope] }, 'ZeroScope', { index: 0 }],
        [{ delegator: emil.address }, 'DelegatorIsPatient', { delegator: emil.address }],
        [{ delegator: doctor.address }, 'DelegatorIsAccessor', { delegator: doctor.address }],
      ]) {
        await w.reverts(doctor, w.methods.decide({ ...request, ...changed }), name, args)
      }
    },
  },
}
