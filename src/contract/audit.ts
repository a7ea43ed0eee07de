import type { TenantId } from './ids.ts'

/** What somebody did, for good. */
export interface AuditEntry {
  /** ISO 8601, UTC. */
  readonly at: string
  /** The admin key's name and id, or `cli`. */
  readonly actor: string
  /** E.g. `tenant.create`, `provider_key.set`. */
  readonly action: string
  readonly tenant: TenantId | undefined
  readonly object: string
  /** What changed; never a secret. */
  readonly detail: Readonly<Record<string, unknown>>
  readonly requestId?: string
}
