import type { KeeperStore } from '../../contract/store.ts'
import { CLEARED_KEEPERS, decodeKeeper, type KeptKeeper, MOST_KEEPERS } from '../rows/keepers.ts'
import type { Database } from './database.ts'

const COLUMNS = 'digest, tenant_id, provider, wire_model, source, fingerprint, expires_at'

export function keeperStore(db: Database, now: () => number): KeeperStore {
  return {
    async put(rows) {
      // One statement takes a digest once: the last of it stands. In one order, so that two writers never wait for each other.
      const last = [...new Map(rows.map((row) => [row.digest.toString('hex'), row])).values()].sort((a, b) => a.digest.compare(b.digest))
      await db.run(
        `INSERT INTO keepers (${COLUMNS}) SELECT * FROM unnest($1::bytea[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[])
        ON CONFLICT (digest) DO UPDATE SET seq = DEFAULT, tenant_id = excluded.tenant_id, provider = excluded.provider,
          wire_model = excluded.wire_model, source = excluded.source, fingerprint = excluded.fingerprint, expires_at = excluded.expires_at`,
        ...[last.map(({ digest }) => digest), last.map(({ tenant }) => tenant), last.map(({ provider }) => provider)],
        ...[last.map(({ wireModel }) => wireModel), last.map(({ source }) => source)],
        ...[last.map(({ fingerprint }) => fingerprint ?? null), last.map(({ expiresAt }) => expiresAt)],
      )
      // All live equally long, so the oldest rows are the first to expire. What another is clearing away just now is left to it.
      await db.run(
        `DELETE FROM keepers WHERE seq IN (
          SELECT seq FROM (SELECT seq, expires_at FROM keepers ORDER BY seq LIMIT $1 FOR UPDATE SKIP LOCKED) AS oldest
          WHERE expires_at <= $2 OR seq <= (SELECT max(seq) FROM keepers) - $3)`,
        ...[CLEARED_KEEPERS, now(), MOST_KEEPERS],
      )
    },
    async get(digest) {
      const [row] = await db.rows<KeptKeeper>(`SELECT ${COLUMNS} FROM keepers WHERE digest = $1`, digest)
      return row && decodeKeeper(row)
    },
  }
}
