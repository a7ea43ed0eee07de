import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseOverrides } from '../../src/config/overrides.ts'
import { tenantId } from '../../src/contract/ids.ts'
import type { Store } from '../../src/contract/store.ts'
import { verifyBooks } from '../../src/ledger/verify.ts'
import { moveSqlite } from '../../src/store/move.ts'
import { openSqlite } from '../../src/store/sqlite/open.ts'
import { commandLine } from '../support/command-line.ts'
import { dropDatabase, missing, type PostgresDatabase, postgresDatabase, query, url } from '../support/postgres.ts'
import { ended, entry, NOON, reserved, someKey, someStart, someTenant, sqliteDatabase } from '../support/stores.ts'

const LATER = NOON + 60_000

const someClaim = (requestId: string) => ({
  ...{ digest: Buffer.alloc(32, 9), tenant: tenantId('tn_brennan'), asked: 'a1b2', requestId },
  ...{ until: LATER, expiresAt: LATER * 2 },
})

describe.skipIf(missing)(`moving from SQLite to PostgreSQL${missing ? `, skipped: ${missing}` : ''}`, () => {
  let from: Awaited<ReturnType<typeof sqliteDatabase>>
  let to: PostgresDatabase
  let old: Store

  beforeEach(async () => {
    from = await sqliteDatabase(() => NOON)
    to = await postgresDatabase(() => LATER)
    old = await from.open()
    await fill(old)
    await to.open()
  })
  afterEach(async () => {
    await from.drop()
    await to.drop()
  })

  const move = (now = LATER) => moveSqlite(from.path, { url, schema: to.schema }, now)

  it('brings every row as it was, and the books add up there', async () => {
    await from.sql(`INSERT INTO tenants (id, slug, plan, created_at) VALUES ('t-1', 'händ-🌍', 'gone', '2026-08-01 10:00:00');
      INSERT INTO tenant_settings (tenant_id, setting_key, setting_value) VALUES ('t-1', 'A_API_KEY', x'736b2d31'), ('t-1', 'B_API_KEY', NULL)`)
    const moved = await move()
    expect(moved).toMatchObject({
      tenants: 3,
      tenant_settings: 3,
      gateway_keys: 1,
      vault: 1,
      attempts: 2_600,
      ends: 2_599,
      events: 1,
      deliveries: 1,
    })
    const [store, before] = [await to.open(), await from.open()]
    expect(await store.load()).toEqual(await before.load())
    expect(await store.audit.list({ limit: 99 })).toEqual(await before.audit.list({ limit: 99 }))
    expect(await store.ledger.requests({ limit: 9_999 })).toEqual(await before.ledger.requests({ limit: 9_999 }))
    const all = { from: 0, to: LATER * 2 }
    expect(await store.ledger.usage(all)).toEqual(await before.ledger.usage(all))
    expect(await store.ledger.keyUsage(all)).toEqual(await before.ledger.keyUsage(all))
    expect(await store.asks.since(0)).toEqual(await before.asks.since(0))
    expect(await store.keepers.get(Buffer.alloc(32, 7))).toEqual(await before.keepers.get(Buffer.alloc(32, 7)))
    expect(await store.claims.take(someClaim('req_2'))).toEqual(await before.claims.take(someClaim('req_2')))
    expect(await store.events.list({ limit: 9 })).toEqual(await before.events.list({ limit: 9 }))
    expect((await verifyBooks(store.ledger, LATER)).wrong).toEqual([])
  })

  it('forgets no table', async () => {
    const db = new Sqlite(from.path, { readonly: true })
    const tables = db.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'").pluck().all()
    db.close()
    expect([...Object.keys(await move()), 'changes', 'leases'].sort()).toEqual(tables.sort())
  })

  it('goes on there where it ended: what was left open is closed, what was booked is refused, new rows come last', async () => {
    await move()
    const { ledger } = await to.open()
    expect((await ledger.open()).map(({ start }) => start.requestId)).toEqual(['open'])
    expect((await ledger.write([ended(someStart('open')), ended(someStart('r-1'))])).refused).toMatchObject([
      { start: { requestId: 'r-1' } },
    ])
    expect((await ledger.write([reserved(someStart('new')), reserved(someStart('r-1'))])).refused).toMatchObject([
      { start: { requestId: 'r-1' } },
    ])
    expect((await ledger.requests({ limit: 1 }))[0]?.start.requestId).toBe('new')
    expect((await verifyBooks(ledger, LATER)).wrong).toEqual([])
  })

  it('is refused while a gateway writes, and into a database that has rows; nothing is half done', async () => {
    await expect(move(NOON)).rejects.toMatchObject({ code: 'database_unusable', message: expect.stringContaining('Stop it') })
    const store = await to.open()
    expect(await store.status()).toMatchObject({ tenants: 0, attempts: 0 })
    await move()
    await expect(move()).rejects.toMatchObject({ code: 'already_exists' })
    expect(await store.status()).toMatchObject({ tenants: 2, attempts: 2_600 })
  })

  it('takes everything back where one row does not fit', async () => {
    await from.sql(`INSERT INTO events (id, type, subject, at, data) VALUES ('e-2', 'x', 'a' || char(0) || 'b', '', '{}')`)
    await expect(move()).rejects.toThrow()
    expect(await (await to.open()).status()).toMatchObject({ tenants: 0, attempts: 0 })
  })

  it('is one command, which tells what to do next', { timeout: 30_000 }, async () => {
    const name = `tollgate_test_${randomBytes(6).toString('hex')}`
    const target = new URL(url)
    target.pathname = `/${name}`
    const cli = commandLine()
    const embedded = await openSqlite({ path: join(cli.dataFolder, 'tollgate.db'), now: () => NOON, parseOverrides })
    await fill(embedded)
    await embedded.close()
    await query(`CREATE DATABASE ${name}`)
    try {
      const ran = await cli.run(['db', 'move'], { input: `${target.href}\n` })
      expect(ran).toMatchObject({ code: 0, out: expect.stringContaining('The books add up over 2600 attempts.') })
      expect(ran.out).toContain(join(cli.dataFolder, 'master.key'))
      const status = await cli.run(['db', 'status', '--json'], { env: { DATABASE_URL: target.href } })
      expect(status.json()).toMatchObject({ engine: 'postgres', tenants: 2, attempts: 2_600 })
    } finally {
      await dropDatabase(name)
    }
    cli.remove()
  })
})

/** Something in every table. */
async function fill(store: Store): Promise<void> {
  const tenant = someTenant('brennan')
  await store.tenants.create(tenant, entry('tenant.create'))
  await store.tenants.create(someTenant('acme', { overrides: { values: { budget: null } } }), entry('tenant.create'))
  await store.settings.write(tenant.id, { put: [{ key: 'A_API_KEY', value: 'v' }], remove: [] }, entry('set'))
  await store.keys.create(someKey('aaaaaaaaaa', { scopes: ['provider_keys'] }), entry('key.create'))
  await store.vault.ensure({ kind: 'pepper', name: 'p', value: 'sealed' })
  const starts = Array.from({ length: 2_599 }, (_, at) =>
    someStart(`r-${at}`, { wireModel: `m-${at % 7}`, ...(at % 2 === 0 && { pooled: true }) }),
  )
  await store.ledger.write([...starts, someStart('open')].map(reserved))
  await store.ledger.write(starts.map((start) => ended(start)))
  await store.catalog.keep({ snapshot: 'one', source: 'a.json', takenAt: '2026-08-01T12:00:00.000Z', models: [] }, entry('catalog.refresh'))
  const times = { until: '2027-01-01T00:00:00.000Z', since: '2026-08-01T12:00:00.000Z' }
  await store.incidents.put({ kind: 'disable', subject: 'acme', reason: 'down', by: 'cli', ...times }, entry('disable'))
  const event = { id: 'e-1', type: 'provider.down', subject: 'acme', at: '2026-08-01T12:00:00.000Z', data: { why: 'x' } } as const
  await store.events.append(event, ['https://example.test/hook'])
  const keeper = { provider: 'acme', wireModel: 'm', source: 'platform', fingerprint: undefined } as const
  await store.claims.take(someClaim('req_1'))
  await store.claims.keep(someClaim('req_1'), 'tg1:k:sealed')
  await store.keepers.put([{ digest: Buffer.alloc(32, 7), tenant: tenant.id, expiresAt: LATER * 2, ...keeper }])
  const figures = {
    asked: 3,
    refused: 1,
    answered: 2,
    input: 20,
    output: 10,
    cacheRead: 0,
    cacheWrite: 0,
    reasoning: 0,
    leastTokens: 9,
    inputTokens: 9,
  }
  await store.asks.add([{ tenant: tenant.id, day: 20_666, shape: undefined, ...figures }])
}
