// The signed structs, read from the constants of src/Signatures.sol: nobody writes a type string twice.
const { readFileSync } = require('node:fs')
const { join } = require('node:path')

const source = readFileSync(join(__dirname, '../src/Signatures.sol'), 'utf8')

/** The type strings by the name of their struct, in the order of the source. */
const typeStrings = Object.fromEntries(
  [...source.matchAll(/^bytes32 constant \w+_TYPEHASH\s*=\s*keccak256\(([^;]*)\);/gms)].map(([, literals]) => {
    const string = [...literals.matchAll(/"([^"]*)"/g)].map(([, part]) => part).join('')
    return [string.slice(0, string.indexOf('(')), string]
  }),
)

/** The members of each struct, as EIP-712 typed data names them. */
const types = Object.fromEntries(
  Object.entries(typeStrings).map(([name, string]) => {
    const members = string.slice(name.length + 1, -1).split(',')
    return [name, members.map((member) => member.split(' ')).map(([type, name]) => ({ name, type }))]
  }),
)

module.exports = { typeStrings, types }
