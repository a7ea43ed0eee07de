import { describe, expect, it } from 'vitest'
import { settingKey, slug, tenantId } from '../../src/contract/ids.ts'
import type { SettingRow } from '../../src/contract/store.ts'
import { createDirectory, isActive } from '../../src/policy/directory.ts'
import { keyOf, tenantNamed } from '../support/callers.ts'

const rowOf = (name: string, key = 'OPENAI_API_KEY'): SettingRow => ({
  tenant: tenantId(`id-of-${name}`),
  key: settingKey(key),
  value: `sk-of-${name}`,
  createdAt: '2026-01-01T00:00:00Z',
  updatedAt: '2026-01-01T00:00:00Z',
})

describe('the directory', () => {
  const acme = tenantNamed('acme')
  const globex = tenantNamed('globex')

  it('finds a tenant by slug and by id, and its rows and keys', () => {
    const { key } = keyOf('tenant', { tenant: acme.id })
    const directory = createDirectory()
    directory.load({ tenants: [acme, globex], settings: [rowOf('acme'), rowOf('acme', 'GROQ_API_KEY')], keys: [key] })
    expect([directory.tenant('acme'), directory.tenant('id-of-acme'), directory.tenant('ACME')]).toEqual([acme, acme, undefined])
    expect(directory.rowsOf(acme.id).map((row) => row.key)).toEqual(['OPENAI_API_KEY', 'GROQ_API_KEY'])
    expect(directory.rowsOf(globex.id)).toEqual([])
    expect([directory.key(key.id), directory.keysOf(acme.id), directory.keysOf(globex.id)]).toEqual([key, [key], []])
    expect(directory.size).toBe(2)
  })

  it('takes changes: new, changed and gone', () => {
    const { key } = keyOf('imported', { tenant: acme.id })
    const digest = key.digest.toString('hex')
    const directory = createDirectory()
    directory.load({ tenants: [acme], settings: [], keys: [] })
    directory.apply({ tenants: [{ id: globex.id, tenant: globex, settings: [rowOf('globex')] }], keys: [{ id: key.id, key }] })
    expect([directory.tenant('globex'), directory.imported(digest)]).toEqual([globex, key])
    directory.apply({ tenants: [{ id: acme.id, tenant: undefined, settings: [] }], keys: [{ id: key.id, key: undefined }] })
    const found = [directory.tenant('acme'), directory.tenant(acme.id), directory.key(key.id), directory.imported(digest)]
    expect(found.filter((one) => one !== undefined)).toEqual([])
    expect(directory.tenants()).toEqual([globex])
  })

  it('forgets a slug that was changed by hand', () => {
    const directory = createDirectory()
    directory.load({ tenants: [acme], settings: [], keys: [] })
    directory.apply({ tenants: [{ id: acme.id, tenant: { ...acme, slug: slug('acme-inc') }, settings: [] }], keys: [] })
    expect([directory.tenant('acme'), directory.tenant('acme-inc')?.id]).toEqual([undefined, acme.id])
  })

  it('reads everything again where the list of changes was cut', () => {
    const directory = createDirectory()
    directory.load({ tenants: [acme], settings: [], keys: [] })
    directory.apply({ tenants: [], keys: [], everything: { tenants: [globex], settings: [], keys: [] } })
    expect(directory.tenants()).toEqual([globex])
  })

  it('lets an id win over a slug that equals it', () => {
    const directory = createDirectory()
    const thief = tenantNamed('thief', { slug: slug('id-of-acme') })
    directory.load({ tenants: [acme, thief], settings: [], keys: [] })
    expect(directory.tenant('id-of-acme')).toBe(acme)
  })

  it('gives a tenant a version it never had before, and only that tenant', () => {
    const directory = createDirectory()
    directory.load({ tenants: [acme, globex], settings: [], keys: [] })
    const seen = [directory.versionOf(acme.id)]
    const other = directory.versionOf(globex.id)
    directory.apply({ tenants: [{ id: acme.id, tenant: acme, settings: [rowOf('acme')] }], keys: [] })
    seen.push(directory.versionOf(acme.id))
    directory.apply({ tenants: [{ id: acme.id, tenant: undefined, settings: [] }], keys: [] })
    expect(directory.versionOf(acme.id)).toBe(0)
    directory.load({ tenants: [acme], settings: [], keys: [] })
    seen.push(directory.versionOf(acme.id))
    expect(new Set(seen).size).toBe(3)
    expect(seen).not.toContain(other)
  })

  it('serves the status active and none at all, and no word it does not know', () => {
    const statuses = ['active', '', 'suspended', 'Active', 'frozen', 'active ']
    expect(statuses.filter((status) => isActive(tenantNamed('acme', { status })))).toEqual(['active', ''])
  })

  it('holds 100,000 tenants with a key and a row each, filled at once', () => {
    const names = Array.from({ length: 100_000 }, (_, n) => `tenant-${n}`)
    const image = {
      tenants: names.map((name) => tenantNamed(name)),
      settings: names.map((name) => rowOf(name)),
      keys: names.map((name, n) => ({ ...keyOf('imported').key, id: `${n}` as never, tenant: tenantId(`id-of-${name}`) })),
    }
    const directory = createDirectory()
    const started = performance.now()
    directory.load(image)
    const took = performance.now() - started
    console.log(`directory: 100,000 tenants filled in ${took.toFixed(0)} ms`)
    expect(directory.rowsOf(tenantId('id-of-tenant-99999'))).toHaveLength(1)
    expect(took, 'milliseconds').toBeLessThan(1500)
  })
})
