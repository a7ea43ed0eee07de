import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DirectoryChanges, Store } from '../../src/contract/store.ts'
import { verifyBooks } from '../../src/ledger/verify.ts'
import { connect, type Database } from '../../src/store/postgres/database.ts'
import { type CuttingProxy, cuttingProxy } from '../support/cutting-proxy.ts'
import { missing, type PostgresDatabase, postgresDatabase, url } from '../support/postgres.ts'
import { ended, entry, NOON, reserved, someStart, someTenant, spentOf } from '../support/stores.ts'

describe.skipIf(missing)(`PostgreSQL behind a way that breaks${missing ? `, skipped: ${missing}` : ''}`, () => {
  let database: PostgresDatabase
  let proxy: CuttingProxy
  let store: Store
  const troubles: unknown[] = []

  beforeEach(async () => {
    database = await postgresDatabase(() => NOON)
    proxy = await cuttingProxy(url)
    troubles.length = 0
    store = await database.open({ url: proxy.url, poll: 60_000, trouble: (error) => troubles.push(error) })
  })
  afterEach(async () => {
    proxy.closeWay(false)
    await database.drop()
    await proxy.stop()
  })

  const start = someStart('r-1')
  const states = async () => (await store.ledger.requests({ limit: 9 })).map(({ start, state }) => [start.requestId, state])

  it('F-47: books an attempt and its end once, though nobody heard of their commits', async () => {
    proxy.cutAtCommit(1)
    expect((await store.ledger.write([reserved(start)])).refused).toEqual([])
    proxy.cutAtCommit(2)
    expect((await store.ledger.write([ended(start)])).refused).toEqual([])
    expect(await states()).toEqual([['r-1', 'settled']])
    expect(await spentOf(store.ledger, NOON)).toEqual(new Map([[start.tenant, 120_500n]]))
  })

  it('F-47: still refuses what another wrote', async () => {
    await store.ledger.write([reserved(start)])
    proxy.cutAtCommit(1)
    const again = reserved(start)
    expect((await store.ledger.write([again])).refused).toEqual([again])
  })

  it('F-47: releases what was reserved without anyone being told', async () => {
    proxy.cutAtCommit(9)
    await expect(store.ledger.write([reserved(start)])).rejects.toMatchObject({ code: 'storage_unavailable' })
    proxy.cutAtCommit(0)
    expect(await states()).toEqual([['r-1', 'reserved']])
    await store.ledger.write([reserved(someStart('r-2'))])
    expect(await states()).toEqual([
      ['r-2', 'reserved'],
      ['r-1', 'released'],
    ])
    expect(await spentOf(store.ledger, NOON)).toEqual(new Map())
  })

  it('F-47: writes an end that failed before as it is, once it can', async () => {
    await store.ledger.write([reserved(start)])
    const end = ended(start)
    proxy.cutAtCommit(9)
    await expect(store.ledger.write([end])).rejects.toMatchObject({ code: 'storage_unavailable' })
    proxy.cutAtCommit(0)
    expect((await store.ledger.write([end])).refused, 'its own row stands').toEqual([])
    expect(await spentOf(store.ledger, NOON)).toEqual(new Map([[start.tenant, 120_500n]]))
  })

  describe('F-47: a meter with room for one', () => {
    const source = { owner: start.tenant, meter: 'turns.requests', subject: '', since: 0, until: null, allow: 1_000 } as const
    const drawing = { ...reserved(start), draws: [{ count: 'requests', weight: 1_000, bound: 1_000, sources: [source] }] } as const
    const standing = async () => (await store.ledger.standing([source])).map(({ held, spent }) => [held, spent])[0]

    it('lets an attempt in once, and takes its end once, though nobody heard of their commits', async () => {
      proxy.cutAtCommit(1)
      const { held, overdrawn } = await store.ledger.write([drawing])
      expect([held.get(drawing)?.[0]?.shares[0].held, overdrawn.size]).toEqual([1_000, 0])
      expect(await standing()).toEqual([1_000, 0])
      proxy.cutAtCommit(2)
      await store.ledger.write([ended(start, { taken: [{ ...source, held: 1_000, spent: 600 }] })])
      expect(await standing()).toEqual([0, 600])
      expect((await verifyBooks(store.ledger, NOON)).wrong).toEqual([])
    })

    it('is free again of what was let in without anyone being told', async () => {
      proxy.cutAtCommit(9)
      await expect(store.ledger.write([drawing])).rejects.toMatchObject({ code: 'storage_unavailable' })
      proxy.cutAtCommit(0)
      expect(await standing()).toEqual([1_000, 0])
      const next = { ...drawing, start: someStart('r-2') }
      expect((await store.ledger.write([next])).overdrawn.size).toBe(0)
      expect([await standing(), await states()]).toEqual([
        [1_000, 0],
        [
          ['r-2', 'reserved'],
          ['r-1', 'released'],
        ],
      ])
    })
  })

  it('F-47: makes a tenant once, with one audit row, though nobody heard of the commit', async () => {
    proxy.cutAtCommit(1)
    await store.tenants.create(someTenant('brennan'), entry('tenant.create'))
    expect((await store.load()).tenants).toEqual([someTenant('brennan')])
    expect((await store.audit.list({ limit: 9 })).length).toBe(1)
  })

  it('F-45: says so while nobody answers, and hears all that changed once it is back, without a restart', async () => {
    const told: DirectoryChanges[] = []
    store.watch((changes) => void told.push(changes))
    await store.refresh()
    proxy.closeWay(true)
    await expect(store.ledger.write([reserved(start)])).rejects.toMatchObject({ code: 'storage_unavailable', details: { retryAfter: 1 } })
    await database.sql(`INSERT INTO tenants (id, slug, plan) VALUES ('t-1', 'hand', 'team')`)
    expect(troubles[0]).toMatchObject({ code: 'storage_unavailable' })
    proxy.closeWay(false)
    await expect.poll(() => told.flatMap(({ tenants }) => tenants.map(({ id }) => id)), { timeout: 5_000 }).toEqual(['t-1'])
    expect((await store.ledger.write([reserved(someStart('r-2'))])).refused).toEqual([])
  })

  it('F-46: goes on when an administrator ends every session', async () => {
    await store.tenants.create(someTenant('brennan'), entry('tenant.create'))
    const client = await database.byHand()
    await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tollgate' AND client_port = ANY($1)`,
      [proxy.ports()],
    )
    await client.end()
    expect((await store.load()).tenants).toEqual([someTenant('brennan')])
    expect((await store.ledger.write([reserved(start)])).refused).toEqual([])
  })

  it('F-46: sheds what comes beyond its room, and lets nothing wait for a lock for ever', { timeout: 20_000 }, async () => {
    const client = await database.byHand()
    await client.query('BEGIN; LOCK TABLE vault IN ACCESS EXCLUSIVE MODE')
    const asked = performance.now()
    const results = await Promise.allSettled(Array.from({ length: 400 }, () => store.vault.get('pepper', 'p')))
    const codes = results.map((result) => (result.status === 'rejected' ? result.reason.code : 'done'))
    expect(codes.filter((code) => code === 'overloaded').length).toBeGreaterThan(150)
    expect(new Set(codes)).toEqual(new Set(['overloaded', 'storage_unavailable']))
    expect(performance.now() - asked).toBeLessThan(15_000)
    await client.query('ROLLBACK')
    await client.end()
    expect(await store.vault.get('pepper', 'p')).toBeUndefined()
  })

  it('F-46: books though the desk’s connections are all taken', async () => {
    const client = await database.byHand()
    await client.query('BEGIN; LOCK TABLE vault IN ACCESS EXCLUSIVE MODE')
    const waiting = Promise.allSettled(Array.from({ length: 20 }, () => store.vault.get('pepper', 'p')))
    expect((await store.ledger.write([reserved(start)])).refused).toEqual([])
    await client.query('ROLLBACK')
    await client.end()
    await waiting
  })

  describe('F-46: a transaction', () => {
    let db: Database
    let other: pg.Client
    beforeEach(async () => {
      db = connect({ url, schema: database.schema }, 2, () => {})
      other = await database.byHand()
      await database.sql(`INSERT INTO tenants (id, slug, plan) VALUES ('t-1', 'one', 'team'), ('t-2', 'two', 'team')`)
    })
    afterEach(async () => {
      await other.end()
      await db.close()
    })

    const plans = async () => (await db.tuples<[string]>('SELECT plan FROM tenants ORDER BY id')).flat()
    const move = (id: string, plan: string) => `UPDATE tenants SET plan = plan || '+${plan}' WHERE id = '${id}'`

    it('that met another in a deadlock is done again, whole and once', async () => {
      let tries = 0
      let meeting: Promise<unknown> = Promise.resolve()
      await other.query(`BEGIN; ${move('t-2', 'theirs')}`)
      await db.transaction(async (tx) => {
        await tx.run(move('t-1', 'ours'))
        // The other one has to wait later than we do, so that the server finds the deadlock for us.
        if (tries++ === 0) setTimeout(() => (meeting = other.query(`${move('t-1', 'theirs')}; COMMIT`)), 300)
        await tx.run(move('t-2', 'ours'))
      })
      await meeting
      expect(tries).toBe(2)
      expect(await plans()).toEqual(['team+theirs+ours', 'team+theirs+ours'])
    })

    it('that cannot be put in one order with another’s is done again', async () => {
      let tries = 0
      await db.transaction(async (tx) => {
        await tx.run('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ')
        await tx.rows('SELECT 1 FROM tenants')
        if (tries++ === 0) await other.query(move('t-1', 'theirs'))
        await tx.run(move('t-1', 'ours'))
      })
      expect(tries).toBe(2)
      expect(await plans()).toEqual(['team+theirs+ours', 'team'])
    })

    it('whose statement takes too long is taken back, and told as what may be tried again', async () => {
      const slow = db.transaction(async (tx) => {
        await tx.run(move('t-1', 'ours'))
        await tx.run('SET LOCAL statement_timeout TO 50')
        await tx.run('SELECT pg_sleep(5)')
      })
      await expect(slow).rejects.toMatchObject({ code: 'storage_unavailable', details: { retryAfter: 1 } })
      expect(await plans()).toEqual(['team', 'team'])
    })

    it('that stands idle is ended by the server, leaves nothing, and takes no other with it', async () => {
      const idle = db.transaction(async (tx) => {
        await tx.run(move('t-1', 'ours'))
        await tx.run('SET LOCAL idle_in_transaction_session_timeout TO 50')
        await sleep(300)
        await tx.run(move('t-2', 'ours'))
      })
      await expect(idle).rejects.toMatchObject({ code: 'storage_unavailable' })
      expect(await plans()).toEqual(['team', 'team'])
    })
  })
})
