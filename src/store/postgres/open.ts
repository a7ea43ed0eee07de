import type { ForeignTables } from '../../contract/foreign.ts'
import type { Store, StoreSetup, StoreStatus } from '../../contract/store.ts'
import type { ParseOverrides } from '../rows/tenants.ts'
import { askStore } from './asks.ts'
import { ledgerStore } from './attempts.ts'
import { auditStore } from './audit.ts'
import { catalogStore } from './catalog.ts'
import { directoryOf } from './changes.ts'
import { claimStore } from './claims.ts'
import { connect, type Database } from './database.ts'
import { mutationOf } from './desk.ts'
import { eventStore } from './events.ts'
import { exportStore } from './exports.ts'
import { refused } from './failures.ts'
import { triggerSql } from './following.ts'
import { foreignTenantStore } from './foreign-tenants.ts'
import { keyStore } from './gateway-keys.ts'
import { incidentStore } from './incidents.ts'
import { keeperStore } from './keepers.ts'
import { leaseStore } from './leases.ts'
import { migrate, type Step, takenSteps } from './migrations.ts'
import { retentionStore } from './retention.ts'
import { settingStore } from './settings.ts'
import { assertFits, calledAs, type Sources, sourcesOf } from './sources.ts'
import { tenantStore } from './tenants.ts'
import { vaultStore } from './vault.ts'

interface Input {
  /** `postgres://…`, with its password. */
  readonly url: string
  readonly schema?: string
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Milliseconds between two looks for rows changed by others, should their notices not come. */
  readonly poll?: number
  /** Hears why such a look failed, or a connection broke; both are tried again. */
  readonly trouble?: (error: unknown) => void
  readonly parseOverrides: ParseOverrides
  /** Another program's tables in the same database that are read in place of ours. */
  readonly foreign?: ForeignTables
  /** What this version knows of the schema's history; all of it where not given. */
  readonly steps?: readonly Step[]
}

/** Connections for the books, whose writer is one, its readers and the heart beat; and for all the rest, which must not keep those waiting. */
const POOLS = { books: 3, desk: 6 }

/**
 * Everything durable in one schema of a PostgreSQL database, which any number of processes use at once. Makes the schema and brings it
 * up to date. Fails with `database_unusable` where that would be unsafe, with `storage_unavailable` where nobody answers.
 */
export async function openPostgres({
  url,
  schema = 'tollgate',
  now,
  poll = 5_000,
  trouble = () => {},
  parseOverrides: parse,
  foreign = {},
  steps,
}: Input): Promise<Store> {
  const ours = { url: checked(url), schema }
  const { role, rowSecurity } = await migrate(ours, steps)
  const access = { ...ours, role }
  const [books, db] = [connect(access, POOLS.books, trouble), connect(access, POOLS.desk, trouble)]
  const close = () => Promise.all([books.close(), db.close()])
  const sources = await sourcesOf(db, foreign).catch(async (error: unknown) => {
    await close()
    throw error
  })
  const directory = await directoryOf({ db, access, poll, trouble, parse, sources })
  const ledger = ledgerStore(books, sources)
  const desk = { db, now, mutate: mutationOf(db, directory.refresh), sources }
  const setup = { rowSecurity, readOnly: readOnly(foreign) }
  const exports = exportStore(desk)
  return {
    setup,
    tenants: foreign.tenants ? foreignTenantStore(desk, foreign.tenants, parse) : tenantStore(desk),
    settings: settingStore(desk),
    keys: keyStore(desk),
    vault: vaultStore(desk),
    audit: auditStore(db),
    ledger,
    catalog: catalogStore(desk),
    incidents: incidentStore(desk),
    leases: leaseStore(db, now),
    events: eventStore(db, now),
    asks: askStore(db),
    keepers: keeperStore(books, now),
    exports,
    retention: retentionStore(db),
    claims: claimStore(books, now),
    load: directory.load,
    watch: directory.watch,
    refresh: directory.refresh,
    status: async () => ({ ...setup, ...(await statusOf(db, sources)), exports: await exports.standings() }),
    async close() {
      await directory.close()
      await ledger.close().finally(close)
    },
  }
}

/** For an operator to run: see `triggerSql`. The schema is made where there is none, for the triggers are its. */
export async function triggersOf(url: string, foreign: ForeignTables, schema = 'tollgate'): Promise<string> {
  const access = { url: checked(url), schema }
  const { role } = await migrate(access)
  const db = connect({ ...access, role }, 1, () => {})
  try {
    await assertFits(db, foreign)
    const [[reader = ''] = []] = await db.tuples<[string]>('SELECT current_user')
    return await triggerSql(db, foreign, { schema, role: reader })
  } finally {
    await db.close()
  }
}

/** The parsers' own complaints would show the password. */
function checked(url: string): string {
  const protocol = URL.canParse(url) ? new URL(url).protocol : undefined
  if (protocol === 'postgres:' || protocol === 'postgresql:') return url
  throw refused('DATABASE_URL is no address of a PostgreSQL database. It has the form postgres://user:password@host:5432/database')
}

const readOnly = ({ tenants, settings }: ForeignTables): StoreSetup['readOnly'] => ({
  ...(tenants && { tenants: calledAs(tenants) }),
  ...(settings && { settings: calledAs(settings) }),
})

async function statusOf(db: Database, { tenants, settings }: Sources): Promise<Omit<StoreStatus, keyof StoreSetup | 'exports'>> {
  const [row] = await db.rows<Pick<StoreStatus, 'version' | 'path' | 'synchronous' | 'tenants' | 'settings' | 'keys' | 'attempts'>>(
    `SELECT current_setting('server_version') AS version, current_setting('synchronous_commit') AS synchronous,
      current_database() || '.' || current_schema() AS path, (SELECT count(*) FROM ${tenants}) AS tenants,
      (SELECT count(*) FROM ${settings}) AS settings, (SELECT count(*) FROM gateway_keys) AS keys, (SELECT count(*) FROM attempts) AS attempts`,
  )
  if (!row) throw refused('The database says nothing of itself.')
  return { engine: 'postgres', schema: await takenSteps(db), ...row }
}
