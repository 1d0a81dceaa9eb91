// The deploy script on Ganache and on Anvil: the same address on both, and a file that verifiers read.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { utils } from 'web3'
import { main, planned } from '../tools/deploy.mjs'
import { startAnvil, startGanache } from '../tools/nodes.mjs'
import people from './story/people.js'

const script = fileURLToPath(new URL('../tools/deploy.mjs', import.meta.url))
const { runtimeCodeHash } = JSON.parse(readFileSync(new URL('../artifacts/HealthRecord.json', import.meta.url)))

const sender = people.account('relayer')
const registrar = people.account('successor').address
const nobody = '0x' + '00'.repeat(20)

/** Runs the script here; gives whether it succeeded and all that it said, in which no key is. */
async function run(args, env = { HEALTHRECORD_KEY: sender.privateKey }) {
  const said = []
  const ok = await main(args, env, (text) => said.push(text)).then(() => true, ({ message }) => !said.push(message))
  const text = said.join('\n')
  assert.ok(!text.toLowerCase().includes(sender.privateKey.slice(2)), 'a key was printed')
  return { ok, text }
}

for (const [name, start, hasProxy] of [['Ganache', startGanache, false], ['Anvil', startAnvil, true]]) {
  describe(`A deployment to ${name}`, () => {
    let node, out, ours
    before(async () => {
      node = await start()
      out = mkdtempSync(join(tmpdir(), 'healthrecord-deploy-'))
      ours = ['--rpc', node.url, '--registrar', registrar, '--out', out, '--chain', String(node.chainId)]
    })
    after(async () => {
      await node.stop()
      rmSync(out, { recursive: true })
    })
    const blocks = async () => Number(await node.rpc('eth_blockNumber'))
    const file = () => join(out, `${node.chainId}.json`)

    it('is tried without a key, and nothing is sent or written', async () => {
      const before = await blocks()
      const { stdout } = await promisify(execFile)(process.execPath, [script, ...ours, '--dry-run'])
      assert.equal(JSON.parse(stdout).contract, planned(registrar).address)
      await assert.rejects(promisify(execFile)(process.execPath, [script, '--dry-run']), { code: 1 })
      assert.deepEqual([await blocks(), readdirSync(out)], [before, []])
    })

    it('is refused where something is amiss, and nothing is sent or written', async () => {
      const before = await blocks()
      for (const [args, env, message] of [
        [ours, {}, /no key to send with/],
        [ours, { HEALTHRECORD_KEY: '0x1234' }, /HEALTHRECORD_KEY is no key/],
        [[...ours, '--chain', '5'], undefined, /on chain \d+, not 5/],
        [[...ours, '--registrar', nobody], undefined, /registrar is not an address/],
        [[...ours, '--key', sender.privateKey], undefined, /none of these/],
        [[...ours, sender.privateKey], undefined, /none of these/],
        [[...ours, '--keystore', file()], {}, /HEALTHRECORD_PASSWORD/],
        [[...ours, '--keystore', file()], { HEALTHRECORD_PASSWORD: 'x' }, /no keystore of version 3/],
      ]) {
        const { ok, text } = await run(args, env)
        assert.equal(ok, false, text)
        assert.match(text, message)
      }
      assert.deepEqual([await blocks(), readdirSync(out)], [before, []])
    })

    it(`is made from a keystore, ${hasProxy ? 'through the proxy that is there' : 'after the proxy'}`, async () => {
      const keystore = join(out, 'keystore')
      const options = { kdf: 'scrypt', n: 1024, r: 8, p: 1 }
      writeFileSync(keystore, JSON.stringify(await sender.encrypt('a password', options)))
      const wrong = await run([...ours, '--keystore', keystore], { HEALTHRECORD_PASSWORD: 'another' })
      assert.match(wrong.text, /has another password/)
      const { ok, text } = await run([...ours, '--keystore', keystore], { HEALTHRECORD_PASSWORD: 'a password' })
      assert.ok(ok, text)
      assert.equal(/deploying the deterministic-deployment proxy/.test(text), !hasProxy)
      rmSync(keystore)
    })

    it('is written as verifiers read it, and as the chain has it', async () => {
      const deployment = JSON.parse(readFileSync(file(), 'utf8'))
      const receipt = await node.receipt(deployment.transactionHash)
      assert.deepEqual(deployment, {
        chainId: Number(node.chainId), contract: planned(registrar).address, codeHashes: [runtimeCodeHash], registrar,
        blockNumber: Number(receipt.blockNumber), blockHash: receipt.blockHash, transactionHash: receipt.transactionHash,
      })
      assert.equal(utils.keccak256(await node.rpc('eth_getCode', deployment.contract, 'latest')), runtimeCodeHash)
    })

    it('is made once: again, nothing is sent, and the file is held against the chain', async () => {
      const [before, text] = [await blocks(), readFileSync(file(), 'utf8')]
      assert.ok((await run(ours, {})).ok)
      assert.equal(readFileSync(file(), 'utf8'), text)
      writeFileSync(file(), text.replace(/"blockHash": "0x..../, '"blockHash": "0xdead'))
      assert.match((await run(ours, {})).text, /blockHash was 0xdead/)
      assert.equal(readFileSync(file(), 'utf8'), text)
      rmSync(file())
      assert.ok((await run(ours, {})).ok)
      assert.equal(readFileSync(file(), 'utf8'), text)
      assert.equal(await blocks(), before)
    })

    it('of another registrar is another contract, whose file stays', async () => {
      const text = readFileSync(file(), 'utf8')
      const other = [...ours, '--registrar', sender.address]
      assert.match((await run(other)).text, /has another contract/)
      assert.equal(readFileSync(file(), 'utf8'), text)
    })

    it('is refused where the code at the address is not the contract', async () => {
      const { address } = planned(sender.address)
      await node.put(address, '0x00')
      const elsewhere = [...ours, '--registrar', sender.address, '--out', join(out, 'other')]
      assert.match((await run(elsewhere)).text, /has the hash 0x[0-9a-f]{64}, not/)
    })
  })
}
