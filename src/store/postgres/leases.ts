import type { LeaseStore } from '../../contract/store.ts'
import type { Database } from './database.ts'

export function leaseStore(db: Database, now: () => number): LeaseStore {
  return {
    async take(name, holder, until) {
      const text = `INSERT INTO leases AS held (name, holder, until) VALUES ($1, $2, $3)
        ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
        WHERE held.holder = excluded.holder OR held.until <= $4`
      return (await db.run(text, name, holder, until, now())) === 1
    },
    release: async (name, holder) => void (await db.run('DELETE FROM leases WHERE name = $1 AND holder = $2', name, holder)),
  }
}
