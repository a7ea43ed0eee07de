import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { GatewayError } from '../../errors.ts'
import { migrate, refused } from './migrations.ts'

/** How long a writer waits for another process's transaction, in milliseconds. */
const PATIENCE = 2_000

/** The first release without the WAL-reset corruption of 3.7.0 to 3.51.2, https://sqlite.org/wal.html#walresetbug */
const OLDEST = [3, 51, 3]

const WAL_BYTES = 64 * 1024 * 1024
/** Four times SQLite's default: pages at the end of the books are written often and need copying once. */
const WAL_PAGES = 4_000

/**
 * The one connection of this process, its schema up to date, whose every commit is on the disk when it returns. A statement that finds
 * another process's lock fails at once, and `whenFree` waits in its stead: SQLite's own waiting would stop every stream.
 */
export function connect(path: string): Database.Database {
  createPrivately(path)
  const db = new Database(path, { timeout: PATIENCE })
  try {
    assertVersion(db)
    writeAhead(db)
    migrate(db)
    db.pragma('busy_timeout = 0')
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** Tries until no other process holds the lock. */
export async function whenFree<T>(attempt: () => T): Promise<T> {
  for (let waited = 0; ; waited += 10) {
    try {
      return attempt()
    } catch (error) {
      if (isDamage(error)) throw damaged(error)
      if (!isBusy(error) || waited >= PATIENCE) throw error
      await sleep(10)
    }
  }
}

export function sqliteVersion(db: Database.Database): string {
  return db.prepare<[], string>('SELECT sqlite_version()').pluck().get() ?? ''
}

export function synchronousOf(db: Database.Database): string {
  return ['OFF', 'NORMAL', 'FULL', 'EXTRA'][Number(db.pragma('synchronous', { simple: true }))] ?? 'unknown'
}

/** SQLite gives the log and its index the mode of the database, so the mode must be right before the first byte. */
function createPrivately(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  closeSync(openSync(path, 'a', 0o600))
}

function writeAhead(db: Database.Database): void {
  if (db.pragma('journal_mode = WAL', { simple: true }) !== 'wal') {
    throw refused(`${db.name} cannot have a write-ahead log. Put the data folder on a local disk.`)
  }
  // better-sqlite3's default for a write-ahead log is NORMAL, which loses acknowledged commits when the power fails.
  db.pragma('synchronous = FULL')
  if (synchronousOf(db) !== 'FULL') throw refused(`${db.name} does not keep synchronous=FULL, so a charge could be lost.`)
  db.pragma('secure_delete = ON')
  db.pragma(`journal_size_limit = ${WAL_BYTES}`)
  db.pragma(`wal_autocheckpoint = ${WAL_PAGES}`)
}

function assertVersion(db: Database.Database): void {
  const version = sqliteVersion(db)
  const parts = version.split('.').map(Number)
  const differs = OLDEST.findIndex((part, at) => part !== parts[at])
  if (differs >= 0 && (parts[differs] ?? 0) < (OLDEST[differs] ?? 0)) {
    throw refused(`SQLite ${version} can corrupt a database that two connections write. Use ${OLDEST.join('.')} or newer.`)
  }
}

/** The disk, a lock, the file: not the values that were to be written. */
export const isEnginesFault = (error: unknown): boolean =>
  error instanceof Database.SqliteError && !error.code.startsWith('SQLITE_CONSTRAINT')

export const isBusy = (error: unknown): boolean => error instanceof Database.SqliteError && /^SQLITE_(BUSY|LOCKED)/.test(error.code)

/** What was to be on the disk may not be there, or what is there is none of ours. */
export const isDamage = (error: unknown): error is InstanceType<typeof Database.SqliteError> =>
  error instanceof Database.SqliteError && /^SQLITE_(IOERR_(DIR_)?FSYNC|CORRUPT|NOTADB)/.test(error.code)

export function damaged(cause: InstanceType<typeof Database.SqliteError>): GatewayError {
  const sentence = `The database can no longer be trusted (${cause.code}: ${cause.message}). Check the disk, then start again; where that is refused, restore a backup.`
  return new GatewayError('database_unusable', sentence, { cause })
}
