import { setImmediate as breath } from 'node:timers/promises'
import type { TenantId } from '../contract/ids.ts'
import type { AttemptRow } from '../contract/ledger.ts'
import type { LedgerStore } from '../contract/store.ts'

const PAGE = 100

/** Rows lie in the order in which they were reserved, by the clocks of several replicas: one may be this much older than the row before it. */
const SLACK = 3_600_000

export interface BookedQuery {
  readonly tenant?: TenantId | undefined
  /** Milliseconds: begun at `from` or later, before `to`. */
  readonly from: number
  readonly to: number
}

/** Booked attempts, newest first, read a page at a time, with room between the pages for whoever shares this process. */
export async function* bookedAttempts(ledger: LedgerStore, { tenant, from, to }: BookedQuery): AsyncGenerator<AttemptRow> {
  let last: AttemptRow | undefined
  do {
    const rows = await ledger.requests({ limit: PAGE, ...(tenant !== undefined && { tenant }), ...(last && { before: last.start }) })
    yield* rows.filter(({ start: { at } }) => at >= from && at < to)
    last = rows.at(-1)
    await breath()
  } while (last && last.start.at >= from - SLACK)
}
