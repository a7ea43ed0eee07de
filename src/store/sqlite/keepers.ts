import type { Database } from 'better-sqlite3'
import { tenantId } from '../../contract/ids.ts'
import type { Keeper, KeeperRow } from '../../contract/kept.ts'
import type { KeeperStore } from '../../contract/store.ts'
import { whenFree } from './connection.ts'

/** Some 300 MB; beyond, the oldest are forgotten before their time. */
const MOST_ROWS = 2_000_000
/** Rows cleared away with each write at most, so that no write is long. */
const CLEARED = 100

interface Row {
  digest: Buffer
  tenant_id: string
  provider: string
  wire_model: string
  source: Keeper['source']
  fingerprint: string | null
  expires_at: number
}

export function keeperStore(db: Database, now: () => number): KeeperStore {
  const insert = db.prepare(
    'INSERT OR REPLACE INTO keepers (digest, tenant_id, provider, wire_model, source, fingerprint, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  const one = db.prepare<[Buffer], Row>('SELECT * FROM keepers WHERE digest = ?')
  // All live equally long, so the oldest rows are the first to expire.
  const forget = db.prepare<[number, number, number]>(`
    DELETE FROM keepers WHERE seq IN (
      SELECT seq FROM (SELECT seq, expires_at FROM keepers ORDER BY seq LIMIT ?)
      WHERE expires_at <= ? OR seq <= (SELECT max(seq) FROM keepers) - ?)`)

  const put = db.transaction((rows: readonly KeeperRow[]) => {
    for (const { digest, tenant, provider, wireModel, source, fingerprint, expiresAt } of rows)
      insert.run(digest, tenant, provider, wireModel, source, fingerprint, expiresAt)
    forget.run(CLEARED, now(), MOST_ROWS)
  })

  return {
    put: (rows) => whenFree(() => put.immediate(rows)),
    async get(digest) {
      const row = one.get(digest)
      return row && decodeRow(row)
    },
  }
}

function decodeRow({ digest, tenant_id, provider, wire_model, source, fingerprint, expires_at }: Row): KeeperRow {
  const place = { provider, wireModel: wire_model, source, fingerprint: fingerprint ?? undefined }
  return { digest, tenant: tenantId(tenant_id), ...place, expiresAt: expires_at }
}
