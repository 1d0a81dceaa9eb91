// The story in Truffle: its compiler, its migration, and Ganache.
const assert = require('node:assert/strict')
const { accounts } = require('./accredit.json')
const { World, artifact } = require('../story/world.js')
const { tell } = require('../story')

const HealthRecord = artifacts.require('HealthRecord')

describe('HealthRecord by Truffle', () => {
  let world

  before(async () => {
    const { LocalNode } = await import('../../tools/nodes.mjs')
    const node = new LocalNode(process.env.HEALTHRECORD_RPC, 1337n, 'evm_setAccountCode')
    world = new World(await node.ready(), (await HealthRecord.deployed()).address)
  })

  it('is compiled to the bytecode of the artifact, which Forge is held to', () => {
    assert.equal(HealthRecord.bytecode, artifact.bytecode)
    assert.equal(HealthRecord.deployedBytecode, artifact.runtimeBytecode)
  })

  it('is migrated with the credentials of the file', async () => {
    assert.equal(await world.methods.registrar().call(), world.person('registrar').address)
    const roles = { ISSUER: 1n, PRACTITIONER: 2n, EMERGENCY: 4n }
    for (const { account, roles: names, notBefore, notAfter } of accounts) {
      assert.deepEqual(await world.word(world.methods.credentialOf(account)), {
        notBefore: BigInt(Date.parse(notBefore) / 1000), notAfter: BigInt(Date.parse(notAfter) / 1000),
        roles: names.reduce((mask, name) => mask | roles[name], 0n), issuer: world.person('registrar').address,
      })
    }
  })

  tell({ describe, it }, () => world)
})
