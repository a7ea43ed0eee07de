import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Store } from '../../src/contract/store.ts'
import { createRetention, type Retention } from '../../src/ledger/retention.ts'
import { verifyBooks } from '../../src/ledger/verify.ts'
import { ended, NOON, reserved, someStart, sqliteDatabase, type TestDatabase } from '../support/stores.ts'

const DAY = 86_400_000
const MOST_MS = 100

let database: TestDatabase
let store: Store
beforeEach(async () => {
  database = await sqliteDatabase(() => NOON)
  store = await database.open()
})
afterEach(() => database.drop())

const retaining = (retention: Retention, { of = store, holder = 'one' } = {}) =>
  createRetention({
    ...{ store: of.retention, leases: of.leases, holder, now: () => NOON },
    retention: () => retention,
    destinations: () => [],
  })

async function fill(count: number): Promise<void> {
  for (let from = 0; from < count; from += 1_000) {
    const starts = Array.from({ length: Math.min(1_000, count - from) }, (_, at) =>
      someStart(`r${from + at}`, { at: NOON - 100 * DAY + Math.floor(((from + at) * 99 * DAY) / count) }),
    )
    await store.ledger.write(starts.map(reserved))
    await store.ledger.write(starts.map((start) => ended(start)))
  }
}

it('keeps what it is told to keep, whole days, in one process at a time', async () => {
  await fill(1_000)
  const other = await database.open()
  const work = { attempts: 50 * DAY, hourlySums: 60 * DAY }
  const [one, two] = await Promise.all([retaining(work)(), retaining(work, { of: other, holder: 'two' })()])
  expect(Math.min(one, two)).toBe(0)
  const left = await store.ledger.requests({ limit: 9_999 })
  expect(left.at(-1)?.start.at).toBeGreaterThanOrEqual(NOON - 50 * DAY - DAY / 2)
  expect(left.length).toBeGreaterThan(480)
  expect(await verifyBooks(store.ledger, NOON)).toMatchObject({
    attempts: left.length,
    deleted: { attempts: 1_000 - left.length },
    wrong: [],
  })
  expect(await retaining(work)()).toBe(0)
})

it('keeps everything where it is told none', async () => {
  await fill(100)
  expect(await retaining({ attempts: undefined, hourlySums: undefined })()).toBe(0)
})

it('lets whoever books in between, however much is deleted', async () => {
  await fill(20_000)
  const other = await database.open()
  const forgetting = retaining({ attempts: DAY, hourlySums: 40 * DAY })()
  const waits: number[] = []
  for (let at = 0; at < 100; at++) {
    const before = performance.now()
    await other.ledger.write([reserved(someStart(`new-${at}`))])
    await other.ledger.write([ended(someStart(`new-${at}`))])
    waits.push(performance.now() - before)
  }
  expect(await forgetting).toBeGreaterThan(19_000)
  expect(waits.toSorted((a, b) => a - b)[50]).toBeLessThan(MOST_MS)
  expect((await verifyBooks(store.ledger, NOON)).wrong).toEqual([])
})
