import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DirectoryChanges, Store } from '../../src/contract/store.ts'
import { missing, type PostgresDatabase, postgresDatabase, url } from '../support/postgres.ts'
import { ended, entry, NOON, reserved, someKey, someStart, someTenant, spentOf } from '../support/stores.ts'

// What only PostgreSQL brings: servers that stop, commits that nobody heard of, transactions that end in another order than they began.

describe.skipIf(missing)(`a PostgreSQL database${missing ? `, skipped: ${missing}` : ''}`, () => {
  let database: PostgresDatabase
  beforeEach(async () => {
    database = await postgresDatabase(() => NOON)
  })
  afterEach(() => database.drop())

  const plansOf = (told: readonly DirectoryChanges[]) => told.flatMap(({ tenants }) => tenants.map(({ id, tenant }) => [id, tenant?.plan]))
  const count = async (what: string): Promise<number> => {
    const client = await database.byHand()
    const { rows } = await client.query(`SELECT count(*)::int AS n FROM ${what}`)
    await client.end()
    return rows[0].n
  }

  it('F-50 gives the attempts of a process that was silent for half a minute, by its own clock, to another', async () => {
    const [silent, other] = await Promise.all([database.open({ now: () => NOON - 60_000 }), database.open({ now: () => NOON + 60_000 })])
    await silent.ledger.write([reserved(someStart('left'))])
    const left = async () => (await other.ledger.open()).map(({ start }) => start.requestId)
    expect(await left(), 'clocks of replicas two minutes apart').toEqual([])
    await database.sql('UPDATE boots SET seen_at = seen_at - 31000')
    expect(await left()).toEqual(['left'])
  })

  describe('its schema', () => {
    it('is made once by several processes that start at once', async () => {
      const stores = await Promise.all([1, 2, 3, 4].map(() => database.open()))
      await stores[0]?.tenants.create(someTenant('brennan'), entry('tenant.create'))
      expect((await Promise.all(stores.map((each) => each.status()))).map(({ tenants }) => tenants)).toEqual([1, 1, 1, 1])
      expect(await stores[0]?.status()).toMatchObject({ engine: 'postgres', synchronous: 'on', path: `test.${database.schema}` })
    })

    it('is refused with words when it is newer', async () => {
      await database.open()
      await database.sql('INSERT INTO schema_steps (step) VALUES (99)')
      await expect(database.open()).rejects.toMatchObject({
        code: 'database_unusable',
        message: expect.stringMatching(
          /^The database has schema 99; this version knows \d+\. Start the newer version, or restore a backup\.$/,
        ),
      })
    })

    it('is refused when it is another program’s', async () => {
      await database.sql(`CREATE SCHEMA ${database.schema}; CREATE TABLE ${database.schema}.tenants (id text)`)
      await expect(database.open()).rejects.toMatchObject({
        code: 'database_unusable',
        message: expect.stringContaining('another program'),
      })
    })

    it('may grow by a newer version while this one serves', async () => {
      const store = await database.open()
      await store.tenants.create(someTenant('before'), entry('tenant.create'))
      await store.ledger.write([reserved(someStart('before'))])
      await database.sql(`BEGIN; ALTER TABLE tenants ADD COLUMN region text; ALTER TABLE attempts ADD COLUMN region text DEFAULT 'eu';
        ALTER TABLE audit ADD COLUMN region text; ALTER TABLE gateway_keys ADD COLUMN region text; INSERT INTO schema_steps (step) VALUES (99); COMMIT`)
      await store.tenants.create(someTenant('after'), entry('tenant.create'))
      await store.keys.create(someKey('aaaaaaaaaa'), entry('key.create'))
      expect((await store.ledger.write([ended(someStart('before')), reserved(someStart('after'))])).refused).toEqual([])
      expect((await store.load()).tenants.map(({ slug }) => slug)).toEqual(['after', 'before'])
      expect((await store.audit.list({ limit: 9 })).length).toBe(3)
    })
  })

  describe('an address', () => {
    it('that is none is refused without being shown', async () => {
      for (const wrong of ['postgres//u:canary@h', 'mysql://u:canary@h/d']) {
        const error = await database.open({ url: wrong }).catch((reason: unknown) => reason)
        expect(error).toMatchObject({ code: 'database_unusable' })
        expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('canary')
      }
    })

    it('where nobody answers is told within seconds', async () => {
      const closed = new URL(url)
      closed.port = '1'
      await expect(database.open({ url: closed.href })).rejects.toMatchObject({ code: 'storage_unavailable' })
    })
  })

  describe('changes', () => {
    it('are told though their transaction began before others that are told already', async () => {
      const store = await database.open()
      const told: DirectoryChanges[] = []
      store.watch((changes) => void told.push(changes))
      const slow = await database.byHand()
      await slow.query(`BEGIN; INSERT INTO tenants (id, slug, plan) VALUES ('t-slow', 'slow', 'team')`)
      await database.sql(`INSERT INTO tenants (id, slug, plan) VALUES ('t-quick', 'quick', 'team')`)
      await expect.poll(() => plansOf(told), { timeout: 1_000 }).toEqual([['t-quick', 'team']])
      await slow.query('COMMIT')
      await slow.end()
      await expect
        .poll(() => plansOf(told), { timeout: 1_000 })
        .toEqual([
          ['t-quick', 'team'],
          ['t-slow', 'team'],
        ])
    })

    it('are found by looking where no notice comes', async () => {
      const store = await database.open({ poll: 50 })
      const told: DirectoryChanges[] = []
      store.watch((changes) => void told.push(changes))
      await database.sql(`ALTER TABLE tenants DISABLE TRIGGER ALL; INSERT INTO tenants (id, slug, plan) VALUES ('t-1', 'hand', 'team');
        INSERT INTO changes (kind, id) VALUES ('tenant', 't-1')`)
      await expect.poll(() => plansOf(told), { timeout: 1_000 }).toEqual([['t-1', 'team']])
    })

    it('that empty a table bring everything again', async () => {
      const store = await database.open()
      await database.sql(`INSERT INTO tenants (id, slug, plan) VALUES ('t-1', 'hand', 'team')`)
      await store.load()
      const told: DirectoryChanges[] = []
      store.watch((changes) => void told.push(changes))
      await database.sql('TRUNCATE tenants')
      await expect.poll(() => told.map(({ everything }) => everything?.tenants), { timeout: 1_000 }).toEqual([[]])
    })

    it('that are too many bring everything again, and old ones are forgotten', async () => {
      const store = await database.open({ poll: 100 })
      const told: DirectoryChanges[] = []
      store.watch((changes) => void told.push(changes))
      await database.sql(`INSERT INTO tenants (id, slug, plan) SELECT 't-' || n, 's-' || n, 'team' FROM generate_series(1, 25000) AS n`)
      await expect.poll(() => told[0]?.everything?.tenants.length, { timeout: 5_000 }).toBe(25_000)
      await expect.poll(() => count('changes'), { timeout: 5_000 }).toBe(10_000)
      await database.sql(`UPDATE tenants SET plan = 'pro' WHERE id = 't-7'`)
      await expect.poll(() => plansOf(told), { timeout: 2_000 }).toEqual([['t-7', 'pro']])
    })
  })

  describe('many processes at once', () => {
    let stores: Store[]
    beforeEach(async () => {
      stores = await Promise.all([1, 2, 3, 4].map(() => database.open()))
    })
    const all = <T>(work: (store: Store, at: number) => Promise<T>) =>
      Promise.allSettled(Array.from({ length: 32 }, (_, at) => work(stores[at % 4] as Store, at)))
    const done = (results: readonly PromiseSettledResult<unknown>[]) => results.filter(({ status }) => status === 'fulfilled').length

    it('open an attempt once, and end it once', async () => {
      const opened = await all((store) => store.ledger.write([reserved(someStart('r-1'))]))
      expect(opened.filter((result) => result.status === 'fulfilled' && result.value.refused.length === 0).length).toBe(1)
      const closed = await all((store) => store.ledger.write([ended(someStart('r-1'))]))
      expect(closed.filter((result) => result.status === 'fulfilled' && result.value.refused.length === 0).length).toBe(1)
      expect(await spentOf(stores[0]?.ledger, NOON)).toEqual(new Map([[someStart('r-1').tenant, 120_500n]]))
    })

    it('let exactly ten in where there is room for ten, whoever asks first, and however often', async () => {
      const source = { owner: someStart('r').tenant, meter: 'budget.usd', subject: '', since: 0, until: null, allow: 10 } as const
      for (const rolls of [undefined, true] as const) {
        const one = rolls ? { ...source, meter: 'window.usd', since: NOON, until: NOON + 9_000, rolls } : source
        const draws = [{ count: 'usd', weight: 1_000, bound: 1, sources: [one] }] as const
        const rows = Array.from({ length: 1_000 }, (_, at) => ({ ...reserved(someStart(`${rolls}-${at}`)), draws }))
        const left = rows.values()
        let admitted = 0
        // 64 at a time, over all processes.
        const asking = async (at: number) => {
          for (const row of left) {
            const { overdrawn } = await (stores[at % 4] as Store).ledger.write([row])
            if (overdrawn.size === 0) admitted++
          }
        }
        await Promise.all(Array.from({ length: 64 }, (_, at) => asking(at)))
        expect(admitted).toBe(10)
        expect(await stores[0]?.ledger.balances(0)).toContainEqual(expect.objectContaining({ meter: one.meter, held: 10, spent: 0 }))
      }
    })

    it('lose no sum, whatever order their rows come in', async () => {
      const starts = Array.from({ length: 40 }, (_, at) => someStart(`r-${at}`, { wireModel: `m-${at % 5}` }))
      await stores[0]?.ledger.write(starts.map(reserved))
      const results = await all((store, at) =>
        store.ledger.write(
          starts
            .filter((_, which) => which % 32 === at)
            .map((start) => ended(start))
            .sort(() => (at % 2 ? 1 : -1)),
        ),
      )
      expect(done(results)).toBe(32)
      expect(await spentOf(stores[0]?.ledger, NOON)).toEqual(new Map([[starts[0]?.tenant, 40n * 120_500n]]))
    })

    it('give a slug or id to one tenant', async () => {
      const results = await all((store, at) =>
        store.tenants.create(
          someTenant(`x${at}`, at % 2 ? { slug: someTenant('a').slug } : { id: someTenant('a').slug as never }),
          entry('create'),
        ),
      )
      expect(done(results)).toBe(1)
      expect(await count('audit')).toBe(1)
    })

    it('agree on one secret', async () => {
      const results = await all((store, at) => store.vault.ensure({ kind: 'pepper', name: 'p', value: `${at}` }))
      expect(new Set(results.map((result) => result.status === 'fulfilled' && result.value)).size).toBe(1)
    })
  })

  it('refuses alone a row that no column takes', async () => {
    const { ledger } = await database.open()
    const [good, bad] = [someStart('good'), someStart('b\0d')]
    expect((await ledger.write([reserved(bad), reserved(good)])).refused).toEqual([reserved(bad)])
    const odd = ended(good, { cost: 1.5 })
    expect((await ledger.write([odd])).refused).toEqual([odd])
    expect((await ledger.write([ended(good)])).refused).toEqual([])
  })
  it('tells of no ended attempt while an older one may still be committed', async () => {
    const store = await database.open()
    const slow = await database.byHand()
    await slow.query(`BEGIN; INSERT INTO attempts (request_id, attempt, tenant_id, boot, mark, start)
      VALUES ('slow', 1, 't', 0, 0, '${JSON.stringify(someStart('slow'))}')`)
    await store.ledger.write([reserved(someStart('quick'))])
    await store.ledger.write([ended(someStart('quick'))])
    expect(await store.exports.enlist(9)).toBe(false)
    expect(await store.exports.after(0, 9)).toEqual([])
    await slow.query("INSERT INTO ends SELECT seq, 'released', 0, 0, 0, '{}' FROM attempts WHERE request_id = 'slow'; COMMIT")
    await slow.end()
    await store.exports.enlist(9)
    expect((await store.exports.after(0, 9)).map(({ row }) => row.start.requestId)).toEqual(['slow', 'quick'])
  })
})
