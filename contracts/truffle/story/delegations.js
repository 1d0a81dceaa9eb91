const assert = require('node:assert/strict')
const { DAY, ZERO } = require('./world.js')

const [READ, SHARE] = [1, 4]

/** Carla, her doctor who may share, and the colleague whom the doctor shares with. */
const cast = (w) => ['carla', 'doctor', 'colleague'].map((name) => w.person(name))

/** The scope that is shared, below the grant of all. */
const group = (w) => w.hash('a group')

/** What the colleague is answered where it names the doctor. */
const asks = (w, code) => {
  const [carla, doctor, colleague] = cast(w)
  return w.decides(carla, colleague, code, { delegator: doctor.address, scopes: [group(w)] })
}

module.exports = {
  title: 'A doctor who shares',
  steps: {
    async 'passes on what the patient lets it share'(w) {
      const [carla, doctor, colleague] = cast(w)
      const share = w.methods.delegate(carla.address, colleague.address, group(w), await w.terms())
      await w.reverts(doctor, share, 'NotSharer', { patient: carla.address, delegator: doctor.address, scope: group(w) })
      await w.send(carla, w.methods.grant(doctor.address, ZERO, await w.terms({ operations: READ | SHARE }), ZERO))
      await w.emits(doctor, share, 'Delegated', { patient: carla.address, delegator: doctor.address })
      await asks(w, 5)
      await w.decides(carla, colleague, 255)
      const word = await w.word(w.methods.delegationOf(carla.address, doctor.address, colleague.address, group(w)))
      assert.deepEqual([word.state, word.parentRevision, word.parentIsAll], [1n, 1n, true])
    },

    async 'passes on neither the sharing nor the managing'(w) {
      const [carla, doctor, colleague] = cast(w)
      const method = w.methods.delegate(carla.address, colleague.address, group(w), await w.terms({ operations: SHARE }))
      await w.reverts(doctor, method, 'NotDelegable', { operations: SHARE })
    },

    async 'stops sharing'(w) {
      const [carla, doctor, colleague] = cast(w)
      const method = w.methods.revokeDelegation(carla.address, colleague.address, group(w))
      await w.emits(doctor, method, 'DelegationRevoked', { by: doctor.address })
      await asks(w, 49)
    },

    async 'ends with its own grant, and a new grant wakes nothing'(w) {
      const [carla, doctor, colleague] = cast(w)
      await w.send(doctor, w.methods.delegate(carla.address, colleague.address, group(w), await w.terms()))
      await asks(w, 5)
      const terms = await w.terms({ operations: READ | SHARE })
      await w.send(carla, w.methods.grant(doctor.address, ZERO, terms, ZERO))
      await asks(w, 56)
    },

    async 'is barred by the patient, and let in again'(w) {
      const [carla, doctor, colleague] = cast(w)
      const deny = w.methods.denyDelegation(doctor.address, colleague.address, group(w))
      await w.emits(carla, deny, 'DelegationDenied', { delegator: doctor.address, grantee: colleague.address })
      await asks(w, 48)
      const again = w.methods.delegate(carla.address, colleague.address, group(w), await w.terms())
      await w.reverts(doctor, again, 'PatientWord')
      const lift = w.methods.liftDelegation(doctor.address, colleague.address, group(w))
      await w.emits(carla, lift, 'DelegationRevoked', { by: carla.address })
      await w.reverts(carla, lift, 'NotDenied')
      await asks(w, 49)
    },

    async 'does all of it by relayed signatures'(w) {
      const [carla, doctor, colleague] = cast(w)
      const relayer = w.person('relayer')
      const deadline = (await w.now()) + DAY
      const pair = {
        patient: carla.address, delegator: doctor.address, grantee: colleague.address, scope: group(w), deadline,
      }
      const revision = async () =>
        (await w.word(w.methods.delegationOf(carla.address, doctor.address, colleague.address, group(w)))).revision
      const parent = (await w.word(w.methods.grantOf(carla.address, doctor.address, ZERO))).revision
      const delegate = {
        ...pair, ...(await w.terms()), parentRevision: parent, parentIsAll: true, epoch: 0, revision: await revision(),
      }
      const other = { ...delegate, parentRevision: parent - 1n }
      await w.reverts(relayer, w.signed(doctor, 'Delegate', other), 'StaleParent', { current: parent })
      await w.emits(relayer, w.signed(doctor, 'Delegate', delegate), 'Delegated')
      await asks(w, 5)
      const revoke = { ...pair, revision: (await revision()) + 16n }
      await w.emits(relayer, w.signed(doctor, 'RevokeDelegation', revoke), 'DelegationRevoked', { by: doctor.address })
      const deny = { ...pair, revision: (await revision()) + 16n }
      await w.emits(relayer, w.signed(carla, 'DenyDelegation', deny), 'DelegationDenied')
      await asks(w, 48)
      const lift = { ...pair, epoch: 0, revision: await revision() }
      await w.emits(relayer, w.signed(carla, 'LiftDelegation', lift), 'DelegationRevoked', { by: carla.address })
    },
  },
}
