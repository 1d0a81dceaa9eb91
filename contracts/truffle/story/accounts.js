const assert = require('node:assert/strict')
const { createHash, generateKeyPairSync, sign } = require('node:crypto')
const { eth } = require('web3')
const { TwoOfThree, PasskeyAccount, P256Verifier, VERIFIER } = require('./compile.js')
const { ZERO } = require('./world.js')

const { encodeParameter, encodeParameters } = eth.abi
const sha256 = (data) => createHash('sha256').update(data).digest()

/** A world's smart accounts, from the steps that deploy them to those that use them. */
const deployed = new WeakMap()

const keys = (w) => ['a key at home', 'a key at the bank', 'a key on the phone'].map((name) => w.person(name))

/** The signature of a smart account: two of its keys, each with its index. */
function two(digest, signers) {
  const parts = signers.map(([index, person]) => {
    const { signature } = eth.accounts.signMessageWithPrivateKey(digest, person.privateKey)
    return index.toString(16).padStart(2, '0') + signature.slice(2)
  })
  return '0x' + parts.join('')
}

async function grantOf(w, patient, revision) {
  const terms = await w.terms()
  return {
    patient, grantee: w.person('doctor').address, scope: ZERO, ...terms, document: ZERO, epoch: 0, revision,
    deadline: terms.notAfter,
  }
}

/** What a platform authenticator gives to a page that asks for an assertion of this challenge. */
function assertion(privateKey, digest, flags = 0x05) {
  const challenge = Buffer.from(digest.slice(2), 'hex').toString('base64url')
  const client = `{"type":"webauthn.get","challenge":"${challenge}","origin":"https://records.example","crossOrigin":false}`
  const data = Buffer.concat([sha256('records.example'), Buffer.from([flags]), Buffer.from([0, 0, 0, 7])])
  const signature = sign('sha256', Buffer.concat([data, sha256(client)]), { key: privateKey, dsaEncoding: 'ieee-p1363' })
  // Both s and its opposite are signatures; accounts take the lower.
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
  const r = `0x${signature.toString('hex', 0, 32)}`
  const s = BigInt(`0x${signature.toString('hex', 32)}`)
  return encodeParameter('(bytes,string,uint256,uint256,bytes32,bytes32)', [
    `0x${data.toString('hex')}`, client, client.indexOf('"challenge"'), client.indexOf('"type"'), r,
    `0x${(s > order / 2n ? order - s : s).toString(16).padStart(64, '0')}`,
  ])
}

module.exports = {
  title: 'A patient with a smart account',
  steps: {
    async 'of three keys, of which any two grant'(w) {
      const [home, bank, phone] = keys(w)
      const owners = encodeParameter('address[3]', [home, bank, phone].map(({ address }) => address))
      const address = await w.create(w.person('relayer'), TwoOfThree.creation + owners.slice(2))
      deployed.set(w, { shared: address })
      const message = await grantOf(w, address, 0)
      const digest = w.digest('Grant', message)
      const alone = w.relayed('Grant', message, two(digest, [[0, home], [1, home]]))
      await w.reverts(w.person('relayer'), alone, 'InvalidSignature', { signer: address })
      const both = w.relayed('Grant', message, two(digest, [[0, home], [2, phone]]))
      await w.emits(w.person('relayer'), both, 'Granted', { patient: address })
      await w.decides(address, w.person('doctor'), 3)
    },

    async 'loses a key and swaps it, and the lost one counts no more'(w) {
      const { shared } = deployed.get(w)
      const [home, bank, phone] = keys(w)
      const fresh = w.person('a new phone')
      const before = await grantOf(w, shared, 1)
      const older = two(w.digest('Grant', before), [[0, home], [2, phone]])
      await w.relayed('Grant', before, older).call({ from: w.person('relayer').address })

      const words = encodeParameters(['address', 'uint8', 'address', 'address'], [shared, 2, phone.address, fresh.address])
      const consent = two(w.web3.utils.keccak256(words), [[0, home], [1, bank]])
      const account = new w.web3.eth.Contract(TwoOfThree.abi, shared)
      const data = account.methods.swap(2, fresh.address, consent).encodeABI()
      assert.equal(BigInt((await w.transact(w.person('relayer'), { to: shared, data })).status), 1n)

      await w.reverts(w.person('relayer'), w.relayed('Grant', before, older), 'InvalidSignature', { signer: shared })
    },

    async 'revokes with the new key'(w) {
      const { shared } = deployed.get(w)
      const [, bank] = keys(w)
      const message = {
        patient: shared, grantee: w.person('doctor').address, scope: ZERO, revision: 17, deadline: (await w.now()) + 3600,
      }
      const signature = two(w.digest('Revoke', message), [[1, bank], [2, w.person('a new phone')]])
      await w.emits(w.person('relayer'), w.relayed('Revoke', message, signature), 'Revoked', { patient: shared })
      await w.decides(shared, w.person('doctor'), 17)
    },

    async 'of a passkey grants with a fingerprint'(w) {
      await w.node.put(VERIFIER, P256Verifier.runtime)
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const { x, y } = publicKey.export({ format: 'jwk' })
      const point = [x, y].map((coordinate) => Buffer.from(coordinate, 'base64url').toString('hex')).join('')
      const address = await w.create(w.person('relayer'), PasskeyAccount.creation + point)
      Object.assign(deployed.get(w), { passkey: address, privateKey })

      const message = await grantOf(w, address, 0)
      const granted = w.relayed('Grant', message, assertion(privateKey, w.digest('Grant', message)))
      await w.emits(w.person('relayer'), granted, 'Granted', { patient: address, by: address })
      await w.decides(address, w.person('doctor'), 3)
    },

    async 'of a passkey is spoken for by no other assertion'(w) {
      const { passkey, privateKey } = deployed.get(w)
      const message = await grantOf(w, passkey, 1)
      const digest = w.digest('Grant', message)
      const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
      for (const wrong of [
        assertion(stranger, digest),
        assertion(privateKey, w.digest('Grant', { ...message, operations: 3 })),
        // Present, but not verified.
        assertion(privateKey, digest, 0x01),
      ]) {
        await w.reverts(w.person('relayer'), w.relayed('Grant', message, wrong), 'InvalidSignature', { signer: passkey })
      }
    },

    async 'of a passkey revokes'(w) {
      const { passkey, privateKey } = deployed.get(w)
      const message = {
        patient: passkey, grantee: w.person('doctor').address, scope: ZERO, revision: 17, deadline: (await w.now()) + 3600,
      }
      const revoked = w.relayed('Revoke', message, assertion(privateKey, w.digest('Revoke', message)))
      await w.emits(w.person('relayer'), revoked, 'Revoked', { patient: passkey })
      await w.decides(passkey, w.person('doctor'), 17)
    },

    async 'checks P-256 as node:crypto does'(w) {
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const { x, y } = publicKey.export({ format: 'jwk' })
      const message = Buffer.from('a message')
      const signature = sign('sha256', message, { key: privateKey, dsaEncoding: 'ieee-p1363' })
      const right = [sha256(message), signature, Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]
      const ask = async (input) => BigInt(await w.web3.eth.call({ to: VERIFIER, data: `0x${input.toString('hex')}` }))
      assert.equal(await ask(Buffer.concat(right)), 1n)
      for (let index = 0; index < 160; index += 16) {
        const wrong = Buffer.concat(right)
        wrong[index] ^= 1
        assert.equal(await ask(wrong), 0n, `byte ${index}`)
      }
      assert.equal(await ask(Buffer.concat(right).subarray(1)), 0n)
    },
  },
}
