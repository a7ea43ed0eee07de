import type { Incident } from '../contract/incident.ts'
import { GatewayError } from '../errors.ts'
import { entry } from './audit.ts'
import type { Desk } from './desk.ts'
import type { Operator } from './operator.ts'
import { providerNamed } from './provider-keys.ts'

/** For how long, and why. */
export interface Spell {
  /** `30m`, `24h`, `7d`. */
  readonly for: string
  readonly reason: string
}

/** Nothing is sent to the provider until the time is over. Throws `invalid_value`. */
export async function disableProvider(desk: Desk, by: Operator, { id, ...spell }: { id: string } & Spell): Promise<Incident> {
  return begin(desk, by, { kind: 'disable', subject: providerNamed(desk, id).id, ...spell })
}

/** Whoever asks for `model` gets `to`: by that name, or by any name that leads to that one model. Throws `invalid_value`. */
export async function redirectModel(
  desk: Desk,
  by: Operator,
  { model, to, ...spell }: { model: string; to: string } & Spell,
): Promise<Incident> {
  const { catalog } = desk.rules()
  if (model === to) throw new GatewayError('invalid_value', 'A model cannot be redirected to itself.', { param: 'to' })
  if (catalog.resolve(to).candidates.length === 0) {
    throw new GatewayError('invalid_value', `No model or route is called ${to}: name one that tollgate models list has.`, { param: 'to' })
  }
  return begin(desk, by, { kind: 'redirect', subject: model, to, ...spell })
}

/** Throws `not_found` where nothing of the kind is switched. */
export async function endIncident(desk: Desk, by: Operator, { kind, subject }: Pick<Incident, 'kind' | 'subject'>): Promise<Incident> {
  const incident = desk.switches.all().find((one) => one.kind === kind && one.subject === subject)
  if (!incident) {
    const what = kind === 'disable' ? 'switched off' : 'redirected'
    throw new GatewayError('not_found', `${subject} is not ${what}. GET /admin/v1/incidents lists what is.`)
  }
  const act = { action: `${NOUNS[kind]}.${kind === 'disable' ? 'enable' : 'restore'}`, object: subject, detail: { until: incident.until } }
  await desk.store.incidents.remove(incident, entry(desk, by, act))
  return incident
}

export function listIncidents({ switches }: Desk): readonly Incident[] {
  return switches.all()
}

const NOUNS = { disable: 'provider', redirect: 'model' } as const

async function begin(
  desk: Desk,
  by: Operator,
  { for: spell, ...what }: Pick<Incident, 'kind' | 'subject' | 'to'> & Spell,
): Promise<Incident> {
  const now = desk.now()
  const since = new Date(now).toISOString()
  const until = new Date(now + milliseconds(spell)).toISOString()
  const incident: Incident = { ...what, until, since, by: by.name }
  const { kind, subject, to, reason } = what
  const act = { action: `${NOUNS[kind]}.${kind}`, object: subject, detail: { ...(to !== undefined && { to }), until, reason } }
  await desk.store.incidents.put(incident, entry(desk, by, act))
  return incident
}

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }
const LONGEST = 90 * 86_400_000

function milliseconds(spell: string): number {
  const [, count = '', unit = ''] = /^(\d{1,6})([mhd])$/.exec(spell) ?? []
  const length = Number(count) * (UNITS[unit] ?? 0)
  if (length > 0 && length <= LONGEST) return length
  throw new GatewayError(
    'invalid_value',
    'Write for how long as 30m, 24h or 7d, 90 days at most: what shall last belongs into the files.',
    { param: 'for' },
  )
}
