import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Ask, Decision } from '../../src/contract/decision.ts'
import type { Store } from '../../src/contract/store.ts'
import { createAskBook } from '../../src/ledger/ask-book.ts'
import { entry, NOON, someKey, someTenant, sqliteDatabase, type TestDatabase } from '../support/stores.ts'

let database: TestDatabase
let store: Store
beforeEach(async () => {
  database = await sqliteDatabase(() => NOON)
  store = await database.open()
})
afterEach(() => database.drop())

const caller = { tenant: someTenant('brennan'), key: someKey('k') }
const ask = (over: Partial<Ask> = {}): Ask => ({
  endpoint: 'chat',
  model: 'm',
  stream: false,
  needs: {},
  inputTokens: 10,
  leastTokens: 5,
  ...over,
})
const refused: Decision = { offers: [], rejected: [], resolution: { candidates: [] }, plan: undefined, unjudged: 0 }

describe('the book of asks', () => {
  it('adds like to like, over several writings and processes', async () => {
    const books = [
      createAskBook({ store: store.asks, now: () => NOON }),
      createAskBook({ store: (await database.open()).asks, now: () => NOON }),
    ]
    for (const book of [...books, ...books]) {
      book.judged(caller, ask({ leastTokens: 6 }), refused)
      book.judged(caller, ask({ stream: true }), refused)
      book.used(caller, ask(), { input: 3, output: 2 })
      await book.flush()
    }
    const asks = await store.asks.since(0)
    expect(asks.map(({ shape, asked, answered, input, leastTokens }) => [shape?.stream, asked, answered, input, leastTokens])).toEqual([
      [false, 4, 4, 12, 6],
      [true, 4, 0, 0, 5],
    ])
  })

  it('tells a narrowed key, a size, a need and a payer from another', async () => {
    const book = createAskBook({ store: store.asks, now: () => NOON })
    const kinds = [
      ask(),
      ask({ leastTokens: 9_000 }),
      ask({ needs: { tools: true } }),
      ask({ pay: 'tenant' }),
      ask({ endpoint: 'responses' }),
    ]
    for (const one of kinds) book.judged(caller, one, refused)
    book.judged({ ...caller, key: someKey('narrow', { models: ['economy'] }) }, ask(), refused)
    await book.flush()
    const shapes = (await store.asks.since(0)).map(({ shape }) => shape)
    expect(shapes.length).toBe(6)
    expect(shapes.filter((shape) => shape?.key)).toMatchObject([{ key: 'narrow' }])
  })

  it('is bounded, whatever names a tenant makes up, and keeps the rest as a count', async () => {
    const book = createAskBook({ store: store.asks, now: () => NOON })
    for (let at = 0; at < 12_000; at++) book.judged(caller, ask({ model: `made-up-${at}` }), refused)
    book.judged(caller, ask({ model: 'x'.repeat(5_000) }), refused)
    await book.flush()
    const asks = await store.asks.since(0)
    expect(asks.length).toBe(501)
    expect(asks.reduce((sum, { asked }) => sum + asked, 0)).toBe(12_001)
  })

  it('keeps five weeks, goes with its tenant, and counts once what could not be written at first', async () => {
    let now = NOON
    let broken = true
    const asks = {
      ...store.asks,
      add: (counted: Parameters<Store['asks']['add']>[0]) => (broken ? Promise.reject(new Error('disk')) : store.asks.add(counted)),
    }
    const book = createAskBook({ store: asks, now: () => now })
    await store.tenants.create(caller.tenant, entry('tenant.create'))
    book.judged(caller, ask(), refused)
    await expect(book.flush()).rejects.toThrow('disk')
    broken = false
    book.judged(caller, ask(), refused)
    await book.flush()
    expect((await store.asks.since(0)).map(({ asked }) => asked)).toEqual([2])
    now += 36 * 86_400_000
    book.judged(caller, ask(), refused)
    await book.flush()
    expect((await store.asks.since(0)).length).toBe(1)
    await store.tenants.delete(caller.tenant.id, entry('tenant.delete'))
    expect(await store.asks.since(0)).toEqual([])
  })

  it('costs a request next to nothing', () => {
    const book = createAskBook({ store: store.asks, now: () => NOON })
    const one = ask({ needs: { tools: true } })
    const from = performance.now()
    for (let at = 0; at < 100_000; at++) {
      book.judged(caller, one, refused)
      book.used(caller, one, { input: 1, output: 1 })
    }
    expect((performance.now() - from) / 100_000).toBeLessThan(0.01)
  })
})
