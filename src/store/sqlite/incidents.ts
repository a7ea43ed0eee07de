import type { Incident } from '../../contract/incident.ts'
import type { IncidentStore } from '../../contract/store.ts'
import type { Desk } from './mutation.ts'

interface Row {
  kind: Incident['kind']
  subject: string
  target: string | null
  reason: string
  until: string
  since: string
  actor: string
}

export function incidentStore({ db, now, mutate }: Desk): IncidentStore {
  const all = db.prepare<[], Row>('SELECT * FROM incidents ORDER BY since, kind, subject')
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

function decodeIncident({ kind, subject, target, reason, until, since, actor }: Row): Incident {
  return { kind, subject, ...(target !== null && { to: target }), reason, until, since, by: actor }
}
