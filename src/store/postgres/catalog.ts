import type { CatalogStore } from '../../contract/store.ts'
import { decodeSnapshot, KEPT_SNAPSHOTS, type SnapshotRow } from '../rows/catalog.ts'
import type { Desk } from './desk.ts'

export function catalogStore({ db, mutate }: Desk): CatalogStore {
  return {
    async newest() {
      const [row] = await db.rows<SnapshotRow>(
        'SELECT snapshot, built, source, taken_at, models FROM catalog_snapshots ORDER BY seq DESC LIMIT 1',
      )
      return row && decodeSnapshot(row)
    },
    keep: ({ snapshot, built, source, takenAt, models }, entry) =>
      mutate(entry, async (tx) => {
        await tx.run(
          'INSERT INTO catalog_snapshots (snapshot, built, source, taken_at, models) VALUES ($1, $2, $3, $4, $5)',
          ...[snapshot, built ?? null, source, takenAt, JSON.stringify(models)],
        )
        await tx.run(
          'DELETE FROM catalog_snapshots WHERE seq NOT IN (SELECT seq FROM catalog_snapshots ORDER BY seq DESC LIMIT $1)',
          KEPT_SNAPSHOTS,
        )
      }),
    drop: (snapshot, entry) =>
      mutate(entry, async (tx) => {
        const newest = 'SELECT max(seq) FROM catalog_snapshots'
        await tx.run(`DELETE FROM catalog_snapshots WHERE seq = (${newest}) AND snapshot = $1`, snapshot)
      }),
  }
}
