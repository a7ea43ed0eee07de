import type { Database } from 'better-sqlite3'
import { GatewayError } from '../../errors.ts'
import { asks, balances, claims, exportLog, keepers, keySums, outbox, savings, sealedDays, tenantOverrides } from './steps.ts'

/** Every step the schema took, in order. A released step never changes; the schema's number is how many were taken. */
export const migrations: readonly ((db: Database) => void)[] = [
  directory,
  vault,
  audit,
  books,
  catalogue,
  incidents,
  outbox,
  keySums,
  asks,
  keepers,
  exportLog,
  sealedDays,
  claims,
  tenantOverrides,
  balances,
  savings,
]

/** Brings the schema up to date; safe while another process does the same. */
export function migrate(db: Database): void {
  const steps = db.transaction(() => {
    const taken = schemaOf(db)
    if (taken > migrations.length) {
      throw refused(
        `The database has schema ${taken}; this version knows ${migrations.length}. Start the newer version, or restore a backup.`,
      )
    }
    if (taken === 0 && db.prepare('SELECT 1 FROM sqlite_schema').get() !== undefined) {
      throw refused('The database holds tables of another program. Give Tollgate a data folder of its own (TOLLGATE_DATA).')
    }
    for (const step of migrations.slice(taken)) step(db)
    db.pragma(`user_version = ${migrations.length}`)
  })
  if (schemaOf(db) !== migrations.length) steps.immediate()
}

export const refused = (sentence: string): GatewayError => new GatewayError('database_unusable', sentence)

export const schemaOf = (db: Database): number => Number(db.pragma('user_version', { simple: true }))

/** Who may call and with which keys. People write `tenants` and `tenant_settings` by hand, so nothing stands in the way of a plain INSERT. */
function directory(db: Database): void {
  const now = `(strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))`
  db.exec(`
    CREATE TABLE tenants (
      id TEXT NOT NULL PRIMARY KEY,
      slug TEXT NOT NULL UNIQUE,
      name TEXT,
      plan TEXT NOT NULL,
      status TEXT DEFAULT 'active',
      overrides TEXT,
      created_at TEXT DEFAULT ${now},
      updated_at TEXT DEFAULT ${now}
    ) WITHOUT ROWID;
    CREATE TABLE tenant_settings (
      tenant_id TEXT NOT NULL,
      setting_key TEXT NOT NULL,
      setting_value TEXT,
      created_at TEXT DEFAULT ${now},
      updated_at TEXT DEFAULT ${now},
      PRIMARY KEY (tenant_id, setting_key)
    ) WITHOUT ROWID;
    CREATE TABLE gateway_keys (
      id TEXT NOT NULL PRIMARY KEY,
      kind TEXT NOT NULL,
      name TEXT,
      digest BLOB NOT NULL,
      tenant_id TEXT,
      rules TEXT,
      expires_at TEXT,
      revoked_at TEXT,
      created_at TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX gateway_keys_of_tenant ON gateway_keys (tenant_id);
    CREATE TABLE changes (seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, id TEXT NOT NULL);
  `)
  noteChanges(db, { table: 'tenants', kind: 'tenant', id: 'id' })
  noteChanges(db, { table: 'tenant_settings', kind: 'tenant', id: 'tenant_id' })
  noteChanges(db, { table: 'gateway_keys', kind: 'key', id: 'id' })
  // INSERT OR REPLACE by another's slug removes that other without a delete trigger, unless the writer turned recursive triggers on.
  db.exec(`CREATE TRIGGER tenants_displaced BEFORE INSERT ON tenants BEGIN
    INSERT INTO changes (kind, id) SELECT 'tenant', id FROM tenants WHERE slug = NEW.slug AND id <> NEW.id;
  END`)
}

function noteChanges(db: Database, of: { table: string; kind: string; id: string }): void {
  const note = (event: string, ids: string) =>
    `CREATE TRIGGER ${of.table}_${event} AFTER ${event} ON ${of.table} BEGIN INSERT INTO changes (kind, id) ${ids}; END;`
  const idOf = (row: 'OLD' | 'NEW') => `SELECT '${of.kind}', ${row}.${of.id}`
  db.exec(note('insert', idOf('NEW')) + note('update', `${idOf('OLD')} UNION ${idOf('NEW')}`) + note('delete', idOf('OLD')))
}

function vault(db: Database): void {
  db.exec('CREATE TABLE vault (kind TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (kind, name)) WITHOUT ROWID')
}

function audit(db: Database): void {
  db.exec(`
    CREATE TABLE audit (
      seq INTEGER PRIMARY KEY AUTOINCREMENT,
      at TEXT NOT NULL,
      actor TEXT NOT NULL,
      action TEXT NOT NULL,
      tenant_id TEXT,
      object TEXT NOT NULL,
      detail TEXT NOT NULL,
      request_id TEXT
    );
    CREATE INDEX audit_of_tenant ON audit (tenant_id);
  `)
}

/**
 * Nothing in the books is written over: an attempt is a row of `attempts`, its one end a row of `ends`, and both tables grow at their
 * end only. (An update of a row that grows splits pages, and a random primary key dirties a page a row.) `sums` holds the same figures
 * per hour, written in the same transaction, so that budgets and reports never read every attempt.
 */
function books(db: Database): void {
  db.exec(`
    CREATE TABLE boots (id INTEGER PRIMARY KEY AUTOINCREMENT, seen_at INTEGER NOT NULL, open_from INTEGER NOT NULL);
    CREATE TABLE attempts (
      seq INTEGER PRIMARY KEY,
      request_id TEXT NOT NULL,
      attempt INTEGER NOT NULL,
      tenant_id TEXT NOT NULL,
      boot INTEGER NOT NULL,
      start TEXT NOT NULL
    );
    CREATE UNIQUE INDEX attempts_once ON attempts (request_id, attempt);
    CREATE INDEX attempts_of_tenant ON attempts (tenant_id);
    CREATE TABLE ends (
      seq INTEGER PRIMARY KEY,
      state TEXT NOT NULL,
      cost INTEGER,
      charge INTEGER,
      outcome TEXT NOT NULL
    );
    CREATE TABLE sums (
      hour INTEGER NOT NULL,
      tenant_id TEXT NOT NULL,
      provider TEXT NOT NULL,
      wire_model TEXT NOT NULL,
      source TEXT NOT NULL,
      requests INTEGER NOT NULL,
      input INTEGER NOT NULL,
      output INTEGER NOT NULL,
      cost INTEGER NOT NULL,
      charge INTEGER NOT NULL,
      unpriced INTEGER NOT NULL,
      PRIMARY KEY (hour, tenant_id, provider, wire_model, source)
    ) WITHOUT ROWID;
  `)
}

/** What a refresh brought, kept so that a start without network has it; and who does what only one process shall do. */
function catalogue(db: Database): void {
  db.exec(`
    CREATE TABLE catalog_snapshots (
      seq INTEGER PRIMARY KEY AUTOINCREMENT,
      snapshot TEXT NOT NULL,
      built TEXT,
      source TEXT NOT NULL,
      taken_at TEXT NOT NULL,
      models TEXT NOT NULL
    );
    CREATE TABLE leases (name TEXT NOT NULL PRIMARY KEY, holder TEXT NOT NULL, until INTEGER NOT NULL) WITHOUT ROWID;
  `)
  noteChanges(db, { table: 'catalog_snapshots', kind: 'catalog', id: 'snapshot' })
}

/** What operators switched for a time. */
function incidents(db: Database): void {
  db.exec(`
    CREATE TABLE incidents (
      kind TEXT NOT NULL,
      subject TEXT NOT NULL,
      target TEXT,
      reason TEXT NOT NULL,
      until TEXT NOT NULL,
      since TEXT NOT NULL,
      actor TEXT NOT NULL,
      PRIMARY KEY (kind, subject)
    ) WITHOUT ROWID;
  `)
  noteChanges(db, { table: 'incidents', kind: 'incident', id: 'subject' })
}
