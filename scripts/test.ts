// The README's test command: types, lint, house rules and suites, one after the other, with one plain line at the end. `--clients` adds the
// matrix of real clients, which installs them first.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

interface Step {
  readonly name: string
  readonly args: readonly string[]
  /** Where a step of many tests leaves their count. */
  readonly report?: string
}

const only = argument('--only')?.split(',')
const files = process.argv.slice(2).filter((word, at, all) => !word.startsWith('--') && all[at - 1] !== '--only')
const scratch = mkdtempSync(join(tmpdir(), 'tollgate-test-'))
const [suites, clients] = [join(scratch, 'suites.json'), join(scratch, 'clients.json')]
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${suites}`]

const steps: readonly Step[] = [
  { name: 'types', args: ['node_modules/typescript/bin/tsc', '--noEmit', '-p', '.'] },
  { name: 'lint', args: ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.'] },
  ...(process.argv.includes('--clients') ? [{ name: 'clients', args: ['test/clients/run.ts', '--report', clients], report: clients }] : []),
  { name: 'suites', args: ['node_modules/vitest/vitest.mjs', 'run', ...reporters, ...files], report: suites },
]

let failed = 0
let passed = 0
let skipped = 0
for (const { name, args, report } of steps) {
  if (only && !only.includes(name)) continue
  console.log(`\n── ${name}`)
  const run = spawnSync(process.execPath, args, { stdio: 'inherit' })
  if (report !== undefined) count(report, run.status === 0)
  else if (run.status === 0) passed++
  else failed++
}
rmSync(scratch, { recursive: true, force: true })
if (skipped > 0) console.log(`\n${skipped} skipped, each with its reason in its name`)
console.log(`\n${passed} passed, ${failed} failed`)
process.exit(failed > 0 ? 1 : 0)

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
