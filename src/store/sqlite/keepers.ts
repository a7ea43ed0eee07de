import type { Database } from 'better-sqlite3'
import type { KeeperRow } from '../../contract/kept.ts'
import type { KeeperStore } from '../../contract/store.ts'
import { CLEARED_KEEPERS, decodeKeeper, type KeptKeeper, MOST_KEEPERS } from '../rows/keepers.ts'
import { whenFree } from './connection.ts'

export function keeperStore(db: Database, now: () => number): KeeperStore {
  const insert = db.prepare(
    'INSERT OR REPLACE INTO keepers (digest, tenant_id, provider, wire_model, source, fingerprint, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  const one = db.prepare<[Buffer], KeptKeeper>('SELECT * FROM keepers WHERE digest = ?')
  // All live equally long, so the oldest rows are the first to expire.
  const forget = db.prepare<[number, number, number]>(`
    DELETE FROM keepers WHERE seq IN (
      SELECT seq FROM (SELECT seq, expires_at FROM keepers ORDER BY seq LIMIT ?)
      WHERE expires_at <= ? OR seq <= (SELECT max(seq) FROM keepers) - ?)`)

  const put = db.transaction((rows: readonly KeeperRow[]) => {
    for (const { digest, tenant, provider, wireModel, source, fingerprint, expiresAt } of rows)
      insert.run(digest, tenant, provider, wireModel, source, fingerprint, expiresAt)
    forget.run(CLEARED_KEEPERS, now(), MOST_KEEPERS)
  })

  return {
    put: (rows) => whenFree(() => put.immediate(rows)),
    async get(digest) {
      const row = one.get(digest)
      return row && decodeKeeper(row)
    },
  }
}
