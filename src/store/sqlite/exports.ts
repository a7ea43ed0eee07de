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
import { whenFree } from './connection.ts'
import type { Desk } from './mutation.ts'

export function exportStore({ db, mutate }: Desk): ExportStore {
  const after = db
    .prepare<[number, number], WrittenExport>(`
    SELECT ${EXPORTED_COLUMNS} FROM exported JOIN attempts ON attempts.seq = exported.attempt JOIN ends ON ends.seq = exported.attempt
    WHERE exported.seq > ? ORDER BY exported.seq LIMIT ?`)
    .raw()
  const cursor = db.prepare<[string], CursorRow>(`SELECT ${CURSOR_COLUMNS} FROM export_cursors WHERE destination = ?`).raw()
  const move = db.prepare<[...CursorRow, number]>(`
    INSERT INTO export_cursors (${CURSOR_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET seq = excluded.seq, failures = excluded.failures, failing_since = excluded.failing_since,
      next_at = excluded.next_at, parked_at = excluded.parked_at, error = excluded.error WHERE export_cursors.seq = ?`)
  const resume = db.prepare<[string]>(
    'UPDATE export_cursors SET failing_since = NULL, failures = 0, next_at = NULL, parked_at = NULL WHERE destination = ?',
  )
  const standings = db
    .prepare<[], [...CursorRow, number]>(`SELECT ${CURSOR_COLUMNS}, ${WAITING} FROM export_cursors ORDER BY destination`)
    .raw()
  const enlist = enlister(db)

  return {
    enlist: (limit) => whenFree(() => enlist.immediate(limit)),
    after: async (seq, limit) => after.all(seq, limit).map(decodeExported),
    async cursor(destination) {
      const row = cursor.get(destination)
      return row ? decodeCursor(row) : newCursor(destination)
    },
    move: (from, to) => whenFree(() => void move.run(...encodeCursor(to), from.seq)),
    async resume(destination, audit) {
      if (!cursor.get(destination)) return false
      await mutate(audit, () => void resume.run(destination))
      return true
    },
    standings: async () =>
      standings.all().map(([destination, seq, failures, failingSince, nextAt, parkedAt, error, waiting]) => ({
        ...decodeCursor([destination, seq, failures, failingSince, nextAt, parkedAt, error]),
        waiting,
      })),
  }
}

/** What was open when it was passed over comes as soon as it has ended; the newest attempt of all that were looked at is where looking goes on. */
function enlister(db: Desk['db']) {
  const position = db
    .prepare<[], number>(`
    SELECT max((SELECT coalesce(max(attempt), 0) FROM exported), (SELECT coalesce(max(attempt), 0) FROM export_open))`)
    .pluck()
  const closed = db
    .prepare<[number], number>('SELECT attempt FROM export_open JOIN ends ON ends.seq = attempt ORDER BY attempt LIMIT ?')
    .pluck()
  const next = db
    .prepare<[number, number], [attempt: number, ended: number]>(`
    SELECT attempts.seq, state IS NOT NULL FROM attempts LEFT JOIN ends USING (seq) WHERE attempts.seq > ? ORDER BY attempts.seq LIMIT ?`)
    .raw()
  const tell = db.prepare('INSERT INTO exported (attempt) VALUES (?)')
  const wait = db.prepare('INSERT INTO export_open (attempt) VALUES (?)')
  const waited = db.prepare('DELETE FROM export_open WHERE attempt = ?')

  return db.transaction((limit: number): boolean => {
    const from = position.get() ?? 0
    const late = closed.all(limit)
    for (const attempt of late) {
      tell.run(attempt)
      waited.run(attempt)
    }
    const rows = next.all(from, limit)
    for (const [attempt, ended] of rows) (ended ? tell : wait).run(attempt)
    return late.length === limit || rows.length === limit
  })
}
