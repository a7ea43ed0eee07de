import type { Database } from 'better-sqlite3'
import { slug, type TenantId, tenantId } from '../../contract/ids.ts'
import type { AttemptRow } from '../../contract/ledger.ts'
import type { LedgerStore, UsageSum } from '../../contract/store.ts'

const HOUR = 3_600_000

const hourOf = (at: number): number => Math.floor(at / HOUR)

/** One row of `sums` to be: a figure is added to what its hour holds. */
interface Sum {
  readonly of: AttemptRow
  requests: number
  input: number
  output: number
  cost: number
  charge: number
  unpriced: number
}

/** Adds ended attempts to their hours: once a batch for each hour, tenant, model and payer, for in one batch most are alike. */
export function sumWriter(db: Database): (ended: readonly AttemptRow[]) => void {
  const add = db.prepare(`
    INSERT INTO sums (hour, tenant_id, provider, wire_model, source, requests, input, output, cost, charge, unpriced)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET requests = requests + excluded.requests, input = input + excluded.input, output = output + excluded.output,
      cost = cost + excluded.cost, charge = charge + excluded.charge, unpriced = unpriced + excluded.unpriced`)

  return (ended) => {
    for (const { of, requests, input, output, cost, charge, unpriced } of sumsOf(ended)) {
      const { at, tenant, provider, wireModel, source } = of.start
      add.run(hourOf(at), tenant, provider, wireModel, source, requests, input, output, cost, charge, unpriced)
    }
  }
}

export function sumReader(db: Database): Pick<LedgerStore, 'spent' | 'usage'> {
  const spent = db
    .prepare<[number], [string, bigint]>(
      "SELECT tenant_id, sum(charge) FROM sums WHERE hour >= ? AND source = 'platform' GROUP BY tenant_id",
    )
    .raw()
    .safeIntegers()
  const usage = db
    .prepare<[number, number, string | null], UsageRow>(`
    SELECT tenant_id, slug, provider, wire_model, source, date(hour * 3600, 'unixepoch') AS day, sum(requests) AS requests,
      sum(input) AS input, sum(output) AS output, sum(cost) AS cost, sum(charge) AS charge, sum(unpriced) AS unpriced
    FROM sums LEFT JOIN tenants ON tenants.id = tenant_id
    WHERE hour >= ? AND hour < ? AND tenant_id = coalesce(?, tenant_id)
    GROUP BY day, tenant_id, provider, wire_model, source ORDER BY day, tenant_id, provider, wire_model, source`)
    .safeIntegers()

  return {
    spent: async (from) => new Map(spent.all(hourOf(from)).map(([tenant, charge]): [TenantId, bigint] => [tenantId(tenant), charge])),
    usage: async ({ tenant, from, to }) => usage.all(hourOf(from), hourOf(to), tenant ?? null).map(decodeSum),
  }
}

function sumsOf(ended: readonly AttemptRow[]): Iterable<Sum> {
  const sums = new Map<string, Sum>()
  for (const row of ended) {
    // Nothing was processed, so there is nothing to count.
    if (row.state === 'released') continue
    const { at, tenant, provider, wireModel, source } = row.start
    const key = `${hourOf(at)}\n${tenant}\n${provider}\n${wireModel}\n${source}`
    let sum = sums.get(key)
    if (!sum) sums.set(key, (sum = { of: row, requests: 0, input: 0, output: 0, cost: 0, charge: 0, unpriced: 0 }))
    sum.requests++
    sum.input += whole(row.outcome?.usage?.input)
    sum.output += whole(row.outcome?.usage?.output)
    sum.cost += whole(row.cost)
    sum.charge += whole(row.charge)
    if (!Number.isSafeInteger(row.cost)) sum.unpriced++
  }
  return sums.values()
}

/** A figure that is unknown or none adds nothing; it must not make the whole sum unknown. */
const whole = (figure: number | null | undefined): number => (Number.isSafeInteger(figure) ? (figure ?? 0) : 0)

interface UsageRow {
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
}

function decodeSum(row: UsageRow): UsageSum {
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
  }
}
