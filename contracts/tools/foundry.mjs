// Runs Forge, or finds Anvil, from the npm packages of Foundry.
//
// The launchers in those packages end with 0 whatever the tool's exit code was: a failing test would pass. Here the
// binary itself is started and its exit code handed on.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const require = createRequire(import.meta.url)

/** The path of a Foundry tool's binary for this machine. */
export function binary(tool) {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch
  const suffix = process.platform === 'win32' ? '.exe' : ''
  return require.resolve(`@foundry-rs/${tool}-${process.platform}-${arch}/bin/${tool}${suffix}`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { status, signal, error } = spawnSync(binary('forge'), process.argv.slice(2), { stdio: 'inherit' })
  if (error) throw error
  if (signal) console.error(`forge was ended by ${signal}`)
  process.exitCode = status ?? 1
}
