// Installs the clients where they are not yet, runs the matrix, and holds docs/clients.md to what it found; `--write` writes the page.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Passed } from './page.ts'

const folder = import.meta.dirname
const root = resolve(folder, '../..')
const page = join(root, 'docs/clients.md')

install()
node('types', ['node_modules/typescript/bin/tsc', '--noEmit', '-p', folder])
const found = await pageFrom(matrix())
if (process.argv.includes('--write')) writeFileSync(page, found)
else if (!existsSync(page) || readFileSync(page, 'utf8') !== found) fail(`${page} is not what was found: npm run docs:clients`)

function install(): void {
  const lock = join(folder, 'package-lock.json')
  const installed = join(folder, 'node_modules/.package-lock.json')
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder, stdio: 'inherit' })
  if (status !== 0) fail('The clients could not be installed.')
}

function matrix(): Passed {
  const scratch = mkdtempSync(join(tmpdir(), 'tollgate-clients-'))
  const report = join(scratch, 'report.json')
  const config = join(folder, 'vitest.config.ts')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  node('matrix', ['node_modules/vitest/vitest.mjs', 'run', '--config', config, ...reporters])
  const { testResults }: Report = JSON.parse(readFileSync(report, 'utf8'))
  rmSync(scratch, { recursive: true })
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults)
  return new Set(tests.filter(({ status }) => status === 'passed').map(({ fullName }) => fullName))
}

interface Report {
  readonly testResults: readonly { readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[] }[]
}

/** Loaded only now: before, there may have been nothing to load. */
async function pageFrom(passed: Passed): Promise<string> {
  const [{ pageOf }, { clients }] = await Promise.all([import('./page.ts'), import('./sdk/index.ts')])
  const { devDependencies }: { devDependencies: Record<string, string> } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return pageOf(clients, passed, devDependencies)
}

function node(name: string, args: readonly string[]): void {
  console.log(`\n── ${name}`)
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(1)
}

function fail(sentence: string): never {
  console.error(sentence)
  process.exit(1)
}
