import type { IncidentStore } from '../../contract/store.ts'
import { decodeIncident, type IncidentRow } from '../rows/incidents.ts'
import type { Desk } from './desk.ts'

export function incidentStore({ db, now, mutate }: Desk): IncidentStore {
  return {
    async all() {
      const columns = 'kind, subject, target, reason, until, since, actor'
      return (await db.rows<IncidentRow>(`SELECT ${columns} FROM incidents ORDER BY since, kind, subject`)).map(decodeIncident)
    },
    put: ({ kind, subject, to, reason, until, since, by }, entry) =>
      mutate(entry, async (tx) => {
        await tx.run('DELETE FROM incidents WHERE until <= $1', new Date(now()).toISOString())
        await tx.run(
          `INSERT INTO incidents (kind, subject, target, reason, until, since, actor) VALUES ($1, $2, $3, $4, $5, $6, $7)
          ON CONFLICT (kind, subject) DO UPDATE SET target = excluded.target, reason = excluded.reason, until = excluded.until,
            since = excluded.since, actor = excluded.actor`,
          ...[kind, subject, to ?? null, reason, until, since, by],
        )
      }),
    remove: ({ kind, subject }, entry) =>
      mutate(entry, async (tx) => void (await tx.run('DELETE FROM incidents WHERE kind = $1 AND subject = $2', kind, subject))),
  }
}
