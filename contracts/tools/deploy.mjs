// Deploys the contract to any chain, at the address that its registrar gives it everywhere (CREATE2 through the
// deterministic-deployment proxy), and writes deployments/<chain id>.json, which verifiers read. Run again, it sends
// nothing and holds the file against the chain. `npm run deploy -- --help` says how.
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { fileURLToPath } from 'node:url'
import { Web3, eth, utils } from 'web3'
import { differences, readDeployment, writeDeployment } from './deployments.mjs'

const artifact = JSON.parse(readFileSync(new URL('../artifacts/HealthRecord.json', import.meta.url), 'utf8'))

// https://github.com/Arachnid/deterministic-deployment-proxy: one transaction without a chain id, signed by nobody's key.
const PROXY = {
  address: '0x4e59b44847b379578588920cA78FbF26c0B4956C',
  deployer: '0x3fAB184622Dc19b6109349B94811493BF2a45362',
  cost: 10n ** 16n,
  codeHash: '0x2fa86add0aed31f33a762c9d88e807c475bd51d0f52bd0955754b2608f7e4989',
  transaction:
    '0xf8a58085174876e800830186a08080b853604580600e600039806000f350fe7fffffffffffffffffffffffffffffffffffffffffff' +
    'ffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf31ba02222222222' +
    '222222222222222222222222222222222222222222222222222222a022222222222222222222222222222222222222222222222222222222' +
    '22222222',
}
const SALT = '0x' + '00'.repeat(32)
/** Blocks by which a reorganisation may move a deployment, at most. */
const REORGANISED = 1000

const HELP = `npm run deploy -- --rpc URL --registrar ADDRESS [--chain ID] [--keystore FILE] [--dry-run] [--out FOLDER]

  --rpc        a node's address
  --registrar  who accredits; part of the contract's address, and refused if it is zero
  --chain      the chain id that the node must have
  --keystore   the sender's key, a keystore of version 3; its password in HEALTHRECORD_PASSWORD
               without it, the sender's key is in HEALTHRECORD_KEY (hex), never an argument
  --dry-run    computes and estimates; signs, sends and writes nothing, and needs no key
  --out        where <chain id>.json is written; deployments, where this is run, if not given
`

/** Why nothing was deployed, in words for who runs this. */
export class DeployError extends Error {}

function requireThat(condition, message) {
  if (!condition) throw new DeployError(message)
}

/** Where the contract of this registrar is on every chain, and the code that makes it. */
export function planned(registrar) {
  const creation = artifact.bytecode + eth.abi.encodeParameter('address', registrar).slice(2)
  const hash = utils.keccak256(`0xff${PROXY.address.slice(2)}${SALT.slice(2)}${utils.keccak256(creation).slice(2)}`)
  return { creation, address: utils.toChecksumAddress(`0x${hash.slice(-40)}`) }
}

class Deployer {
  constructor({ web3, account, say }) {
    Object.assign(this, { web3, account, say })
  }

  async codeHash(address) {
    const code = await this.web3.eth.getCode(address)
    return code === '0x' ? undefined : utils.keccak256(code)
  }

  async send(transaction) {
    const { web3, account } = this
    const { maxFeePerGas, maxPriorityFeePerGas, gasPrice } = await web3.eth.calculateFeeData()
    const fee = maxFeePerGas ? { maxFeePerGas, maxPriorityFeePerGas, type: 2n } : { gasPrice, type: 0n }
    const [chainId, nonce, gas] = await Promise.all([
      web3.eth.getChainId(),
      web3.eth.getTransactionCount(account.address, 'pending'),
      web3.eth.estimateGas({ from: account.address, ...transaction }),
    ])
    const whole = { chainId, nonce, gas, ...fee, ...transaction }
    const { rawTransaction } = await web3.eth.accounts.signTransaction(whole, account.privateKey)
    return this.receipt(rawTransaction)
  }

  async receipt(raw) {
    const receipt = await this.web3.eth.sendSignedTransaction(raw)
    requireThat(receipt.status === 1n, `the transaction ${receipt.transactionHash} failed`)
    return receipt
  }

  /** Puts the proxy where it is missing. */
  async proxy() {
    const present = await this.codeHash(PROXY.address)
    if (!present) {
      this.say(`deploying the deterministic-deployment proxy at ${PROXY.address}`)
      const missing = PROXY.cost - (await this.web3.eth.getBalance(PROXY.deployer))
      if (missing > 0n) await this.send({ to: PROXY.deployer, value: missing })
      await this.receipt(PROXY.transaction)
    }
    const hash = await this.codeHash(PROXY.address)
    requireThat(hash === PROXY.codeHash, `the code at ${PROXY.address} is not the proxy's, but of hash ${hash}`)
  }

  async contract({ address, creation }) {
    await this.proxy()
    this.say(`deploying HealthRecord at ${address}`)
    return this.send({ to: PROXY.address, data: `${SALT}${creation.slice(2)}`, value: 0n })
  }

  /** The deployment as the chain has it, from the event of its constructor: many nodes search only so many blocks. */
  async found(chainId, registrar, address, fromBlock) {
    const hash = await this.codeHash(address)
    const wanted = artifact.runtimeCodeHash
    requireThat(hash === wanted, `the code at ${address} has the hash ${hash}, not ${wanted}`)
    const logs = await this.web3.eth.getPastLogs({
      address, fromBlock,
      topics: [utils.keccak256('RegistrarChanged(address,address)'), SALT, eth.abi.encodeParameter('address', registrar)],
    })
    requireThat(logs.length === 1, `the node knows no transaction from block ${fromBlock} on that deployed ${address}`)
    const [{ blockNumber, blockHash, transactionHash }] = logs
    return {
      chainId: Number(chainId), contract: address, codeHashes: [hash], registrar, blockNumber: Number(blockNumber),
      blockHash, transactionHash,
    }
  }
}

/** Deploys, or finds what was deployed; gives the deployment and its file, or what a dry run would do. */
export async function deploy({ rpc, registrar, chain, account, dryRun, out = 'deployments', say = () => {} }) {
  requireThat(utils.isAddress(registrar) && BigInt(registrar) !== 0n, 'the registrar is not an address')
  registrar = utils.toChecksumAddress(registrar)
  const web3 = new Web3(rpc)
  web3.eth.transactionPollingInterval = 250
  const chainId = await web3.eth.getChainId()
  requireThat(chain === undefined || BigInt(chain) === chainId, `the node is on chain ${chainId}, not ${chain}`)
  const deployer = new Deployer({ web3, account, say })
  const plan = planned(registrar)

  // A file of another contract is nobody's to overwrite; seen before anything is sent.
  const { path, deployment: written } = readDeployment(out, chainId)
  for (const name of ['chainId', 'contract', 'registrar']) {
    const wanted = { chainId: Number(chainId), contract: plan.address, registrar }[name]
    requireThat(!written || written[name] === wanted, `${path} has another ${name}: ${written?.[name]}, not ${wanted}`)
  }

  const present = (await deployer.codeHash(plan.address)) !== undefined
  if (dryRun) return { present, chainId: Number(chainId), contract: plan.address, registrar, path }
  // A reorganisation may have moved what a file says.
  let fromBlock = BigInt(Math.max((written?.blockNumber ?? 0) - REORGANISED, 0))
  if (!present) {
    requireThat(account, 'there is no key to send with: HEALTHRECORD_KEY, or --keystore')
    const { blockNumber } = await deployer.contract(plan)
    fromBlock = BigInt(blockNumber)
    requireThat((await web3.eth.getChainId()) === chainId, 'the node changed its chain')
  }
  const deployment = await deployer.found(chainId, registrar, plan.address, fromBlock)
  const changed = written ? differences(written, deployment) : []
  for (const name of changed) say(`${name} was ${written[name]}, and is ${deployment[name]}`)
  if (!written || changed.length > 0) writeDeployment(path, deployment)
  return { deployment, path, sent: !present }
}

/** The sender, from a keystore or the environment. No error says anything of a key. */
async function sender(keystore, { HEALTHRECORD_KEY: key, HEALTHRECORD_PASSWORD: password }) {
  if (keystore) {
    requireThat(password !== undefined, 'the password of the keystore belongs in HEALTHRECORD_PASSWORD')
    try {
      return await eth.accounts.decrypt(readFileSync(keystore, 'utf8'), password, true)
    } catch {
      throw new DeployError(`${keystore} is no keystore of version 3, or has another password`)
    }
  }
  if (key === undefined) return undefined
  try {
    return eth.accounts.privateKeyToAccount(key.startsWith('0x') ? key : `0x${key}`)
  } catch {
    throw new DeployError('HEALTHRECORD_KEY is no key')
  }
}

function readArguments(args) {
  const text = { type: 'string' }
  const options = {
    rpc: text, registrar: text, chain: text, keystore: text, out: text, 'dry-run': { type: 'boolean' },
    help: { type: 'boolean' },
  }
  try {
    return parseArgs({ args, options }).values
  } catch {
    // Not in the parser's words: they would print a key that somebody wrote there.
    throw new DeployError(`there is an argument that is none of these\n\n${HELP}`)
  }
}

/** Runs the script with these arguments and this environment; what it says goes to `say`. */
export async function main(args, env, say) {
  const values = readArguments(args)
  if (values.help) return say(HELP)
  requireThat(values.rpc && values.registrar, HELP)
  const dryRun = values['dry-run']
  const account = dryRun ? undefined : await sender(values.keystore, env)
  const result = await deploy({ ...values, dryRun, account, say })
  if (dryRun) return say(JSON.stringify(result, null, 2))
  say(JSON.stringify(result.deployment, null, 2))
  say(`${result.sent ? 'deployed' : 'was deployed before'}: ${result.path}`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await main(process.argv.slice(2), process.env, console.log)
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}
