import type { Tenant } from '../../contract/caller.ts'
import type { ForeignTable } from '../../contract/foreign.ts'
import type { TenantStore } from '../../contract/store.ts'
import { encodeOverrides, noSuchTenant, type ParseOverrides } from '../rows/tenants.ts'
import type { Desk } from './desk.ts'
import { eraser } from './erasure.ts'
import { onlyRead } from './sources.ts'
import { readTenants } from './tenants.ts'

/** Tenants that another program keeps. What is laid over their plans is ours, and so is all that we know of them. */
export function foreignTenantStore(desk: Desk, table: ForeignTable, parse: ParseOverrides): TenantStore {
  const { now, mutate, sources } = desk
  const refuse = () => Promise.reject(onlyRead('Tenants', table))

  return {
    create: refuse,
    delete: refuse,
    erase: eraser(desk),
    update: (tenant, entry) =>
      mutate(entry, async (tx) => {
        const { id, overrides } = tenant
        const [stands] = await readTenants(tx, { parse, sources }, [id])
        if (!stands) throw noSuchTenant(id)
        if (THEIRS.some((field) => tenant[field] !== stands[field])) throw onlyRead('Tenants', table)
        await tx.run('DELETE FROM tenant_overrides WHERE tenant_id = $1', id)
        const written = encodeOverrides(overrides)
        if (written === null) return
        const text = 'INSERT INTO tenant_overrides (tenant_id, overrides, updated_at) VALUES ($1, $2, $3)'
        await tx.run(text, id, written, new Date(now()).toISOString())
      }),
  }
}

const THEIRS = ['name', 'plan', 'status'] as const satisfies readonly (keyof Tenant)[]
