import type { Database, Queries } from './database.ts'

const BEAT = 5_000
/** A process that was not seen for so long is dead: six beats, so that a slow database or a busy loop kills nobody. */
const DEAD = 30_000

/** Milliseconds by the database's own clock, for those of its clients may differ by more than a process may be silent. */
const NOW = '(extract(epoch FROM clock_timestamp()) * 1000)::bigint'

/**
 * The processes that write the books, each with a row that says when it was last seen and from which attempt on it may have open ones.
 * An attempt left open is another's to close only once its process is dead.
 */
export function bootsOf(db: Database) {
  /** This process's open attempts by seq, the oldest first. */
  const open = new Set<number>()
  let entered: Promise<number> | undefined
  let next = 1
  let timer: NodeJS.Timeout | undefined

  async function enter(): Promise<number> {
    const [row] = await db.tuples<[id: number, openFrom: number]>(
      `INSERT INTO boots (seen_at, open_from) VALUES (${NOW}, (SELECT coalesce(max(seq), 0) + 1 FROM attempts)) RETURNING id, open_from`,
    )
    const [id, from] = row ?? [0, 1]
    next = from
    timer = setInterval(() => void pulse(id).catch(() => {}), BEAT).unref()
    return id
  }

  // Not merely updated: another process may have buried us while we slept. A beat that fails is followed by five more before anyone does.
  const pulse = (id: number, seenAt = NOW): Promise<number> =>
    db.run(
      `INSERT INTO boots (id, seen_at, open_from) OVERRIDING SYSTEM VALUE VALUES ($1, ${seenAt}, $2)
      ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at, open_from = excluded.open_from`,
      ...[id, open.values().next().value ?? next],
    )

  return {
    /** This process's id, from the first call on with a pulse. */
    enter(): Promise<number> {
      entered ??= enter().catch((error: unknown) => {
        entered = undefined
        throw error
      })
      return entered
    },
    /** Who was not seen since this moment (milliseconds) is dead. This process is not. */
    async deadline(): Promise<number> {
      if (entered) await pulse(await entered)
      const [row] = await db.tuples<[deadline: number]>(`SELECT ${NOW} - ${DEAD}`)
      return row?.[0] ?? 0
    },
    opened(seq: number): void {
      open.add(seq)
      next = Math.max(next, seq + 1)
    },
    ended: (seq: number) => open.delete(seq),
    /** The dead have none open before this one, so nobody need look there again. */
    closedTo: (seq: number, deadline: number) =>
      db.run('UPDATE boots SET open_from = $1 WHERE seen_at <= $2 AND open_from < $1', seq, deadline),
    /** The dead have no open attempts any more. */
    bury: (db: Queries, deadline: number) => db.run('DELETE FROM boots WHERE seen_at <= $1', deadline),
    /** Whose attempts are all closed leaves no trace; else the next process finds them at once. */
    async close(): Promise<void> {
      clearInterval(timer)
      const id = await entered?.catch(() => undefined)
      if (id === undefined) return
      // Whoever cannot say so, for the database is away, is found dead in half a minute.
      await (open.size === 0 ? db.run('DELETE FROM boots WHERE id = $1', id) : pulse(id, '0')).catch(() => {})
    },
  }
}
