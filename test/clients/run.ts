// Installs the clients where they are not yet, runs the matrix, and holds docs/clients.md to what it found; `--write` writes the page,
// `--report FILE` keeps what vitest tells.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fail, install, node } from '../support/side-package.ts'
import type { Passed } from './page.ts'

const folder = import.meta.dirname
const root = resolve(folder, '../..')
const page = join(root, 'docs/clients.md')

install(folder)
node('types', ['node_modules/typescript/bin/tsc', '--noEmit', '-p', folder])
const found = await pageFrom(matrix())
if (process.argv.includes('--write')) writeFileSync(page, found)
else if (!existsSync(page) || readFileSync(page, 'utf8') !== found) fail(`${page} is not what was found: npm run docs:clients`)

function matrix(): Passed {
  const scratch = mkdtempSync(join(tmpdir(), 'tollgate-clients-'))
  const kept = process.argv.indexOf('--report')
  const report = (kept > 0 && process.argv[kept + 1]) || join(scratch, 'report.json')
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
  const [{ pageOf }, { clients }, { calls }] = await Promise.all([import('./page.ts'), import('./sdk/index.ts'), import('./calls.ts')])
  const { devDependencies }: { devDependencies: Record<string, string> } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return pageOf({ clients, calls, versions: devDependencies }, passed)
}
