import type { TenantId } from '../contract/ids.ts'
import type { KeySum } from '../contract/store.ts'
import { GatewayError } from '../errors.ts'
import { periodOf } from '../policy/calendar.ts'
import { note } from './audit.ts'
import { type Breakdown, BY_SUMS, breakDown, type Dimension, readsRows } from './breakdown.ts'
import type { Desk } from './desk.ts'
import type { Operator } from './operator.ts'

const HOUR = 3_600_000

export interface UsageQuery {
  readonly tenant: TenantId | undefined
  /** ISO 8601; the books add up whole hours. The running month where not given. */
  readonly from?: string | undefined
  readonly to?: string | undefined
  /** Day, tenant, provider, model and source where not given. */
  readonly by?: readonly Dimension[] | undefined
  /** Rows of the books that may be read for it. */
  readonly most?: number
}

export interface UsageReport extends Breakdown {
  readonly from: string
  readonly to: string
  /** Of each key, where several lie in one place. */
  readonly keys: readonly KeySum[]
  /** ISO 8601: what it was read from reaches back to here only, for older rows are deleted. */
  readonly rowsFrom: string | undefined
}

export async function reportUsage(desk: Desk, by: Operator, query: UsageQuery): Promise<UsageReport> {
  await note(desk, by, { action: 'usage.read', tenant: query.tenant, object: 'usage' })
  return usageOf(desk, query)
}

/** What a tenant asks of its own. Rows of the books are many, and anybody with a key may ask: one reading at a time, and a bounded one. */
export async function ownUsage(desk: Desk, query: UsageQuery & { tenant: TenantId }): Promise<UsageReport> {
  if (!readsRows(query.by ?? BY_SUMS)) return usageOf(desk, query)
  if (reading.has(query.tenant)) throw stillReading()
  reading.add(query.tenant)
  try {
    return await usageOf(desk, { ...query, most: MOST_OWN_ROWS })
  } finally {
    reading.delete(query.tenant)
  }
}

const reading = new Set<TenantId>()
/** Some tenths of a second. */
const MOST_OWN_ROWS = 50_000

const stillReading = (): GatewayError =>
  new GatewayError('concurrency_limit_exceeded', 'Usage by key or tag is being read for this tenant already: ask again in a second.', {
    retryAfter: 1,
  })

/** Days are those of UTC. */
export async function usageOf(desk: Desk, { tenant, from, to, by = BY_SUMS, most }: UsageQuery): Promise<UsageReport> {
  const begin = from === undefined ? periodOf('month', desk.now()).start : floorHour(Date.parse(from))
  // To the end of the running hour: what was used a minute ago is part of "until now".
  const end = to === undefined ? floorHour(desk.now()) + HOUR : floorHour(Date.parse(to))
  if (begin > end) throw new GatewayError('invalid_value', '`from` is later than `to`: exchange them.', { param: 'from' })
  const asked = { from: begin, to: end, ...(tenant !== undefined && { tenant }), ...(most !== undefined && { most }) }
  const [{ groups, total }, keys] = await Promise.all([breakDown(desk, by, asked), desk.store.ledger.keyUsage(asked)])
  const wholeFrom = readsRows(by) ? await firstWholeDay(desk) : undefined
  return {
    from: new Date(begin).toISOString(),
    to: new Date(end).toISOString(),
    groups,
    total,
    keys,
    rowsFrom: wholeFrom !== undefined && begin < wholeFrom ? new Date(wholeFrom).toISOString() : undefined,
  }
}

/** Of which nothing is deleted; undefined where nothing ever was. */
async function firstWholeDay({ store }: Desk): Promise<number | undefined> {
  const last = (await store.ledger.sealed()).at(-1)
  return last && Date.parse(last.day) + 24 * HOUR
}

const floorHour = (time: number): number => Math.floor(time / HOUR) * HOUR
