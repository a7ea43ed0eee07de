import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { slug, type TenantId } from '../../src/contract/ids.ts'
import type { Store } from '../../src/contract/store.ts'
import { verifyBooks } from '../../src/ledger/verify.ts'
import { postgres } from '../support/postgres.ts'
import { ended, entry, NOON, reserved, someKey, someStart, someTenant, sqlite, type TestDatabase } from '../support/stores.ts'

// What a store leaves of an erased tenant, whatever engine it stands on.

const brennan = someTenant('brennan')
const acme = someTenant('acme')

/** More than one page of the books. */
const ATTEMPTS = 1_203

describe.each([sqlite, postgres])('erasing a tenant on $name', ({ create, missing }) => {
  let database: TestDatabase
  let store: Store

  beforeEach(async ({ skip }) => {
    skip(missing !== undefined, missing)
    database = await create(() => NOON)
    store = await database.open()
    for (const tenant of [brennan, acme]) await furnish(tenant.id, tenant)
  })
  afterEach(() => database?.drop())

  async function furnish(id: TenantId, tenant: typeof brennan): Promise<void> {
    const about = { tenant: id, detail: { name: tenant.name } }
    await store.tenants.create(tenant, entry('tenant.create', { ...about, object: tenant.slug }))
    const change = { put: [{ key: 'OPENAI_API_KEY', value: 'sk-1' }], remove: [] }
    await store.settings.write(id, change, entry('provider_key.set', { ...about, object: 'openai' }))
    await store.keys.create(someKey(`key-${id}`, { tenant: id, name: 'Ann' }), entry('gateway_key.create', about))
    await store.audit.append(entry('provider_key.set', { ...about, actor: `Ann (key-${id})` }))
    await store.vault.ensure({ kind: 'data-key', name: id, value: 'sealed' })
    const digest = createHash('sha256').update(id).digest()
    const kept = { provider: 'acme', wireModel: 'a', source: 'platform' as const, fingerprint: undefined, expiresAt: NOON + 9 }
    await store.keepers.put([{ digest, tenant: id, ...kept }])
    await store.claims.take({ digest, tenant: id, asked: 'a1b2', requestId: `${id}-0`, until: NOON + 9, expiresAt: NOON + 9 })
    const starts = Array.from({ length: ATTEMPTS }, (_, at) => someStart(`${id}-${at}`, { tenant: id, pooled: true }))
    // Two users are counted apart: one whose request has ended, one whose request runs.
    const source = { owner: id, meter: 'turns.requests', subject: 'u-17', since: 0, until: null, allow: 9_000 }
    const draws = [{ count: 'requests', weight: 1_000, bound: 1_000, sources: [source] }] as const
    await store.ledger.write(starts.map((start, at) => ({ ...reserved(start), ...(at < 2 && { draws }) })))
    const taken = [{ ...source, held: 1_000, spent: 1_000 }]
    await store.ledger.write(starts.slice(1).map((start, at) => ended(start, at === 0 ? { taken } : {})))
  }

  const of = (tenant: TenantId) => store.ledger.requests({ tenant, limit: 2_000 })
  const auditOf = (tenant: TenantId) => store.audit.list({ tenant, limit: 99 })

  it('tells what became of each table', async () => {
    const receipt = await store.tenants.erase(brennan.id, entry('tenant.erase', { tenant: brennan.id, object: brennan.id }))
    const rows = receipt.map(({ table, removed, pseudonymised, kept }) => [table, removed, pseudonymised, kept])
    expect(rows).toEqual([
      ['tenants', 1, 0, 0],
      ['tenant_overrides', 0, 0, 0],
      ['gateway_keys', 1, 0, 0],
      ['tenant_settings', 1, 0, 0],
      ['vault', 1, 0, 0],
      ['balances', 1, 0, 0],
      ['claims', 1, 0, 0],
      ['keepers', 1, 0, 0],
      ['asks', 0, 0, 0],
      ['audit', 0, 4, 0],
      ['attempts', 0, ATTEMPTS, 0],
      ['ends', 0, 0, ATTEMPTS - 1],
      ['sums', 0, 0, 1],
      ['key_sums', 0, 0, 1],
    ])
  })

  it('leaves neither its name nor its users, and books that add up', async () => {
    const before = await of(brennan.id)
    await store.tenants.erase(brennan.id, entry('tenant.erase', { tenant: brennan.id, object: brennan.id }))
    const after = await of(brennan.id)
    const nobodys = [{ owner: '', meter: '', subject: '', since: 0, held: 0, spent: 1_000 }]
    const left = before.map(({ taken, ...row }) => ({ ...row, ...(taken && { taken: nobodys }) }))
    expect(after).toEqual(left.map((row) => ({ ...row, start: { ...row.start, user: undefined, tags: [], held: undefined } })))
    expect((await verifyBooks(store.ledger, NOON)).wrong).toEqual([])
    const told = JSON.stringify([await store.load(), await auditOf(brennan.id), after], (name, value) => (name === 'digest' ? '' : value))
    expect(told).not.toMatch(/"brennan"|The brennan company|u-17|Ann \(key-tn_brennan/)
    expect((await auditOf(brennan.id)).map(({ action, object, actor }) => [action, object, actor])).toEqual([
      ['tenant.erase', 'tn_brennan', 'cli'],
      ['provider_key.set', 'test', 'tenant'],
      ['gateway_key.create', 'test', 'cli'],
      ['provider_key.set', 'openai', 'cli'],
      ['tenant.create', 'tn_brennan', 'cli'],
    ])
  })

  it('leaves every other tenant as it was', async () => {
    const whole = async () => [await of(acme.id), await auditOf(acme.id), await store.vault.all(), (await store.load()).keys]
    const [attempts, audit] = await whole()
    await store.tenants.erase(brennan.id, entry('tenant.erase', { tenant: brennan.id }))
    expect(await whole()).toEqual([
      attempts,
      audit,
      [{ kind: 'data-key', name: acme.id, value: 'sealed' }],
      [expect.objectContaining({ tenant: acme.id })],
    ])
  })

  it('lets its slug be another’s, and refuses one that is gone', async () => {
    await store.tenants.erase(brennan.id, entry('tenant.erase', { tenant: brennan.id }))
    await store.tenants.create(someTenant('next', { slug: slug('brennan') }), entry('tenant.create'))
    await expect(store.tenants.erase(brennan.id, entry('tenant.erase'))).rejects.toMatchObject({ code: 'tenant_not_found' })
  })
})
