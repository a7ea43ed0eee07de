import { tenantId } from '../../contract/ids.ts'
import type { AuditEntry } from '../../contract/store.ts'
import { GatewayError } from '../../errors.ts'

export interface AuditRow {
  seq: number
  at: string
  actor: string
  action: string
  tenant_id: string | null
  object: string
  detail: string
  request_id: string | null
}

export const auditUnavailable = (cause: unknown): GatewayError =>
  new GatewayError('audit_unavailable', 'The audit row cannot be written, so nothing was done or shown: see that the database has room.', {
    cause,
  })

export function decodeEntry(row: AuditRow): AuditEntry & { readonly seq: number } {
  return {
    seq: row.seq,
    at: row.at,
    actor: row.actor,
    action: row.action,
    tenant: row.tenant_id === null ? undefined : tenantId(row.tenant_id),
    object: row.object,
    detail: JSON.parse(row.detail),
    requestId: row.request_id ?? undefined,
  }
}
