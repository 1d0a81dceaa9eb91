// What a chapter of the story acts with: people, their transactions and signatures, and what the chain answers.
const assert = require('node:assert/strict')
const { Web3, eth } = require('web3')
const artifact = require('../../artifacts/HealthRecord.json')
const { types } = require('../../tools/signatures.cjs')
const { account } = require('./people.js')

const DAY = 86_400
const ZERO = '0x' + '00'.repeat(32)
const GAS = 5_000_000n

class World {
  /** What was sent and what was emitted so far: selectors, and names of events. */
  sent = new Set()
  emitted = new Set()

  /** On a running node of tools/nodes.mjs, with the contract at this address there. */
  constructor(node, address) {
    this.node = node
    this.web3 = new Web3(node.url)
    this.address = address
    this.contract = new this.web3.eth.Contract(artifact.abi, address)
    this.methods = this.contract.methods
  }

  /** The world on a node where the contract is deployed first. */
  static async deploy(node) {
    const world = new World(node)
    const registrar = world.person('registrar')
    const argument = world.web3.eth.abi.encodeParameter('address', registrar.address)
    return new World(node, await world.create(registrar, artifact.bytecode + argument.slice(2)))
  }

  person(name) {
    return account(name)
  }

  /** 32 bytes that have a name. */
  hash(name) {
    return this.web3.utils.keccak256(name)
  }

  /** The time of the last block, unix seconds. */
  async now() {
    return Number((await this.web3.eth.getBlock('latest')).timestamp)
  }

  /** Terms of a permit: READ for TREAT, from a day ago for 30 days, but for what is named otherwise. */
  async terms(changed = {}) {
    const now = await this.now()
    return {
      notBefore: now - DAY, notAfter: now + 30 * DAY, purposes: 1, operations: 1, requiredRoles: 0, ...changed,
    }
  }

  /** Sends a transaction and gives its receipt, whether or not it succeeded. */
  async transact(from, { to, data, gas = GAS }) {
    const transaction = {
      chainId: this.node.chainId, nonce: await this.web3.eth.getTransactionCount(from.address), to, data, gas,
      maxFeePerGas: 100n * 10n ** 9n, maxPriorityFeePerGas: 10n ** 9n, value: 0n, type: 2n,
    }
    if (to === this.address) this.sent.add(data.slice(0, 10))
    const { rawTransaction } = await this.web3.eth.accounts.signTransaction(transaction, from.privateKey)
    return this.node.send(rawTransaction)
  }

  /** Deploys a contract from its creation code. */
  async create(from, data) {
    const { status, contractAddress } = await this.transact(from, { data })
    assert.equal(BigInt(status), 1n, 'the deployment reverted')
    return this.web3.utils.toChecksumAddress(contractAddress)
  }

  /** Sends a call of the contract that succeeds, and gives its events, decoded. */
  async send(from, method) {
    const { status, logs } = await this.transact(from, { to: this.address, data: method.encodeABI() })
    if (BigInt(status) !== 1n) await method.call({ from: from.address })
    assert.equal(BigInt(status), 1n, 'the transaction reverted')
    return logs.map((log) => this.event(log))
  }

  /** A log of the contract's, decoded: its name, and its arguments by name. */
  event({ address, topics, data }) {
    assert.equal(address.toLowerCase(), this.address.toLowerCase())
    const events = artifact.abi.filter(({ type }) => type === 'event')
    const event = events.find((event) => this.web3.eth.abi.encodeEventSignature(event) === topics[0])
    this.emitted.add(event.name)
    const decoded = this.web3.eth.abi.decodeLog(event.inputs, data, topics.slice(1))
    return { event: event.name, ...Object.fromEntries(event.inputs.map(({ name }) => [name, decoded[name]])) }
  }

  /** Holds that a call changes the state with exactly one event, of this name and with these arguments. */
  async emits(from, method, name, args = {}) {
    const events = await this.send(from, method)
    assert.deepEqual(events.map(({ event }) => event), [name])
    for (const [argument, value] of Object.entries(args)) assert.equal(String(events[0][argument]), String(value), argument)
    return events[0]
  }

  /** Holds that a call reverts with the error of this name and these arguments. */
  async reverts(from, method, name, args = {}) {
    const error = await method.call({ from: from.address }).then(
      () => assert.fail(`${name} was expected, and nothing reverted`),
      (error) => error,
    )
    assert.equal(error.cause?.errorName, name, String(error.cause?.message ?? error))
    for (const [argument, value] of Object.entries(args)) {
      assert.equal(String(error.cause.errorArgs[argument]), String(value), argument)
    }
  }

  /** The digest of a struct in the contract's domain, as a wallet makes it. */
  digest(primaryType, message) {
    return eth.abi.getEncodedEip712Data(this.typedData(primaryType, message), true)
  }

  typedData(primaryType, message) {
    return {
      types: { EIP712Domain: types.EIP712Domain, [primaryType]: types[primaryType] },
      primaryType,
      domain: {
        name: 'HealthRecord', version: '1', chainId: Number(this.node.chainId), verifyingContract: this.address,
      },
      message,
    }
  }

  /** The signature of a person over a struct. */
  sign(person, primaryType, message) {
    return eth.accounts.signMessageWithPrivateKey(this.digest(primaryType, message), person.privateKey).signature
  }

  /** The relayed form of an action: the struct's members in the order of the function, and the signature. */
  relayed(primaryType, message, signature) {
    const name = `${primaryType[0].toLowerCase()}${primaryType.slice(1)}BySig`
    const { inputs } = artifact.abi.find((entry) => entry.name === name)
    const args = inputs.map((input) => {
      if (input.name === 'signature') return signature
      return input.name === 'terms' ? input.components.map((part) => message[part.name]) : message[input.name]
    })
    return this.methods[name](...args)
  }

  /** The relayed form of what a person signs. */
  signed(person, primaryType, message) {
    return this.relayed(primaryType, message, this.sign(person, primaryType, message))
  }

  /** A view's result: its fields by name, numbers as bigints. */
  async word(view) {
    const result = await view.call()
    return Object.fromEntries(Object.entries(result).filter(([name]) => !/^(\d+|__length__)$/.test(name)))
  }

  /** What `decide` answers; what is not named is READ for TREAT by nobody's delegation, now. */
  async decide(patient, accessor, changed = {}) {
    return this.word(this.methods.decide({
      patient: patient.address ?? patient, accessor: accessor.address, salt: ZERO, scopes: [], operation: 1,
      purpose: 0, delegator: '0x' + '00'.repeat(20), at: await this.now(), ...changed,
    }))
  }

  async decides(patient, accessor, code, changed = {}) {
    const decision = await this.decide(patient, accessor, changed)
    assert.deepEqual([decision.code, decision.permit], [BigInt(code), code < 16])
    return decision
  }
}

module.exports = { World, artifact, DAY, ZERO }
