import type { Tenant } from '../contract/caller.ts'
import type { ErasedRows } from '../contract/erasure.ts'
import { type PlanId, type Slug, slug, tenantId } from '../contract/ids.ts'
import type { Overrides } from '../contract/plan.ts'
import { GatewayError } from '../errors.ts'
import { entry } from './audit.ts'
import type { Desk } from './desk.ts'
import { firstBy } from './first-by.ts'
import type { Operator } from './operator.ts'

export interface TenantWishes {
  readonly name?: string | undefined
  /** A plan's id, or a former one. */
  readonly plan?: string | undefined
  readonly status?: 'active' | 'suspended' | undefined
  /** As written in JSON; null takes them away. */
  readonly overrides?: unknown
}

export interface NewTenant extends TenantWishes {
  readonly slug: string
  readonly plan: string
  /** Made where none is given. */
  readonly id?: string | undefined
}

/** Fails with `already_exists` where the slug or id is any tenant's slug or id. */
export async function createTenant(desk: Desk, by: Operator, wanted: NewTenant): Promise<Tenant> {
  const tenant: Tenant = {
    id: tenantId(wanted.id ?? `ten_${desk.random(12).toString('hex')}`),
    slug: slugOf(wanted.slug),
    name: wanted.name ?? wanted.slug,
    plan: planOf(desk, wanted.plan),
    status: wanted.status ?? 'active',
    overrides: overridesOf(desk, wanted.overrides),
    createdAt: new Date(desk.now()).toISOString(),
  }
  const detail = { plan: tenant.plan, overrides: wanted.overrides }
  await desk.store.tenants.create(tenant, entry(desk, by, { action: 'tenant.create', tenant: tenant.id, object: tenant.slug, detail }))
  return tenant
}

/** Creates the tenant, or changes what is given of the one that has this slug. */
export async function upsertTenant(desk: Desk, by: Operator, wanted: NewTenant): Promise<{ tenant: Tenant; created: boolean }> {
  const known = desk.directory.tenant(wanted.slug)
  if (known?.slug !== wanted.slug) return { tenant: await createTenant(desk, by, wanted), created: true }
  if (wanted.id !== undefined && wanted.id !== known.id) {
    throw new GatewayError('already_exists', `Tenant ${known.slug} has the id ${known.id}, and ids do not change.`, { param: 'id' })
  }
  return { tenant: await changeTenant(desk, by, { tenant: known, wishes: wanted }), created: false }
}

/** What is not given stays. */
export async function changeTenant(
  desk: Desk,
  by: Operator,
  { tenant, wishes }: { tenant: Tenant; wishes: TenantWishes },
): Promise<Tenant> {
  const changes = {
    ...(wishes.name !== undefined && { name: wishes.name }),
    ...(wishes.plan !== undefined && { plan: planOf(desk, wishes.plan) }),
    ...(wishes.status !== undefined && { status: wishes.status }),
    ...(wishes.overrides !== undefined && { overrides: overridesOf(desk, wishes.overrides) }),
  }
  const changed = { ...tenant, ...changes }
  const before = changes.plan !== undefined && { plan_before: tenant.plan }
  const detail = { ...changes, ...before, overrides: wishes.overrides }
  await desk.store.tenants.update(changed, entry(desk, by, { action: 'tenant.update', tenant: tenant.id, object: tenant.slug, detail }))
  return changed
}

/** Its keys and settings go with it. */
export async function deleteTenant(desk: Desk, by: Operator, tenant: Tenant): Promise<void> {
  const act = { action: 'tenant.delete', tenant: tenant.id, object: tenant.slug, detail: { plan: tenant.plan } }
  await desk.store.tenants.delete(tenant.id, entry(desk, by, act))
}

/**
 * Leaves of a tenant only what money was spent, under its id. Its data key is destroyed, so that nothing sealed for it opens again, not
 * from a backup either. Barred first, so that no request of it begins while the books are gone through.
 */
export async function eraseTenant(desk: Desk, by: Operator, tenant: Tenant): Promise<readonly ErasedRows[]> {
  await changeTenant(desk, by, { tenant, wishes: desk.store.setup.readOnly.tenants === undefined ? { status: 'suspended' } : BARRED })
  return desk.store.tenants.erase(tenant.id, entry(desk, by, { action: 'tenant.erase', tenant: tenant.id, object: tenant.id }))
}

/** Of a tenant whose status is another program's to change. */
const BARRED: TenantWishes = { overrides: { models: [], providers: [], reason: 'It is being erased.' } }

export interface TenantQuery {
  /** Part of a slug, name or id, in any case. */
  readonly q?: string | undefined
  readonly plan?: string | undefined
  /** The last slug of the page before. */
  readonly after?: string | undefined
  readonly limit: number
}

/** By slug. */
export function listTenants({ directory, rules }: Desk, { q, plan, after, limit }: TenantQuery): readonly Tenant[] {
  const part = q?.toLowerCase()
  const { plans } = rules()
  const canonical = (id: string): string => plans.canonical(id)?.id ?? id
  const wanted = directory
    .tenants()
    .filter((tenant) => after === undefined || tenant.slug > after)
    .filter((tenant) => plan === undefined || canonical(tenant.plan) === canonical(plan))
    .filter(({ slug, name, id }) => part === undefined || [slug, name, id].some((text) => text.toLowerCase().includes(part)))
  return firstBy(wanted, limit, ({ slug }) => slug)
}

/** Throws `tenant_not_found`. */
export function tenantNamed({ directory }: Desk, slugOrId: string): Tenant {
  const tenant = directory.tenant(slugOrId)
  if (tenant) return tenant
  throw new GatewayError('tenant_not_found', 'There is no such tenant. GET /admin/v1/tenants lists those there are.')
}

export const SLUG = /^[a-z0-9-]{1,63}$/

function slugOf(text: string): Slug {
  if (SLUG.test(text)) return slug(text)
  throw new GatewayError('invalid_value', 'A slug is 1 to 63 of a-z, 0-9 and -, and does not change later.', { param: 'slug' })
}

function planOf({ rules }: Desk, id: string): PlanId {
  const { plans } = rules()
  const known = plans.canonical(id)
  if (known) return known.id
  const ids = plans.all().map((plan) => plan.id)
  throw new GatewayError('invalid_value', `There is no plan ${JSON.stringify(id.slice(0, 64))}: use one of ${ids.join(', ')}.`, {
    param: 'plan',
  })
}

function overridesOf({ overrides }: Desk, written: unknown): Overrides | undefined {
  return written === undefined || written === null ? undefined : overrides.parse(written)
}
