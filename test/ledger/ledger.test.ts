import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AttemptRow, AttemptStart, Outcome, Priced } from '../../src/contract/ledger.ts'
import type { LedgerStore, Store } from '../../src/contract/store.ts'
import { GatewayError } from '../../src/errors.ts'
import { createLedger } from '../../src/ledger/ledger.ts'
import { ended, NOON, reserved, someOutcome, someStart, spentOf, sqliteDatabase } from '../support/stores.ts'

describe('the ledger', () => {
  let database: Awaited<ReturnType<typeof sqliteDatabase>>
  let store: Store
  let clock = NOON
  let troubles: unknown[]

  beforeEach(async () => {
    clock = NOON
    troubles = []
    database = await sqliteDatabase(() => clock)
    store = await database.open()
  })
  afterEach(() => database.drop())

  const price = (start: AttemptStart): Priced => ended(start)
  const ledgerOver = (
    over: Partial<LedgerStore> = {},
    more: { room?: number; price?: (start: AttemptStart, outcome: Outcome) => Priced } = {},
  ) =>
    createLedger({
      store: { ...store.ledger, spare: undefined, ...over },
      now: () => clock,
      price,
      onError: (error) => troubles.push(error),
      ...more,
    })
  const rowOf = async (requestId: string) => (await store.ledger.requests({ requestId, limit: 1 }))[0]
  const stateOf = async (requestId: string) => (await rowOf(requestId))?.state

  it('has the reserved row on the disk when it opens, and the end when it settles', async () => {
    const other = new Database(database.path, { readonly: true })
    const states = () => other.prepare('SELECT request_id, state FROM attempts LEFT JOIN ends USING (seq)').raw().all()
    const ticket = await ledgerOver().open(someStart('r-1'))
    expect(states()).toEqual([['r-1', null]])
    expect(await ticket.settle(someOutcome())).toEqual({ cost: 120_500, charge: 120_500 })
    expect(states()).toEqual([['r-1', 'settled']])
    expect(await rowOf('r-1')).toEqual(ended(someStart('r-1')))
    other.close()
  })

  it('takes the first end of an attempt and gives its figures to every further one', async () => {
    const prices = [1, 2, 3].map((cost) => ({ lines: [], cost, charge: cost }))
    const ticket = await ledgerOver({}, { price: () => prices.shift()! }).open(someStart('r-1'))
    const both = await Promise.all([ticket.settle(someOutcome()), ticket.settle(someOutcome({ state: 'estimated' }))])
    expect([...both, await ticket.settle(someOutcome())]).toEqual(Array(3).fill({ cost: 1, charge: 1 }))
    expect(await rowOf('r-1')).toMatchObject({ state: 'settled', cost: 1 })
    expect(troubles).toEqual([])
  })

  it('tells of a write that failed until one goes well, or for five seconds', async () => {
    let broken = true
    const ledger = ledgerOver({ write: async (rows) => (broken ? Promise.reject(new Error('disk full')) : store.ledger.write(rows)) })
    expect(ledger.trouble()).toBeUndefined()
    await expect(ledger.open(someStart('r-1'))).rejects.toMatchObject({ code: 'ledger_unavailable' })
    expect(ledger.trouble()).toBe('the books cannot be written')
    clock += 5_000
    expect(ledger.trouble()).toBeUndefined()
    await expect(ledger.open(someStart('r-2'))).rejects.toMatchObject({ code: 'ledger_unavailable' })
    broken = false
    await ledger.open(someStart('r-3'))
    expect(ledger.trouble()).toBeUndefined()
  })

  it('writes all that happens within one turn in one transaction', async () => {
    const batches: number[] = []
    const ledger = ledgerOver({
      write: (rows) => {
        batches.push(rows.length)
        return store.ledger.write(rows)
      },
    })
    const tickets = await Promise.all(Array.from({ length: 32 }, (_, n) => ledger.open(someStart(`r-${n}`))))
    await Promise.all([...tickets.map((ticket) => ticket.settle(someOutcome())), ledger.open(someStart('r-32'))])
    expect(batches).toEqual([32, 33])
  })

  it('books a released attempt as free, and one without a price as unknown', async () => {
    const ledger = ledgerOver(
      {},
      {
        price: () => {
          throw new Error('no such rate')
        },
      },
    )
    const [gone, odd] = await Promise.all([ledger.open(someStart('gone')), ledger.open(someStart('odd'))])
    expect(await gone.settle(someOutcome({ state: 'released', usage: undefined, status: 429 }))).toEqual({ cost: 0, charge: 0 })
    expect(await odd.settle(someOutcome())).toEqual({ cost: null, charge: null })
    expect(await rowOf('odd')).toMatchObject({ state: 'settled', cost: null, charge: null, lines: [] })
    expect(troubles).toMatchObject([{ message: 'no such rate' }])
  })

  it('refuses an attempt that is booked already, and leaves its row alone', async () => {
    const ledger = ledgerOver()
    await ledger.open(someStart('r-1'))
    const [again, other] = await Promise.allSettled([ledger.open(someStart('r-1', { provider: 'other' })), ledger.open(someStart('r-2'))])
    expect(again).toMatchObject({ status: 'rejected', reason: { code: 'internal_error' } })
    expect(other.status).toBe('fulfilled')
    expect(await rowOf('r-1')).toEqual(reserved(someStart('r-1')))
  })

  it('refuses alone a row that cannot be written', async () => {
    const ledger = ledgerOver()
    const [odd, plain] = await Promise.all([ledger.open(someStart('odd')), ledger.open(someStart('plain'))])
    const usage = { input: 1, raw: { total: 1n } }
    const results = await Promise.allSettled([odd.settle(someOutcome({ usage })), plain.settle(someOutcome())])
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
    expect(troubles).toMatchObject([{ code: 'internal_error' }])
  })

  describe('when the books cannot be written', () => {
    it('refuses to open, and says when to come back', async () => {
      const refusal = await ledgerOver({ write: () => Promise.reject(new Error('database or disk is full')) })
        .open(someStart('r-1'))
        .catch((error: unknown) => error)
      expect(refusal).toMatchObject({
        code: 'ledger_unavailable',
        status: 503,
        details: { retryAfter: 1 },
        cause: { message: 'database or disk is full' },
      })
      expect(troubles).toMatchObject([{ message: 'database or disk is full' }])
    })

    it('keeps every end until it is written, and tells of the trouble once', async () => {
      let full = false
      const ledger = ledgerOver({ write: (rows) => (full ? Promise.reject(new Error('full')) : store.ledger.write(rows)) })
      const tickets = await Promise.all(['a', 'b', 'c'].map((id) => ledger.open(someStart(id))))
      full = true
      const settled = Promise.all(tickets.map((ticket) => ticket.settle(someOutcome())))
      await expect(ledger.open(someStart('d'))).rejects.toMatchObject({ code: 'ledger_unavailable' })
      await sleep(200)
      full = false
      await settled
      expect(await Promise.all(['a', 'b', 'c', 'd'].map(stateOf))).toEqual(['settled', 'settled', 'settled', undefined])
      expect(troubles).toMatchObject([{ message: 'full' }])
    })

    it('flushes only when the last end is on the disk', async () => {
      let failures = 0
      const ledger = ledgerOver({ write: (rows) => (failures-- > 0 ? Promise.reject(new Error('full')) : store.ledger.write(rows)) })
      const ticket = await ledger.open(someStart('r-1'))
      failures = 2
      void ticket.settle(someOutcome())
      await ledger.flush()
      expect(await stateOf('r-1')).toBe('settled')
      expect(failures, 'writes that failed before').toBeLessThan(0)
    })

    it('opens nothing more once too much waits, and still takes ends', async () => {
      let stuck = Promise.withResolvers<void>()
      stuck.resolve()
      const ledger = ledgerOver({ write: async (rows) => stuck.promise.then(() => store.ledger.write(rows)) }, { room: 2 })
      const ticket = await ledger.open(someStart('r-1'))
      stuck = Promise.withResolvers()
      const first = ledger.open(someStart('r-2'))
      await sleep(10)
      const waiting = ['r-3', 'r-4'].map((id) => ledger.open(someStart(id)))
      await expect(ledger.open(someStart('r-5'))).rejects.toMatchObject({ code: 'ledger_unavailable' })
      const settled = ticket.settle(someOutcome())
      stuck.resolve()
      await Promise.all([first, ...waiting, settled])
      expect(await stateOf('r-1')).toBe('settled')
    })

    it('waits two seconds for another process’s lock without stopping the event loop, then refuses', async () => {
      const ledger = ledgerOver()
      const ticket = await ledger.open(someStart('r-1'))
      const other = new Database(database.path)
      other.exec('BEGIN IMMEDIATE')
      let turns = 0
      const turning = setInterval(() => turns++, 10)
      const began = Date.now()
      const settled = ticket.settle(someOutcome())
      const refusal = await ledger.open(someStart('r-2')).catch((error: unknown) => error)
      clearInterval(turning)
      expect(refusal).toMatchObject({ code: 'ledger_unavailable' })
      expect(Date.now() - began).toBeGreaterThan(1_900)
      expect(turns, 'turns of 10 ms while it waited').toBeGreaterThan(100)
      other.exec('COMMIT')
      other.close()
      await settled
      expect(await stateOf('r-1')).toBe('settled')
    })

    it('loses no end and doubles none, whichever writes fail', { timeout: 60_000 }, async () => {
      const trial = fc.asyncProperty(fc.infiniteStream(fc.boolean()), fc.array(fc.nat(5), { maxLength: 12 }), async (luck, clients) => {
        const name = `${Math.random()}`
        const write: LedgerStore['write'] = (rows) => (luck.next().value ? Promise.reject(new Error('bad luck')) : store.ledger.write(rows))
        const ledger = createLedger({ store: { ...store.ledger, spare: undefined, write }, now: () => clock, price })
        const outcomes = await Promise.all(
          clients.map(async (pause, n) => {
            await sleep(pause)
            const id = `${name}-${n}`
            const ticket = await ledger.open(someStart(id)).catch(() => undefined)
            await ticket?.settle(someOutcome())
            return [id, ticket ? 'settled' : undefined]
          }),
        )
        await ledger.flush()
        for (const [id, state] of outcomes) expect(await stateOf(id!), id).toBe(state)
      })
      await fc.assert(trial, { numRuns: 10 })
    })
  })

  describe('beside the books, while they cannot be written', () => {
    const full = async () => {
      throw new Error('disk full')
    }
    /** A ledger whose books take what opens and then nothing more, until they are told to. */
    async function failing(books = store.ledger) {
      let broken = false
      const write: LedgerStore['write'] = (rows) => (broken ? full() : books.write(rows))
      const ledger = ledgerOver({ write, spare: books.spare })
      const tickets = await Promise.all(['r-1', 'r-2'].map((id) => ledger.open(someStart(id))))
      broken = true
      return { ledger, tickets, repair: () => (broken = false) }
    }

    it('ends are kept as they are, so nobody waits for them, and the next process books them', async () => {
      const dying = await database.open()
      const { ledger, tickets } = await failing(dying.ledger)
      const [first] = tickets
      expect(await first!.settle(someOutcome())).toEqual({ cost: 120_500, charge: 120_500 })
      await ledger.flush()
      expect(await stateOf('r-1')).toBe('reserved')
      await dying.close()
      expect(await ledgerOver().recover()).toBe(2)
      expect(await rowOf('r-1')).toEqual(ended(someStart('r-1')))
      expect(await rowOf('r-2')).toMatchObject({ state: 'estimated', outcome: { unseen: true } })
      expect(existsSync(`${database.path}-boot-1-spare`)).toBe(false)
    })

    it('ends are brought into the books as soon as these take them, and forgotten beside them', async () => {
      const { ledger, tickets, repair } = await failing()
      await Promise.all(tickets.map((ticket) => ticket.settle(someOutcome())))
      const spare = () => readFileSync(`${database.path}-boot-1-spare`)
      expect(spare().toString()).toContain('"requestId":"r-2"')
      repair()
      await expect.poll(() => stateOf('r-2')).toBe('settled')
      await ledger.flush()
      expect(spare()[0]).toBe(0)
      expect(spare().length).toBe(1024 * 1024)
    })

    it('nothing is opened or written any more once the disk lost something', async () => {
      let writes = 0
      const write = async () => {
        writes++
        throw new GatewayError('database_unusable', 'The disk lost it.')
      }
      const ledger = ledgerOver({ write })
      await expect(ledger.open(someStart('r-1'))).rejects.toMatchObject({ code: 'ledger_unavailable' })
      clock += 60_000
      expect(ledger.trouble()).toBe('the books cannot be written')
      await expect(ledger.open(someStart('r-2'))).rejects.toMatchObject({ code: 'ledger_unavailable' })
      expect(writes).toBe(1)
    })
  })

  describe('after a crash', () => {
    it('closes what dead processes left open as estimates, however many', async () => {
      const starts = Array.from({ length: 2_500 }, (_, n) => someStart(`r-${n}`))
      const dying = await database.open()
      await dying.ledger.write(starts.map(reserved))
      const ledger = ledgerOver()
      clock += 31_000
      expect(await ledger.recover(), 'the process still lives').toBe(0)
      await dying.close()
      expect(await ledger.recover()).toBe(2_500)
      expect(await ledger.recover()).toBe(0)
      expect(await rowOf('r-7')).toMatchObject({
        state: 'estimated',
        cost: 120_500,
        outcome: { code: 'internal_error', unseen: true, timings: { total: 31_000 } },
      })
      expect(await spentOf(store.ledger, NOON)).toEqual(new Map([[starts[0]!.tenant, 2_500n * 120_500n]]))
    })

    it('leaves its own open attempts alone, and ends of the dead that come after all', async () => {
      const sleeper = createLedger({
        store: (await database.open()).ledger,
        now: () => clock,
        price,
        onError: (error) => troubles.push(error),
      })
      const late = await sleeper.open(someStart('late'))
      const ledger = ledgerOver()
      const own = await ledger.open(someStart('own'))
      // As versions do that hold no lock.
      rmSync(`${database.path}-boot-1`)
      expect(await ledger.recover(), 'who was seen a moment ago').toBe(0)
      clock += 31_000
      expect(await ledger.recover()).toBe(1)
      await expect(late.settle(someOutcome())).rejects.toMatchObject({ code: 'internal_error' })
      await own.settle(someOutcome())
      expect(await Promise.all(['late', 'own'].map(stateOf))).toEqual(['estimated', 'settled'])
      expect(troubles).toHaveLength(1)
    })

    it('holds every row it acknowledged before kill -9, and closes what was open without waiting', async () => {
      const script = join(import.meta.dirname, '../support/ledger-writer.ts')
      const child = spawn(process.execPath, [script, database.path], { stdio: ['ignore', 'pipe', 'inherit'] })
      let printed = ''
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        printed += text
        if (printed.length > 40_000) child.kill('SIGKILL')
      })
      await once(child, 'close')
      const acknowledged = printed.slice(0, printed.lastIndexOf('\n')).split('\n')
      const rows = await store.ledger.requests({ limit: 1_000_000 })
      const states = new Map(rows.map((row: AttemptRow) => [row.start.requestId, row.state]))
      const lost = acknowledged.filter((line) => {
        const [state, id = ''] = line.split(' ')
        return state === 'settled' ? states.get(id) !== 'settled' : !states.has(id)
      })
      expect(acknowledged.length).toBeGreaterThan(1_000)
      expect(lost).toEqual([])
      clock = Date.now()
      const left = rows.filter(({ state }) => state === 'reserved').length
      expect(await ledgerOver().recover(), 'attempts that were open when it died').toBe(left)
    })
  })
})
