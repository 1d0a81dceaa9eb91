// Holds test/HealthRecord.tree against the tests: every leaf has a test of its name, and every test is a leaf.
//
// A tree begins with the test contracts that have all of it. Below, each line is one step deeper than the line that it
// hangs from; the words of a path, joined by `_`, are the name of its test after `test_`. Fuzz tests and invariants are
// no leaves.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { binary } from './foundry.mjs'

const root = new URL('../', import.meta.url)

/** The leaves of the tree file, as `Contract.test_name`. */
function leaves() {
  const found = []
  let contracts = []
  let path = []
  const lines = readFileSync(new URL('test/HealthRecord.tree', root), 'utf8').split('\n')
  lines.forEach((line, index) => {
    if (line === '' || line.startsWith('//')) return
    const [, stem, words] = /^((?:│ {3}| {4})*(?:[├└]── )?)(.+)$/.exec(line)
    const depth = stem.length / 4
    if (depth === 0) {
      contracts = words.split(', ')
      path = []
      return
    }
    if (depth > path.length + 1) throw new Error(`HealthRecord.tree:${index + 1}: a step is left out`)
    path = [...path.slice(0, depth - 1), words.replaceAll(' ', '_')]
    const next = /^(?:[│ ] {3})*/.exec(lines[index + 1] ?? '')[0].length / 4
    const deeper = /[├└]/.test(lines[index + 1] ?? '') && next >= depth
    if (!deeper) for (const contract of contracts) found.push(`${contract}.test_${path.join('_')}`)
  })
  return found
}

/** The tests that Forge finds. */
function tests() {
  const { stdout, status } = spawnSync(binary('forge'), ['test', '--list', '--json'], { cwd: root, encoding: 'utf8' })
  if (status !== 0) throw new Error('forge test --list failed')
  const files = JSON.parse(stdout.slice(stdout.indexOf('{')))
  return Object.values(files)
    .flatMap((contracts) => Object.entries(contracts))
    .flatMap(([contract, names]) => names.map((name) => `${contract}.${name}`))
    .filter((name) => name.includes('.test_'))
}

const written = leaves()
const run = new Set(tests())
const faults = [
  ...written.filter((leaf, index) => written.indexOf(leaf) !== index).map((leaf) => `two leaves: ${leaf}`),
  ...written.filter((leaf) => !run.has(leaf)).map((leaf) => `a leaf without a test: ${leaf}`),
  ...[...run].filter((test) => !written.includes(test)).map((test) => `a test that is no leaf: ${test}`),
]
for (const fault of faults) console.error(fault)
if (faults.length > 0) process.exitCode = 1
else console.log(`every one of the ${written.length} leaves of test/HealthRecord.tree has its test`)
