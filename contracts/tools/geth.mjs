// geth, on a genesis of its own: a chain of a named fork, whose blocks come to be when the tests say so.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import compiled from '../truffle/story/compile.js'
import people from '../truffle/story/people.js'
import { LocalNode, WEALTH, freePort } from './nodes.mjs'

const CHAIN = 20_261_125n
const GENESIS_TIME = 1_700_000_000

// The contracts that the blocks of a fork call, as their specifications have them.
const system = JSON.parse(readFileSync(new URL('system-contracts.json', import.meta.url), 'utf8'))

const FORKS = ['shanghai', 'cancun', 'prague']

function genesis(fork) {
  const alloc = Object.fromEntries(people.funded.map(({ address }) => [address, { balance: WEALTH }]))
  // No code can be put anywhere later.
  alloc[compiled.VERIFIER] = { balance: '0x0', code: compiled.P256Verifier.runtime }
  const forks = FORKS.slice(0, FORKS.indexOf(fork) + 1)
  for (const { since, address, code } of system) {
    if (forks.includes(since)) alloc[address] = { balance: '0x0', nonce: '0x1', code }
  }
  const blocks = [
    'homestead', 'eip150', 'eip155', 'eip158', 'byzantium', 'constantinople', 'petersburg', 'istanbul', 'berlin', 'london',
  ]
  return {
    config: {
      chainId: Number(CHAIN),
      ...Object.fromEntries(blocks.map((name) => [`${name}Block`, 0])),
      terminalTotalDifficulty: 0,
      ...Object.fromEntries(forks.map((name) => [`${name}Time`, 0])),
      blobSchedule: {
        cancun: { target: 3, max: 6, baseFeeUpdateFraction: 3_338_477 },
        prague: { target: 6, max: 9, baseFeeUpdateFraction: 5_007_716 },
      },
    },
    nonce: '0x0', timestamp: `0x${GENESIS_TIME.toString(16)}`, extraData: '0x', gasLimit: '0x1c9c380', difficulty: '0x0',
    mixHash: '0x' + '00'.repeat(32), coinbase: '0x' + '00'.repeat(20), baseFeePerGas: '0x3b9aca00', alloc,
  }
}

class Geth extends LocalNode {
  #time = GENESIS_TIME

  /** Commits a block of these transactions, this many seconds after the last. */
  async #commit(transactions, seconds) {
    this.#time += seconds
    const attributes = {
      timestamp: `0x${this.#time.toString(16)}`, prevRandao: '0x' + '00'.repeat(32),
      suggestedFeeRecipient: '0x' + '00'.repeat(20), withdrawals: [],
      parentBeaconBlockRoot: this.fork === 'shanghai' ? null : '0x' + '00'.repeat(32),
    }
    await this.rpc('testing_commitBlockV1', attributes, transactions, '0x')
  }

  async send(raw) {
    await this.#commit([raw], 12)
    // By the block: a fresh geth says for a while that it indexes its transactions.
    const [receipt] = await this.rpc('eth_getBlockReceipts', 'latest')
    return receipt
  }

  async travel(seconds) {
    await this.#commit([], seconds)
  }

  async put(address, code) {
    assert.equal(await this.rpc('eth_getCode', address, 'latest'), code)
  }
}

/** Starts a geth, from its program, on a chain of a fork: `shanghai`, `cancun` or `prague`. */
export async function startGeth(program, fork) {
  const folder = mkdtempSync(join(tmpdir(), 'healthrecord-geth-'))
  const file = join(folder, 'genesis.json')
  writeFileSync(file, JSON.stringify(genesis(fork)))
  const data = ['--datadir', folder, '--state.scheme', 'hash']
  const { status, stderr } = spawnSync(program, [...data, 'init', file], { encoding: 'utf8' })
  assert.equal(status, 0, stderr)
  const port = await freePort()
  const child = spawn(program, [
    ...data, '--networkid', String(CHAIN), '--syncmode', 'full', '--gcmode', 'archive', '--cache', '128', '--nodiscover',
    '--nat', 'none', '--maxpeers', '0', '--port', '0', '--ipcdisable', '--authrpc.addr', '127.0.0.1', '--authrpc.port', '0',
    '--http', '--http.addr', '127.0.0.1', '--http.port', String(port), '--http.api', 'eth,net,web3,debug,testing',
  ], { stdio: 'ignore' })
  const gone = new Promise((resolve) => child.on('exit', resolve))
  const node = new Geth(`http://127.0.0.1:${port}`, CHAIN, undefined, async () => {
    child.kill()
    await gone
    rmSync(folder, { recursive: true })
  })
  node.fork = fork
  return node.ready()
}
