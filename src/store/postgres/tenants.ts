import type { Tenant } from '../../contract/caller.ts'
import type { TenantId } from '../../contract/ids.ts'
import type { TenantStore } from '../../contract/store.ts'
import { decodeTenant, encodeOverrides, nameTaken, noSuchTenant, type ParseOverrides, type WrittenTenant } from '../rows/tenants.ts'
import { EVERY, type Queries } from './database.ts'
import type { Desk } from './desk.ts'
import { eraser } from './erasure.ts'
import type { Sources } from './sources.ts'

interface Reading {
  readonly parse: ParseOverrides
  readonly sources: Sources
}

/** Of these ids, or of all. */
export async function readTenants(db: Queries, { parse, sources }: Reading, ids?: readonly TenantId[]): Promise<Tenant[]> {
  const select = `SELECT id, slug, name, plan, status, overrides, created_at FROM ${sources.tenants}`
  const rows = ids ? db.tuples<WrittenTenant>(`${select} WHERE id = ANY($1)`, ids) : db.tuples<WrittenTenant>(`${select} ORDER BY id`)
  return (await rows).map((row) => decodeTenant(row, parse))
}

export function tenantStore(desk: Desk): TenantStore {
  const { now, mutate } = desk
  const erase = eraser(desk)
  const time = () => new Date(now()).toISOString()

  return {
    erase,
    create: (tenant, entry) =>
      mutate(entry, async (tx) => {
        const { id, slug, name, plan, status, overrides, createdAt } = tenant
        // Others are seen, for a name must be nobody else's.
        await tx.run("SELECT set_config('tollgate.tenant', $1, true)", EVERY)
        // No index holds that no slug is another's id; nobody else writes tenants between this look and the commit.
        await tx.run('LOCK TABLE tenants IN SHARE ROW EXCLUSIVE MODE')
        const [other] = await tx.tuples<[string, string]>(
          'SELECT id, slug FROM tenants WHERE id IN ($1, $2) OR slug IN ($1, $2) LIMIT 1',
          id,
          slug,
        )
        if (other) throw nameTaken(tenant, other)
        await tx.run(
          'INSERT INTO tenants (id, slug, name, plan, status, overrides, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)',
          ...[id, slug, name, plan, status, encodeOverrides(overrides), createdAt, time()],
        )
      }),
    update: ({ id, name, plan, status, overrides }, entry) =>
      mutate(entry, async (tx) => {
        const text = 'UPDATE tenants SET name = $2, plan = $3, status = $4, overrides = $5, updated_at = $6 WHERE id = $1'
        if ((await tx.run(text, id, name, plan, status, encodeOverrides(overrides), time())) === 0) throw noSuchTenant(id)
      }),
    // Its keys go with it: a tenant made later under the same id must not inherit them.
    delete: (id, entry) =>
      mutate(entry, async (tx) => {
        if ((await tx.run('DELETE FROM tenants WHERE id = $1', id)) === 0) throw noSuchTenant(id)
        await tx.run('DELETE FROM tenant_settings WHERE tenant_id = $1', id)
        await tx.run('DELETE FROM gateway_keys WHERE tenant_id = $1', id)
      }),
  }
}
