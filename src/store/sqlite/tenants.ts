import type { Database } from 'better-sqlite3'
import type { Tenant } from '../../contract/caller.ts'
import { planId, slug, type TenantId, tenantId } from '../../contract/ids.ts'
import type { Overrides } from '../../contract/plan.ts'
import type { TenantStore } from '../../contract/store.ts'
import { GatewayError } from '../../errors.ts'
import { isoTime } from '../time.ts'
import type { Desk } from './mutation.ts'

type Row = [id: string, slug: string, name: string | null, plan: string, status: string | null, overrides: string | null, at: string | null]

const SELECT = 'SELECT id, slug, name, plan, status, overrides, created_at FROM tenants'

/** Reads what the `overrides` column holds, as the admin API takes it; throws where it is not that. */
export type ParseOverrides = (written: unknown) => Overrides

export function tenantReader(db: Database, parse: ParseOverrides): { all(): Tenant[]; get(id: TenantId): Tenant | undefined } {
  const all = db.prepare<[], Row>(SELECT).raw()
  const one = db.prepare<[string], Row>(`${SELECT} WHERE id = ?`).raw()
  return {
    all: () => all.all().map((row) => decodeTenant(row, parse)),
    get(id) {
      const row = one.get(id)
      return row && decodeTenant(row, parse)
    },
  }
}

export function tenantStore({ db, now, mutate }: Desk): TenantStore {
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

export const noSuchTenant = (id: TenantId): GatewayError =>
  new GatewayError('tenant_not_found', `There is no tenant with the id ${id}. List tenants to see those there are.`)

function nameTaken(tenant: Tenant, [id, slug]: [string, string]): GatewayError {
  const ours = [id, slug].includes(tenant.slug) ? 'slug' : 'id'
  const theirs = tenant[ours] === slug ? 'slug' : 'id'
  return new GatewayError(
    'already_exists',
    `The ${ours} ${tenant[ours]} is the ${theirs} of tenant ${slug} already. Choose another ${ours}.`,
    {
      param: ours,
    },
  )
}

function decodeTenant([id, name, title, plan, status, overrides, createdAt]: Row, parse: ParseOverrides): Tenant {
  return {
    id: tenantId(id),
    slug: slug(name),
    name: title || name,
    plan: planId(plan),
    status: status ?? 'active',
    overrides: overrides ? decodeOverrides(overrides, parse) : undefined,
    createdAt: isoTime(createdAt),
  }
}

/** As the admin API has it: the plan's keys beside `expires_at` and `reason`. */
function encodeOverrides(overrides: Overrides | undefined): string | null {
  if (!overrides) return null
  const { values, ...rest } = overrides
  return JSON.stringify({ ...values, ...rest })
}

function decodeOverrides(text: string, parse: ParseOverrides): Overrides {
  try {
    return parse(JSON.parse(text))
  } catch (error) {
    // Written by hand and not readable: it may have been meant to restrict, so it admits nothing until someone looks.
    return {
      values: { models: [], providers: [] },
      reason: `the overrides column cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    }
  }
}
