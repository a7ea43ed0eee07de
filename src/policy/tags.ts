import type { GatewayKey, Tenant } from '../contract/caller.ts'
import type { Presented } from '../contract/gateway.ts'
import { GatewayError } from '../errors.ts'
import type { Directory } from './directory.ts'

/** The tenant a request is for: the key's own, or the one a service key's request is tagged with; none for an admin key. */
export function tenantOf(key: GatewayKey, presented: Presented, directory: Directory): Tenant | undefined {
  if (key.kind === 'admin') return undefined
  const tags = [presented.header('x-tenant-id'), presented.pathTag].filter((tag): tag is string => tag !== undefined && tag !== '')
  return key.kind === 'service' ? servedTenant(key, tags, directory) : ownTenant(key, tags, directory)
}

function ownTenant(key: GatewayKey, tags: readonly string[], directory: Directory): Tenant {
  const own = key.tenant && directory.tenantById(key.tenant)
  if (own === undefined) {
    throw new GatewayError('invalid_api_key', `Gateway key ${key.id} belongs to a tenant that is gone. Ask your operator for a new one.`)
  }
  // By the tenant's own names and without a look-up, so that no answer tells whether another tenant exists.
  if (tags.every((tag) => tag === own.slug || tag === own.id)) return own
  throw new GatewayError(
    'tenant_mismatch',
    `This key belongs to tenant ${own.slug}, and the request is tagged with another. Leave the tag out.`,
  )
}

function servedTenant(key: GatewayKey, tags: readonly string[], directory: Directory): Tenant {
  const [tag, other] = tags
  if (tag === undefined) {
    throw new GatewayError(
      'tenant_required',
      'A service key says which tenant it acts for: send x-tenant-id: <slug or id>, or call /t/<slug or id>/v1/….',
    )
  }
  const tenant = grantedTenant(key, tag, directory)
  if (other !== undefined && other !== tag && (tenant === undefined || grantedTenant(key, other, directory) !== tenant)) {
    throw new GatewayError(
      'tenant_mismatch',
      'The header x-tenant-id and the path name different tenants. Send one of them, or the same in both.',
    )
  }
  if (tenant) return tenant
  throw new GatewayError(
    'tenant_not_found',
    'There is no such tenant, or this key may not act for it. Check the slug and the tenants of the key.',
  )
}

/** A tenant outside the grant is as good as absent: the same answer, the same words. */
function grantedTenant(key: GatewayKey, tag: string, directory: Directory): Tenant | undefined {
  const tenant = directory.tenant(tag)
  if (tenant === undefined || key.tenants === 'any') return tenant
  return key.tenants?.includes(tenant.id) ? tenant : undefined
}
