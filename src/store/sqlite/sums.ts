import type { Database } from 'better-sqlite3'
import type { AttemptRow } from '../../contract/ledger.ts'
import type { LedgerStore } from '../../contract/store.ts'
import { decodeSum, hourOf, sumsOf, type UsageRow } from '../rows/sums.ts'

/** Adds ended attempts to their hours: once a batch for each hour, tenant, model and payer, for in one batch most are alike. */
export function sumWriter(db: Database): (ended: readonly AttemptRow[]) => void {
  const add = db.prepare(`
    INSERT INTO sums (hour, tenant_id, provider, wire_model, source, requests, input, output, cost, charge, unpriced, cached, saved)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET requests = requests + excluded.requests, input = input + excluded.input, output = output + excluded.output,
      cost = cost + excluded.cost, charge = charge + excluded.charge, unpriced = unpriced + excluded.unpriced,
      cached = cached + excluded.cached, saved = saved + excluded.saved`)

  return (ended) => {
    for (const { of, requests, input, output, cost, charge, unpriced, cached, saved } of sumsOf(ended)) {
      const { at, tenant, provider, wireModel, source } = of.start
      add.run(hourOf(at), tenant, provider, wireModel, source, requests, input, output, cost, charge, unpriced, cached, saved)
    }
  }
}

export function sumReader(db: Database): Pick<LedgerStore, 'usage'> {
  const usage = db
    .prepare<[number, number, string | null], UsageRow>(`
    SELECT tenant_id, slug, provider, wire_model, source, date(hour * 3600, 'unixepoch') AS day, sum(requests) AS requests,
      sum(input) AS input, sum(output) AS output, sum(cost) AS cost, sum(charge) AS charge, sum(unpriced) AS unpriced,
      sum(cached) AS cached, sum(saved) AS saved
    FROM sums LEFT JOIN tenants ON tenants.id = tenant_id
    WHERE hour >= ? AND hour < ? AND tenant_id = coalesce(?, tenant_id)
    GROUP BY day, tenant_id, provider, wire_model, source ORDER BY day, tenant_id, provider, wire_model, source`)
    .safeIntegers()

  return {
    usage: async ({ tenant, from, to }) => usage.all(hourOf(from), hourOf(to), tenant ?? null).map(decodeSum),
  }
}
