import type { Database } from 'better-sqlite3'
import type { AuditEntry, AuditStore } from '../../contract/store.ts'
import { type AuditRow, auditUnavailable, decodeEntry } from '../rows/audit.ts'
import { isBusy, whenFree } from './connection.ts'

/** Writes an audit row inside the transaction of whatever it tells of. What cannot be noted is not done. */
export function auditWriter(db: Database): (entry: AuditEntry) => void {
  const insert = db.prepare('INSERT INTO audit (at, actor, action, tenant_id, object, detail, request_id) VALUES (?, ?, ?, ?, ?, ?, ?)')
  return ({ at, actor, action, tenant, object, detail, requestId }) => {
    try {
      insert.run(at, actor, action, tenant ?? null, object, JSON.stringify(detail), requestId ?? null)
    } catch (cause) {
      // A lock passes, and is waited for outside.
      throw isBusy(cause) ? cause : auditUnavailable(cause)
    }
  }
}

export function auditStore(db: Database): AuditStore {
  const write = auditWriter(db)
  const all = db.prepare<[number, number], AuditRow>('SELECT * FROM audit WHERE seq < ? ORDER BY seq DESC LIMIT ?')
  const ofTenant = db.prepare<[string, number, number], AuditRow>(
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
