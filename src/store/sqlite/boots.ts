import type { Database } from 'better-sqlite3'
import type { AttemptRow } from '../../contract/ledger.ts'
import { whenFree } from './connection.ts'
import { beginLife, fateOf, forgetLife, type Life, leftBy } from './life.ts'

const BEAT = 5_000
/** A process without a lock that was not seen for so long is dead: six beats, so that a slow disk or a busy loop kills nobody. */
const DEAD = 30_000

/**
 * The processes that write the books, each with a row that says when it was last seen and from which attempt on it may have open ones.
 * An attempt left open is another's to close only once its process is dead.
 */
export function bootsOf(db: Database, now: () => number) {
  const rows = rowsOf(db)
  /** This process's open attempts by seq, the oldest first. */
  const open = new Set<number>()
  let id: number | undefined
  let next = 1
  let timer: NodeJS.Timeout | undefined
  let life: Life | undefined

  // One step, so that no other process ever sees the row without the lock.
  const begin = db.transaction((): [id: number, openFrom: number] => {
    const row = rows.insert.get(now()) ?? [0, 1]
    // Of what is in memory nobody else knows, so nobody need be told when it ends.
    if (!db.memory) life = beginLife(lifeOf(db, row[0]))
    return row
  })

  const pulse = (seenAt: number) => rows.beat.run(id, seenAt, open.values().next().value ?? next)

  function tryPulse(): void {
    try {
      pulse(now())
    } catch {
      // The disk or a lock: the next beat tries again, and there are five more before anyone takes us for dead.
    }
  }

  return {
    /** This process's id, from the first call on with a pulse. Not inside a transaction, which could take the row back. */
    enter(): number {
      if (id !== undefined) return id
      ;[id, next] = begin.immediate()
      timer = setInterval(tryPulse, BEAT).unref()
      return id
    },
    /** Who was not seen since this moment (milliseconds) is dead. This process is not, nor is any that still has its lock. */
    deadline(): number {
      if (id !== undefined) pulse(now())
      noteFates(db, rows, { but: id, at: now() })
      return now() - DEAD
    },
    opened(seq: number): void {
      open.add(seq)
      next = seq + 1
    },
    ended: (seq: number) => open.delete(seq),
    spare: () => life?.spare,
    /** Ends that the dead could only keep beside the database. */
    left: (deadline: number): AttemptRow[] => rows.dead.all(deadline).flatMap((boot) => leftBy(lifeOf(db, boot))),
    /** The dead have none open before this one, so nobody need look there again. */
    closedTo: (seq: number, deadline: number) => rows.advance.run(seq, deadline, seq),
    /** The dead have no open attempts any more. */
    bury(deadline: number): void {
      for (const dead of rows.bury.all(deadline)) forgetLife(lifeOf(db, dead))
    },
    /** Whose attempts are all closed leaves no trace; else the next process finds them at once. */
    async close(): Promise<void> {
      clearInterval(timer)
      if (id === undefined) return
      const note = whenFree(() => (open.size === 0 ? rows.leave.run(id) : pulse(0)))
      // Where this cannot be written, the lock that is gone tells it.
      await note.catch(() => {})
      life?.end()
    },
  }
}

/** A process that wrote these books ended without saying so, and no other has taken note of it. */
export const hasDied = (db: Database): boolean =>
  db
    .prepare<[], number>('SELECT id FROM boots')
    .pluck()
    .all()
    .some((boot) => fateOf(lifeOf(db, boot)) === 'died')

function noteFates(db: Database, rows: ReturnType<typeof rowsOf>, { but = 0, at }: { but: number | undefined; at: number }): void {
  for (const other of rows.others.all(but)) {
    const fate = fateOf(lifeOf(db, other))
    if (fate !== undefined) rows.seen.run(fate === 'lives' ? at : 0, other)
  }
}

function rowsOf(db: Database) {
  return {
    insert: db
      .prepare<[number], [id: number, openFrom: number]>(
        'INSERT INTO boots (seen_at, open_from) VALUES (?, (SELECT coalesce(max(seq), 0) + 1 FROM attempts)) RETURNING id, open_from',
      )
      .raw(),
    // Not merely updated: another process may have buried us while we slept.
    beat: db.prepare(`INSERT INTO boots (id, seen_at, open_from) VALUES (?, ?, ?)
      ON CONFLICT DO UPDATE SET seen_at = excluded.seen_at, open_from = excluded.open_from`),
    leave: db.prepare('DELETE FROM boots WHERE id = ?'),
    others: db.prepare<[number], number>('SELECT id FROM boots WHERE id <> ?').pluck(),
    dead: db.prepare<[number], number>('SELECT id FROM boots WHERE seen_at <= ?').pluck(),
    seen: db.prepare('UPDATE boots SET seen_at = ? WHERE id = ?'),
    advance: db.prepare('UPDATE boots SET open_from = ? WHERE seen_at <= ? AND open_from < ?'),
    bury: db.prepare<[number], number>('DELETE FROM boots WHERE seen_at <= ? RETURNING id').pluck(),
  }
}

const lifeOf = ({ name }: Database, boot: number): string => `${name}-boot-${boot}`
