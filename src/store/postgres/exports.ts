import { setTimeout as sleep } from 'node:timers/promises'
import type { ExportStore } from '../../contract/export.ts'
import {
  CURSOR_COLUMNS,
  type CursorRow,
  decodeCursor,
  decodeExported,
  EXPORTED_COLUMNS,
  encodeCursor,
  newCursor,
  WAITING,
  type WrittenExport,
} from '../rows/exports.ts'
import type { Database, Queries } from './database.ts'
import type { Desk } from './desk.ts'

export function exportStore({ db, mutate }: Desk): ExportStore {
  const find = (destination: string): Promise<readonly CursorRow[]> =>
    db.tuples<CursorRow>(`SELECT ${CURSOR_COLUMNS} FROM export_cursors WHERE destination = $1`, destination)
  return {
    async enlist(limit) {
      const newest = await settledUpTo(db)
      return newest === undefined ? false : db.transaction((tx) => enlist(tx, newest, limit))
    },
    async after(seq, limit) {
      const rows = await db.tuples<WrittenExport>(
        `SELECT ${EXPORTED_COLUMNS} FROM exported JOIN attempts ON attempts.seq = exported.attempt JOIN ends ON ends.seq = exported.attempt
        WHERE exported.seq > $1 ORDER BY exported.seq LIMIT $2`,
        ...[seq, limit],
      )
      return rows.map(decodeExported)
    },
    async cursor(destination) {
      const [row] = await find(destination)
      return row ? decodeCursor(row) : newCursor(destination)
    },
    async move(from, to) {
      await db.run(
        `INSERT INTO export_cursors AS stands (${CURSOR_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (destination) DO UPDATE SET seq = excluded.seq, failures = excluded.failures, failing_since = excluded.failing_since,
          next_at = excluded.next_at, parked_at = excluded.parked_at, error = excluded.error WHERE stands.seq = $8`,
        ...[...encodeCursor(to), from.seq],
      )
    },
    async resume(destination, audit) {
      if ((await find(destination)).length === 0) return false
      const text = 'UPDATE export_cursors SET failing_since = NULL, failures = 0, next_at = NULL, parked_at = NULL WHERE destination = $1'
      await mutate(audit, async (tx) => void (await tx.run(text, destination)))
      return true
    },
    async standings() {
      const rows = await db.tuples<[...CursorRow, number]>(`SELECT ${CURSOR_COLUMNS}, ${WAITING} FROM export_cursors ORDER BY destination`)
      return rows.map(([destination, seq, failures, failingSince, nextAt, parkedAt, error, waiting]) => ({
        ...decodeCursor([destination, seq, failures, failingSince, nextAt, parkedAt, error]),
        waiting,
      }))
    },
  }
}

/** Looks at whoever may still hold an older attempt, and how long to wait between looks, in milliseconds. */
const LOOKS = [0, 5, 20, 100, 500]

/**
 * The newest attempt below which none can appear any more; undefined where somebody still writes. Sequences tell nothing of the order in
 * which transactions commit, but a writer locks the table before it takes a number: whoever had taken a smaller one than a number that is
 * seen has ended, or holds that lock now.
 */
async function settledUpTo(db: Database): Promise<number | undefined> {
  const [[newest] = [null]] = await db.tuples<[number | null]>('SELECT max(seq) FROM attempts')
  if (newest === null) return undefined
  const mine = `FROM pg_locks WHERE relation = 'attempts'::regclass AND mode = 'RowExclusiveLock'
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`
  const writers = (await db.tuples<[string]>(`SELECT virtualtransaction ${mine}`)).map(([writer]) => writer)
  for (const wait of writers.length === 0 ? [] : LOOKS) {
    await sleep(wait)
    const left = await db.rows(`SELECT 1 ${mine} AND virtualtransaction = ANY($1) LIMIT 1`, writers)
    if (left.length === 0) return newest
  }
  return writers.length === 0 ? newest : undefined
}

/** As in the other engine, in whole sets; the lock makes the order of numbers the order of commits. */
async function enlist(tx: Queries, newest: number, limit: number): Promise<boolean> {
  await tx.run('LOCK TABLE exported IN EXCLUSIVE MODE')
  const [[from] = [0]] = await tx.tuples<[number]>(
    'SELECT greatest((SELECT coalesce(max(attempt), 0) FROM exported), (SELECT coalesce(max(attempt), 0) FROM export_open))',
  )
  const late = await tx.run(
    `WITH closed AS (SELECT attempt FROM export_open JOIN ends ON ends.seq = attempt ORDER BY attempt LIMIT $1),
      told AS (INSERT INTO exported (attempt) SELECT attempt FROM closed ORDER BY attempt)
    DELETE FROM export_open USING closed WHERE export_open.attempt = closed.attempt`,
    limit,
  )
  const looked = await tx.tuples<[attempt: number, ended: boolean]>(
    `SELECT seq, state IS NOT NULL FROM attempts LEFT JOIN ends USING (seq) WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT $3`,
    ...[from, newest, limit],
  )
  const those = (ended: boolean) => looked.filter((row) => row[1] === ended).map(([attempt]) => attempt)
  await tx.run('INSERT INTO exported (attempt) SELECT attempt FROM unnest($1::bigint[]) AS attempt ORDER BY attempt', those(true))
  await tx.run('INSERT INTO export_open (attempt) SELECT unnest($1::bigint[])', those(false))
  return late === limit || looked.length === limit
}
