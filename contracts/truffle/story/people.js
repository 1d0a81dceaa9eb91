// The people of the story. Their keys are the hashes of their names: anybody has them, and nothing of worth is theirs.
const { eth, utils } = require('web3')

const account = (name) => eth.accounts.privateKeyToAccount(utils.keccak256(`a person of HealthRecord's story: ${name}`))

/** Those who send transactions. A node of the story gives each of them ether. */
const FUNDED = [
  // The first deploys, and is the registrar.
  'registrar', 'successor', 'hospital', 'clinic', 'doctor', 'colleague', 'nurse', 'clinician', 'author', 'relayer',
  'daughter', 'ana', 'ben', 'carla', 'dora', 'emil', 'fay', 'gus', 'stranger',
]

const funded = FUNDED.map(account)

module.exports = { account, funded }
