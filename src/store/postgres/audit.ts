import { randomUUID } from 'node:crypto'
import type { AuditStore } from '../../contract/store.ts'
import { type AuditRow, decodeEntry } from '../rows/audit.ts'
import type { Database } from './database.ts'
import { note } from './desk.ts'

const COLUMNS = 'seq, at, actor, action, tenant_id, object, detail, request_id'

export function auditStore(db: Database): AuditStore {
  return {
    append: async (entry) => void (await note(db, entry, randomUUID())),
    async list({ tenant, before = Number.MAX_SAFE_INTEGER, limit }) {
      const rows =
        tenant === undefined
          ? await db.rows<AuditRow>(`SELECT ${COLUMNS} FROM audit WHERE seq < $1 ORDER BY seq DESC LIMIT $2`, before, limit)
          : await db
              .of(tenant)
              .rows<AuditRow>(
                `SELECT ${COLUMNS} FROM audit WHERE tenant_id = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3`,
                ...[tenant, before, limit],
              )
      return rows.map(decodeEntry)
    },
  }
}
