import type { Period } from '../contract/plan.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

/**
 * The calendar period that holds `now`, from `start` until before `end`, in milliseconds. Days, weeks (from Monday, ISO 8601) and months
 * begin at midnight in `timezone`, also where a change of its clocks makes one shorter or longer.
 */
export function periodOf(period: Period, now: number, timezone = 'UTC'): { readonly start: number; readonly end: number } {
  if (period === 'total') return { start: 0, end: Number.POSITIVE_INFINITY }
  const offset = offsetAt(now, timezone)
  if (period === 'hour') {
    const start = Math.floor((now + offset) / HOUR) * HOUR - offset
    return { start, end: start + HOUR }
  }
  const [first, next] = localBounds(period, new Date(now + offset))
  return { start: instantOf(first, timezone), end: instantOf(next, timezone) }
}

/**
 * The month that holds `now` of those that begin on the day of the month on which `from` was, in milliseconds; in a shorter month, on its
 * last day.
 */
export function anniversaryOf(from: number, now: number, timezone = 'UTC'): { readonly start: number; readonly end: number } {
  const day = new Date(from + offsetAt(from, timezone)).getUTCDate()
  const local = new Date(now + offsetAt(now, timezone))
  const begins = (month: number) => {
    const last = new Date(Date.UTC(local.getUTCFullYear(), month + 1, 0)).getUTCDate()
    return instantOf(Date.UTC(local.getUTCFullYear(), month, Math.min(day, last)), timezone)
  }
  const month = local.getUTCMonth()
  return now < begins(month) ? { start: begins(month - 1), end: begins(month) } : { start: begins(month), end: begins(month + 1) }
}

/** Wall-clock times are carried as if they were UTC, so that `Date` does the arithmetic of calendars. */
function localBounds(period: 'day' | 'week' | 'month', local: Date): readonly [number, number] {
  const [year, month, day] = [local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate()]
  if (period === 'month') return [Date.UTC(year, month), Date.UTC(year, month + 1)]
  if (period === 'day') return [Date.UTC(year, month, day), Date.UTC(year, month, day + 1)]
  const monday = day - ((local.getUTCDay() + 6) % 7)
  return [Date.UTC(year, month, monday), Date.UTC(year, month, monday + 7)]
}

/** When clocks in `timezone` first show `local`; where they skip it, the moment they do. */
function instantOf(local: number, timezone: string): number {
  const candidates = [local - offsetAt(local - DAY, timezone), local - offsetAt(local + DAY, timezone)]
  return candidates.find((instant) => instant + offsetAt(instant, timezone) === local) ?? Math.max(...candidates)
}

/** Milliseconds that clocks in `timezone` are ahead of UTC. */
function offsetAt(instant: number, timezone: string): number {
  if (timezone === 'UTC') return 0
  const parts = Object.fromEntries(
    clockOf(timezone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const { year = 0, month = 1, day, hour, minute, second } = parts
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instant / 1_000) * 1_000
}

const clocks = new Map<string, Intl.DateTimeFormat>()

/** Making a formatter costs a hundred times more than using it. */
function clockOf(timeZone: string): Intl.DateTimeFormat {
  let clock = clocks.get(timeZone)
  if (!clock) {
    const numeric = 'numeric' as const
    const fields = { year: numeric, month: numeric, day: numeric, hour: numeric, minute: numeric, second: numeric }
    clocks.set(timeZone, (clock = new Intl.DateTimeFormat('en-US', { ...fields, hourCycle: 'h23', timeZone })))
  }
  return clock
}
