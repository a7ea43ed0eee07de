import { setTimeout as sleep } from 'node:timers/promises'
import type { RetentionStore } from '../contract/retention.ts'
import type { LeaseStore } from '../contract/store.ts'

/** Milliseconds; undefined: for ever. */
export interface Retention {
  /** How long rows of the books are kept. */
  readonly attempts: number | undefined
  /** How long sums are kept by the hour; older ones are by the day. */
  readonly hourlySums: number | undefined
}

export interface RetentionInput {
  readonly store: RetentionStore
  readonly leases: LeaseStore
  /** This process. */
  readonly holder: string
  /** Of the configuration in force. */
  readonly retention: () => Retention
  /** Who must have heard of a row before it is deleted. */
  readonly destinations: () => readonly string[]
  readonly now: () => number
}

const LEASE = 'retention'
/** Milliseconds. */
const HELD = 60_000
const DAY = 86_400_000
/** So few that nobody's stream waits for it, and with a pause between, in which others write. */
const AT_ONCE = 200
const PAUSE = 20

/** Deletes what is too old, whole days at a time, in one process. Resolves with how many rows are gone. */
export function createRetention({ store, leases, holder, retention, destinations, now }: RetentionInput): () => Promise<number> {
  const daysBefore = (kept: number): number => Math.floor((now() - kept) / DAY) * DAY

  function next(): Promise<number>[] {
    const { attempts, hourlySums } = retention()
    const limit = AT_ONCE
    return [
      ...(attempts === undefined ? [] : [store.forget({ before: daysBefore(attempts), limit, destinations: destinations() })]),
      ...(hourlySums === undefined ? [] : [store.rollUp({ before: daysBefore(hourlySums), limit })]),
    ]
  }

  async function work(): Promise<number> {
    let gone = 0
    while (await leases.take(LEASE, holder, now() + HELD)) {
      const batches = await Promise.all(next())
      const batch = batches.reduce((sum, rows) => sum + rows, 0)
      if (batch === 0) break
      gone += batch
      await sleep(PAUSE)
    }
    return gone
  }

  let running: Promise<number> | undefined
  return () =>
    (running ??= work().finally(() => {
      running = undefined
    }))
}
