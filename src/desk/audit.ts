import type { TenantId } from '../contract/ids.ts'
import type { AuditEntry } from '../contract/store.ts'
import type { Desk } from './desk.ts'
import type { Operator } from './operator.ts'

/** What was done to what, in words an auditor can search for. */
export interface Act {
  /** `noun.verb`, e.g. `tenant.create`. */
  readonly action: string
  readonly tenant?: TenantId | undefined
  readonly object: string
  /** Never a secret. */
  readonly detail?: Readonly<Record<string, unknown>>
}

/** The audit row that a mutation writes in its own transaction. */
export function entry({ now }: Pick<Desk, 'now'>, by: Operator, { action, tenant, object, detail = {} }: Act): AuditEntry {
  const at = new Date(now()).toISOString()
  return { at, actor: by.name, action, tenant, object, detail, ...(by.requestId !== undefined && { requestId: by.requestId }) }
}

/** Notes a read. What cannot be noted is not shown. */
export function note(desk: Desk, by: Operator, act: Act): Promise<void> {
  return desk.store.audit.append(entry(desk, by, act))
}

export type AuditRow = AuditEntry & { readonly seq: number }

export interface AuditQuery {
  readonly tenant: TenantId | undefined
  /** Rows older than this one. */
  readonly before: number | undefined
  readonly limit: number
}

/** Newest first. */
export function listAudit({ store }: Desk, { tenant, before, limit }: AuditQuery): Promise<readonly AuditRow[]> {
  return store.audit.list({ limit, ...(tenant !== undefined && { tenant }), ...(before !== undefined && { before }) })
}
