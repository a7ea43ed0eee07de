// Steps of the schema that add tables nobody writes by hand.

import type { Database } from 'better-sqlite3'

/** What somebody should hear of, and who is still to. */
export function outbox(db: Database): void {
  db.exec(`
    CREATE TABLE events (
      seq INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL UNIQUE,
      type TEXT NOT NULL,
      subject TEXT NOT NULL,
      at TEXT NOT NULL,
      data TEXT NOT NULL
    );
    CREATE TABLE deliveries (
      event TEXT NOT NULL,
      url TEXT NOT NULL,
      attempts INTEGER NOT NULL,
      next_at INTEGER,
      delivered_at TEXT,
      error TEXT,
      PRIMARY KEY (event, url)
    ) WITHOUT ROWID;
    CREATE INDEX deliveries_due ON deliveries (next_at) WHERE next_at IS NOT NULL;
  `)
}

/** What each of several keys in one place was used for. */
export function keySums(db: Database): void {
  db.exec(`
    CREATE TABLE key_sums (
      hour INTEGER NOT NULL,
      tenant_id TEXT NOT NULL,
      provider TEXT NOT NULL,
      source TEXT NOT NULL,
      fingerprint TEXT NOT NULL,
      requests INTEGER NOT NULL,
      cost INTEGER NOT NULL,
      charge INTEGER NOT NULL,
      unpriced INTEGER NOT NULL,
      PRIMARY KEY (hour, tenant_id, provider, source, fingerprint)
    ) WITHOUT ROWID;
  `)
}

/** What was asked, rolled up: it goes with its tenant. */
export function asks(db: Database): void {
  db.exec(`
    CREATE TABLE asks (
      tenant_id TEXT NOT NULL,
      day INTEGER NOT NULL,
      shape TEXT NOT NULL,
      asked INTEGER NOT NULL,
      refused INTEGER NOT NULL,
      answered INTEGER NOT NULL,
      input INTEGER NOT NULL,
      output INTEGER NOT NULL,
      cache_read INTEGER NOT NULL,
      cache_write INTEGER NOT NULL,
      reasoning INTEGER NOT NULL,
      least_tokens INTEGER NOT NULL,
      input_tokens INTEGER NOT NULL,
      PRIMARY KEY (tenant_id, day, shape)
    ) WITHOUT ROWID;
    CREATE TRIGGER asks_of_the_gone AFTER DELETE ON tenants BEGIN DELETE FROM asks WHERE tenant_id = OLD.id; END;
  `)
}

/** Whose answers providers keep. Written with every answer that is kept, so it grows at its end only. */
export function keepers(db: Database): void {
  db.exec(`
    CREATE TABLE keepers (
      seq INTEGER PRIMARY KEY,
      digest BLOB NOT NULL UNIQUE,
      tenant_id TEXT NOT NULL,
      provider TEXT NOT NULL,
      wire_model TEXT NOT NULL,
      source TEXT NOT NULL,
      fingerprint TEXT,
      expires_at INTEGER NOT NULL
    );
    CREATE TRIGGER keepers_of_the_gone AFTER DELETE ON tenants BEGIN DELETE FROM keepers WHERE tenant_id = OLD.id; END;
  `)
}

/** Which attempts ended, in the order of telling; those that were passed over since they were open; and how far each destination has heard. */
export function exportLog(db: Database): void {
  db.exec(`
    CREATE TABLE exported (seq INTEGER PRIMARY KEY AUTOINCREMENT, attempt INTEGER NOT NULL UNIQUE);
    CREATE TABLE export_open (attempt INTEGER PRIMARY KEY);
    CREATE TABLE export_cursors (
      destination TEXT NOT NULL PRIMARY KEY,
      seq INTEGER NOT NULL,
      failures INTEGER NOT NULL,
      failing_since INTEGER,
      next_at INTEGER,
      parked_at INTEGER,
      error TEXT
    ) WITHOUT ROWID;
  `)
}

/** What was deleted from the books, by day, so that they can still be proved. */
export function sealedDays(db: Database): void {
  db.exec(`
    CREATE TABLE sealed (
      day TEXT NOT NULL PRIMARY KEY,
      attempts INTEGER NOT NULL,
      requests INTEGER NOT NULL,
      cost INTEGER NOT NULL,
      charge INTEGER NOT NULL,
      unpriced INTEGER NOT NULL
    ) WITHOUT ROWID;
  `)
}

/** Which idempotency keys are taken, and what was answered under them. */
export function claims(db: Database): void {
  db.exec(`
    CREATE TABLE claims (
      digest BLOB NOT NULL PRIMARY KEY,
      tenant_id TEXT NOT NULL,
      asked TEXT NOT NULL,
      request_id TEXT NOT NULL,
      until INTEGER NOT NULL,
      expires_at INTEGER NOT NULL,
      state TEXT NOT NULL,
      copy TEXT
    );
    CREATE INDEX claims_by_expiry ON claims (expires_at);
    CREATE INDEX claims_of_tenant ON claims (tenant_id);
    CREATE TRIGGER claims_of_the_gone AFTER DELETE ON tenants BEGIN DELETE FROM claims WHERE tenant_id = OLD.id; END;
  `)
}

/** Only of use where another program keeps the tenants, which is in PostgreSQL: here so that both engines have the same tables. */
export function tenantOverrides(db: Database): void {
  db.exec(
    'CREATE TABLE tenant_overrides (tenant_id TEXT NOT NULL PRIMARY KEY, overrides TEXT NOT NULL, updated_at TEXT NOT NULL) WITHOUT ROWID',
  )
}

/** What is held and spent of every budget and meter, moved with the attempts that hold and spend it; and the sums of one tenant, for a new one to begin with. */
export function balances(db: Database): void {
  db.exec(`
    CREATE TABLE balances (
      tenant_id TEXT NOT NULL,
      meter TEXT NOT NULL,
      subject TEXT NOT NULL,
      since INTEGER NOT NULL,
      until INTEGER,
      held INTEGER NOT NULL,
      spent INTEGER NOT NULL,
      seeded INTEGER NOT NULL,
      PRIMARY KEY (tenant_id, meter, subject, since)
    ) WITHOUT ROWID;
    CREATE INDEX sums_of_tenant ON sums (tenant_id, hour);
  `)
}

/** Of the requests of an hour, those that an answer was there for already, and what they saved. */
export function savings(db: Database): void {
  db.exec('ALTER TABLE sums ADD COLUMN cached INTEGER NOT NULL DEFAULT 0; ALTER TABLE sums ADD COLUMN saved INTEGER NOT NULL DEFAULT 0')
}
