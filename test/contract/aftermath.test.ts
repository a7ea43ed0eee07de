import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { tenantId } from '../../src/contract/ids.ts'
import type { AttemptRow, AttemptStart } from '../../src/contract/ledger.ts'
import type { Store } from '../../src/contract/store.ts'
import { verifyBooks } from '../../src/ledger/verify.ts'
import { postgres } from '../support/postgres.ts'
import { ended, entry, NOON, reserved, someOutcome, someStart, sqlite, type TestDatabase } from '../support/stores.ts'

// What becomes of attempts after they ended, whatever engine they lie on: told to others in one order, deleted at last, and still proved.

const DAY = 86_400_000
const HOUR = 3_600_000
const MIDNIGHT = NOON - 12 * HOUR

describe.each([sqlite, postgres])('ended attempts on $name', ({ create, missing }) => {
  let database: TestDatabase
  let store: Store

  beforeEach(async ({ skip }) => {
    skip(missing !== undefined, missing)
    database = await create(() => NOON)
    store = await database.open()
  })
  afterEach(() => database?.drop())

  const open = (...starts: readonly AttemptStart[]) => store.ledger.write(starts.map(reserved))
  const end = (...rows: readonly AttemptRow[]) => store.ledger.write(rows)
  const book = async (...starts: readonly AttemptStart[]) => {
    await open(...starts)
    await end(...starts.map((start) => ended(start)))
  }
  const enlistAll = async (from = store) => {
    while (await from.exports.enlist(2));
  }
  const told = async (after = 0) => (await store.exports.after(after, 999)).map(({ row }) => row.start.requestId)

  describe('in the order of telling', () => {
    it('come once each, one that ends late when it has ended', async () => {
      const [a, b, c, d] = [someStart('a'), someStart('b'), someStart('c'), someStart('d')]
      await open(a, b, c)
      await end(ended(c))
      await enlistAll()
      expect(await told()).toEqual(['c'])
      await open(d)
      await end(ended(d), ended(a))
      await enlistAll()
      await enlistAll()
      expect(await told()).toEqual(['c', 'a', 'd'])
      await end(ended(b))
      await enlistAll()
      const rows = await store.exports.after(0, 999)
      expect(rows.map(({ row }) => row.start.requestId)).toEqual(['c', 'a', 'd', 'b'])
      expect(rows[1]?.row).toEqual(ended(a))
      expect(rows.map(({ seq }) => seq)).toEqual(rows.map(({ seq }) => seq).toSorted((one, other) => one - other))
      expect(await told(rows[2]?.seq)).toEqual(['b'])
    })

    it('are told of all, whoever books and whoever enlists meanwhile', async () => {
      const others = [store, await database.open(), await database.open()]
      const ids = Array.from({ length: 240 }, (_, at) => `r${at}`)
      const booking = others.map(async ({ ledger }, mine) => {
        const own = ids.filter((_, at) => at % others.length === mine).map((id) => someStart(id))
        for (let at = 0; at < own.length; at += 4) {
          const four = own.slice(at, at + 4)
          await ledger.write(four.map(reserved))
          await ledger.write(four.slice(at % 3).map((start) => ended(start)))
        }
        await ledger.write(own.map((start) => ended(start)))
      })
      const seen: string[][] = []
      const enlisting = others.slice(1).map(async (other) => {
        for (let at = 0; at < 40; at++) {
          await other.exports.enlist(5)
          seen.push(await told())
        }
      })
      await Promise.all([...booking, ...enlisting])
      await enlistAll()
      const last = await told()
      expect(last.toSorted()).toEqual(ids.toSorted())
      for (const before of seen) expect(last.slice(0, before.length)).toEqual(before)
    })

    it('are remembered by each destination for itself, and a parked one goes on when it is told to', async () => {
      await book(someStart('a'), someStart('b'))
      await enlistAll()
      const fresh = await store.exports.cursor('billing')
      expect(fresh).toMatchObject({ destination: 'billing', seq: 0, failures: 0, parkedAt: undefined })
      const [first] = await store.exports.after(0, 1)
      const failed = { ...fresh, failures: 3, failingSince: 5, nextAt: 7, parkedAt: 9, error: 'answered 500' }
      await store.exports.move(fresh, failed)
      await store.exports.move({ ...fresh, destination: 'files' }, { ...fresh, destination: 'files', seq: first?.seq ?? 0 })
      await store.exports.move({ ...fresh, destination: 'files' }, { ...fresh, destination: 'files', seq: 99 })
      expect(await store.exports.standings()).toEqual([
        { ...failed, waiting: 2 },
        { ...fresh, destination: 'files', seq: first?.seq, waiting: 1 },
      ])
      expect(await store.exports.resume('nobody', entry('resume'))).toBe(false)
      expect(await store.exports.resume('billing', entry('resume'))).toBe(true)
      expect(await store.exports.cursor('billing')).toEqual({ ...fresh, error: 'answered 500' })
      expect((await store.audit.list({ limit: 9 })).map(({ action }) => action)).toEqual(['resume'])
      expect((await store.status()).exports).toHaveLength(2)
    })
  })

  describe('that are old', () => {
    const over = (more: Partial<Parameters<Store['retention']['forget']>[0]> = {}) =>
      store.retention.forget({ before: MIDNIGHT, limit: 3, destinations: [], ...more })
    const forgetAll = async (more = {}) => {
      let gone = 0
      for (let batch = 1; batch > 0; gone += batch) batch = await over(more)
      return gone
    }
    const old = (id: string, days: number, more: Partial<AttemptStart> = {}) => someStart(id, { at: NOON - days * DAY, ...more })

    it('are deleted in small batches, their sums stay, and the books are still proved', async () => {
      await book(...Array.from({ length: 8 }, (_, at) => old(`o${at}`, 3 - Math.floor(at / 4))))
      await open(old('free', 2))
      await end(ended(old('free', 2), { outcome: someOutcome({ state: 'released' }), lines: [], cost: 0, charge: 0 }))
      await book(someStart('new'))
      const all = { from: 0, to: NOON + DAY }
      const before = await store.ledger.usage(all)
      expect(await over()).toBe(3)
      expect(await forgetAll()).toBe(6)
      expect((await store.ledger.requests({ limit: 99 })).map(({ start }) => start.requestId)).toEqual(['new'])
      expect(await store.ledger.usage(all)).toEqual(before)
      expect(await store.ledger.sealed()).toEqual([
        { day: '2026-07-29', attempts: 4, requests: 4, cost: 482_000n, charge: 482_000n, unpriced: 0 },
        { day: '2026-07-30', attempts: 5, requests: 4, cost: 482_000n, charge: 482_000n, unpriced: 0 },
      ])
      expect(await verifyBooks(store.ledger, NOON)).toEqual({
        attempts: 1,
        states: { settled: 1 },
        deleted: { attempts: 9, through: '2026-07-30' },
        wrong: [],
      })
      await database.sql('UPDATE sums SET cost = cost + 1 WHERE hour = (SELECT min(hour) FROM sums)')
      expect((await verifyBooks(store.ledger, NOON)).wrong).toEqual([
        'The sums of 2026-07-29 say 4 attempts, cost 0.000482001, charge 0.000482, 0 unpriced, and what was deleted of it and what is left say 4 attempts, cost 0.000482, charge 0.000482, 0 unpriced.',
      ])
    })

    it('stay while one is open or the newest, and a number is never given twice', async () => {
      await open(old('open', 5), old('done', 4))
      await end(ended(old('done', 4)))
      expect(await forgetAll()).toBe(0)
      await end(ended(old('open', 5)))
      expect(await forgetAll()).toBe(1)
      await enlistAll()
      await book(someStart('next'))
      await enlistAll()
      expect(await told()).toEqual(['done', 'next'])
      expect(await forgetAll()).toBe(1)
    })

    it('stay until every destination has heard of them', async () => {
      await book(old('a', 9), old('b', 8), someStart('new'))
      const destinations = ['billing', 'files']
      expect(await forgetAll({ destinations })).toBe(0)
      await enlistAll()
      const [first, second] = await store.exports.after(0, 9)
      const fresh = await store.exports.cursor('billing')
      await store.exports.move(fresh, { ...fresh, seq: second?.seq ?? 0 })
      expect(await forgetAll({ destinations })).toBe(0)
      await store.exports.move({ ...fresh, destination: 'files' }, { ...fresh, destination: 'files', seq: first?.seq ?? 0 })
      expect(await forgetAll({ destinations })).toBe(1)
      expect(await told(first?.seq)).toEqual(['b', 'new'])
    })

    it('are summed by the day, a few rows at a time, and the sums of days are the same', async () => {
      const starts = Array.from({ length: 40 }, (_, at) =>
        someStart(`r${at}`, {
          at: MIDNIGHT - 2 * DAY + at * HOUR,
          tenant: tenantId(`tn_${at % 3}`),
          pooled: true,
          fingerprint: `f${at % 2}`,
          ...(at % 4 === 0 && { cached: { from: 'r', saved: at } }),
        }),
      )
      await book(...starts)
      const all = { from: 0, to: NOON + DAY }
      const before = [await store.ledger.usage(all), await store.ledger.keyUsage(all)]
      let gone = 0
      for (let batch = 1; batch > 0; gone += batch) batch = await store.retention.rollUp({ before: MIDNIGHT - DAY, limit: 5 })
      expect(gone).toBeGreaterThan(30)
      expect([await store.ledger.usage(all), await store.ledger.keyUsage(all)]).toEqual(before)
      const days = { from: MIDNIGHT - 2 * DAY, to: MIDNIGHT - 2 * DAY + HOUR }
      expect((await store.ledger.usage(days)).reduce((sum, { requests }) => sum + requests, 0)).toBe(24)
      expect((await store.ledger.usage({ from: MIDNIGHT - DAY, to: MIDNIGHT - DAY + HOUR })).map(({ requests }) => requests)).toEqual([1])
      await book(someStart('late', { at: MIDNIGHT - 2 * DAY + 5 * HOUR }))
      while ((await store.retention.rollUp({ before: MIDNIGHT - DAY, limit: 5 })) > 0);
      expect((await store.ledger.usage(days)).reduce((sum, { requests }) => sum + requests, 0)).toBe(25)
      expect((await verifyBooks(store.ledger, NOON)).wrong).toEqual([])
    })
  })
})
