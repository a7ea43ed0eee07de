import type { Database } from 'better-sqlite3'
import { tenantId } from '../../contract/ids.ts'
import type { AttemptRow } from '../../contract/ledger.ts'
import type { KeySum, LedgerStore } from '../../contract/store.ts'

const HOUR = 3_600_000

const hourOf = (at: number): number => Math.floor(at / HOUR)

/** Adds ended attempts that went with one of several keys; what went with an only key is in `sums` already. */
export function keySumWriter(db: Database): (ended: readonly AttemptRow[]) => void {
  const add = db.prepare(`
    INSERT INTO key_sums (hour, tenant_id, provider, source, fingerprint, requests, cost, charge, unpriced) VALUES (?, ?, ?, ?, ?, 1, ?, ?, ?)
    ON CONFLICT DO UPDATE SET requests = requests + 1, cost = cost + excluded.cost, charge = charge + excluded.charge,
      unpriced = unpriced + excluded.unpriced`)
  return (ended) => {
    for (const { start, state, cost, charge } of ended) {
      if (!start.pooled || state === 'released') continue
      const { at, tenant, provider, source, fingerprint = '' } = start
      add.run(hourOf(at), tenant, provider, source, fingerprint, cost ?? 0, charge ?? 0, cost === null ? 1 : 0)
    }
  }
}

export function keySumReader(db: Database): Pick<LedgerStore, 'keyUsage'> {
  const read = db
    .prepare<[number, number, string | null], Row>(`
    SELECT tenant_id, provider, source, fingerprint, sum(requests) AS requests, sum(cost) AS cost, sum(charge) AS charge, sum(unpriced) AS unpriced
    FROM key_sums WHERE hour >= ? AND hour < ? AND tenant_id = coalesce(?, tenant_id)
    GROUP BY tenant_id, provider, source, fingerprint ORDER BY tenant_id, provider, source, fingerprint`)
    .safeIntegers()
  return { keyUsage: async ({ tenant, from, to }) => read.all(hourOf(from), hourOf(to), tenant ?? null).map(decodeSum) }
}

interface Row {
  tenant_id: string
  provider: string
  source: string
  fingerprint: string
  requests: bigint
  cost: bigint
  charge: bigint
  unpriced: bigint
}

const decodeSum = ({ tenant_id, requests, unpriced, ...row }: Row): KeySum => ({
  ...row,
  tenant: tenantId(tenant_id),
  requests: Number(requests),
  unpriced: Number(unpriced),
})
