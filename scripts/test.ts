// The README's test command: types, lint, house rules and suites, one after the other, with one plain line at the end. What is asked of a
// whole gateway is asked of both deployments: one process and its files, and over what many processes share. `--clients` adds the matrix
// of real clients, which installs them first.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { missing as noPostgres } from '../test/support/postgres.ts'
import { missing as noRedis } from '../test/support/redis.ts'

interface Step {
  readonly name: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Where a step of many tests leaves their count. */
  readonly report?: string
}

const only = argument('--only')?.split(',')
const files = process.argv.slice(2).filter((word, at, all) => !word.startsWith('--') && all[at - 1] !== '--only')
const scratch = mkdtempSync(join(tmpdir(), 'tollgate-test-'))
const clients = join(scratch, 'clients.json')
const notes: string[] = []

const steps: readonly Step[] = [
  { name: 'types', args: ['node_modules/typescript/bin/tsc', '--noEmit', '-p', '.'] },
  { name: 'lint', args: ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.'] },
  ...(process.argv.includes('--clients') ? [{ name: 'clients', args: ['test/clients/run.ts', '--report', clients], report: clients }] : []),
  suites('suites'),
  ...manyProcesses(),
]

let failed = 0
let passed = 0
let skipped = 0
for (const { name, args, env, report } of steps) {
  if (only && !only.includes(name)) continue
  console.log(`\n── ${name}`)
  const run = spawnSync(process.execPath, args, { stdio: 'inherit', env: { ...process.env, ...env } })
  if (report !== undefined) count(report, run.status === 0)
  else if (run.status === 0) passed++
  else failed++
}
rmSync(scratch, { recursive: true, force: true })
if (skipped > 0) console.log(`\n${skipped} skipped, each with its reason in its name`)
for (const note of notes) console.log(note)
console.log(`\n${passed} passed, ${failed} failed`)
process.exit(failed > 0 ? 1 : 0)

function suites(name: string, ...more: readonly string[]): Step {
  const report = join(scratch, `${name}.json`)
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  return { name, args: ['node_modules/vitest/vitest.mjs', 'run', ...reporters, ...more, ...files], report }
}

function manyProcesses(): Step[] {
  if (noPostgres !== undefined) notes.push(`suites over PostgreSQL and Redis skipped: ${noPostgres}`)
  else if (noRedis !== undefined) notes.push(`suites over PostgreSQL without Redis: ${noRedis}`)
  // They wait more than they work, and load everything: two at a time, each keeping what it has loaded.
  const step = suites('many', '--maxWorkers=2', '--no-isolate', '--passWithNoTests')
  return noPostgres === undefined ? [{ ...step, env: { TEST_DEPLOYMENT: 'many' } }] : []
}

function count(report: string, ok: boolean): void {
  try {
    const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(report, 'utf8'))
    passed += numPassedTests
    // A file that fails to load holds no test that could fail, yet the run has failed.
    failed += ok ? numFailedTests : Math.max(1, numFailedTests)
    skipped += numPendingTests
  } catch {
    failed++
  }
}

function argument(name: string): string | undefined {
  const at = process.argv.indexOf(name)
  return at < 0 ? undefined : process.argv[at + 1]
}
