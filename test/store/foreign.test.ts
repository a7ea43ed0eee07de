import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { foreignTable, settingsFrom, tenantsFrom } from '../../src/config/foreign.ts'
import { parseYaml } from '../../src/config/yaml.ts'
import type { ForeignTables } from '../../src/contract/foreign.ts'
import { tenantId } from '../../src/contract/ids.ts'
import type { DirectoryChanges, Store } from '../../src/contract/store.ts'
import { triggersOf } from '../../src/store/postgres/open.ts'
import { missing, type PostgresDatabase, postgresDatabase, query, roleName, url } from '../support/postgres.ts'
import { entry, NOON, someKey } from '../support/stores.ts'

// An installation's own tables, with names and words and types of its own, beside ours.

const app = `app_${randomBytes(6).toString('hex')}`

const YAML = `
tenants_from:
  schema: ${app}
  table: Customers; DROP
  columns: { slug: sub"domain, name: company, plan: product, status: state, created_at: since }
  values:
    plan: { "gold's": enterprise, basic: free }
    status: { open: active, late: active, shut: suspended }
  filter: { deleted_at: null, kind: [customer, "it's"] }
settings_from:
  schema: ${app}
  table: prefs
  columns: { tenant_id: customer, setting_key: what, setting_value: content, updated_at: changed }
  values: { setting_key: { openai: OPENAI_API_KEY } }
  filter: { live: true }
`

const TABLES = `
  CREATE SCHEMA ${app};
  CREATE TABLE ${app}."Customers; DROP" (id bigint PRIMARY KEY, "sub""domain" varchar(63), company text, product text, state text,
    since timestamptz DEFAULT '2026-08-01 14:00:00+02', deleted_at timestamptz, kind text DEFAULT 'customer', password text DEFAULT 'canary', seen int);
  CREATE TABLE ${app}.prefs (customer bigint, what text, content jsonb, changed timestamp DEFAULT '2026-08-01 12:00:00', live boolean DEFAULT true);
  INSERT INTO ${app}."Customers; DROP" (id, "sub""domain", company, product, state, deleted_at, kind) VALUES
    (7, 'acme', 'Acme', 'gold''s', 'open', NULL, 'customer'), (8, NULL, NULL, 'basic', 'shut', NULL, 'it''s'),
    (9, 'zed', NULL, NULL, 'odd', NULL, 'customer'), (10, 'gone', NULL, 'basic', 'open', now(), 'customer'), (11, 'us', NULL, 'basic', 'open', NULL, 'staff');
  INSERT INTO ${app}.prefs (customer, what, content, live) VALUES (7, 'openai', '"sk-7"', true), (7, 'GROQ_API_KEY', '{"key":"gsk"}', true), (8, 'openai', '"old"', false);
`

/** As `gateway.yaml` says it. */
function tablesIn(yaml: string): ForeignTables {
  const file = parseYaml('gateway.yaml', yaml)
  const { tenants_from, settings_from } = file.value as Record<string, unknown>
  return {
    tenants: tenants_from === undefined ? undefined : foreignTable(file, 'tenants_from', tenantsFrom.parse(tenants_from)),
    settings: settings_from === undefined ? undefined : foreignTable(file, 'settings_from', settingsFrom.parse(settings_from)),
  }
}

describe.skipIf(missing)(`another program’s tables${missing ? `, skipped: ${missing}` : ''}`, () => {
  const foreign = tablesIn(YAML)
  const seven = tenantId('7')
  let database: PostgresDatabase

  beforeEach(async () => {
    database = await postgresDatabase(() => NOON)
    await query(TABLES)
  })
  afterEach(async () => {
    await query(`DROP SCHEMA ${app} CASCADE`)
    await database.drop()
  })

  const triggers = () => triggersOf(url, foreign, database.schema)
  const grants = async () =>
    (await triggers())
      .split('\n')
      .filter((line) => line.startsWith('GRANT'))
      .join('\n')
  const opened = async (over: object = {}): Promise<Store> => {
    await query(await grants())
    return database.open({ foreign, ...over })
  }
  const slugs = (store: Store) => store.load().then(({ tenants }) => tenants.map(({ slug }) => slug))

  it('are read in our words: names, plans, states, times, and only rows that count', async () => {
    const { tenants, settings } = await (await opened()).load()
    const plain = { overrides: undefined, createdAt: '2026-08-01T12:00:00.000Z' }
    expect(tenants).toEqual([
      { id: '7', slug: 'acme', name: 'Acme', plan: 'enterprise', status: 'active', ...plain },
      { id: '9', slug: 'zed', name: 'zed', plan: '', status: 'odd', ...plain },
    ])
    expect(settings.map(({ tenant, key, value, updatedAt }) => [tenant, key, value, updatedAt])).toEqual([
      ['7', 'GROQ_API_KEY', '{"key": "gsk"}', '2026-08-01T12:00:00.000Z'],
      ['7', 'OPENAI_API_KEY', 'sk-7', '2026-08-01T12:00:00.000Z'],
    ])
  })

  it('are never written: what would change them is refused by name, what is ours about a tenant is kept by us', async () => {
    const store = await opened()
    const [acme] = (await store.load()).tenants
    if (!acme) throw new Error('There is no tenant to try this on.')
    const refusal = { code: 'store_read_only', message: expect.stringContaining(`${app}.Customers; DROP`) }
    await expect(store.tenants.create({ ...acme, id: tenantId('99') }, entry('create'))).rejects.toMatchObject(refusal)
    await expect(store.tenants.update({ ...acme, status: 'suspended' }, entry('update'))).rejects.toMatchObject(refusal)
    await expect(store.tenants.delete(acme.id, entry('delete'))).rejects.toMatchObject(refusal)
    const write = store.settings.write(seven, { put: [{ key: 'A_API_KEY', value: 'v' }], remove: [] }, entry('set'))
    await expect(write).rejects.toMatchObject({ ...refusal, message: expect.stringContaining(`${app}.prefs`) })
    const overrides = { values: { models: ['economy'] }, reason: 'trial' }
    await store.tenants.update({ ...acme, overrides }, entry('update', { tenant: seven }))
    await store.keys.create(someKey('aaaaaaaaaa', { tenant: seven }), entry('key.create', { tenant: seven }))
    expect((await (await opened()).load()).tenants[0]).toEqual({ ...acme, overrides })
    await store.tenants.update(acme, entry('update', { tenant: seven }))
    expect((await store.load()).tenants[0]?.overrides).toBeUndefined()
    expect((await store.audit.list({ limit: 9 })).map(({ action }) => action)).toEqual(['update', 'key.create', 'update'])
  })

  it('give a reader only the columns that it reads', async () => {
    await expect(database.open({ foreign })).rejects.toMatchObject({
      code: 'database_unusable',
      message: expect.stringMatching(
        /^gateway\.yaml:4 tenants_from\.table: The gateway may not read id, sub.domain, .*tollgate db trigger/,
      ),
    })
    await opened()
    const client = await database.byHand()
    await client.query(`SET ROLE ${roleName(database.schema)}`)
    await expect(client.query(`SELECT password FROM ${app}."Customers; DROP"`)).rejects.toMatchObject({ code: '42501' })
    await expect(client.query(`UPDATE ${app}."Customers; DROP" SET product = 'x'`)).rejects.toMatchObject({ code: '42501' })
    await client.end()
  })

  describe('tell what changed', () => {
    const CHANGES = [
      [`INSERT INTO ${app}."Customers; DROP" (id, "sub""domain", product, state) VALUES (12, 'new', 'basic', 'open')`, ['12']],
      [`UPDATE ${app}."Customers; DROP" SET product = 'basic' WHERE id = 7`, ['7']],
      [`UPDATE ${app}."Customers; DROP" SET deleted_at = now() WHERE id = 9`, ['9']],
      [`UPDATE ${app}.prefs SET content = '"sk-8"', live = true WHERE customer = 8`, ['8']],
      [`DELETE FROM ${app}.prefs WHERE customer = 7 AND what = 'openai'`, ['7']],
      [`DELETE FROM ${app}."Customers; DROP" WHERE id = 7`, ['7']],
    ] as const

    async function following(store: Store): Promise<void> {
      const told: DirectoryChanges[] = []
      store.watch((changes) => void told.push(changes))
      for (const [statement, ids] of CHANGES) {
        told.length = 0
        await query(statement)
        const heard = () => told.flatMap(({ tenants }) => tenants.map(({ id }) => id))
        await expect.poll(heard, { timeout: 1_500, message: statement }).toEqual(ids)
      }
      expect(await slugs(store)).toEqual(['new'])
      told.length = 0
      await query(`TRUNCATE ${app}."Customers; DROP"`)
      await expect
        .poll(() => told.some(({ everything, tenants }) => everything?.tenants.length === 0 || tenants.some(({ id }) => id === '12')))
        .toBe(true)
    }

    it('when they are compared, where nobody put a trigger on them', async () => {
      const store = await opened({ poll: 100 })
      await store.load()
      await following(store)
    })

    it('at once, by the trigger that is printed, though whoever changes them has no rights in our schema', async () => {
      await query(await triggers())
      const writer = `writer_${app}`
      await query(`CREATE ROLE ${writer}; GRANT USAGE ON SCHEMA ${app} TO ${writer}; GRANT ALL ON ALL TABLES IN SCHEMA ${app} TO ${writer}`)
      try {
        const store = await database.open({ foreign, poll: 60_000 })
        await store.load()
        const told: DirectoryChanges[] = []
        const stop = store.watch((changes) => void told.push(changes))
        await query(`SET ROLE ${writer}; UPDATE ${app}."Customers; DROP" SET product = 'gold''s' WHERE id = 9`)
        await expect
          .poll(() => told.flatMap(({ tenants }) => tenants.map(({ tenant }) => tenant?.plan)), { timeout: 1_500 })
          .toEqual(['enterprise'])
        stop()
        await following(store)
      } finally {
        await query(`DROP OWNED BY ${writer}; DROP ROLE ${writer}`)
      }
    })

    it('of nothing that is not read, and nothing twice', async () => {
      const store = await opened({ poll: 50 })
      await store.load()
      const told: DirectoryChanges[] = []
      store.watch((changes) => void told.push(changes))
      await query(`UPDATE ${app}."Customers; DROP" SET seen = 1`)
      await query(`UPDATE ${app}."Customers; DROP" SET product = 'basic' WHERE id = 7`)
      await expect.poll(() => told.length, { timeout: 1_500 }).toBe(1)
      await new Promise((done) => setTimeout(done, 200))
      expect(told.map(({ tenants }) => tenants.map(({ id }) => id))).toEqual([['7']])
    })

    it('of a view, which can have no trigger, and of a table whose trigger was taken off', async () => {
      await query(`CREATE VIEW ${app}.seen AS SELECT id, "sub""domain" AS slug, product AS plan FROM ${app}."Customers; DROP" WHERE id < 9`)
      const view = { tenants: tablesIn(`tenants_from: { schema: ${app}, table: seen }`).tenants, settings: foreign.settings }
      const printed = await triggersOf(url, view, database.schema)
      expect(printed).toContain(`-- ${app}.seen is no plain table`)
      await query(printed)
      const store = await database.open({ foreign: view, poll: 100 })
      await store.load()
      const told: string[] = []
      store.watch(({ tenants }) => void told.push(...tenants.map(({ id }) => id)))
      await query(`UPDATE ${app}."Customers; DROP" SET product = 'basic' WHERE id = 7`)
      await expect.poll(() => told, { timeout: 1_500 }).toEqual(['7'])
      await query(
        `ALTER TABLE ${app}.prefs DISABLE TRIGGER tollgate_changed; UPDATE ${app}.prefs SET content = '"other"' WHERE customer = 8`,
      )
      await query(`UPDATE ${app}.prefs SET live = true WHERE customer = 8`)
      await expect.poll(() => told.at(-1), { timeout: 1_500 }).toBe('8')
    })

    it('again to whoever failed to take it', async () => {
      const store = await opened({ poll: 50 })
      await store.load()
      let failures = 2
      const told: string[] = []
      store.watch(({ tenants }) => {
        if (failures-- > 0) throw new Error('not now')
        told.push(...tenants.map(({ id }) => id))
      })
      await query(`UPDATE ${app}."Customers; DROP" SET product = 'basic' WHERE id = 7`)
      await expect.poll(() => told, { timeout: 1_500 }).toEqual(['7'])
    })
  })

  it('keep their rows when a tenant is erased: ours go, and the receipt tells which is which', async () => {
    const store = await opened()
    const [acme] = (await store.load()).tenants
    if (!acme) throw new Error('There is no tenant to try this on.')
    await store.tenants.update({ ...acme, overrides: { values: { models: [] } } }, entry('update', { tenant: seven, object: 'acme' }))
    await store.keys.create(someKey('aaaaaaaaaa', { tenant: seven }), entry('key.create', { tenant: seven }))
    const receipt = await store.tenants.erase(seven, entry('tenant.erase', { tenant: seven }))
    const of = (table: string) => receipt.find((row) => row.table === table)
    expect(of('gateway_keys')).toMatchObject({ removed: 1 })
    expect(of('tenant_overrides')).toMatchObject({ removed: 1 })
    expect(of(`${app}.Customers; DROP`)).toMatchObject({ removed: 0, kept: 1 })
    expect(of(`${app}.prefs`)).toMatchObject({ removed: 0, kept: 2 })
    expect(await store.load()).toMatchObject({ tenants: [{ slug: 'acme' }, { slug: 'zed' }], keys: [] })
    expect((await store.audit.list({ tenant: seven, limit: 9 })).map(({ object }) => object)).not.toContain('acme')
    await expect(store.tenants.erase(tenantId('99'), entry('tenant.erase'))).rejects.toMatchObject({ code: 'tenant_not_found' })
  })

  it('are checked whole at the start, each thing wrong with its line', async () => {
    const wrong = (yaml: string) =>
      database.open({ foreign: tablesIn(yaml) }).then(
        () => [],
        (error: Error) => error.message.split('\n'),
      )
    await query(`CREATE TABLE ${app}.odd (id int, slug text, plan text, tenant_id int, setting_key text, setting_value bytea, days int[])`)
    await query(`GRANT USAGE ON SCHEMA ${app} TO PUBLIC; GRANT SELECT ON ${app}.odd TO PUBLIC`)
    expect(await wrong(`tenants_from:\n  schema: ${app}\n  table: nowhere\n`)).toEqual([
      `gateway.yaml:3 tenants_from.table: There is no table ${app}.nowhere in the database.`,
    ])
    const nowhere = tablesIn(`tenants_from: { schema: ${app}, table: nowhere }`)
    await expect(triggersOf(url, nowhere, database.schema)).rejects.toMatchObject({ code: 'database_unusable' })
    expect(
      await wrong(`tenants_from:
  schema: ${app}
  table: odd
  columns:
    slug: slugg
    plan: days
  filter: { dropped: null }
settings_from: { schema: ${app}, table: odd }`),
    ).toEqual([
      `gateway.yaml:5 tenants_from.columns.slug: The table ${app}.odd has no column slugg; it has id, slug, plan, tenant_id, setting_key, setting_value, days.`,
      `gateway.yaml:6 tenants_from.columns.plan: Column days of ${app}.odd is of type _int4, which cannot be read as a word.`,
      `gateway.yaml:7 tenants_from.filter.dropped: The table ${app}.odd has no column dropped; it has id, slug, plan, tenant_id, setting_key, setting_value, days.`,
      `gateway.yaml:8 settings_from.table: Column setting_value of ${app}.odd is of type bytea, which cannot be read as a text.`,
    ])
  })

  it('may be one of the two: settings of ours for tenants of theirs, and the other way', async () => {
    await query(await grants())
    const theirTenants = await database.open({ foreign: { tenants: foreign.tenants } })
    await theirTenants.settings.write(seven, { put: [{ key: 'A_API_KEY', value: 'v' }], remove: [] }, entry('set', { tenant: seven }))
    expect((await theirTenants.load()).settings.map(({ tenant, key }) => [tenant, key])).toEqual([['7', 'A_API_KEY']])
    const unknown = theirTenants.settings.write(tenantId('99'), { put: [], remove: [] }, entry('set'))
    await expect(unknown).rejects.toMatchObject({ code: 'tenant_not_found' })
    const theirSettings = await database.open({ foreign: { settings: foreign.settings } })
    expect((await theirSettings.load()).settings.length).toBe(2)
    expect(theirSettings.setup.readOnly).toEqual({ settings: `${app}.prefs` })
  })
})
