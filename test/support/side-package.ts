import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '../..')

/** Installs what a folder's own lock file names, where that is not there yet. Ends the process where it cannot. */
export function install(folder: string): void {
  const installed = join(folder, 'node_modules/.package-lock.json')
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(folder, 'package-lock.json')).mtimeMs) return
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund']
  const { status } = spawnSync('npm', args, { cwd: folder, stdio: 'inherit', shell: process.platform === 'win32' })
  if (status !== 0) fail(`npm ci did not work in ${folder}.`)
}

/** Runs a script of the project's own packages under this Node, and ends with it where it fails. */
export function node(name: string, args: readonly string[]): void {
  console.log(`\n── ${name}`)
  const { status } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' })
  if (status !== 0) process.exit(1)
}

export function fail(sentence: string): never {
  console.error(sentence)
  process.exit(1)
}
