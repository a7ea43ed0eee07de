import type { KeyId, PlanId, Slug, TenantId } from './ids.ts'
import type { Overrides } from './plan.ts'
import type { KeyLimits } from './pool.ts'
import type { Endpoint } from './provider.ts'

export interface Tenant {
  readonly id: TenantId
  readonly slug: Slug
  readonly name: string
  /** As stored: may be a plan's former id, or a plan nobody defines. */
  readonly plan: PlanId
  readonly status: 'active' | 'suspended' | (string & {})
  readonly overrides: Overrides | undefined
  /** ISO 8601, UTC. */
  readonly createdAt: string
}

export type KeyKind = 'admin' | 'service' | 'tenant' | 'imported'

/** A gateway key as the gateway remembers it: never the key itself. */
export interface GatewayKey {
  readonly id: KeyId
  readonly kind: KeyKind
  readonly name: string | undefined
  /** HMAC-SHA-256 under the pepper, or plain SHA-256 for `imported`. */
  readonly digest: Buffer
  /** Of a tenant's or imported key. */
  readonly tenant: TenantId | undefined
  /** Of a service key: the tenants it may act for, by id, or every one. */
  readonly tenants: readonly TenantId[] | 'any' | undefined
  readonly scopes: readonly string[]
  readonly models: readonly string[] | undefined
  readonly endpoints: readonly Endpoint[] | undefined
  readonly allowIps: readonly string[] | undefined
  readonly limits: KeyLimits | undefined
  readonly defaults: { readonly usage_cost?: boolean; readonly strict?: boolean; readonly tags?: readonly string[] } | undefined
  /** ISO 8601, UTC. */
  readonly expiresAt: string | undefined
  readonly revokedAt: string | undefined
  readonly createdAt: string
}

/** Who calls, once the key and the tags were understood. */
export interface Caller {
  readonly key: GatewayKey
  readonly tenant: Tenant
}
