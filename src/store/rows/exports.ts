import { type ExportCursor, type ExportedRow, MOST_COUNTED } from '../../contract/export.ts'
import { decodeAttempt, type WrittenAttempt } from './attempts.ts'

export type WrittenExport = [seq: number, ...WrittenAttempt]

export const decodeExported = ([seq, ...attempt]: WrittenExport): ExportedRow => ({ seq, row: decodeAttempt(attempt) })

export const EXPORTED_COLUMNS = 'exported.seq, start, state, outcome, cost, charge'
export const CURSOR_COLUMNS = 'destination, seq, failures, failing_since, next_at, parked_at, error'

/** Rows that a destination at `seq` has yet to take. */
export const WAITING = `(SELECT count(*) FROM (SELECT 1 FROM exported WHERE exported.seq > export_cursors.seq LIMIT ${MOST_COUNTED}) AS ahead)`

export type CursorRow = [
  destination: string,
  seq: number,
  failures: number,
  failingSince: number | null,
  nextAt: number | null,
  parkedAt: number | null,
  error: string | null,
]

export function decodeCursor([destination, seq, failures, failingSince, nextAt, parkedAt, error]: CursorRow): ExportCursor {
  return {
    ...{ destination, seq, failures, failingSince: failingSince ?? undefined, nextAt: nextAt ?? undefined },
    ...{ parkedAt: parkedAt ?? undefined, error: error ?? undefined },
  }
}

export function encodeCursor({ destination, seq, failures, failingSince, nextAt, parkedAt, error }: ExportCursor): CursorRow {
  return [destination, seq, failures, failingSince ?? null, nextAt ?? null, parkedAt ?? null, error ?? null]
}

export const newCursor = (destination: string): ExportCursor => decodeCursor([destination, 0, 0, null, null, null, null])
