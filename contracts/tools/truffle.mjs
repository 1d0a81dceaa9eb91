// Runs Truffle on a Ganache of its own, at a free port: `npm run truffle` tests, `npm run truffle
// migrate` migrates. Truffle itself exits with the number of failures.
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { startGanache } from './nodes.mjs'

const truffle = createRequire(import.meta.url).resolve('truffle/build/cli.bundled.js')
const asked = process.argv.slice(2)
// Quiet: the compiler warns of Solady's comments.
const [command, ...rest] = asked.length > 0 ? asked : ['test', '--quiet']

const node = await startGanache()
const child = spawn(process.execPath, [truffle, command, '--config', 'truffle-config.cjs', ...rest], {
  cwd: fileURLToPath(new URL('../', import.meta.url)),
  env: { HEALTHRECORD_ACCREDIT: 'truffle/test/accredit.json', ...process.env, HEALTHRECORD_RPC: node.url },
  stdio: 'inherit',
})
child.on('exit', async (code) => {
  process.exitCode = code ?? 1
  await node.stop()
})
