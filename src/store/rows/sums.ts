import { slug, tenantId } from '../../contract/ids.ts'
import type { AttemptRow } from '../../contract/ledger.ts'
import type { UsageSum } from '../../contract/store.ts'

const HOUR = 3_600_000

export const hourOf = (at: number): number => Math.floor(at / HOUR)

/** One row of `sums` to be: a figure is added to what its hour holds. */
export interface Sum {
  readonly of: AttemptRow
  requests: number
  input: number
  output: number
  cost: number
  charge: number
  unpriced: number
  cached: number
  saved: number
}

const NOTHING = { requests: 0, input: 0, output: 0, cost: 0, charge: 0, unpriced: 0, cached: 0, saved: 0 }

export function sumsOf(ended: readonly AttemptRow[]): Iterable<Sum> {
  const sums = new Map<string, Sum>()
  for (const row of ended) {
    // Nothing was processed, so there is nothing to count.
    if (row.state === 'released') continue
    const { at, tenant, provider, wireModel, source } = row.start
    const key = `${hourOf(at)}\n${tenant}\n${provider}\n${wireModel}\n${source}`
    let sum = sums.get(key)
    if (!sum) sums.set(key, (sum = { of: row, ...NOTHING }))
    sum.requests++
    sum.input += whole(row.outcome?.usage?.input)
    sum.output += whole(row.outcome?.usage?.output)
    sum.cost += whole(row.cost)
    sum.charge += whole(row.charge)
    if (!Number.isSafeInteger(row.cost)) sum.unpriced++
    if (!row.start.cached) continue
    sum.cached++
    sum.saved += whole(row.start.cached.saved)
  }
  return sums.values()
}

/** A figure that is unknown or none adds nothing; it must not make the whole sum unknown. */
const whole = (figure: number | null | undefined): number => (Number.isSafeInteger(figure) ? (figure ?? 0) : 0)

export interface UsageRow {
  tenant_id: string
  slug: string | null
  provider: string
  wire_model: string
  source: string
  day: string
  requests: bigint
  input: bigint
  output: bigint
  cost: bigint
  charge: bigint
  unpriced: bigint
  cached: bigint
  saved: bigint
}

export function decodeSum(row: UsageRow): UsageSum {
  return {
    tenant: tenantId(row.tenant_id),
    slug: row.slug === null ? undefined : slug(row.slug),
    provider: row.provider,
    wireModel: row.wire_model,
    source: row.source,
    day: row.day,
    requests: Number(row.requests),
    input: Number(row.input),
    output: Number(row.output),
    cost: row.cost,
    charge: row.charge,
    unpriced: Number(row.unpriced),
    cached: Number(row.cached),
    saved: row.saved,
  }
}
