// The files of deployments: what a verifier pins, one for each chain.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The deployment that a folder has for a chain, if any, and the path of its file. */
export function readDeployment(folder, chainId) {
  const path = join(folder, `${chainId}.json`)
  let text
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT') return { path }
    throw error
  }
  try {
    return { path, deployment: JSON.parse(text) }
  } catch {
    throw new Error(`${path} is not JSON`)
  }
}

/** Writes a deployment whole or not at all. */
export function writeDeployment(path, deployment) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(`${path}.new`, `${JSON.stringify(deployment, null, 2)}\n`)
  renameSync(`${path}.new`, path)
}

/** The members that two deployments do not share. */
export function differences(one, other) {
  const names = new Set([...Object.keys(one), ...Object.keys(other)])
  return [...names].filter((name) => JSON.stringify(one[name]) !== JSON.stringify(other[name]))
}
