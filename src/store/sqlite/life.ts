import { closeSync, openSync, rmSync } from 'node:fs'
import Sqlite, { type Database } from 'better-sqlite3'

/**
 * Locks a file for as long as this process lives: however it ends, the system takes the lock back in that moment. SQLite does the
 * locking, for Node itself cannot; nothing is ever written into the file. What it gives ends it early.
 */
export function beginLife(path: string): () => void {
  closeSync(openSync(path, 'a', 0o600))
  const lock = locked(path)
  return () => {
    lock.close()
    forgetLife(path)
  }
}

/** Whoever locked this file is gone. Of one who never did, as versions before this one, nobody can tell. */
export function isOver(path: string): boolean {
  try {
    locked(path).close()
    return true
  } catch {
    return false
  }
}

export const forgetLife = (path: string): void => rmSync(path, { force: true })

function locked(path: string): Database {
  const lock = new Sqlite(path, { timeout: 0, fileMustExist: true })
  try {
    // Else a journal would be made beside it.
    lock.pragma('journal_mode = MEMORY')
    lock.exec('BEGIN EXCLUSIVE')
    return lock
  } catch (error) {
    lock.close()
    throw error
  }
}
