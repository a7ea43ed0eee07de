import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { TenantId } from '../../src/contract/ids.ts'
import type { Store } from '../../src/contract/store.ts'
import { connect, type Database } from '../../src/store/postgres/database.ts'
import { dropDatabase, missing, type PostgresDatabase, postgresDatabase, query, roleName, url } from '../support/postgres.ts'
import { ended, entry, NOON, reserved, someKey, someStart, someTenant } from '../support/stores.ts'

// Who works in one tenant's name sees nothing of another's, whatever is asked; who names nobody sees nothing.

const brennan = someTenant('brennan')
const acme = someTenant('acme')

describe.skipIf(missing)(`row-level security${missing ? `, skipped: ${missing}` : ''}`, () => {
  let database: PostgresDatabase
  let store: Store
  let served: Database

  beforeEach(async () => {
    database = await postgresDatabase(() => NOON)
    store = await database.open()
    served = connect({ url, schema: database.schema, role: roleName(database.schema) }, 2, () => {})
    for (const { id } of [brennan, acme]) await furnish(id)
  })
  afterEach(async () => {
    await served.close()
    await database.drop()
  })

  /** A row in every table that has rows of tenants. */
  async function furnish(id: TenantId): Promise<void> {
    await store.tenants.create(someTenant(id.slice(3)), entry('tenant.create', { tenant: id }))
    await store.settings.write(id, { put: [{ key: 'A_API_KEY', value: 'v' }], remove: [] }, entry('set', { tenant: id }))
    await store.keys.create(someKey(`key-${id}`, { tenant: id }), entry('key.create', { tenant: id }))
    await store.vault.ensure({ kind: 'data-key', name: id, value: 'sealed' })
    const start = someStart(`r-${id}`, { tenant: id, pooled: true })
    await store.ledger.write([reserved(start), ended(start)])
    const figures = { asked: 1, refused: 0, answered: 1, input: 1, output: 1, cacheRead: 0, cacheWrite: 0, reasoning: 0 }
    await store.asks.add([{ tenant: id, day: 20_666, shape: undefined, ...figures, leastTokens: 1, inputTokens: 1 }])
    const keeper = { provider: 'acme', wireModel: 'm', source: 'platform', fingerprint: undefined } as const
    await store.keepers.put([{ digest: Buffer.alloc(32, id), tenant: id, expiresAt: NOON * 2, ...keeper }])
  }

  const tablesOf = async (where: string): Promise<string[]> => {
    const client = await database.byHand()
    const { rows } = await client.query(`SELECT relname FROM pg_class WHERE relnamespace = '${database.schema}'::regnamespace
      AND relkind = 'r' AND ${where} ORDER BY relname`)
    await client.end()
    return rows.map(({ relname }) => relname)
  }
  const HAS_TENANT = "EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = pg_class.oid AND attname = 'tenant_id')"

  it('fences every table, whatever step made it, and each that knows tenants by them', async () => {
    // Of these tables alone: to read every policy of the database would wait for tables that other tests drop.
    const fenced = 'relrowsecurity AND EXISTS (SELECT 1 FROM pg_policy WHERE polrelid = pg_class.oid'
    expect(await tablesOf(`NOT (${fenced}))`)).toEqual([])
    expect(await tablesOf(`${HAS_TENANT} AND NOT (${fenced} AND pg_get_expr(polqual, polrelid) ~ 'tenant_id'))`)).toEqual([])
    expect((await tablesOf(HAS_TENANT)).length).toBeGreaterThanOrEqual(8)
  })

  it('holds for the gateway, and says so', async () => {
    expect(store.setup.rowSecurity).toBe(true)
    const [who] = await served.rows<{ me: string; owner: string }>(
      "SELECT current_user AS me, relowner::regrole::text AS owner FROM pg_class WHERE oid = 'attempts'::regclass",
    )
    expect(who?.me).toBe(roleName(database.schema))
    expect(who?.owner).not.toBe(who?.me)
  })

  it('shows a tenant its own rows alone, with no WHERE, and another’s id finds nothing', async () => {
    const holding: string[] = []
    for (const table of await tablesOf(HAS_TENANT)) {
      const all = await served.rows<{ tenant_id: string }>(`SELECT tenant_id FROM ${table}`)
      const own = await served.of(brennan.id).rows<{ tenant_id: string }>(`SELECT tenant_id FROM ${table}`)
      expect([table, own]).toEqual([table, all.filter(({ tenant_id }) => tenant_id === brennan.id)])
      expect(await served.of(brennan.id).rows(`SELECT 1 FROM ${table} WHERE tenant_id = $1`, acme.id), table).toEqual([])
      if (own.length > 0) holding.push(table)
    }
    expect(holding).toEqual(
      expect.arrayContaining(['asks', 'attempts', 'audit', 'gateway_keys', 'keepers', 'key_sums', 'sums', 'tenant_settings']),
    )
    expect(await served.of(brennan.id).tuples('SELECT id FROM tenants')).toEqual([[brennan.id]])
    expect(await served.of(brennan.id).tuples('SELECT name FROM vault')).toEqual([[brennan.id]])
    expect(await served.of(brennan.id).tuples('SELECT request_id FROM ends JOIN attempts USING (seq)')).toEqual([[`r-${brennan.id}`]])
    expect((await served.of(brennan.id).rows('SELECT 1 FROM ends')).length).toBe(1)
  })

  it('changes another tenant’s row for nobody', async () => {
    const mine = served.of(brennan.id)
    expect(await mine.run("UPDATE tenants SET plan = 'enterprise'")).toBe(1)
    expect(await served.tuples('SELECT plan FROM tenants WHERE id = $1', acme.id)).toEqual([['team']])
    expect(await mine.run('DELETE FROM tenant_settings WHERE tenant_id = $1', acme.id)).toBe(0)
    const stolen = mine.run("INSERT INTO tenant_settings (tenant_id, setting_key, setting_value) VALUES ($1, 'B_API_KEY', 'v')", acme.id)
    await expect(stolen).rejects.toMatchObject({ code: '42501' })
  })

  it('shows nothing at all where nobody is named, nor to a tenant called as all of them are', async () => {
    const client = await database.byHand()
    await client.query(`SET ROLE ${roleName(database.schema)}`)
    const everyTable = await tablesOf('true')
    for (const table of everyTable) {
      expect([table, (await client.query(`SELECT 1 FROM ${table}`)).rows]).toEqual([table, []])
      expect([table, await served.of('*' as TenantId).rows(`SELECT 1 FROM ${table}`)]).toEqual([table, []])
    }
    await client.end()
    expect(everyTable.length).toBeGreaterThan(15)
    expect((await served.rows('SELECT 1 FROM attempts')).length, 'the next to use the connection names everybody again').toBe(2)
  })

  it('lets reports and listings of one tenant be asked in its name', async () => {
    const of = { tenant: brennan.id, from: 0, to: NOON * 2 }
    expect((await store.ledger.usage(of)).map(({ tenant, slug }) => [tenant, slug])).toEqual([[brennan.id, 'brennan']])
    expect((await store.ledger.keyUsage(of)).map(({ tenant }) => tenant)).toEqual([brennan.id])
    expect((await store.ledger.requests({ tenant: brennan.id, limit: 9 })).map(({ start }) => start.requestId)).toEqual([`r-${brennan.id}`])
    expect((await store.audit.list({ tenant: brennan.id, limit: 9 })).length).toBe(3)
    expect((await store.ledger.usage({ from: 0, to: NOON * 2 })).length).toBe(2)
  })
})

describe.skipIf(missing)(`a database user that may not make a role${missing ? `, skipped: ${missing}` : ''}`, () => {
  const name = `tollgate_test_${randomBytes(6).toString('hex')}`
  const address = (user: string) => Object.assign(new URL(url), { username: user, password: 'x', pathname: `/${name}` }).href
  const byAdmin = async (text: string) => {
    const client = new pg.Client({ connectionString: Object.assign(new URL(url), { pathname: `/${name}` }).href })
    await client.connect()
    await client.query(text).finally(() => client.end())
  }
  let database: PostgresDatabase

  beforeEach(async () => {
    await query(`CREATE DATABASE ${name}`)
    await query(`CREATE ROLE ${name}_owner LOGIN PASSWORD 'x'; CREATE ROLE ${name}_server LOGIN PASSWORD 'x'`)
    await byAdmin(`GRANT CREATE ON DATABASE ${name} TO ${name}_owner`)
    database = await postgresDatabase(() => NOON)
  })
  afterEach(async () => {
    await database.drop()
    await dropDatabase(name)
    await query(`DROP ROLE IF EXISTS ${name}_owner, ${name}_server`)
  })
  const open = (user: string) => database.open({ url: address(`${name}_${user}`), schema: 'tollgate' })

  it('serves all the same, and is told of; later, with the right to, it makes the role and serves fenced', async () => {
    expect((await open('owner')).setup.rowSecurity).toBe(false)
    await query(`ALTER ROLE ${name}_owner CREATEROLE`)
    const store = await open('owner')
    await query(`ALTER ROLE ${name}_owner NOCREATEROLE`)
    expect([store.setup.rowSecurity, (await open('owner')).setup.rowSecurity]).toEqual([true, true])
    await store.tenants.create(brennan, entry('tenant.create', { tenant: brennan.id }))
    expect((await store.load()).tenants).toEqual([brennan])
  })

  it('serves fenced in a role that an administrator made for it', async () => {
    await open('owner')
    await query(`CREATE ROLE tollgate_of_${name}; GRANT tollgate_of_${name} TO ${name}_owner`)
    const store = await open('owner')
    expect(store.setup.rowSecurity).toBe(true)
    expect((await store.ledger.write([reserved(someStart('r-1'))])).refused).toEqual([])
  })

  it('may own nothing and serve beside the owner that migrates, itself fenced', async () => {
    await query(`ALTER ROLE ${name}_owner CREATEROLE`)
    const owner = await open('owner')
    await byAdmin(`GRANT tollgate_of_${name} TO ${name}_server`)
    const store = await open('server')
    expect(store.setup.rowSecurity).toBe(true)
    await store.tenants.create(brennan, entry('tenant.create', { tenant: brennan.id }))
    expect((await store.ledger.write([reserved(someStart('r-1'))])).refused).toEqual([])
    expect((await owner.load()).tenants).toEqual([brennan])
    expect(await store.status()).toMatchObject({ rowSecurity: true, tenants: 1, attempts: 1 })
  })
})
