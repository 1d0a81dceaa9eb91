// Writes the figures of snapshots/ into the tables of README.md; with --check compares instead. A row's first cell is
// the name of a figure; every figure has a row.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'

const root = new URL('../', import.meta.url)
const readme = new URL('README.md', root)
const before = readFileSync(readme, 'utf8')

const figures = {}
for (const file of readdirSync(new URL('snapshots/', root))) {
  Object.assign(figures, JSON.parse(readFileSync(new URL(`snapshots/${file}`, root), 'utf8')))
}

const rows = new Set()
const after = before.replace(/^\| ([^|]+) \| *\d* *\|/gm, (row, name) => {
  if (!(name in figures)) return row
  rows.add(name)
  return `| ${name} | ${figures[name]} |`
})

const missing = Object.keys(figures).filter((name) => !rows.has(name))
for (const name of missing) console.error(`README.md has no row for "${name}" (${figures[name]})`)
const empty = [...after.slice(after.indexOf('## Gas')).matchAll(/^\| ([^|]+) \| *\|/gm)].map(([, name]) => name)
for (const name of empty) console.error(`snapshots/ has no figure for "${name}" of README.md`)
const faults = missing.length + empty.length
if (faults > 0) process.exitCode = 1

if (!process.argv.includes('--check')) {
  writeFileSync(readme, after)
} else if (after !== before) {
  console.error('README.md has other gas figures than snapshots/: npm run snapshot')
  process.exitCode = 1
} else if (faults === 0) {
  console.log(`README.md has the ${rows.size} gas figures of snapshots/`)
}
