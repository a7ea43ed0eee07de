import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

// The table of what may fail beneath a gateway, its disk, its databases, its clock and its peers: a row without a test is a promise nobody holds.

const ROWS = Array.from({ length: 17 }, (_, at) => `F-${40 + at}`)
/** At the beginning of a test's name, or after an `and` within it. */
const NAMED = /(?<=['`](?:[^'`\n]* and )?)F-\d\d/g

it.each(ROWS)('%s has a test that is named for it', (row) => {
  expect(named().get(row) ?? [], `files whose tests are named for ${row}`).not.toEqual([])
})

let known: Map<string, string[]> | undefined

function named(): Map<string, string[]> {
  if (known) return known
  known = new Map()
  for (const file of globSync('**/*.test.ts', { cwd: import.meta.dirname })) {
    if (file === 'fault-census.test.ts') continue
    for (const [row] of readFileSync(join(import.meta.dirname, file), 'utf8').matchAll(NAMED))
      known.set(row, [...(known.get(row) ?? []), file])
  }
  return known
}
