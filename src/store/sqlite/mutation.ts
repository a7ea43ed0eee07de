import type { Database } from 'better-sqlite3'
import type { AuditEntry } from '../../contract/store.ts'

/** Makes a change and its audit row in one transaction, and resolves once the directory has read them. */
export type Mutate = (entry: AuditEntry, change: () => void) => Promise<void>

/** What every table that is administered gets. */
export interface Desk {
  readonly db: Database
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly mutate: Mutate
}
