import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { keyId, planId, slug, tenantId } from '../../src/contract/ids.ts'
import type { AttemptRow } from '../../src/contract/ledger.ts'
import type { Share, Source } from '../../src/contract/meter.ts'
import type { DirectoryChanges, Store } from '../../src/contract/store.ts'
import { GatewayError } from '../../src/errors.ts'
import { verifyBooks } from '../../src/ledger/verify.ts'
import { createDirectoryLog } from '../support/directory-log.ts'
import { postgres } from '../support/postgres.ts'
import {
  ended,
  entry,
  memory,
  NOON,
  reserved,
  someKey,
  someOutcome,
  someStart,
  someTenant,
  spentOf,
  sqlite,
  type TestDatabase,
} from '../support/stores.ts'

// What every store promises, whatever engine it stands on.

const brennan = someTenant('brennan')
const acme = someTenant('acme')

describe.each([memory, sqlite, postgres])('a store on $name', ({ create, missing, alone }) => {
  /** What takes another process, or a person with a client of the database. */
  const shared = it.skipIf(alone)

  let database: TestDatabase
  let store: Store
  let clock = NOON

  beforeEach(async ({ skip }) => {
    skip(missing !== undefined, missing)
    clock = NOON
    database = await create(() => clock)
    store = await database.open()
  })
  afterEach(() => database?.drop())

  describe('refreshed snapshots', () => {
    const kept = (snapshot: string) => ({ snapshot, source: 'a.json', takenAt: '2026-08-01T12:00:00.000Z', models: [] })

    shared('are kept with their audit row, the newest in force, and every other process hears of one', async () => {
      expect(await store.catalog.newest()).toBeUndefined()
      const other = await database.open()
      const heard: DirectoryChanges[] = []
      other.watch((changes) => void heard.push(changes))
      await store.catalog.keep(kept('one'), entry('catalog.refresh'))
      await store.catalog.keep(kept('two'), entry('catalog.refresh'))
      expect(await other.catalog.newest()).toEqual(kept('two'))
      expect((await store.audit.list({ limit: 9 })).map(({ action }) => action)).toEqual(['catalog.refresh', 'catalog.refresh'])
      await other.refresh()
      expect(heard.flatMap(({ touched }) => [...(touched ?? [])])).toContain('catalog')
    })
  })

  describe('a lease', () => {
    shared('is one holder’s until it runs out or is given back, in every process', async () => {
      const other = await database.open()
      expect(await store.leases.take('work', 'a', NOON + 1_000)).toBe(true)
      expect(await other.leases.take('work', 'b', NOON + 9_000)).toBe(false)
      expect(await store.leases.take('work', 'a', NOON + 2_000)).toBe(true)
      clock = NOON + 2_000
      expect(await other.leases.take('work', 'b', NOON + 9_000)).toBe(true)
      await store.leases.release('work', 'a')
      expect(await store.leases.take('work', 'a', NOON + 9_000)).toBe(false)
      await other.leases.release('work', 'b')
      expect(await store.leases.take('work', 'a', NOON + 9_000)).toBe(true)
    })
  })

  describe('keepers of answers', () => {
    const row = (name: string, over: object = {}) => ({
      digest: createHash('sha256').update(name).digest(),
      tenant: brennan.id,
      provider: 'openai',
      wireModel: 'gpt-5',
      source: 'platform' as const,
      fingerprint: '0a1b2c3d',
      expiresAt: NOON + 1_000,
      ...over,
    })

    shared('come back in every process, the last of a digest as it was', async () => {
      const other = await database.open()
      await store.keepers.put([row('a'), row('b', { tenant: acme.id })])
      await other.keepers.put([row('a', { provider: 'xai', fingerprint: undefined })])
      expect(await store.keepers.get(row('a').digest)).toEqual(row('a', { provider: 'xai', fingerprint: undefined }))
      expect(await store.keepers.get(row('b').digest)).toEqual(row('b', { tenant: acme.id }))
      expect(await store.keepers.get(row('c').digest)).toBeUndefined()
    })

    it('are forgotten when they expire, and with their tenant', async () => {
      await store.keepers.put([row('a'), row('b', { expiresAt: NOON + 9_000 })])
      clock = NOON + 1_000
      await store.keepers.put([row('c', { expiresAt: NOON + 9_000 })])
      expect(await store.keepers.get(row('a').digest)).toBeUndefined()
      expect(await store.keepers.get(row('b').digest)).toBeDefined()
      await store.tenants.create(brennan, entry('tenant.create'))
      await store.tenants.delete(brennan.id, entry('tenant.delete'))
      expect(await store.keepers.get(row('b').digest)).toBeUndefined()
    })
  })

  describe('tenants', () => {
    it('come back as they were created', async () => {
      const strict = someTenant('strict', {
        overrides: {
          values: { models: ['economy'], limits: { rpm: null, tpm: 5, concurrency: 1 } },
          expires_at: '2027-01-01T00:00:00Z',
          reason: 'trial',
        },
      })
      await store.tenants.create(brennan, entry('tenant.create'))
      await store.tenants.create(strict, entry('tenant.create'))
      expect((await store.load()).tenants).toEqual([brennan, strict])
    })

    it.each([
      ['slug', 'slug', someTenant('other', { slug: slug('brennan') })],
      ['id', 'id', someTenant('other', { id: tenantId('tn_brennan') })],
      ['slug', 'id', someTenant('other', { slug: slug('tn_brennan') })],
      ['id', 'slug', someTenant('other', { id: tenantId('brennan') })],
    ])('refuse a %s that is the %s of another', async (ours, theirs, tenant) => {
      await store.tenants.create(brennan, entry('tenant.create'))
      const error = await failure(store.tenants.create(tenant, entry('tenant.create')))
      expect(error).toMatchObject({ code: 'already_exists', details: { param: ours } })
      expect(error.message).toBe(
        `The ${ours} ${tenant[ours as 'id' | 'slug']} is the ${theirs} of tenant brennan already. Choose another ${ours}.`,
      )
    })

    it('may have a slug that is their own id', async () => {
      const twin = someTenant('twin', { id: tenantId('twin') })
      await store.tenants.create(twin, entry('tenant.create'))
      expect((await store.load()).tenants).toEqual([twin])
    })

    it('change all but their id and slug', async () => {
      await store.tenants.create(brennan, entry('tenant.create'))
      const changed = {
        ...brennan,
        name: 'Brennan & Sons',
        plan: planId('pro'),
        status: 'suspended',
        overrides: { values: { budget: null } },
      }
      await store.tenants.update({ ...changed, slug: slug('elsewhere') }, entry('tenant.update'))
      expect((await store.load()).tenants).toEqual([changed])
    })

    it('cannot be changed or deleted when they are not there', async () => {
      expect(await failure(store.tenants.update(brennan, entry('tenant.update')))).toMatchObject({ code: 'tenant_not_found' })
      expect(await failure(store.tenants.delete(brennan.id, entry('tenant.delete')))).toMatchObject({ code: 'tenant_not_found' })
    })

    it('take their settings and keys with them, and nobody else’s', async () => {
      for (const tenant of [brennan, acme]) {
        await store.tenants.create(tenant, entry('tenant.create'))
        await store.settings.write(tenant.id, { put: [{ key: 'A_API_KEY', value: 'v' }], remove: [] }, entry('set'))
        await store.keys.create(someKey(`key${tenant.slug}`, { tenant: tenant.id }), entry('key.create'))
      }
      await store.tenants.delete(brennan.id, entry('tenant.delete'))
      const { tenants, settings, keys } = await store.load()
      expect([tenants.map(({ id }) => id), settings.map(({ tenant }) => tenant), keys.map(({ tenant }) => tenant)]).toEqual([
        [acme.id],
        [acme.id],
        [acme.id],
      ])
    })
  })

  describe('settings', () => {
    beforeEach(() => store.tenants.create(brennan, entry('tenant.create')))
    const write = (put: Record<string, string>, remove: string[] = []) =>
      store.settings.write(brennan.id, { put: Object.entries(put).map(([key, value]) => ({ key, value })), remove }, entry('set'))
    const rows = async () => (await store.load()).settings.map(({ key, value }) => [key, value])

    it('are put and removed as one', async () => {
      await write({ OLD_API_KEY: 'a', KEPT_API_KEY: 'b' })
      await write({ NEW_API_KEY: 'c' }, ['OLD_API_KEY', 'NEVER_API_KEY'])
      expect(await rows()).toEqual([
        ['KEPT_API_KEY', 'b'],
        ['NEW_API_KEY', 'c'],
      ])
    })

    it('keep the case they were written in', async () => {
      await write({ mini_api_key: 'a', MINI_API_KEY: 'b' })
      await write({}, ['MINI_API_KEY'])
      expect(await rows()).toEqual([['mini_api_key', 'a']])
    })

    it('remember when they were made and when they changed', async () => {
      await write({ A_API_KEY: 'a' })
      clock += 60_000
      await write({ A_API_KEY: 'b' })
      expect((await store.load()).settings).toEqual([
        { tenant: brennan.id, key: 'A_API_KEY', value: 'b', createdAt: '2026-08-01T12:00:00.000Z', updatedAt: '2026-08-01T12:01:00.000Z' },
      ])
    })

    it('belong to a tenant that is there', async () => {
      const orphan = store.settings.write(acme.id, { put: [{ key: 'A_API_KEY', value: 'a' }], remove: [] }, entry('set'))
      expect(await failure(orphan)).toMatchObject({ code: 'tenant_not_found' })
      expect(await rows()).toEqual([])
    })
  })

  describe('gateway keys', () => {
    it('come back as they were created, with and without rules', async () => {
      const plain = someKey('aaaaaaaaaa')
      const rich = someKey('bbbbbbbbbb', {
        kind: 'service',
        name: 'backend',
        tenant: undefined,
        tenants: [brennan.id, acme.id],
        scopes: ['provider_keys'],
        models: ['economy'],
        endpoints: ['chat'],
        allowIps: ['10.0.0.0/8'],
        limits: { rpm: 5 },
        defaults: { strict: true, tags: ['x'] },
        expiresAt: '2027-01-01T00:00:00.000Z',
      })
      const everyone = someKey('cccccccccc', { kind: 'service', tenant: undefined, tenants: 'any' })
      for (const key of [plain, rich, everyone]) await store.keys.create(key, entry('key.create'))
      expect((await store.load()).keys).toEqual([plain, rich, everyone])
    })

    it('are revoked by an update', async () => {
      await store.keys.create(someKey('aaaaaaaaaa'), entry('key.create'))
      const revoked = someKey('aaaaaaaaaa', { revokedAt: '2026-08-02T00:00:00.000Z' })
      await store.keys.update(revoked, entry('key.revoke'))
      expect((await store.load()).keys).toEqual([revoked])
    })

    it('are minted once and updated only where they are', async () => {
      await store.keys.create(someKey('aaaaaaaaaa'), entry('key.create'))
      expect(await failure(store.keys.create(someKey('aaaaaaaaaa'), entry('key.create')))).toMatchObject({ code: 'already_exists' })
      expect(await failure(store.keys.update(someKey('zzzzzzzzzz'), entry('key.revoke')))).toMatchObject({ code: 'not_found' })
    })
  })

  describe('the vault', () => {
    shared('ensures one value, whoever comes first', async () => {
      const other = await database.open()
      const values = await Promise.all([
        store.vault.ensure({ kind: 'pepper', name: 'p', value: 'first' }),
        other.vault.ensure({ kind: 'pepper', name: 'p', value: 'second' }),
      ])
      expect(['first', 'second']).toContain(values[0])
      expect(values[1]).toBe(values[0])
      expect(await other.vault.get('pepper', 'p')).toBe(values[0])
    })

    it('replaces and removes by kind and name', async () => {
      await store.vault.ensure({ kind: 'data-key', name: 'tn_brennan', value: 'one' })
      await store.vault.ensure({ kind: 'group', name: 'tn_brennan', value: 'other kind' })
      await store.vault.replace([{ kind: 'data-key', name: 'tn_brennan', value: 'two' }], entry('rotate'))
      expect(await store.vault.get('data-key', 'tn_brennan')).toBe('two')
      expect(await store.vault.all('data-key')).toEqual([{ kind: 'data-key', name: 'tn_brennan', value: 'two' }])
      await store.tenants.create(brennan, entry('tenant.create'))
      await store.tenants.erase(brennan.id, entry('tenant.erase'))
      await store.vault.replace([{ kind: 'data-key', name: 'tn_brennan', value: 'three' }], entry('rotate'))
      expect(await store.vault.get('data-key', 'tn_brennan'), 'an erased data key stays erased').toBeUndefined()
      expect(await store.vault.all()).toEqual([{ kind: 'group', name: 'tn_brennan', value: 'other kind' }])
    })
  })

  describe('the audit', () => {
    it('holds a row for every mutation, and none for one that failed', async () => {
      await store.tenants.create(brennan, entry('tenant.create', { tenant: brennan.id, detail: { plan: 'team' }, requestId: 'r-1' }))
      await failure(store.tenants.create(brennan, entry('tenant.create again')))
      await store.audit.append(entry('usage.read'))
      expect(await store.audit.list({ limit: 10 })).toEqual([
        { seq: 2, ...entry('usage.read') },
        { seq: 1, ...entry('tenant.create', { tenant: brennan.id, detail: { plan: 'team' }, requestId: 'r-1' }) },
      ])
    })

    it('is read in pages and by tenant, newest first', async () => {
      for (const [at, tenant] of [brennan.id, acme.id, brennan.id, brennan.id].entries()) {
        await store.audit.append(entry(`a${at}`, { tenant }))
      }
      const page = await store.audit.list({ tenant: brennan.id, limit: 2 })
      expect(page.map(({ action }) => action)).toEqual(['a3', 'a2'])
      const next = await store.audit.list({ tenant: brennan.id, limit: 2, before: page.at(-1)!.seq })
      expect(next.map(({ action }) => action)).toEqual(['a0'])
    })
  })

  describe('rows written by hand', () => {
    shared('count as they lie there, with defaults for all but the essential columns', async () => {
      await database.sql(`
        INSERT INTO tenants (id, slug, plan) VALUES ('t-1', 'hand', 'team');
        INSERT INTO tenants (id, slug, plan, name, status, created_at) VALUES ('t-2', 'hand-two', 'gone', NULL, NULL, '2026-08-01 10:00:00');
        INSERT INTO tenant_settings (tenant_id, setting_key, setting_value) VALUES ('t-1', 'mini_api_key', 'sk-1');
        INSERT INTO tenant_settings VALUES ('nobody', 'A_API_KEY', NULL, '2026-08-01T10:00:00Z', '2026-08-01 10:00:00');
      `)
      const { tenants, settings } = await store.load()
      const ISO = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/)
      expect(tenants).toEqual([
        { id: 't-1', slug: 'hand', name: 'hand', plan: 'team', status: 'active', overrides: undefined, createdAt: ISO },
        {
          id: 't-2',
          slug: 'hand-two',
          name: 'hand-two',
          plan: 'gone',
          status: 'active',
          overrides: undefined,
          createdAt: '2026-08-01T10:00:00Z',
        },
      ])
      expect(settings).toEqual([
        { tenant: 'nobody', key: 'A_API_KEY', value: '', createdAt: '2026-08-01T10:00:00Z', updatedAt: '2026-08-01T10:00:00Z' },
        { tenant: 't-1', key: 'mini_api_key', value: 'sk-1', createdAt: ISO, updatedAt: ISO },
      ])
    })

    shared('bring overrides in the form of the admin API, and admit nothing where they cannot be read', async () => {
      await database.sql(`
        INSERT INTO tenants (id, slug, plan, overrides) VALUES ('t-1', 'a', 'team', '{"providers":["acme"],"reason":"pilot"}');
        INSERT INTO tenants (id, slug, plan, overrides) VALUES ('t-2', 'b', 'team', 'models: none');
        INSERT INTO tenants (id, slug, plan, overrides) VALUES ('t-3', 'c', 'team', '["economy"]');
      `)
      const overrides = (await store.load()).tenants.map((tenant) => tenant.overrides)
      expect(overrides[0]).toEqual({ values: { providers: ['acme'] }, reason: 'pilot' })
      expect(overrides[1]?.values).toEqual({ models: [], providers: [] })
      expect(overrides[2]?.values).toEqual({ models: [], providers: [] })
    })

    shared('are told within a second: new, changed, moved and deleted ones', async () => {
      const log = createDirectoryLog(await store.load())
      store.watch(log.apply)
      const steps: [sql: string, expected: object][] = [
        [`INSERT INTO tenants (id, slug, plan) VALUES ('t-1', 'hand', 'team')`, { tenants: { 't-1': 'team' }, settings: {} }],
        [
          `INSERT INTO tenant_settings (tenant_id, setting_key, setting_value) VALUES ('t-1', 'mini_api_key', 'one')`,
          { tenants: { 't-1': 'team' }, settings: { 't-1': { mini_api_key: 'one' } } },
        ],
        [
          `UPDATE tenant_settings SET setting_value = 'two', updated_at = CURRENT_TIMESTAMP WHERE tenant_id = 't-1'`,
          { tenants: { 't-1': 'team' }, settings: { 't-1': { mini_api_key: 'two' } } },
        ],
        [`UPDATE tenant_settings SET tenant_id = 't-9'`, { tenants: { 't-1': 'team' }, settings: { 't-9': { mini_api_key: 'two' } } }],
        [`UPDATE tenants SET plan = 'pro'`, { tenants: { 't-1': 'pro' }, settings: { 't-9': { mini_api_key: 'two' } } }],
        [`DELETE FROM tenant_settings; DELETE FROM tenants`, { tenants: {}, settings: {} }],
      ]
      for (const [sql, expected] of steps) {
        await database.sql(sql)
        await expect.poll(() => log.directory(), { timeout: 1_000, interval: 20, message: sql }).toEqual(expected)
      }
    })

    shared('are told though this process writes the books all the time', async () => {
      const told: DirectoryChanges[] = []
      store.watch((changes) => void told.push(changes))
      let over = false
      const writing = (async () => {
        for (let n = 0; !over; n++) {
          await store.ledger.write([reserved(someStart(`r-${n}`))])
          await sleep(1)
        }
      })()
      await database.sql(`INSERT INTO tenants (id, slug, plan) VALUES ('t-1', 'a', 'team')`)
      await expect.poll(() => told, { timeout: 1_000 }).toMatchObject([{ tenants: [{ id: 't-1' }] }])
      over = true
      await writing
    })

    shared('are told only of the tenants and keys they touch', async () => {
      await database.sql(`INSERT INTO tenants (id, slug, plan) VALUES ('t-1', 'a', 'team'), ('t-2', 'b', 'team')`)
      const told: DirectoryChanges[] = []
      await store.load()
      store.watch((changes) => void told.push(changes))
      await database.sql(`UPDATE tenants SET plan = 'pro' WHERE id = 't-2'`)
      await expect.poll(() => told.length, { timeout: 1_000 }).toBe(1)
      expect(told).toMatchObject([{ tenants: [{ id: 't-2', tenant: { plan: 'pro' } }], keys: [] }])
    })
  })

  describe('watching', () => {
    shared('tells a mutation to this process before it resolves, and to others soon', async () => {
      const other = await database.open()
      const here: DirectoryChanges[] = []
      const there: DirectoryChanges[] = []
      store.watch((changes) => void here.push(changes))
      other.watch((changes) => void there.push(changes))
      await store.tenants.create(brennan, entry('tenant.create'))
      const expected = [{ tenants: [{ id: brennan.id, tenant: brennan, settings: [] }], keys: [] }]
      expect(here).toEqual(expected)
      await expect.poll(() => there, { timeout: 1_000 }).toEqual(expected)
      await sleep(300)
      expect(here, 'each change is told once').toEqual(expected)
    })

    shared('hears what happened between loading and watching', async () => {
      await store.load()
      await database.sql(`INSERT INTO tenants (id, slug, plan) VALUES ('t-1', 'a', 'team')`)
      const told: DirectoryChanges[] = []
      store.watch((changes) => void told.push(changes))
      await store.refresh()
      expect(told).toMatchObject([{ tenants: [{ id: 't-1' }] }])
    })

    shared('misses nothing when the directory is loaded again meanwhile', async () => {
      const told: DirectoryChanges[] = []
      store.watch((changes) => void told.push(changes))
      await database.sql(`INSERT INTO tenants (id, slug, plan) VALUES ('t-1', 'a', 'team')`)
      await store.load()
      await store.refresh()
      expect(told).toMatchObject([{ tenants: [{ id: 't-1' }] }])
    })

    it('lets a mutation wait for watchers that take their time, one change after the other', async () => {
      const heard: string[] = []
      store.watch(async ({ tenants }) => {
        heard.push(`begin ${tenants[0]?.id}`)
        await sleep(20)
        heard.push(`end ${tenants[0]?.id}`)
      })
      await Promise.all([brennan, acme].map((tenant) => store.tenants.create(tenant, entry('tenant.create'))))
      expect(heard.filter((word) => word.startsWith('begin')).length, heard.join()).toBe(
        heard.filter((word) => word.startsWith('end')).length,
      )
      // Both were made at once, so either may have come first.
      const [, first] = heard[0]?.split(' ') ?? []
      expect(heard.slice(0, 2)).toEqual([`begin ${first}`, `end ${first}`])
      expect(first).toMatch(/^tn_(brennan|acme)$/)
    })

    it('ends when told so', async () => {
      const told: DirectoryChanges[] = []
      const stop = store.watch((changes) => void told.push(changes))
      stop()
      await store.tenants.create(brennan, entry('tenant.create'))
      expect(told).toEqual([])
    })

    shared('tells of gateway keys that came, changed and went', async () => {
      const told: DirectoryChanges[] = []
      store.watch((changes) => void told.push(changes))
      await store.keys.create(someKey('aaaaaaaaaa'), entry('key.create'))
      await store.keys.update(someKey('aaaaaaaaaa', { name: 'n' }), entry('key.update'))
      await database.sql(`DELETE FROM gateway_keys`)
      await store.refresh()
      expect(told.map(({ keys }) => keys)).toEqual([
        [{ id: keyId('aaaaaaaaaa'), key: someKey('aaaaaaaaaa') }],
        [{ id: keyId('aaaaaaaaaa'), key: someKey('aaaaaaaaaa', { name: 'n' }) }],
        [{ id: keyId('aaaaaaaaaa'), key: undefined }],
      ])
    })
  })

  describe('attempts', () => {
    const HOUR = 3_600_000
    const read = async (requestId: string) => (await store.ledger.requests({ requestId, limit: 9 }))[0]

    it('come back whole, open and ended', async () => {
      const start = someStart('r-1')
      await store.ledger.write([reserved(start)])
      expect(await read('r-1')).toEqual(reserved(start))
      await store.ledger.write([ended(start)])
      expect(await read('r-1')).toEqual(ended(start))
    })

    it('end once: the first end stands, the second is refused', async () => {
      const start = someStart('r-1')
      await store.ledger.write([reserved(start)])
      expect((await store.ledger.write([ended(start)])).refused).toEqual([])
      const late = ended(start, { cost: 1, charge: 1 })
      expect((await store.ledger.write([late])).refused).toEqual([late])
      expect(await read('r-1')).toEqual(ended(start))
      expect(await spentOf(store.ledger, NOON)).toEqual(new Map([[start.tenant, 120_500n]]))
    })

    it('are one row per request and attempt: a second is refused and the others of its batch are written', async () => {
      await store.ledger.write([reserved(someStart('r-1'))])
      const again = reserved(someStart('r-1', { provider: 'other' }))
      expect((await store.ledger.write([reserved(someStart('r-1', { attempt: 2 })), again, reserved(someStart('r-2'))])).refused).toEqual([
        again,
      ])
      const rows = await store.ledger.requests({ limit: 9 })
      expect(rows.map(({ start }) => [start.requestId, start.attempt, start.provider])).toEqual([
        ['r-2', 1, 'acme'],
        ['r-1', 2, 'acme'],
        ['r-1', 1, 'acme'],
      ])
    })

    describe('with meters', () => {
      const source = (over: Partial<Source> = {}): Source => ({
        ...{ owner: brennan.id, meter: 'turns.requests', subject: '', since: NOON, until: NOON + 9_000, allow: 10_000, ...over },
      })
      const drawing = (id: string, ...sources: [Source, ...Source[]]): AttemptRow => ({
        ...reserved(someStart(id)),
        draws: [{ count: 'requests', weight: 1_000, bound: 1_000, sources }],
      })
      const standing = async (one: Source) => (await store.ledger.standing([one])).map(({ held, spent }) => [held, spent])[0]
      const heldBy = async (id: string) => (await read(id))?.start.held?.[0]?.shares
      const end = (id: string, { fee: _fee, ...share }: Share, spent: number) =>
        store.ledger.write([ended(someStart(id), { taken: [{ ...share, spent }] })])

      it('are let in while there is room, told apart from those that stand already, and hold until they end', async () => {
        const rows = Array.from({ length: 12 }, (_, at) => drawing(`r-${at}`, source()))
        const { refused, overdrawn, held, moves } = await store.ledger.write(rows)
        expect([overdrawn.size, held.size]).toEqual([2, 10])
        expect([...overdrawn.values()][0]).toEqual({ draw: 0, held: 10_000, spent: 0, left: 0 })
        expect(refused).toEqual([])
        expect(moves).toEqual([expect.objectContaining({ held: 10_000, spent: 0, before: 0 })])
        const [share] = (await heldBy('r-0')) ?? []
        expect(share).toEqual({ owner: brennan.id, meter: 'turns.requests', subject: '', since: NOON, held: 1_000 })
        await end('r-0', share as Share, 400)
        expect(await standing(source())).toEqual([9_000, 400])
        const again = drawing('r-1', source({ allow: 90_000 }))
        expect((await store.ledger.write([again])).refused, 'it is booked already, and holds nothing twice').toEqual([again])
        expect(await standing(source())).toEqual([9_000, 400])
        expect((await read('r-0'))?.taken).toEqual([{ ...share, spent: 400 }])
        expect((await verifyBooks(store.ledger, clock)).wrong).toEqual([])
      })

      shared('are told of a balance that another process moved, and are kept within it', async () => {
        const other = await database.open()
        for (const [at, process] of [store, other, store, other].entries())
          expect((await process.ledger.write([drawing(`a-${at}`, source({ allow: 3_000 }))])).overdrawn.size).toBe(at === 3 ? 1 : 0)
      })

      it('that are refused leave nothing held, and the next source takes what the first has no room for', async () => {
        const [first, second] = [source({ allow: 500 }), source({ meter: 'more.requests', allow: 700 })]
        expect((await store.ledger.write([drawing('r-1', first)])).overdrawn.size).toBe(1)
        expect(await standing(first)).toEqual([0, 0])
        expect((await store.ledger.write([drawing('r-1', first, second), drawing('r-2', first, second)])).overdrawn.size).toBe(1)
        expect((await heldBy('r-1'))?.map(({ meter, held }) => [meter, held])).toEqual([
          ['turns.requests', 500],
          ['more.requests', 500],
        ])
        expect([await standing(first), await standing(second)]).toEqual([
          [500, 0],
          [500, 0],
        ])
      })

      it('that roll go on in the window that runs, and begin another when it is over', async () => {
        const rolling = (at: number) => source({ since: at, until: at + 1_000, rolls: true, allow: 2_000 })
        await store.ledger.write([drawing('r-1', rolling(NOON))])
        await store.ledger.write([drawing('r-2', rolling(NOON + 999))])
        expect((await store.ledger.write([drawing('r-3', rolling(NOON + 999))])).overdrawn.size).toBe(1)
        expect((await store.ledger.write([drawing('r-4', rolling(NOON + 1_000))])).overdrawn.size).toBe(0)
        expect([(await heldBy('r-2'))?.[0]?.since, (await heldBy('r-4'))?.[0]?.since]).toEqual([NOON, NOON + 1_000])
        expect(await store.ledger.standing([rolling(NOON + 1_500)])).toMatchObject([{ since: NOON + 1_000, held: 1_000 }])
      })

      it('begin with what the platform’s money was spent for already, where they say so', async () => {
        await store.ledger.write([reserved(someStart('before')), reserved(someStart('own', { source: 'tenant' }))])
        await store.ledger.write([ended(someStart('before')), ended(someStart('own', { source: 'tenant' }))])
        const budget = source({ meter: 'budget.usd', allow: 121_000, seeded: true })
        expect(await standing(budget)).toEqual([0, 120_500])
        expect((await store.ledger.write([drawing('r-1', budget)])).overdrawn.size, '500 are left').toBe(1)
        expect(await standing({ ...budget, since: NOON + 3_600_000 })).toEqual([0, 0])
      })

      it('are forgotten when their period has been over for long and nothing is held', async () => {
        await store.ledger.write([
          drawing('r-1', source()),
          drawing('r-2', source({ subject: 'ann' })),
          drawing('r-3', source({ until: null, subject: 'ever' })),
        ])
        for (const id of ['r-1', 'r-3']) await end(id, (await heldBy(id))?.[0] as Share, 1_000)
        await store.ledger.forgetBalances(NOON + 9_000)
        expect((await store.ledger.balances(0)).map(({ subject }) => subject).sort()).toEqual(['ann', 'ever'])
      })
    })

    it('keep an unknown price unknown', async () => {
      const start = someStart('r-1', { price: undefined })
      await store.ledger.write([reserved(start)])
      await store.ledger.write([ended(start, { cost: null, charge: null, lines: [] })])
      expect(await read('r-1')).toMatchObject({ cost: null, charge: null })
      expect(await usage()).toMatchObject([{ requests: 1, cost: 0n, charge: 0n, unpriced: 1 }])
    })

    it('are paged newest first, by tenant too', async () => {
      const names = ['a', 'b', 'c', 'd', 'e']
      for (const [at, name] of names.entries()) {
        await store.ledger.write([reserved(someStart(name, { tenant: at % 2 ? acme.id : brennan.id }))])
      }
      const ids = async (query: object) => (await store.ledger.requests({ limit: 2, ...query })).map(({ start }) => start.requestId)
      expect(await ids({})).toEqual(['e', 'd'])
      expect(await ids({ before: { requestId: 'd', attempt: 1 } })).toEqual(['c', 'b'])
      expect(await ids({ tenant: brennan.id })).toEqual(['e', 'c'])
      expect(await ids({ tenant: brennan.id, before: { requestId: 'c', attempt: 1 } })).toEqual(['a'])
      expect(await ids({ tenant: brennan.id, requestId: 'b' }), 'another tenant’s request').toEqual([])
    })

    it('add up: platform money per tenant since an hour, to the nano-dollar', async () => {
      const book = async (id: string, over: object, charge: number) => {
        const start = someStart(id, over)
        await store.ledger.write([reserved(start)])
        await store.ledger.write([ended(start, { charge, cost: charge })])
      }
      await book('before', { at: NOON - 1 }, 1)
      await book('first', { at: NOON }, Number.MAX_SAFE_INTEGER)
      await book('later', { at: NOON + 2 * HOUR }, 7)
      await book('own key', { source: 'tenant' }, 100)
      await book('acme', { tenant: acme.id }, 5)
      expect(await spentOf(store.ledger, NOON)).toEqual(
        new Map([
          [acme.id, 5n],
          [brennan.id, BigInt(Number.MAX_SAFE_INTEGER) + 7n],
        ]),
      )
    })

    const usage = (query: object = {}) => store.ledger.usage({ from: NOON - 86_400_000, to: NOON + 86_400_000, ...query })

    it('are summed per tenant, model, provider, payer and day; released ones are in no sum', async () => {
      await store.tenants.create(brennan, entry('tenant.create'))
      const starts = [
        someStart('r-1'),
        someStart('r-2'),
        someStart('r-3', { source: 'tenant' }),
        someStart('r-4', { at: NOON - 43_200_001 }),
      ]
      const gone = someStart('r-5')
      await store.ledger.write([...starts, gone].map(reserved))
      const released = ended(gone, { outcome: someOutcome({ state: 'released', usage: undefined, status: 429 }), cost: 0, charge: 0 })
      await store.ledger.write([...starts.map((start) => ended(start)), released])
      const common = { tenant: brennan.id, slug: 'brennan', provider: 'acme', wireModel: 'acme-large-1', unpriced: 0, cached: 0, saved: 0n }
      const one = { requests: 1, input: 100, output: 50, cost: 120_500n, charge: 120_500n }
      expect(await usage()).toEqual([
        { ...common, ...one, source: 'platform', day: '2026-07-31' },
        { ...common, source: 'platform', day: '2026-08-01', requests: 2, input: 200, output: 100, cost: 241_000n, charge: 241_000n },
        { ...common, ...one, source: 'tenant', day: '2026-08-01' },
      ])
      expect(await usage({ tenant: acme.id })).toEqual([])
    })

    it('that were answered from the cache are counted with what they saved, where that is known', async () => {
      const hit = (id: string, saved: number | null) => someStart(id, { cached: { from: 'r-0', saved } })
      const starts = [someStart('r-1'), hit('r-2', 120_500), hit('r-3', null), hit('r-4', 120_500)]
      await store.ledger.write(starts.map(reserved))
      const free = { lines: [], cost: 0, charge: 0, outcome: someOutcome({ usage: undefined }) }
      await store.ledger.write(starts.map((start) => ended(start, start.cached && free)))
      expect(await usage()).toMatchObject([{ requests: 4, cached: 3, saved: 241_000n, cost: 120_500n, input: 100, unpriced: 0 }])
    })

    shared('left open by a dead process are given to another, those of a living one are not', async () => {
      const dead = await database.open()
      await dead.ledger.write([reserved(someStart('dead'))])
      await store.ledger.write([reserved(someStart('own'))])
      const living = await database.open()
      await living.ledger.write([reserved(someStart('living'))])
      expect(await living.ledger.open()).toEqual([])
      await dead.close()
      expect((await living.ledger.open()).map(({ start }) => start.requestId)).toEqual(['dead'])
    })

    shared('F-50 of one process are its own, however the clock of another steps', async () => {
      await store.ledger.write([reserved(someStart('own'))])
      const other = await database.open()
      await other.ledger.write([reserved(someStart('another'))])
      for (const step of [HOUR, -2 * HOUR, 365 * 24 * HOUR]) {
        clock += step
        expect(await other.ledger.open(), `after a step of ${step / HOUR} hours`).toEqual([])
      }
    })
  })

  it('says what it holds', async () => {
    await store.tenants.create(brennan, entry('tenant.create'))
    expect(await store.status()).toMatchObject({ tenants: 1, settings: 0, keys: 0, attempts: 0 })
  })
})

async function failure(promise: Promise<unknown>): Promise<GatewayError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof GatewayError)) throw new Error(`expected a GatewayError, got ${String(error)}`)
  return error
}
