import type { Database } from 'better-sqlite3'
import type { LeaseStore } from '../../contract/store.ts'
import { whenFree } from './connection.ts'

export function leaseStore(db: Database, now: () => number): LeaseStore {
  const take = db.prepare(`
    INSERT INTO leases (name, holder, until) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET holder = excluded.holder, until = excluded.until WHERE holder = excluded.holder OR until <= ?`)
  const release = db.prepare('DELETE FROM leases WHERE name = ? AND holder = ?')

  return {
    take: (name, holder, until) => whenFree(() => take.run(name, holder, until, now()).changes === 1),
    release: (name, holder) => whenFree(() => void release.run(name, holder)),
  }
}
