import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseOverrides } from '../../src/config/overrides.ts'
import { migrate, type Step } from '../../src/store/postgres/migrations.ts'
import { openPostgres } from '../../src/store/postgres/open.ts'
import { steps } from '../../src/store/postgres/steps.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { missing, type PostgresDatabase, postgresDatabase, url } from '../support/postgres.ts'
import { type State, sharedState } from '../support/state.ts'
import { entry, NOON, reserved, someStart, someTenant } from '../support/stores.ts'

// The version to come is this one with one step more. This one is then the version before it, with all its statements.

const next: Step = () => `
  ALTER TABLE tenants ADD COLUMN region text;
  ALTER TABLE attempts ADD COLUMN region text NOT NULL DEFAULT 'eu';
  ALTER TABLE audit ADD COLUMN region text;
  CREATE TABLE zones (tenant_id text NOT NULL, zone text);
  SELECT pg_sleep(0.5);
`

describe.skipIf(missing)(`F-49: versions beside each other${missing ? `, skipped: ${missing}` : ''}`, () => {
  describe('the one before', () => {
    let state: State
    let gateway: TestGateway
    beforeEach(async () => {
      state = await sharedState()
      gateway = await startGateway({ state })
    })
    afterEach(async () => {
      await gateway.stop()
      await state.drop()
    })

    const newer = () => openPostgres({ url: state.env['DATABASE_URL'] ?? '', now: Date.now, parseOverrides, steps: [...steps, next] })

    it('loses no request while the next migrates, serves beside it, and after it: rolled back is only who still runs', {
      timeout: 40_000,
    }, async () => {
      const { slug, key } = await gateway.tenant('acme', 'enterprise')
      const body = { model: 'demo/echo', messages: [{ role: 'user', content: 'one two three' }] }
      const ask = async () => (await gateway.call('POST', '/v1/chat/completions', { key, body })).status
      const rename = async (name: string) => (await gateway.api('PATCH', `/tenants/${slug}`, { name })).status
      const statuses: number[] = []
      let isMigrating = true
      const asking = Array.from({ length: 4 }, async () => {
        do statuses.push(await ask(), await rename(`at ${statuses.length}`))
        while (isMigrating)
      })
      const store = await newer()
      isMigrating = false
      await Promise.all(asking)
      expect(new Set(statuses)).toEqual(new Set([200]))

      await store.tenants.create(someTenant('new'), entry('tenant.create', { tenant: someTenant('new').id }))
      await expect.poll(async () => (await gateway.api('GET', '/tenants/new')).status, { timeout: 1_000 }).toBe(200)
      expect((await store.ledger.write([reserved(someStart('r-new'))])).refused).toEqual([])
      expect([await ask(), await rename('beside')]).toEqual([200, 200])
      await store.close()

      expect([await ask(), await rename('after')]).toEqual([200, 200])
      await expect(startGateway({ state })).rejects.toMatchObject({
        code: 'database_unusable',
        message: `The database has schema ${steps.length + 1}; this version knows ${steps.length}. Start the newer version, or restore a backup.`,
      })
      expect([await ask(), await rename('still')]).toEqual([200, 200])
      await (await newer()).close()
      expect(await state.sql('SELECT DISTINCT region FROM attempts')).toEqual([{ region: 'eu' }])
    })
  })

  describe('a migration', () => {
    let database: PostgresDatabase
    beforeEach(async () => {
      database = await postgresDatabase(() => NOON)
    })
    afterEach(() => database.drop())

    const look = async (text: string, ...values: readonly unknown[]) => {
      const client = await database.byHand()
      return (await client.query(text, [...values]).finally(() => client.end())).rows
    }

    it('that is killed half done leaves all as it was: the version before serves, and the next start does it whole', async () => {
      const before = await database.open()
      const long: Step = (schema) => `${next(schema)}; SELECT pg_sleep(9)`
      const migrating = database.open({ steps: [...steps, long] }).catch((error: unknown) => error)
      const sleeping = `SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity WHERE query LIKE '%CREATE TABLE zones%pg_sleep(9)%' AND pid <> pg_backend_pid()
        AND wait_event = 'PgSleep' AND state = 'active' AND EXISTS (SELECT 1 FROM pg_locks WHERE pg_locks.pid = pg_stat_activity.pid AND relation = 'tenants'::regclass)`
      await expect.poll(() => look(sleeping), { timeout: 5_000 }).toEqual([{ ended: true }])
      expect(await migrating).toMatchObject({ code: 'storage_unavailable' })
      expect(await look("SELECT to_regclass('zones') AS zones, (SELECT max(step) FROM schema_steps) AS step")).toEqual([
        { zones: null, step: steps.length },
      ])
      expect((await before.ledger.write([reserved(someStart('r-1'))])).refused).toEqual([])
      expect((await (await database.open({ steps: [...steps, next] })).status()).schema).toBe(steps.length + 1)
      expect((await before.ledger.write([reserved(someStart('r-2'))])).refused).toEqual([])
    })

    it('waits for another’s requests, and they for it, and none is lost', async () => {
      const before = await database.open()
      let written = 0
      let isMigrating = true
      const writing = (async () => {
        for (; isMigrating; written++) expect((await before.ledger.write([reserved(someStart(`r-${written}`))])).refused).toEqual([])
      })()
      const stores = await Promise.all([1, 2, 3].map(() => database.open({ steps: [...steps, next] })))
      isMigrating = false
      await writing
      expect((await stores[0]?.ledger.requests({ limit: 9_999 }))?.length).toBe(written)
      expect(written).toBeGreaterThan(1)
    })

    it('of any step only adds what the version before can live with', async () => {
      const columns = () =>
        look(
          `SELECT table_name AS "table", column_name AS "column", data_type AS type, is_nullable = 'NO' AS needed,
            column_default IS NOT NULL OR is_identity = 'YES' AS filled FROM information_schema.columns WHERE table_schema = $1`,
          database.schema,
        )
      let had: Awaited<ReturnType<typeof columns>> = []
      for (let taken = 1; taken <= steps.length; taken++) {
        await migrate({ url, schema: database.schema }, steps.slice(0, taken))
        const has = await columns()
        const find = (of: (typeof had)[number]) => has.find(({ table, column }) => table === of.table && column === of.column)
        expect(
          had.filter((one) => find(one)?.type !== one.type || (find(one)?.needed && !one.needed)),
          `step ${taken} takes away`,
        ).toEqual([])
        const added = has.filter(
          ({ table, column }) => had.some((one) => one.table === table) && !had.some((one) => one.table === table && one.column === column),
        )
        expect(
          added.filter(({ needed, filled }) => needed && !filled),
          `step ${taken} asks for what an older writer does not give`,
        ).toEqual([])
        had = has
      }
      expect(had.length).toBeGreaterThan(100)
    })
  })
})
