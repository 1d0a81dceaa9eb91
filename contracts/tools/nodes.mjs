// Nodes for the tests: each at a free port, with the story's people funded and its chain id asserted, since another
// process may have taken the port.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import ganache from 'ganache'
import people from '../truffle/story/people.js'
import { binary } from './foundry.mjs'

/** What each of the story's people has: 10,000 ether. */
export const WEALTH = '0x' + (10n ** 22n).toString(16)

export async function freePort() {
  const server = createServer()
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** A node at an address: what it is asked, and how a block comes to be. */
export class LocalNode {
  #id = 0

  constructor(url, chainId, setCode, stop) {
    Object.assign(this, { url, chainId, setCode, stop })
  }

  async rpc(method, ...params) {
    const response = await fetch(this.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: ++this.#id, method, params }),
    })
    const { result, error } = await response.json()
    if (error) throw new Error(`${method}: ${error.message}`)
    return result
  }

  /** Waits until the node answers, and holds its chain id against the expected one. */
  async ready() {
    for (let tries = 0; ; ++tries) {
      try {
        assert.equal(BigInt(await this.rpc('eth_chainId')), this.chainId)
        return this
      } catch (error) {
        if (tries === 300 || error instanceof assert.AssertionError) throw error
        await sleep(50)
      }
    }
  }

  /** Sends a signed transaction and gives its receipt. */
  async send(raw) {
    return this.receipt(await this.rpc('eth_sendRawTransaction', raw))
  }

  async receipt(hash) {
    for (let tries = 0; tries < 300; ++tries) {
      const receipt = await this.rpc('eth_getTransactionReceipt', hash)
      if (receipt) return receipt
      await sleep(10)
    }
    throw new Error(`no receipt for ${hash}`)
  }

  /** Lets this many seconds pass, and a block come to be. */
  async travel(seconds) {
    await this.rpc('evm_increaseTime', seconds)
    await this.rpc('evm_mine')
  }

  /** Puts runtime code at an address. */
  async put(address, code) {
    await this.rpc(this.setCode, address, code)
  }
}

/** Ganache, in this process, on Shanghai, its last. */
export async function startGanache() {
  const port = await freePort()
  const accounts = people.funded.map(({ privateKey }) => ({ secretKey: privateKey, balance: WEALTH }))
  const server = ganache.server({
    chain: { chainId: 1337, networkId: 1337, hardfork: 'shanghai' },
    wallet: { accounts },
    logging: { quiet: true },
  })
  await server.listen(port, '127.0.0.1')
  const node = new LocalNode(`http://127.0.0.1:${port}`, 1337n, 'evm_setAccountCode', () => server.close())
  return node.ready()
}

/** Anvil, on the latest hardfork that it knows. */
export async function startAnvil() {
  const port = await freePort()
  const flags = ['--port', String(port), '--chain-id', '31337', '--silent']
  const process = spawn(binary('anvil'), flags, { stdio: 'inherit' })
  const node = new LocalNode(`http://127.0.0.1:${port}`, 31337n, 'anvil_setCode', () => process.kill())
  await node.ready()
  for (const { address } of people.funded) await node.rpc('anvil_setBalance', address, WEALTH)
  return node
}
