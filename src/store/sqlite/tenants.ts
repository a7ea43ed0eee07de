import type { Database } from 'better-sqlite3'
import type { Tenant } from '../../contract/caller.ts'
import type { TenantId } from '../../contract/ids.ts'
import type { TenantStore } from '../../contract/store.ts'
import { decodeTenant, encodeOverrides, nameTaken, noSuchTenant, type ParseOverrides, type WrittenTenant } from '../rows/tenants.ts'
import { eraser } from './erasure.ts'
import type { Desk } from './mutation.ts'

const SELECT = 'SELECT id, slug, name, plan, status, overrides, created_at FROM tenants'

export function tenantReader(db: Database, parse: ParseOverrides): { all(): Tenant[]; get(id: TenantId): Tenant | undefined } {
  const all = db.prepare<[], WrittenTenant>(SELECT).raw()
  const one = db.prepare<[string], WrittenTenant>(`${SELECT} WHERE id = ?`).raw()
  return {
    all: () => all.all().map((row) => decodeTenant(row, parse)),
    get(id) {
      const row = one.get(id)
      return row && decodeTenant(row, parse)
    },
  }
}

export function tenantStore(desk: Desk): TenantStore {
  const { db, now, mutate } = desk
  const erase = eraser(desk)
  const namesake = db.prepare<[string, string, string, string], [id: string, slug: string]>(
    'SELECT id, slug FROM tenants WHERE id IN (?, ?) OR slug IN (?, ?) LIMIT 1',
  )
  const insert = db.prepare(
    'INSERT INTO tenants (id, slug, name, plan, status, overrides, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  )
  const update = db.prepare('UPDATE tenants SET name = ?, plan = ?, status = ?, overrides = ?, updated_at = ? WHERE id = ?')
  const remove = db.prepare('DELETE FROM tenants WHERE id = ?')
  const removeSettings = db.prepare('DELETE FROM tenant_settings WHERE tenant_id = ?')
  const removeKeys = db.prepare('DELETE FROM gateway_keys WHERE tenant_id = ?')
  const time = () => new Date(now()).toISOString()

  return {
    erase,
    create: (tenant, entry) =>
      mutate(entry, () => {
        const other = namesake.raw().get(tenant.id, tenant.slug, tenant.id, tenant.slug)
        if (other) throw nameTaken(tenant, other)
        const { id, slug, name, plan, status, overrides, createdAt } = tenant
        insert.run(id, slug, name, plan, status, encodeOverrides(overrides), createdAt, time())
      }),
    update: ({ id, name, plan, status, overrides }, entry) =>
      mutate(entry, () => {
        if (update.run(name, plan, status, encodeOverrides(overrides), time(), id).changes === 0) throw noSuchTenant(id)
      }),
    // Its keys go with it: a tenant made later under the same id must not inherit them.
    delete: (id, entry) =>
      mutate(entry, () => {
        if (remove.run(id).changes === 0) throw noSuchTenant(id)
        removeSettings.run(id)
        removeKeys.run(id)
      }),
  }
}
