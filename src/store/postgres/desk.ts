import { randomUUID } from 'node:crypto'
import type { AuditEntry } from '../../contract/store.ts'
import { GatewayError } from '../../errors.ts'
import { auditUnavailable } from '../rows/audit.ts'
import { type Database, type Queries, unlessLost } from './database.ts'
import type { Sources } from './sources.ts'

/**
 * Makes a change and its audit row in one transaction, and resolves once the directory has read them. What is done to one tenant is done
 * in its name, so that it reaches nobody else's rows.
 */
export type Mutate = (entry: AuditEntry, change: (tx: Queries) => Promise<void>) => Promise<void>

/** What every table that is administered gets. */
export interface Desk {
  readonly db: Database
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly mutate: Mutate
  readonly sources: Sources
}

/**
 * The audit row carries a mark of its own. When the connection breaks at the commit, the next try writes that row first, which waits for
 * the lost transaction and finds the mark where it was committed after all: nothing is done twice.
 */
export function mutationOf(db: Database, refresh: () => Promise<void>): Mutate {
  return async (entry, change) => {
    const mark = randomUUID()
    await unlessLost((tries) =>
      db.of(entry.tenant).transaction(async (tx) => {
        if (tries > 0 && !(await note(tx, entry, mark))) return
        await change(tx)
        if (tries === 0) await note(tx, entry, mark)
      }),
    )
    await refresh()
  }
}

/** False where the row with this mark is there. What cannot be noted is not done. */
export async function note(
  db: Queries,
  { at, actor, action, tenant, object, detail, requestId }: AuditEntry,
  mark: string,
): Promise<boolean> {
  const values = [at, actor, action, tenant ?? null, object, JSON.stringify(detail), requestId ?? null, mark]
  try {
    const text = `INSERT INTO audit (at, actor, action, tenant_id, object, detail, request_id, mark)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (mark) DO NOTHING`
    return (await db.run(text, ...values)) === 1
  } catch (cause) {
    throw cause instanceof GatewayError ? cause : auditUnavailable(cause)
  }
}
