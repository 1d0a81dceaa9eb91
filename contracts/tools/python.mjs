// Runs slither or halmos, each from a Python environment of its own in the user's cache, made at the first run:
//
//   node tools/python.mjs slither
//   node tools/python.mjs halmos [arguments]
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { binary } from './foundry.mjs'

const root = fileURLToPath(new URL('../', import.meta.url))
const versions = { slither: ['slither-analyzer', '0.11.5'], halmos: ['halmos', '0.3.3'] }

// What slither asks that the design answers once, for the whole contract.
// timestamp, incorrect-equality: consents hold between two times of a block, with edges to the second; a proposer's
// seconds do not matter to them. Masks of words that hold a time are taken for comparisons of it.
const answered = ['timestamp', 'incorrect-equality']

function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', ...options })
  if (error) throw error
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}`)
}

/** The folder with a tool's programs. */
function programs(tool) {
  const [name, version] = versions[tool]
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
  const folder = join(cache, 'healthrecord', `python-tools-${name}-${version}`)
  const whole = join(folder, 'whole')
  if (!existsSync(whole)) {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(dirname(folder), { recursive: true })
    run('python3', ['-m', 'venv', folder])
    run(join(folder, 'bin', 'pip'), ['install', '--quiet', '--disable-pip-version-check', `${name}==${version}`])
    writeFileSync(whole, '')
  }
  return join(folder, 'bin')
}

/** A copy of the project: slither cleans Forge's output, and neither tool knows the builtin `erc7201`. */
function copy() {
  const folder = mkdtempSync(join(tmpdir(), 'healthrecord-contracts-'))
  for (const name of ['src', 'test', 'tools', 'artifacts', 'foundry.toml', 'package.json']) {
    cpSync(join(root, name), join(folder, name), { recursive: true })
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  const { storageLayout } = JSON.parse(readFileSync(join(root, 'artifacts/HealthRecord.json'), 'utf8'))
  const contract = join(folder, 'src/HealthRecord.sol')
  const source = readFileSync(contract, 'utf8')
  const plain = source.replace('erc7201("healthrecord.v1")', storageLayout[0].slot)
  if (plain === source) throw new Error('HealthRecord.sol does not name its base by erc7201')
  writeFileSync(contract, plain)
  return folder
}

const [tool, ...rest] = process.argv.slice(2)
const commands = {
  slither: ['.', '--filter-paths', 'node_modules', '--exclude', answered.join()],
  // What ends in minutes; `npm run halmos -- --match-test check_any_call` asks for the rest.
  halmos: ['--contract', 'Frames', ...(rest.length > 0 ? rest : ['--match-test', '^check_(revoke|deny|revokeAll)_'])],
}
if (!(tool in commands)) throw new Error('usage: node tools/python.mjs slither | halmos [arguments]')

const bin = programs(tool)
const folder = copy()
try {
  const PATH = [dirname(binary('forge')), bin, process.env.PATH].join(delimiter)
  run(join(bin, tool), commands[tool], { cwd: folder, env: { ...process.env, PATH } })
} finally {
  rmSync(folder, { recursive: true, force: true })
}
