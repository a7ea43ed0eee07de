import { setImmediate as breath } from 'node:timers/promises'
import type { ExportCursor, ExportedRow, ExportStore } from '../contract/export.ts'
import type { LeaseStore } from '../contract/store.ts'

/** Somebody who must hear of every ended attempt. */
export interface Destination {
  readonly name: string
  /** Resolves when it has these for good. A row may come again, under the same `seq`. */
  take(rows: readonly ExportedRow[]): Promise<void>
  /** It has all there is. */
  rest(): Promise<void>
}

export interface LedgerExportInput {
  readonly store: ExportStore
  readonly leases: LeaseStore
  /** This process. */
  readonly holder: string
  /** Of the configuration in force. */
  readonly destinations: () => readonly Destination[]
  readonly now: () => number
  /** A destination failed for so long that nothing more is sent. */
  readonly onParked: (parked: ExportCursor) => void
  readonly onTrouble: (error: unknown) => void
}

export interface LedgerExport {
  /** Tells each destination, in order, of what it has not heard yet. Resolves when all are told, or have failed. */
  deliver(): Promise<void>
}

const LEASE = 'ledger-export'
/** Milliseconds: longer than a destination may take for what it is given at once. */
const HELD = 60_000
const ENLISTED_AT_ONCE = 200
const ROWS_AT_ONCE = 100
/** Milliseconds until the next try, by how many failed; the last again and again. */
const WAITS = [5_000, 30_000, 120_000, 600_000, 1_800_000, 3_600_000]
const PARKED_AFTER = 24 * 3_600_000

/** At least once and in order, by one process at a time: a cursor moves only when its destination has the rows. */
export function createLedgerExport(input: LedgerExportInput): LedgerExport {
  const { store, leases, holder, destinations, now, onParked, onTrouble } = input
  const running = new Map<string, Promise<void>>()

  const isMine = (): Promise<boolean> => leases.take(LEASE, holder, now() + HELD)

  async function drain(destination: Destination): Promise<void> {
    for (;;) {
      const cursor = await store.cursor(destination.name)
      if (cursor.parkedAt !== undefined || (cursor.nextAt ?? 0) > now()) return
      const rows = await store.after(cursor.seq, ROWS_AT_ONCE)
      const last = rows.at(-1)
      if (!last) return destination.rest()
      if (!(await isMine())) return
      const error = await destination.take(rows).then(() => undefined, wordsOf)
      const next = error === undefined ? taken(cursor, last.seq) : failed(cursor, error, now())
      await store.move(cursor, next)
      if (next.parkedAt !== undefined) onParked(next)
      if (error !== undefined) return
    }
  }

  /** One by one for each, so that a slow one keeps nobody else waiting. */
  function run(destination: Destination): Promise<void> {
    const { name } = destination
    const one =
      running.get(name) ??
      drain(destination)
        .catch(onTrouble)
        .finally(() => running.delete(name))
    running.set(name, one)
    return one
  }

  return {
    async deliver() {
      const all = destinations()
      if (all.length === 0 || !(await isMine())) return
      while (await store.enlist(ENLISTED_AT_ONCE)) await breath()
      await Promise.all(all.map(run))
    },
  }
}

const taken = ({ destination }: ExportCursor, seq: number): ExportCursor => ({
  ...{ destination, seq, failures: 0, failingSince: undefined, nextAt: undefined, parkedAt: undefined, error: undefined },
})

function failed(cursor: ExportCursor, error: string, now: number): ExportCursor {
  const { failures, failingSince = now } = cursor
  const isOver = now - failingSince >= PARKED_AFTER
  const nextAt = now + (WAITS[Math.min(failures, WAITS.length - 1)] ?? 0)
  return { ...cursor, error, failures: failures + 1, failingSince, ...(isOver ? { nextAt: undefined, parkedAt: now } : { nextAt }) }
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
