// Deploys the contract and accredits the accounts of a JSON file, which the environment names:
//
//     HEALTHRECORD_ACCREDIT=accredit.json npx truffle migrate --network …
//
//     {
//       "registrar": "0x…",                 the deploying account where it is missing
//       "accounts": [
//         {
//           "account": "0x…", "roles": ["PRACTITIONER", "EMERGENCY"], "notBefore": "2026-01-01", "notAfter": "2031-01-01"
//         }
//       ]
//     }
//
// Only the registrar accredits: with another's address the list must be empty.
const { readFileSync } = require('node:fs')
const HealthRecord = artifacts.require('HealthRecord')

const ROLES = ['ISSUER', 'PRACTITIONER', 'EMERGENCY', 'INSURER', 'MANUFACTURER', 'RESEARCHER', 'LABORATORY', 'PHARMACY']

function mask(roles) {
  const unknown = roles.filter((role) => !ROLES.includes(role))
  if (unknown.length > 0) throw new Error(`no such role: ${unknown.join(', ')}`)
  return ROLES.reduce((bits, role, index) => (roles.includes(role) ? bits | (1 << index) : bits), 0)
}

/** The first second of a day, in UTC. */
function seconds(day) {
  const time = Date.parse(`${day}T00:00:00Z`)
  // A day that no month has is read as one of the next month.
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== day) {
    throw new Error(`not a day, as 2026-01-31: ${day}`)
  }
  return time / 1000
}

module.exports = async (deployer, _network, [account]) => {
  const path = process.env.HEALTHRECORD_ACCREDIT
  const { registrar = account, accounts = [] } = path ? JSON.parse(readFileSync(path, 'utf8')) : {}
  if (accounts.length > 0 && registrar.toLowerCase() !== account.toLowerCase()) {
    throw new Error(`only the registrar ${registrar} accredits, and ${account} deploys`)
  }
  // Every entry is read before anything is deployed.
  const credentials = accounts.map((entry) => [
    entry.account, mask(entry.roles), seconds(entry.notBefore), seconds(entry.notAfter),
  ])
  await deployer.deploy(HealthRecord, registrar)
  const record = await HealthRecord.deployed()
  for (const credential of credentials) await record.accredit(...credential)
}
