import type { Database } from 'better-sqlite3'
import { whenFree } from './connection.ts'

const BEAT = 5_000
/** A process that was not seen for so long is dead: six beats, so that a slow disk or a busy loop kills nobody. */
const DEAD = 30_000

/**
 * Which processes write the books, each with a row that says when it was last seen. An attempt left open is another's to close only
 * once its process is dead. A process without open attempts needs no row, so the command line leaves none behind.
 */
export function bootsOf(db: Database, now: () => number) {
  const insert = db.prepare<[number], number>('INSERT INTO boots (seen_at) VALUES (?) RETURNING id').pluck()
  const beat = db.prepare('UPDATE boots SET seen_at = ? WHERE id = ?')
  const leave = db.prepare('DELETE FROM boots WHERE id = ?')
  let id: number | undefined
  let timer: NodeJS.Timeout | undefined

  return {
    /** Gives this process its id, from now on with a pulse. Not inside a transaction, which could take the row back. */
    enter(): number {
      if (id !== undefined) return id
      id = insert.get(now()) ?? 0
      timer = setInterval(pulse, BEAT).unref()
      return id
    },
    /** Who was not seen since this moment (milliseconds) is dead. */
    deadline: () => now() - DEAD,
    async close(): Promise<void> {
      clearInterval(timer)
      if (id !== undefined) await whenFree(() => leave.run(id))
    },
  }

  function pulse(): void {
    try {
      beat.run(now(), id)
    } catch {
      // The disk or a lock: the next beat tries again, and there are five more before anyone takes us for dead.
    }
  }
}
