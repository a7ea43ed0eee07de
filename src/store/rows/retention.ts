import type { AttemptState } from '../../contract/ledger.ts'
import type { SealedDay } from '../../contract/retention.ts'

/** One attempt as its going is noted. `exported` is its place in the order of telling. */
export type GoingAttempt = [
  seq: number,
  at: number,
  state: AttemptState | null,
  cost: number | null,
  charge: number | null,
  exported: number | null,
]

/** The oldest of these that may go: all before the first that is too new, still open, or not yet heard of up to `heard`. */
export function goingOf(rows: readonly GoingAttempt[], before: number, heard: number | undefined): readonly GoingAttempt[] {
  const stays = rows.findIndex(
    ([, at, state, , , exported]) =>
      at >= before || state === null || (heard !== undefined && (exported ?? Number.POSITIVE_INFINITY) > heard),
  )
  return stays < 0 ? rows : rows.slice(0, stays)
}

/** As the sums count: what was not processed adds nothing, and an unknown price is counted in place of added. */
export function sealedOf(rows: readonly GoingAttempt[]): readonly SealedDay[] {
  const days = Map.groupBy(rows, ([, at]) => new Date(at).toISOString().slice(0, 10))
  return [...days].map(([day, gone]) => {
    const counted = gone.filter(([, , state]) => state === 'settled' || state === 'estimated')
    return {
      ...{ day, attempts: gone.length, requests: counted.length },
      cost: counted.reduce((sum, [, , , cost]) => sum + BigInt(cost ?? 0), 0n),
      charge: counted.reduce((sum, [, , , , charge]) => sum + BigInt(charge ?? 0), 0n),
      unpriced: counted.filter(([, , , cost]) => cost === null).length,
    }
  })
}

export interface SealedRow {
  day: string
  attempts: number | bigint | string
  requests: number | bigint | string
  cost: bigint | string
  charge: bigint | string
  unpriced: number | bigint | string
}

export const decodeSealed = ({ day, attempts, requests, cost, charge, unpriced }: SealedRow): SealedDay => ({
  ...{ day, attempts: Number(attempts), requests: Number(requests), unpriced: Number(unpriced) },
  ...{ cost: BigInt(cost), charge: BigInt(charge) },
})

/** Tables of hourly sums: what tells their rows apart besides the hour, and what is added up. */
export const SUM_TABLES = {
  sums: {
    place: ['tenant_id', 'provider', 'wire_model', 'source'],
    figures: ['requests', 'input', 'output', 'cost', 'charge', 'unpriced', 'cached', 'saved'],
  },
  key_sums: { place: ['tenant_id', 'provider', 'source', 'fingerprint'], figures: ['requests', 'cost', 'charge', 'unpriced'] },
} as const

export const HOURS_A_DAY = 24
const DAY = 86_400_000

/** The hours with which the days from one hour to a moment begin: a day's sums lie in its first. */
export function* firstHours(oldest: number, before: number): Generator<number> {
  for (let day = Math.floor(oldest / HOURS_A_DAY); (day + 1) * DAY <= before; day++) yield day * HOURS_A_DAY
}
