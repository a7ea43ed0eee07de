import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { providers } from '../../providers/index.ts'
import { retired } from '../../providers/retired.ts'
import { defineProvider } from '../../src/contract/define.ts'
import { type SettingKey, settingKey, settingKeyOf, type TenantId, tenantId } from '../../src/contract/ids.ts'
import type { SettingRow } from '../../src/contract/store.ts'
import { createRegistry } from '../../src/policy/registry.ts'
import { brennan, keysOver, rowsOf } from '../support/provider-keys.ts'
import { providerOf, shipped } from '../support/shipped.ts'

const KEY = 'sk-a-key-of-some-length-2f9c'

describe('the incident, on the registry as it is shipped', () => {
  it('finds alternate provider keys: google_flash is served from GOOGLE_API_KEY', () => {
    const { keys } = keysOver(rowsOf([`GOOGLE_API_KEY=${KEY}`]))
    expect(keys.walk(brennan, providerOf('google_flash')).tenant?.secret()?.reveal()).toBe(KEY)
  })

  it('serves minimax from MINIMAX_2_7_API_KEY and says so', () => {
    const rows = rowsOf([`MINIMAX_2_7_API_KEY=${KEY}`])
    const { keys } = keysOver(rows)
    const { tenant, lookedFor } = keys.walk(brennan, providerOf('minimax'))
    expect(tenant).toMatchObject({ source: 'tenant', settingKey: 'MINIMAX_2_7_API_KEY', via: 'legacy', last4: '2f9c', state: 'usable' })
    expect(tenant?.secret()?.reveal()).toBe(KEY)
    expect(lookedFor[0]).toEqual({ setting_key: 'MINIMAX_API_KEY', via: 'canonical', found: false })
    expect(lookedFor.filter(({ found }) => found)).toEqual([{ setting_key: 'MINIMAX_2_7_API_KEY', via: 'legacy', found: true }])
  })

  it('still works with the minimax_2_7 provider removed: no registry has it, and its id leads to minimax', () => {
    expect(shipped.get('minimax_2_7')).toBeUndefined()
    expect(providers.map(({ id }) => id)).not.toContain('minimax_2_7')
    expect(shipped.lookup('minimax_2_7')).toMatchObject({ provider: { id: 'minimax' }, legacy: true, retired: { model: 'MiniMax-M2.7' } })
  })

  it('serves no other vendor from that row', () => {
    const { keys } = keysOver(rowsOf([`MINIMAX_2_7_API_KEY=${KEY}`]))
    const served = shipped.providers.filter((provider) => keys.walk(brennan, provider).tenant).map(({ id }) => id)
    expect(served).toEqual(['minimax'])
  })

  it.each(shipped.releasedIds)('serves a key stored under %s, whoever that is today', (id) => {
    const { keys } = keysOver(rowsOf([`${settingKeyOf(id)}=${KEY}`]))
    const provider = shipped.lookup(id)?.provider
    const expected = provider?.credential === 'key' ? settingKeyOf(id) : undefined
    expect(provider && keys.walk(brennan, provider).tenant?.settingKey).toBe(expected)
  })

  it.each(providers)('keeps the keys of $id when it is renamed', (provider) => {
    const renamed = defineProvider({ ...provider, id: `${provider.id}-2`, vendor: provider.vendor })
    const registry = createRegistry({
      providers: providers.map((one) => (one === provider ? renamed : one)),
      retired: [
        ...retired.map((row) => (row.now === provider.id ? { ...row, now: renamed.id } : row)),
        { id: provider.id, now: renamed.id },
      ],
    })
    const names = (keyOf: typeof registry, id: string) => keyOf.steps(providerOf(id, keyOf)).map((step) => step.settingKey)
    expect(names(registry, renamed.id)).toEqual(expect.arrayContaining(names(shipped, provider.id)))
  })
})

// Rows as they may lie in a table after years: every name that was ever right, in any case, plain or sealed, for two tenants.
const tenants = [tenantId('t_one'), tenantId('t_two')] as const
const everyName = [...new Set(shipped.providers.flatMap((provider) => shipped.steps(provider).map((step) => step.settingKey)))]
const mixedCase = (name: string) =>
  fc.boolean().chain((upper) => (upper ? fc.constant(name) : fc.mixedCase(fc.constant(name.toLowerCase()))))
const aRow: fc.Arbitrary<SettingRow> = fc
  .record({
    tenant: fc.constantFrom(...tenants),
    // Few names at a time, so that the rows of one group meet.
    key: fc.oneof(fc.constantFrom(...everyName), fc.constantFrom(...everyName.slice(0, 12)), fc.constant('THEME')).chain(mixedCase),
    form: fc.constantFrom('plain', 'plain', 'sealed', 'sealed for another', 'foreign', 'blank'),
    minute: fc.integer({ min: 0, max: 59 }),
  })
  .map(({ tenant, key, form, minute }) => {
    const at = `2026-05-02T10:${String(minute).padStart(2, '0')}:00Z`
    return { tenant, key, value: storedAs(tenant, settingKey(key), form), createdAt: at, updatedAt: at }
  })
const aTable = fc.uniqueArray(aRow, { selector: ({ tenant, key }) => `${tenant} ${key}`, maxLength: 25 })

/** A key that names the tenant and group it is for. */
function storedAs(tenant: TenantId, key: SettingKey, form: string): string {
  const group = shipped.groupOf(key) ?? key
  const values: Record<string, string> = {
    plain: `key-of-${tenant}-for-${group}`,
    sealed: `sealed(${tenant} ${group})key-of-${tenant}-for-${group}`,
    'sealed for another': `sealed(t_other ${group})key-of-t_other-for-${group}`,
    foreign: 'foreign:xyz',
    blank: '  ',
  }
  return values[form] ?? ''
}

describe('the walk, over every id ever released and every provider', () => {
  it('is one order for resolve, status, list and delete', () => {
    fc.assert(
      fc.property(aTable, (table) => {
        const { keys, set } = keysOver(table)
        for (const tenant of tenants) {
          const listed = new Map(keys.list(tenant).map((status) => [status.provider, status]))
          for (const provider of shipped.providers) {
            const { tenant: resolved, lookedFor } = keys.walk(tenant, provider)
            const status = keys.status(tenant, provider)
            expect([status.setting_key, status.via, status.fingerprint]).toEqual([
              resolved?.settingKey,
              resolved?.via,
              resolved?.fingerprint,
            ])
            expect(status.status).toBe(resolved?.state ?? 'missing')
            expect(listed.get(provider.id)).toEqual(resolved ? status : undefined)
            expect(lookedFor.find(({ found, via }) => found && via !== 'platform')?.setting_key).toBe(resolved?.settingKey)
            const { remove } = keys.remove(tenant, provider)
            expect(remove).toEqual(expect.arrayContaining([...status.shadows]))
            set(table.filter((row) => row.tenant !== tenant || !remove.includes(row.key)))
            expect(keys.walk(tenant, provider).tenant).toBeUndefined()
            set(table)
          }
        }
      }),
      { numRuns: 40 },
    )
  })

  it('is total and stable: the order of the table does not matter', () => {
    const shuffled = aTable.chain((table) => fc.tuple(fc.constant(table), fc.shuffledSubarray(table, { minLength: table.length })))
    fc.assert(
      fc.property(shuffled, ([table, other]) => {
        const [one, two] = [keysOver(table).keys, keysOver(other).keys]
        for (const tenant of tenants) expect(one.list(tenant)).toEqual(two.list(tenant))
      }),
    )
  })

  it("lets no key cross to another group, vendor or tenant, even where another's cipher text was copied", () => {
    fc.assert(
      fc.property(aTable, (table) => {
        const { keys } = keysOver(table)
        for (const tenant of tenants)
          for (const provider of shipped.providers) {
            const found = keys.walk(tenant, provider).tenant
            if (found?.state !== 'usable') continue
            expect(found.secret()?.reveal()).toBe(`key-of-${tenant}-for-${provider.apiKeyEnv}`)
          }
      }),
    )
  })

  it('deletes nothing of another group or tenant', () => {
    fc.assert(
      fc.property(aTable, fc.constantFrom(...shipped.providers), (table, provider) => {
        const { remove } = keysOver(table).keys.remove(tenants[0], provider)
        const own = new Set(table.filter((row) => row.tenant === tenants[0]).map(({ key }) => key))
        expect(remove.filter((key) => !own.has(key) || shipped.groupOf(settingKey(key)) !== provider.apiKeyEnv)).toEqual([])
      }),
    )
  })

  it('finds the same key after a migration, which leaves nothing more to do', () => {
    fc.assert(
      fc.property(aTable, (table) => {
        const [tenant] = tenants
        const { keys, set } = keysOver(table)
        const before = shipped.providers.map((provider) => keys.walk(tenant, provider).tenant?.fingerprint)
        set(applied(table, tenant, keys.migrate(tenant)))
        expect(shipped.providers.map((provider) => keys.walk(tenant, provider).tenant?.fingerprint)).toEqual(before)
        expect(keys.migrate(tenant).moves).toEqual([])
      }),
    )
  })
})

function applied(
  table: readonly SettingRow[],
  tenant: TenantId,
  change: { put: readonly { key: string; value: string }[]; remove: readonly string[] },
) {
  const names = new Set([...change.remove, ...change.put.map(({ key }) => key)])
  const at = '2026-06-01T00:00:00Z'
  const kept = table.filter((row) => row.tenant !== tenant || !names.has(row.key))
  return [...kept, ...change.put.map((row) => ({ ...row, tenant, createdAt: at, updatedAt: at }))]
}
