import type { GatewayKey } from '../contract/caller.ts'
import { GatewayError } from '../errors.ts'

/** What an admin key, or a service key beyond its tenants' traffic, may be allowed. */
export const SCOPES = ['tenants', 'keys', 'provider_keys', 'usage:read', 'audit:read', 'config', 'metrics'] as const

export type Scope = (typeof SCOPES)[number]

export function requireScope(key: GatewayKey, scope: Scope): void {
  if (key.scopes.includes(scope)) return
  throw new GatewayError('scope_missing', `Gateway key ${key.id} lacks the scope ${scope}. Use an admin key that was created with it.`)
}
