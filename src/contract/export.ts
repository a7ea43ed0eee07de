import type { AuditEntry } from './audit.ts'
import type { AttemptRow } from './ledger.ts'

/** An ended attempt in the order in which the books tell of ended attempts. */
export interface ExportedRow {
  /** Grows from row to row, the same for every destination. */
  readonly seq: number
  readonly row: AttemptRow
}

/** How far one destination has heard. Times in milliseconds. */
export interface ExportCursor {
  readonly destination: string
  /** Of the last row it took; 0 before the first. */
  readonly seq: number
  /** Tries that failed since it took something. */
  readonly failures: number
  readonly failingSince: number | undefined
  readonly nextAt: number | undefined
  /** It failed for so long that nothing is sent until somebody says so; all rows are kept. */
  readonly parkedAt: number | undefined
  readonly error: string | undefined
}

export interface ExportStanding extends ExportCursor {
  /** Rows it has yet to take, counted up to `MOST_COUNTED`. */
  readonly waiting: number
}

export const MOST_COUNTED = 100_000

/**
 * Ended attempts for those who must hear of each. Attempts end in another order than they begin, so a place in the order of telling is
 * given by `enlist`, after the fact: requests pay nothing for it, and no end is passed over, however late it is.
 */
export interface ExportStore {
  /** Gives attempts that ended since the last time their places, some `limit` at most; false where there are no more. One caller at a time takes effect. */
  enlist(limit: number): Promise<boolean>
  after(seq: number, limit: number): Promise<readonly ExportedRow[]>
  cursor(destination: string): Promise<ExportCursor>
  /** Written where nobody moved it on meanwhile. */
  move(from: ExportCursor, to: ExportCursor): Promise<void>
  /** A parked one is tried again at once. False where there is no such destination. */
  resume(destination: string, audit: AuditEntry): Promise<boolean>
  /** Of all that ever took or refused something. */
  standings(): Promise<readonly ExportStanding[]>
}
