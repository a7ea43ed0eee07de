import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseOverrides } from '../../src/config/overrides.ts'
import type { DirectoryChanges, Store } from '../../src/contract/store.ts'
import { backupSqlite, openSqlite } from '../../src/store/sqlite/open.ts'
import { ended, entry, NOON, reserved, someStart, someTenant } from '../support/stores.ts'

describe('a SQLite database', () => {
  let folder: string
  let path: string
  let store: Store | undefined

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tollgate-sqlite-'))
    path = join(folder, 'data', 'tollgate.db')
  })
  afterEach(async () => {
    await store?.close()
    store = undefined
    rmSync(folder, { recursive: true })
  })

  const open = async () => (store = await openSqlite({ path, now: () => NOON, parseOverrides }))
  const byHand = (sql: string) => {
    const db = new Database(path)
    db.exec(sql)
    db.close()
  }
  const modeOf = (file: string) => (statSync(file).mode & 0o777).toString(8)

  it('is made with its folder and open to its owner only, its log and index too', async () => {
    await open()
    await store?.tenants.create(someTenant('brennan'), entry('tenant.create'))
    expect([path, `${path}-wal`, `${path}-shm`].map(modeOf)).toEqual(['600', '600', '600'])
    expect(modeOf(join(folder, 'data'))).toBe('700')
  })

  it('has a locked file and a spare one beside it for each process that writes the books, while it lives', async () => {
    const boots = () => readdirSync(join(folder, 'data')).filter((name) => name.includes('boot'))
    const [one, two] = [await open(), await openSqlite({ path, now: () => NOON, parseOverrides })]
    await one.ledger.write([reserved(someStart('r-1'))])
    await two.ledger.write([reserved(someStart('r-2'))])
    expect(boots().map((name) => modeOf(join(folder, 'data', name)))).toEqual(['600', '600', '600', '600'])
    await two.close()
    expect(boots().length).toBe(2)
    expect((await one.ledger.open()).map(({ start }) => start.requestId)).toEqual(['r-2'])
    await one.close()
    store = undefined
    expect(boots()).toEqual([])
  })

  it('keeps every commit when the power fails', async () => {
    expect(await (await open()).status()).toMatchObject({ engine: 'sqlite', synchronous: 'FULL', path })
  })

  it('is opened by several processes at once from nothing', async () => {
    const stores = await Promise.all([1, 2, 3].map(() => openSqlite({ path, now: () => NOON, parseOverrides })))
    await stores[0]?.tenants.create(someTenant('brennan'), entry('tenant.create'))
    expect((await Promise.all(stores.map((each) => each.status()))).map(({ tenants }) => tenants)).toEqual([1, 1, 1])
    for (const each of stores) await each.close()
  })

  it('is refused with words when its schema is newer', async () => {
    await (await open()).close()
    store = undefined
    byHand('PRAGMA user_version = 99')
    await expect(open()).rejects.toMatchObject({
      code: 'database_unusable',
      message: expect.stringMatching(
        /^The database has schema 99; this version knows \d+\. Start the newer version, or restore a backup\.$/,
      ),
    })
  })

  it('is refused when it is another program’s', async () => {
    path = join(folder, 'other.db')
    byHand('CREATE TABLE tenants (id TEXT)')
    await expect(open()).rejects.toMatchObject({ code: 'database_unusable', message: expect.stringContaining('another program') })
  })

  it('tells of a tenant that a hand displaced by taking its slug', async () => {
    await open()
    byHand(`INSERT INTO tenants (id, slug, plan) VALUES ('t-1', 'hand', 'team')`)
    const told: DirectoryChanges[] = []
    store?.watch((changes) => void told.push(changes))
    byHand(`PRAGMA recursive_triggers = OFF; INSERT OR REPLACE INTO tenants (id, slug, plan) VALUES ('t-2', 'hand', 'team')`)
    await store?.refresh()
    const last = told.at(-1)?.tenants.map(({ id, tenant }) => [id, tenant?.plan])
    expect(last).toContainEqual(['t-1', undefined])
    expect(last).toContainEqual(['t-2', 'team'])
  })

  it('gives everything again to whoever is too far behind, and forgets old changes', async () => {
    await open()
    const told: DirectoryChanges[] = []
    store?.watch((changes) => void told.push(changes))
    byHand(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 25000)
      INSERT INTO tenants (id, slug, plan) SELECT 't-' || i, 's-' || i, 'team' FROM n`)
    await expect.poll(() => told.length, { timeout: 2_000 }).toBe(1)
    expect(told[0]?.everything?.tenants.length).toBe(25_000)
    const db = new Database(path, { readonly: true })
    expect(db.prepare('SELECT count(*) FROM changes').pluck().get()).toBe(10_000)
    db.close()
    byHand(`UPDATE tenants SET plan = 'pro' WHERE id = 't-7'`)
    await expect.poll(() => told[1]?.tenants.map(({ tenant }) => tenant?.plan), { timeout: 2_000 }).toEqual(['pro'])
  })

  it('loads 100,000 tenants with a key and a setting each in two seconds', async () => {
    await open()
    byHand(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
      INSERT INTO tenants (id, slug, name, plan) SELECT 't-' || i, 's-' || i, 'Tenant ' || i, 'team' FROM n;
      INSERT INTO tenant_settings (tenant_id, setting_key, setting_value) SELECT id, 'ACME_API_KEY', 'sk-' || id FROM tenants;
      INSERT INTO gateway_keys (id, kind, digest, tenant_id, created_at)
        SELECT 'k-' || id, 'tenant', randomblob(32), id, '2026-08-01T00:00:00.000Z' FROM tenants`)
    const began = performance.now()
    const image = await store?.load()
    const took = performance.now() - began
    console.log(`loading 100,000 tenants, keys and settings: ${took.toFixed(0)} ms`)
    expect([image?.tenants.length, image?.settings.length, image?.keys.length]).toEqual([100_000, 100_000, 100_000])
    expect(took).toBeLessThan(2_000)
  })

  it('is backed up whole, as of one moment, while it is written all the time', async () => {
    const live = await open()
    await live.tenants.create(someTenant('brennan'), entry('tenant.create'))
    await live.ledger.write(Array.from({ length: 2_000 }, (_, n) => reserved(someStart(`before-${n}`))))
    const target = join(folder, 'backup.db')
    let backedUp = false
    const backup = backupSqlite(path, target).finally(() => (backedUp = true))
    let written = 0
    for (; !backedUp; written++) {
      await live.ledger.write([reserved(someStart(`r-${written}`))])
      await live.ledger.write([ended(someStart(`r-${written}`))])
      await nextTurn()
    }
    await backup
    expect(written, 'writes during the copy').toBeGreaterThan(5)
    expect(modeOf(target)).toBe('600')
    const copy = await openSqlite({ path: target, now: () => NOON, parseOverrides })
    expect((await copy.load()).tenants).toEqual([someTenant('brennan')])
    const sums = await copy.ledger.usage({ from: 0, to: NOON + 86_400_000 })
    const settled = (await copy.ledger.requests({ limit: 10_000 })).filter(({ state }) => state === 'settled')
    expect(
      sums.reduce((total, { requests }) => total + requests, 0),
      'sums and rows are of one moment',
    ).toBe(settled.length)
    await copy.close()
  })

  it('is never made by a backup, nor does a backup write over a file', async () => {
    await expect(backupSqlite(path, join(folder, 'backup.db'))).rejects.toThrow()
    expect(existsSync(path)).toBe(false)
    await open()
    await backupSqlite(path, join(folder, 'backup.db'))
    await expect(backupSqlite(path, join(folder, 'backup.db'))).rejects.toMatchObject({ code: 'EEXIST' })
  })

  it('holds no erased value in its pages', async () => {
    await open()
    const canary = 'canary-5f0e1d2c3b4a'
    await store?.vault.ensure({ kind: 'data-key', name: 'tn_brennan', value: canary })
    await store?.tenants.create(someTenant('brennan'), entry('tenant.create'))
    await store?.tenants.erase(someTenant('brennan').id, entry('tenant.erase'))
    await store?.close()
    store = undefined
    expect(readFileSync(path).includes(canary)).toBe(false)
  })

  it('tells in an erasure of every table that knows tenants', async () => {
    await open()
    await store?.tenants.create(someTenant('brennan'), entry('tenant.create'))
    const told = await store?.tenants.erase(someTenant('brennan').id, entry('tenant.erase'))
    const db = new Database(path)
    const tables = db.prepare(
      "SELECT m.name FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name = 'tenant_id'",
    )
    const knowing = tables.pluck().all()
    db.close()
    expect(knowing).toContain('attempts')
    expect(told?.map(({ table }) => table)).toEqual(expect.arrayContaining(knowing))
  })

  it('says why a look for changes failed, and goes on looking', async () => {
    const troubles: unknown[] = []
    store = await openSqlite({ path, now: () => NOON, poll: 20, trouble: (error) => troubles.push(error), parseOverrides })
    let healthy = false
    const told: DirectoryChanges[] = []
    store.watch((changes) => {
      if (!healthy) throw new Error('not yet')
      told.push(changes)
    })
    byHand(`INSERT INTO tenants (id, slug, plan) VALUES ('t-1', 'hand', 'team')`)
    await expect.poll(() => troubles[0], { timeout: 1_000 }).toMatchObject({ message: 'not yet' })
    healthy = true
    await expect.poll(() => told.length, { timeout: 1_000 }).toBe(1)
    expect(told[0]?.tenants).toMatchObject([{ id: 't-1' }])
  })
})
