import type { Database } from 'better-sqlite3'
import type { AttemptRow } from '../../contract/ledger.ts'
import type { LedgerStore } from '../../contract/store.ts'
import { decodeKeySum, type KeySumRow, keySumsOf } from '../rows/key-sums.ts'
import { hourOf } from '../rows/sums.ts'

/** Adds ended attempts that went with one of several keys; what went with an only key is in `sums` already. */
export function keySumWriter(db: Database): (ended: readonly AttemptRow[]) => void {
  const add = db.prepare(`
    INSERT INTO key_sums (hour, tenant_id, provider, source, fingerprint, requests, cost, charge, unpriced) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET requests = requests + excluded.requests, cost = cost + excluded.cost, charge = charge + excluded.charge,
      unpriced = unpriced + excluded.unpriced`)
  return (ended) => {
    for (const { of, requests, cost, charge, unpriced } of keySumsOf(ended)) {
      const { at, tenant, provider, source, fingerprint = '' } = of.start
      add.run(hourOf(at), tenant, provider, source, fingerprint, requests, cost, charge, unpriced)
    }
  }
}

export function keySumReader(db: Database): Pick<LedgerStore, 'keyUsage'> {
  const read = db
    .prepare<[number, number, string | null], KeySumRow>(`
    SELECT tenant_id, provider, source, fingerprint, sum(requests) AS requests, sum(cost) AS cost, sum(charge) AS charge, sum(unpriced) AS unpriced
    FROM key_sums WHERE hour >= ? AND hour < ? AND tenant_id = coalesce(?, tenant_id)
    GROUP BY tenant_id, provider, source, fingerprint ORDER BY tenant_id, provider, source, fingerprint`)
    .safeIntegers()
  return { keyUsage: async ({ tenant, from, to }) => read.all(hourOf(from), hourOf(to), tenant ?? null).map(decodeKeySum) }
}
