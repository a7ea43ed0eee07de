import type { Tenant } from '../../contract/caller.ts'
import { planId, slug, type TenantId, tenantId } from '../../contract/ids.ts'
import type { Overrides } from '../../contract/plan.ts'
import { GatewayError } from '../../errors.ts'
import { isoTime } from '../time.ts'

export type WrittenTenant = [
  id: string,
  slug: string,
  name: string | null,
  plan: string,
  status: string | null,
  overrides: string | null,
  at: string | null,
]

/** Reads what the `overrides` column holds, as the admin API takes it; throws where it is not that. */
export type ParseOverrides = (written: unknown) => Overrides

export const noSuchTenant = (id: TenantId): GatewayError =>
  new GatewayError('tenant_not_found', `There is no tenant with the id ${id}. List tenants to see those there are.`)

export function nameTaken(tenant: Tenant, [id, slug]: [string, string]): GatewayError {
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

export function decodeTenant([id, name, title, plan, status, overrides, createdAt]: WrittenTenant, parse: ParseOverrides): Tenant {
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
export function encodeOverrides(overrides: Overrides | undefined): string | null {
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
