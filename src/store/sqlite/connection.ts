import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { GatewayError } from '../../errors.ts'
import { migrate, refused } from './migrations.ts'

/** In place of a path, in SQLite's own word: nothing is durable, and no other process sees it. */
export const MEMORY = ':memory:'

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
  let db: Database.Database | undefined
  try {
    if (path !== MEMORY) createPrivately(path)
    db = new Database(path, { timeout: PATIENCE })
    assertVersion(db)
    if (!db.memory) writeAhead(db)
    migrate(db)
    db.pragma('busy_timeout = 0')
    return db
  } catch (error) {
    db?.close()
    throw inWords(error, path)
  }
}

/** Tries until no other process holds the lock. */
export async function whenFree<T>(attempt: () => T): Promise<T> {
  for (let waited = 0; ; waited += 10) {
    try {
      return attempt()
    } catch (error) {
      if (!isBusy(error) || waited >= PATIENCE) throw isLoss(error) ? lossOf(error) : error
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

export function assertVersion(db: Database.Database): void {
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

/** The disk did not keep what it had taken, or what it gives back is none of ours: to try again would make it worse. */
const isLoss = (error: unknown): error is SqliteFault =>
  error instanceof Database.SqliteError && /^SQLITE_(IOERR_(DIR_)?FSYNC|CORRUPT|NOTADB)/.test(error.code)

type SqliteFault = InstanceType<typeof Database.SqliteError>

function lossOf(cause: SqliteFault): GatewayError {
  const what = `${cause.code}: ${cause.message}`
  if (!cause.code.startsWith('SQLITE_IOERR')) return damaged(what, cause)
  return new GatewayError(
    'database_unusable',
    `The disk did not keep what was written to the database (${what}). Check it, then start again.`,
    { cause },
  )
}

/** With what to do, which nobody who needs it knows by heart. */
export const damaged = (what: string, cause?: unknown): GatewayError =>
  new GatewayError(
    'database_unusable',
    `The database is damaged (${what}), and nothing was changed. Check the disk and copy the data folder to a safe place. Then put the last backup in the place of tollgate.db, remove the files whose names go on after it, and start again. Without a backup, sqlite3's .recover reads what can be read.`,
    { cause },
  )

/** What an operator can do something about is told as such. */
export function inWords(error: unknown, path: string): unknown {
  if (isLoss(error)) return lossOf(error)
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (!UNWRITABLE.test(code)) return error
  const sentence = `${path} cannot be written (${code}). Put the data folder (TOLLGATE_DATA) on a disk that has room and that this user may write.`
  return new GatewayError('database_unusable', sentence, { cause: error })
}

const UNWRITABLE = /^(EROFS|EACCES|EPERM|ENOSPC|EIO|SQLITE_(READONLY|FULL|CANTOPEN|IOERR).*)$/
