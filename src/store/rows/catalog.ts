import type { KeptSnapshot } from '../../contract/refresh.ts'

/** Rows of the books hold their prices themselves; older snapshots are kept for an operator who asks what changed. */
export const KEPT_SNAPSHOTS = 5

export interface SnapshotRow {
  snapshot: string
  built: string | null
  source: string
  taken_at: string
  models: string
}

export function decodeSnapshot({ snapshot, built, source, taken_at, models }: SnapshotRow): KeptSnapshot {
  return { snapshot, ...(built !== null && { built }), source, takenAt: taken_at, models: JSON.parse(models) }
}
