import type { Database } from 'better-sqlite3'
import { hasDied } from './boots.ts'
import { connect, damaged, inWords } from './connection.ts'

/** Bytes that are read whole within a second or so. */
const MOST = 256 * 1024 * 1024

/** Who may call, and with which keys: small, and nothing works without them. */
const DIRECTORY = ['tenants', 'tenant_settings', 'gateway_keys', 'vault', 'boots']

/**
 * Connects, and looks for damage where a process died: in all of the file, or where that would take long in what a start reads. What lies
 * elsewhere is told when it is read.
 */
export function connectSoundly(path: string): Database {
  const db = connect(path)
  try {
    if (hasDied(db)) assertSound(db)
    return db
  } catch (error) {
    db.close()
    throw inWords(error, path)
  }
}

function assertSound(db: Database): void {
  const size = Number(db.pragma('page_count', { simple: true })) * Number(db.pragma('page_size', { simple: true }))
  for (const check of size <= MOST ? ['quick_check(1)'] : DIRECTORY.map((table) => `quick_check('${table}')`)) {
    const found = db.pragma(check, { simple: true })
    if (found !== 'ok') throw damaged(String(found).replaceAll('\n', ' '))
  }
}
