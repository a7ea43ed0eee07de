import type { Database } from 'better-sqlite3'
import { tenantId } from '../../contract/ids.ts'
import type { AuditEntry, AuditStore } from '../../contract/store.ts'
import { GatewayError } from '../../errors.ts'
import { isBusy, whenFree } from './connection.ts'

interface Row {
  seq: number
  at: string
  actor: string
  action: string
  tenant_id: string | null
  object: string
  detail: string
  request_id: string | null
}

/** Writes an audit row inside the transaction of whatever it tells of. What cannot be noted is not done. */
export function auditWriter(db: Database): (entry: AuditEntry) => void {
  const insert = db.prepare('INSERT INTO audit (at, actor, action, tenant_id, object, detail, request_id) VALUES (?, ?, ?, ?, ?, ?, ?)')
  return ({ at, actor, action, tenant, object, detail, requestId }) => {
    try {
      insert.run(at, actor, action, tenant ?? null, object, JSON.stringify(detail), requestId ?? null)
    } catch (cause) {
      // A lock passes, and is waited for outside.
      throw isBusy(cause) ? cause : unavailable(cause)
    }
  }
}

export function auditStore(db: Database): AuditStore {
  const write = auditWriter(db)
  const all = db.prepare<[number, number], Row>('SELECT * FROM audit WHERE seq < ? ORDER BY seq DESC LIMIT ?')
  const ofTenant = db.prepare<[string, number, number], Row>(
    'SELECT * FROM audit WHERE tenant_id = ? AND seq < ? ORDER BY seq DESC LIMIT ?',
  )

  return {
    append: (entry) => whenFree(() => write(entry)),
    async list({ tenant, before = Number.MAX_SAFE_INTEGER, limit }) {
      const rows = tenant === undefined ? all.all(before, limit) : ofTenant.all(tenant, before, limit)
      return rows.map(decodeEntry)
    },
  }
}

const unavailable = (cause: unknown): GatewayError =>
  new GatewayError('audit_unavailable', 'The audit row cannot be written, so nothing was done or shown: see that the database has room.', {
    cause,
  })

function decodeEntry(row: Row): AuditEntry & { readonly seq: number } {
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
