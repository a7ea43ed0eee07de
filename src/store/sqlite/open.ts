import { closeSync, openSync } from 'node:fs'
import Sqlite, { type Database } from 'better-sqlite3'
import type { Store, StoreSetup, StoreStatus } from '../../contract/store.ts'
import type { ParseOverrides } from '../rows/tenants.ts'
import { askStore } from './asks.ts'
import { ledgerStore } from './attempts.ts'
import { auditStore, auditWriter } from './audit.ts'
import { catalogStore } from './catalog.ts'
import { directoryOf } from './changes.ts'
import { claimStore } from './claims.ts'
import { inWords, MEMORY, sqliteVersion, synchronousOf, whenFree } from './connection.ts'
import { eventStore } from './events.ts'
import { exportStore } from './exports.ts'
import { keyStore } from './gateway-keys.ts'
import { incidentStore } from './incidents.ts'
import { keeperStore } from './keepers.ts'
import { leaseStore } from './leases.ts'
import { schemaOf } from './migrations.ts'
import type { Mutate } from './mutation.ts'
import { retentionStore } from './retention.ts'
import { settingStore } from './settings.ts'
import { connectSoundly } from './soundness.ts'
import { tenantStore } from './tenants.ts'
import { vaultStore } from './vault.ts'

interface Input {
  /** Undefined: in memory, where nothing is durable and no other process sees it. */
  readonly path?: string | undefined
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Milliseconds between two looks for rows changed by others. */
  readonly poll?: number
  /** Hears why such a look failed; the next one tries again. */
  readonly trouble?: (error: unknown) => void
  readonly parseOverrides: ParseOverrides
}

/**
 * Everything durable in one SQLite file, which several processes may use at once. Makes the file (mode 0600) and brings its schema up
 * to date. Fails with `database_unusable` where that would be unsafe.
 */
export async function openSqlite({ path = MEMORY, now, poll = 200, trouble = () => {}, parseOverrides }: Input): Promise<Store> {
  const db = connectSoundly(path)
  const directory = directoryOf({ db, poll, trouble, parseOverrides })
  const ledger = ledgerStore(db, now)
  const desk = { db, now, mutate: mutationOf(db, directory.refresh) }
  const exports = exportStore(desk)
  return {
    tenants: tenantStore(desk),
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
    keepers: keeperStore(db, now),
    exports,
    retention: retentionStore(db),
    claims: claimStore(db, now),
    load: () => directory.load().catch((error: unknown) => Promise.reject(inWords(error, path))),
    watch: directory.watch,
    refresh: directory.refresh,
    setup: SETUP,
    status: async () => ({ ...statusOf(db), exports: await exports.standings() }),
    async close() {
      directory.close()
      await ledger.close().finally(() => db.close())
    },
  }
}

/** Copies the database while it is in use, whole and as of one moment, to a new file (mode 0600). */
export async function backupSqlite(path: string, target: string): Promise<void> {
  const db = new Sqlite(path, { fileMustExist: true })
  try {
    closeSync(openSync(target, 'wx', 0o600))
    // A copy begins anew whenever another process commits, and would never end, did it not read from within one transaction.
    db.exec('BEGIN')
    db.prepare('SELECT count(*) FROM sqlite_schema').get()
    await db.backup(target)
  } finally {
    db.close()
  }
}

function mutationOf(db: Database, refresh: () => Promise<void>): Mutate {
  const audit = auditWriter(db)
  return async (entry, change) => {
    const transaction = db.transaction(() => {
      change()
      audit(entry)
    })
    await whenFree(() => transaction.immediate())
    await refresh()
  }
}

const SETUP: StoreSetup = { rowSecurity: undefined, readOnly: {} }

function statusOf(db: Database): Omit<StoreStatus, 'exports'> {
  const count = (table: string) => db.prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck().get() ?? 0
  return {
    ...SETUP,
    engine: 'sqlite',
    version: sqliteVersion(db),
    schema: schemaOf(db),
    path: db.name,
    synchronous: synchronousOf(db),
    tenants: count('tenants'),
    settings: count('tenant_settings'),
    keys: count('gateway_keys'),
    attempts: count('attempts'),
  }
}
