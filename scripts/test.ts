// The README's test command: types, lint, house rules and suites, one after the other, with one plain line at the end.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const only = argument('--only')?.split(',')
const files = process.argv.slice(2).filter((word, at, all) => !word.startsWith('--') && all[at - 1] !== '--only')
const scratch = mkdtempSync(join(tmpdir(), 'tollgate-test-'))
const report = join(scratch, 'report.json')

const steps: [name: string, args: string[]][] = [
  ['types', ['node_modules/typescript/bin/tsc', '--noEmit', '-p', '.']],
  ['lint', ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.']],
  ['suites', ['node_modules/vitest/vitest.mjs', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...files]],
]

let failed = 0
let passed = 0
let skipped = 0
for (const [name, args] of steps) {
  if (only && !only.includes(name)) continue
  console.log(`\n── ${name}`)
  const run = spawnSync(process.execPath, args, { stdio: 'inherit' })
  if (name === 'suites') addSuites(run.status === 0)
  else if (run.status === 0) passed++
  else failed++
}
rmSync(scratch, { recursive: true, force: true })
console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
process.exit(failed > 0 ? 1 : 0)

function addSuites(ok: boolean): void {
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
