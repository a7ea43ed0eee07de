import type { Tenant } from '../contract/caller.ts'
import type { Span } from '../contract/meter.ts'
import { anniversaryOf, periodOf } from './calendar.ts'

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** `month`, `cycle`, `minute`, `5h`; undefined for what is none. */
export function spanOf(written: string): Span | undefined {
  if (written === 'minute') return { kind: 'rolling', ms: UNITS.m }
  const window = /^([1-9]\d{0,3})([mhd])$/.exec(written)
  if (window) return { kind: 'rolling', ms: Number(window[1]) * UNITS[window[2] as keyof typeof UNITS] }
  const kind = CALENDAR.find((one) => one === written)
  return kind && { kind }
}

const CALENDAR = ['hour', 'day', 'week', 'month', 'cycle', 'total'] as const

/** From `start` until before `end`, in milliseconds. */
export interface Bounds {
  readonly start: number
  readonly end: number
}

/** The calendar of each tenant. What a zone's clocks say is asked once a period, for it is dear. */
export class Calendar {
  readonly #timezone: string
  readonly #known = new Map<string, Bounds>()

  /** `timezone`: of tenants that have none of their own. */
  constructor(timezone: string) {
    this.#timezone = timezone
  }

  /** The period that holds `now`; a rolling one as if it began now. */
  at(span: Span, { overrides, createdAt }: Pick<Tenant, 'overrides' | 'createdAt'>, now: number): Bounds {
    if (span.kind === 'rolling') return { start: now, end: now + span.ms }
    const zone = overrides?.timezone ?? this.#timezone
    const from = span.kind === 'cycle' ? (overrides?.cycle_from ?? createdAt) : ''
    const key = `${zone} ${span.kind} ${from}`
    const known = this.#known.get(key)
    if (known && known.start <= now && now < known.end) return known
    // Each billing day of each zone has one entry at a time, so this is bounded by tenants, and only for those on a cycle.
    const bounds = span.kind === 'cycle' ? anniversaryOf(Date.parse(from), now, zone) : periodOf(span.kind, now, zone)
    this.#known.set(key, bounds)
    return bounds
  }
}
