import type { Incident } from '../../contract/incident.ts'

export interface IncidentRow {
  kind: Incident['kind']
  subject: string
  target: string | null
  reason: string
  until: string
  since: string
  actor: string
}

export function decodeIncident({ kind, subject, target, reason, until, since, actor }: IncidentRow): Incident {
  return { kind, subject, ...(target !== null && { to: target }), reason, until, since, by: actor }
}
