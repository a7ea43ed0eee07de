import { tenantId } from '../../contract/ids.ts'
import type { AttemptRow } from '../../contract/ledger.ts'
import type { KeySum } from '../../contract/store.ts'
import { hourOf } from './sums.ts'

/** One row of `key_sums` to be: a figure is added to what its hour holds. */
interface Sum {
  readonly of: AttemptRow
  requests: number
  cost: number
  charge: number
  unpriced: number
}

/** Those that went with one of several keys, by hour, tenant, provider, payer and key. */
export function keySumsOf(ended: readonly AttemptRow[]): Iterable<Sum> {
  const sums = new Map<string, Sum>()
  for (const row of ended) {
    const { pooled, at, tenant, provider, source, fingerprint = '' } = row.start
    if (!pooled || row.state === 'released') continue
    const key = `${hourOf(at)}\n${tenant}\n${provider}\n${source}\n${fingerprint}`
    let sum = sums.get(key)
    if (!sum) sums.set(key, (sum = { of: row, requests: 0, cost: 0, charge: 0, unpriced: 0 }))
    sum.requests++
    sum.cost += row.cost ?? 0
    sum.charge += row.charge ?? 0
    if (row.cost === null) sum.unpriced++
  }
  return sums.values()
}

export interface KeySumRow {
  tenant_id: string
  provider: string
  source: string
  fingerprint: string
  requests: bigint
  cost: bigint
  charge: bigint
  unpriced: bigint
}

export const decodeKeySum = ({ tenant_id, requests, unpriced, ...row }: KeySumRow): KeySum => ({
  ...row,
  tenant: tenantId(tenant_id),
  requests: Number(requests),
  unpriced: Number(unpriced),
})
