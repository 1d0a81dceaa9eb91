const assert = require('node:assert/strict')
const { DAY, ZERO } = require('./world.js')

const [EMERGENCY, BTG, HOUR] = [4, 2, 3600]

const cast = (w) => ['dora', 'clinician'].map((name) => w.person(name))

const asks = async (w, code, changed = {}) => {
  const [dora, clinician] = cast(w)
  return w.decides(dora, clinician, code, { purpose: BTG, ...changed })
}

module.exports = {
  title: 'A clinician in an emergency',
  steps: {
    async 'breaks the glass for four hours, and the event says so'(w) {
      const [dora, clinician] = cast(w)
      const now = await w.now()
      const credential = w.methods.accredit(clinician.address, EMERGENCY, now - DAY, now + 30 * DAY)
      await w.send(w.person('registrar'), credential)
      await asks(w, 71)
      await w.emits(clinician, w.methods.breakGlass(dora.address, 3), 'EmergencyOpened', {
        patient: dora.address, clinician: clinician.address, reason: 3,
      })
      const { notBefore, notAfter } = await w.word(w.methods.emergencyOf(dora.address, clinician.address))
      assert.equal(notAfter - notBefore, BigInt(4 * HOUR))
      await asks(w, 2)
      await asks(w, 65, { operation: 2 })
      await w.decides(dora, clinician, 255)
      await w.reverts(clinician, w.methods.breakGlass(dora.address, 3), 'EmergencyStillOpen', { notAfter })
    },

    async 'is one by its credential'(w) {
      const stranger = w.person('stranger')
      const method = w.methods.breakGlass(w.person('dora').address, 3)
      await w.reverts(stranger, method, 'NotEmergencyClinician', { caller: stranger.address })
    },

    async 'closes the glass'(w) {
      const [dora, clinician] = cast(w)
      const close = w.methods.closeEmergency(dora.address, clinician.address)
      await w.reverts(w.person('stranger'), close, 'NotEmergencyParty')
      await w.emits(clinician, close, 'EmergencyClosed', { by: clinician.address })
      await asks(w, 66)
      await w.reverts(clinician, close, 'EmergencyNotOpen', { patient: dora.address })
    },

    async 'opens again, and the four hours end'(w) {
      const [dora, clinician] = cast(w)
      await w.send(clinician, w.methods.breakGlass(dora.address, 4))
      await asks(w, 2)
      await w.node.travel(4 * HOUR)
      await asks(w, 68)
    },

    async 'is shut out for a day by the patient'(w) {
      const [dora, clinician] = cast(w)
      const close = w.methods.closeEmergency(dora.address, clinician.address)
      await w.emits(dora, close, 'EmergencyClosed', { by: dora.address })
      const until = (await w.now()) + DAY
      await w.reverts(clinician, w.methods.breakGlass(dora.address, 5), 'EmergencyLocked', { until })
      await w.node.travel(DAY)
      await w.emits(clinician, w.methods.breakGlass(dora.address, 5), 'EmergencyOpened')
    },

    async 'is shut out by a patient without ether'(w) {
      const [dora, clinician] = cast(w)
      const { revision } = await w.word(w.methods.emergencyOf(dora.address, clinician.address))
      const message = {
        patient: dora.address, clinician: clinician.address, revision: revision + 16n, deadline: (await w.now()) + HOUR,
      }
      await w.emits(w.person('relayer'), w.signed(dora, 'CloseEmergency', message), 'EmergencyClosed', { by: dora.address })
      await asks(w, 66)
    },

    async 'is not let in where the patient forbids it, or denies it'(w) {
      const [fay, clinician] = [w.person('fay'), w.person('clinician')]
      await w.send(fay, w.methods.setPolicy(1, 0))
      await w.reverts(clinician, w.methods.breakGlass(fay.address, 6), 'BreakGlassForbidden', { patient: fay.address })
      await w.decides(fay, clinician, 64, { purpose: BTG })
      await w.send(fay, w.methods.deny(clinician.address, ZERO, ZERO))
      await w.decides(fay, clinician, 16, { purpose: BTG })
    },
  },
}
