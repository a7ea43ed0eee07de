import { closeSync, openSync, rmSync } from 'node:fs'
import Sqlite, { type Database } from 'better-sqlite3'
import type { AttemptRow } from '../../contract/ledger.ts'
import { isBusy } from './connection.ts'
import { keptIn, type OpenSpare, openSpare } from './spare.ts'

/** What a process has beside the database for as long as it lives. */
export interface Life {
  readonly spare: OpenSpare | undefined
  /** Leaves nothing behind but what is still to be brought into the books. */
  end(): void
}

/**
 * Locks a file for as long as this process lives: however it ends, the system takes the lock back in that moment. SQLite does the
 * locking, for Node itself cannot; nothing is ever written into the file.
 */
export function beginLife(path: string): Life {
  closeSync(openSync(path, 'a', 0o600))
  const lock = locked(path)
  const spare = openSpare(spareOf(path))
  return {
    spare,
    end() {
      spare?.close()
      lock.close()
      if (spare?.isEmpty !== false) forgetLife(path)
    },
  }
}

/** What became of whoever locked this file. Of one who never did, as versions before this one, nobody can tell. */
export function fateOf(path: string): 'lives' | 'died' | undefined {
  try {
    locked(path).close()
    return 'died'
  } catch (error) {
    return isBusy(error) ? 'lives' : undefined
  }
}

export function forgetLife(path: string): void {
  rmSync(spareOf(path), { force: true })
  rmSync(path, { force: true })
}

/** The ends that the database did not take while it lived. */
export const leftBy = (path: string): readonly AttemptRow[] => keptIn(spareOf(path))

const spareOf = (path: string): string => `${path}-spare`

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
