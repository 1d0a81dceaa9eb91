// Measures the receipts of the transactions of test/Gas.t.sol on Anvil (Shanghai rules) with the committed bytecode, and
// compares them with the snapshot that Forge took. Exits with 1 if any differs.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import sha3 from 'js-sha3'
import { binary } from './foundry.mjs'

const root = new URL('../', import.meta.url)
const json = (path) => JSON.parse(readFileSync(new URL(path, root), 'utf8'))
const artifact = json('artifacts/HealthRecord.json')
const snapshot = json('snapshots/HealthRecord.json')

const NOW = 1_800_000_000
const DAY = 86_400

// ---------------------------------------------------------------------------------------------------------- Encoding

const word = (value) => BigInt(value).toString(16).padStart(64, '0')
const keccak = (text) => '0x' + sha3.keccak256(text)
const person = (name) => '0x' + sha3.keccak256(name).slice(24)
const key = (...words) => '0x' + sha3.keccak256(Buffer.from(words.map(word).join(''), 'hex'))

/** Calldata of a function whose arguments are all static words. */
function call(name, ...args) {
  const signature = Object.keys(artifact.methodIdentifiers).find((s) => s.startsWith(name + '('))
  return '0x' + artifact.methodIdentifiers[signature] + args.map(word).join('')
}

function decide({ patient, accessor, salt, scopes, delegator }) {
  const head = [0x20, patient, accessor, salt, 0x100, 1, 0, delegator, NOW]
  return call('decide', ...head, scopes.length, ...scopes)
}

// ----------------------------------------------------------------------------------------------------------- A node

async function freePort() {
  const server = createServer()
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function startAnvil() {
  const port = await freePort()
  const flags = ['--port', port, '--hardfork', 'shanghai', '--auto-impersonate', '--timestamp', NOW - 100, '--silent']
  const node = spawn(binary('anvil'), flags.map(String), { stdio: 'inherit' })
  let id = 0
  const rpc = async (method, ...params) => {
    const response = await fetch(`http://127.0.0.1:${port}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: ++id, method, params }),
    })
    const { result, error } = await response.json()
    if (error) throw new Error(`${method}: ${error.message}`)
    return result
  }
  for (let tries = 0; ; ++tries) {
    try {
      await rpc('eth_chainId')
      return { rpc, stop: () => node.kill() }
    } catch (error) {
      if (tries === 100) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

// ------------------------------------------------------------------------------------------------------ Transactions

async function measure({ rpc }) {
  const registrar = person('registrar')
  const patient = person('patient')
  const doctor = person('doctor')
  const colleague = person('colleague')
  const author = person('author')
  const scope = keccak('a record')
  const document = keccak('a consent form')
  const root = keccak('a root')

  let time = NOW
  async function send(from, to, data) {
    await rpc('anvil_setBalance', from, '0xde0b6b3a7640000')
    await rpc('evm_setNextBlockTimestamp', time++)
    const hash = await rpc('eth_sendTransaction', { from, to, data, gas: '0x989680' })
    let receipt = null
    while (receipt === null) receipt = await rpc('eth_getTransactionReceipt', hash)
    if (receipt.status !== '0x1') throw new Error(`reverted: ${data}`)
    return receipt
  }

  const { contractAddress } = await send(registrar, undefined, artifact.bytecode + word(registrar))
  const gas = {}
  const measured = async (name, from, data) => {
    gas[name] = Number((await send(from, contractAddress, data)).gasUsed)
  }
  const terms = [NOW - 10, NOW + 1000, 1, 1, 0]

  await measured('anchor', author, call('anchor', root, 1, 1))
  await measured('retract', author, call('retract', root, 1))
  await measured('grant, new', patient, call('grant', doctor, 0, ...terms, 0))
  await measured('grant, renewed', patient, call('grant', doctor, 0, ...terms, 0))
  await measured('grant, new, named scope', patient, call('grant', doctor, scope, ...terms, 0))
  await measured('grant, new, named scope, document', patient, call('grant', colleague, scope, ...terms, document))
  await measured('grant, renewed, named scope, document', patient, call('grant', colleague, scope, ...terms, document))
  await measured('revoke', patient, call('revoke', doctor, scope))
  await measured('deny, never written', registrar, call('deny', doctor, scope, document))
  await measured('revoke, never written', author, call('revoke', doctor, scope))
  await measured('revokeAll, first', patient, call('revokeAll'))
  await measured('revokeAll, next', patient, call('revokeAll'))
  await measured('setPolicy, first', author, call('setPolicy', 1, 1))
  await measured('accredit', registrar, call('accredit', doctor, 2, NOW, NOW + DAY))

  // A view costs gas when a contract asks it; here it is sent as a transaction, in a fresh contract's storage.
  const fresh = (await send(registrar, undefined, artifact.bytecode + word(registrar))).contractAddress
  const scopes = [0, 1, 2, 3, 4].map((i) => key(i)).concat(0)
  const request = { patient, accessor: doctor, salt: keccak('a salt'), scopes, delegator: 0 }
  const asked = async (name) => {
    gas[name] = Number((await send(author, fresh, decide(request))).gasUsed)
  }
  await asked('decide, 6 scopes, blinding, never granted')
  request.delegator = colleague
  await asked('decide, 6 scopes, blinding, delegator, never granted')
  return gas
}

const anvil = await startAnvil()
try {
  const gas = await measure(anvil)
  for (const [name, used] of Object.entries(gas)) {
    const forge = Number(snapshot[name])
    const same = used === forge
    console.log(`${String(used).padStart(7)}  ${name}${same ? '' : `  (snapshot: ${forge})`}`)
    if (!same) process.exitCode = 1
  }
} finally {
  anvil.stop()
}
