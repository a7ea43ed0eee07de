import type { KeptSnapshot } from '../../contract/refresh.ts'
import type { CatalogStore } from '../../contract/store.ts'
import type { Desk } from './mutation.ts'

/** Rows of the books hold their prices themselves; older snapshots are kept for an operator who asks what changed. */
const KEPT = 5

interface Row {
  snapshot: string
  built: string | null
  source: string
  taken_at: string
  models: string
}

export function catalogStore({ db, mutate }: Desk): CatalogStore {
  const newest = db.prepare<[], Row>('SELECT snapshot, built, source, taken_at, models FROM catalog_snapshots ORDER BY seq DESC LIMIT 1')
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
        trim.run(KEPT)
      }),
    drop: (snapshot, entry) => mutate(entry, () => void drop.run(snapshot)),
  }
}

function decodeSnapshot({ snapshot, built, source, taken_at, models }: Row): KeptSnapshot {
  return { snapshot, ...(built !== null && { built }), source, takenAt: taken_at, models: JSON.parse(models) }
}
