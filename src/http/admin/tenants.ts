import { z } from 'zod'
import type { Tenant } from '../../contract/caller.ts'
import type { Desk } from '../../desk/desk.ts'
import {
  changeTenant,
  createTenant,
  deleteTenant,
  eraseTenant,
  listTenants,
  SLUG,
  type TenantWishes,
  tenantNamed,
  upsertTenant,
} from '../../desk/tenants.ts'
import { GatewayError } from '../../errors.ts'
import { page, pageOf, pageQuery, readCursor } from '../page.ts'
import { Created } from '../route.ts'
import { type AdminContext, adminRoute } from './context.ts'

const tenantAnswer = z.strictObject({
  id: z.string(),
  slug: z.string(),
  name: z.string(),
  plan: z.string(),
  status: z.string(),
  overrides: z.record(z.string(), z.unknown()).nullable(),
  created_at: z.string(),
})

const rows = z.int()
const deletedAnswer = z.strictObject({
  id: z.string(),
  slug: z.string(),
  deleted: z.literal(true),
  erased: z.boolean(),
  receipt: z
    .array(z.strictObject({ table: z.string(), removed: rows, pseudonymised: rows, kept: rows }))
    .optional()
    .meta({ description: 'Of an erased tenant: how many rows of each table are gone, stay without a name, or stay as they were.' }),
})

const slug = z.string().regex(SLUG, 'a slug is 1 to 63 of a-z, 0-9 and -')
// It stands in paths and headers, so it has no character that either would change.
const id = z.string().regex(/^(?!\.{1,2}$)[\w.:@+=~-]{1,128}$/, 'an id is 1 to 128 of letters, digits and _.:@+=~-')
const name = z.string().trim().min(1).max(200)
const status = z.enum(['active', 'suspended'])
const overrides = z
  .record(z.string(), z.unknown())
  .nullable()
  .meta({ description: "A plan's keys in place of its own, null for unlimited, with expires_at and reason." })
const wishes = { name: name.optional(), status: status.optional(), overrides: overrides.optional() }
const effectiveAt = z.iso.datetime({ offset: true }).optional().meta({ description: 'Not in the future: a change holds at once.' })

export const tenantRoutes = [
  adminRoute({
    method: 'POST',
    path: '/tenants',
    scope: 'tenants',
    summary: 'Create a tenant',
    body: z.strictObject({ slug, plan: z.string(), id: id.optional(), ...wishes }),
    answer: tenantAnswer,
    statuses: [201],
    handle: async ({ desk, by }, { body }) => new Created(showTenant(desk, await createTenant(desk, by, body))),
  }),
  adminRoute({
    method: 'PUT',
    path: '/tenants/{slug}',
    scope: 'tenants',
    summary: 'Create a tenant, or change what is given of the one with this slug',
    body: z.strictObject({ slug: slug.optional(), plan: z.string(), id: id.optional(), ...wishes }),
    answer: tenantAnswer,
    statuses: [200, 201],
    async handle({ desk, by }, { params, body }) {
      if (body.slug !== undefined && body.slug !== params.slug) throw otherSlug()
      const { tenant, created } = await upsertTenant(desk, by, { ...body, slug: params.slug })
      return created ? new Created(showTenant(desk, tenant)) : showTenant(desk, tenant)
    },
  }),
  adminRoute({
    method: 'GET',
    path: '/tenants',
    scope: 'tenants',
    summary: 'List tenants by slug',
    query: z.strictObject({ q: z.string().optional(), plan: z.string().optional(), ...pageQuery }),
    answer: pageOf(tenantAnswer),
    async handle({ desk }, { query: { cursor, ...query } }) {
      const tenants = listTenants(desk, { ...query, after: readCursor(cursor) })
      return page(tenants, { limit: query.limit, show: (tenant) => showTenant(desk, tenant), mark: (tenant) => tenant.slug })
    },
  }),
  adminRoute({
    method: 'GET',
    path: '/tenants/{tenant}',
    scope: 'tenants',
    summary: 'Show a tenant',
    answer: tenantAnswer,
    handle: async ({ desk }, { params }) => showTenant(desk, tenantNamed(desk, params.tenant)),
  }),
  adminRoute({
    method: 'PATCH',
    path: '/tenants/{tenant}',
    scope: 'tenants',
    summary: "Change a tenant's name, plan, status or overrides",
    body: z.strictObject({ plan: z.string().optional(), effective_at: effectiveAt, ...wishes }),
    answer: tenantAnswer,
    handle: ({ desk, by }, { params, body: { effective_at, ...wishes } }) =>
      patch({ desk, by }, { tenant: tenantNamed(desk, params.tenant), effectiveAt: effective_at, wishes }),
  }),
  adminRoute({
    method: 'DELETE',
    path: '/tenants/{tenant}',
    scope: 'tenants',
    summary:
      'Delete a tenant with its keys; erase takes its name and its users out of the books and the audit, too, and tells what became of each table',
    query: z.strictObject({ erase: z.stringbool().default(false) }),
    answer: deletedAnswer,
    async handle({ desk, by }, { params, query: { erase } }) {
      const tenant = tenantNamed(desk, params.tenant)
      const told = { id: tenant.id, slug: tenant.slug, deleted: true as const, erased: erase }
      if (erase) return { ...told, receipt: [...(await eraseTenant(desk, by, tenant))] }
      await deleteTenant(desk, by, tenant)
      return told
    },
  }),
]

interface Patch {
  readonly tenant: Tenant
  readonly effectiveAt: string | undefined
  readonly wishes: TenantWishes
}

async function patch({ desk, by }: Pick<AdminContext, 'desk' | 'by'>, { tenant, effectiveAt, wishes }: Patch): Promise<Shown> {
  if (effectiveAt !== undefined && Date.parse(effectiveAt) > desk.now()) {
    throw new GatewayError('unsupported_parameter', 'A change holds at once: leave effective_at out, and send the change when it is due.', {
      param: 'effective_at',
    })
  }
  return showTenant(desk, await changeTenant(desk, by, { tenant, wishes }))
}

type Shown = z.input<typeof tenantAnswer>

export function showTenant({ overrides: form }: Desk, { id, slug, name, plan, status, overrides, createdAt }: Tenant): Shown {
  return { id, slug, name, plan, status, overrides: overrides ? form.encode(overrides) : null, created_at: createdAt }
}

const otherSlug = (): GatewayError =>
  new GatewayError('invalid_value', 'The slug of the body is not the one of the path, and slugs do not change.', { param: 'slug' })
