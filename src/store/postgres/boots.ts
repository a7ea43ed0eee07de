import type { Database, Queries } from './database.ts'

const BEAT = 5_000
/** A process that was not seen for so long is dead: six beats, so that a slow database or a busy loop kills nobody. */
const DEAD = 30_000

/**
 * The processes that write the books, each with a row that says when it was last seen and from which attempt on it may have open ones.
 * An attempt left open is another's to close only once its process is dead.
 */
export function bootsOf(db: Database, now: () => number) {
  /** This process's open attempts by seq, the oldest first. */
  const open = new Set<number>()
  let entered: Promise<number> | undefined
  let next = 1
  let timer: NodeJS.Timeout | undefined

  async function enter(): Promise<number> {
    const text =
      'INSERT INTO boots (seen_at, open_from) VALUES ($1, (SELECT coalesce(max(seq), 0) + 1 FROM attempts)) RETURNING id, open_from'
    const [row] = await db.tuples<[id: number, openFrom: number]>(text, now())
    const [id, from] = row ?? [0, 1]
    next = from
    timer = setInterval(() => void pulse(id, now()).catch(() => {}), BEAT).unref()
    return id
  }

  // Not merely updated: another process may have buried us while we slept. A beat that fails is followed by five more before anyone does.
  const pulse = (id: number, seenAt: number): Promise<number> =>
    db.run(
      `INSERT INTO boots (id, seen_at, open_from) OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3)
      ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at, open_from = excluded.open_from`,
      ...[id, seenAt, open.values().next().value ?? next],
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
      if (entered) await pulse(await entered, now())
      return now() - DEAD
    },
    opened(seq: number): void {
      open.add(seq)
      next = Math.max(next, seq + 1)
    },
    ended: (seq: number) => open.delete(seq),
    /** The dead have no open attempts any more. */
    bury: (db: Queries, deadline: number) => db.run('DELETE FROM boots WHERE seen_at <= $1', deadline),
    /** Whose attempts are all closed leaves no trace; else the next process finds them at once. */
    async close(): Promise<void> {
      clearInterval(timer)
      const id = await entered?.catch(() => undefined)
      if (id === undefined) return
      await (open.size === 0 ? db.run('DELETE FROM boots WHERE id = $1', id) : pulse(id, 0))
    },
  }
}
