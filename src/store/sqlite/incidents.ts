import type { IncidentStore } from '../../contract/store.ts'
import { decodeIncident, type IncidentRow } from '../rows/incidents.ts'
import type { Desk } from './mutation.ts'

export function incidentStore({ db, now, mutate }: Desk): IncidentStore {
  const all = db.prepare<[], IncidentRow>('SELECT * FROM incidents ORDER BY since, kind, subject')
  const put = db.prepare(
    'INSERT OR REPLACE INTO incidents (kind, subject, target, reason, until, since, actor) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  const remove = db.prepare('DELETE FROM incidents WHERE kind = ? AND subject = ?')
  const forget = db.prepare('DELETE FROM incidents WHERE until <= ?')

  return {
    all: async () => all.all().map(decodeIncident),
    put: ({ kind, subject, to, reason, until, since, by }, entry) =>
      mutate(entry, () => {
        forget.run(new Date(now()).toISOString())
        put.run(kind, subject, to ?? null, reason, until, since, by)
      }),
    remove: ({ kind, subject }, entry) => mutate(entry, () => void remove.run(kind, subject)),
  }
}
