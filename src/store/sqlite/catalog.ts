import type { CatalogStore } from '../../contract/store.ts'
import { decodeSnapshot, KEPT_SNAPSHOTS, type SnapshotRow } from '../rows/catalog.ts'
import type { Desk } from './mutation.ts'

export function catalogStore({ db, mutate }: Desk): CatalogStore {
  const newest = db.prepare<[], SnapshotRow>(
    'SELECT snapshot, built, source, taken_at, models FROM catalog_snapshots ORDER BY seq DESC LIMIT 1',
  )
  const insert = db.prepare('INSERT INTO catalog_snapshots (snapshot, built, source, taken_at, models) VALUES (?, ?, ?, ?, ?)')
  const drop = db.prepare('DELETE FROM catalog_snapshots WHERE seq = (SELECT max(seq) FROM catalog_snapshots) AND snapshot = ?')
  const trim = db.prepare('DELETE FROM catalog_snapshots WHERE seq NOT IN (SELECT seq FROM catalog_snapshots ORDER BY seq DESC LIMIT ?)')

  return {
    async newest() {
      const row = newest.get()
      return row && decodeSnapshot(row)
    },
    keep: ({ snapshot, built, source, takenAt, models }, entry) =>
      mutate(entry, () => {
        insert.run(snapshot, built ?? null, source, takenAt, JSON.stringify(models))
        trim.run(KEPT_SNAPSHOTS)
      }),
    drop: (snapshot, entry) => mutate(entry, () => void drop.run(snapshot)),
  }
}
