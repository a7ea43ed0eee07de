import { SEQ, TEXT } from './columns.ts'
import { balances } from './meter-steps.ts'
import { noteChanges } from './noting.ts'
import { aftermath, claims, neighbours, savings } from './tables.ts'

/** Every step the schema took, in order, given its quoted name. A released step never changes; the schema's number is how many were taken. */
export const steps: readonly ((schema: string) => string)[] = [directory, books, workshop, aftermath, claims, neighbours, balances, savings]

const NOW = `to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

/**
 * Who may call and with which keys. People write `tenants` and `tenant_settings` by hand, so nothing stands in the way of a plain INSERT.
 * `changes` lists who changed, with the transaction that did it: sequences tell nothing of the order in which transactions commit.
 */
function directory(schema: string): string {
  return `
    CREATE TABLE tenants (
      id ${TEXT} PRIMARY KEY,
      slug ${TEXT} NOT NULL UNIQUE,
      name text,
      plan text NOT NULL,
      status text DEFAULT 'active',
      overrides text,
      created_at text DEFAULT ${NOW},
      updated_at text DEFAULT ${NOW}
    );
    CREATE TABLE tenant_settings (
      tenant_id ${TEXT} NOT NULL,
      setting_key ${TEXT} NOT NULL,
      setting_value text,
      created_at text DEFAULT ${NOW},
      updated_at text DEFAULT ${NOW},
      PRIMARY KEY (tenant_id, setting_key)
    );
    CREATE TABLE gateway_keys (
      id ${TEXT} PRIMARY KEY,
      kind text NOT NULL,
      name text,
      digest bytea NOT NULL,
      tenant_id ${TEXT},
      rules text,
      expires_at text,
      revoked_at text,
      created_at text NOT NULL
    );
    CREATE INDEX gateway_keys_of_tenant ON gateway_keys (tenant_id);
    CREATE TABLE vault (kind ${TEXT} NOT NULL, name ${TEXT} NOT NULL, value text NOT NULL, PRIMARY KEY (kind, name));
    CREATE TABLE audit (
      ${SEQ},
      mark uuid UNIQUE,
      at text NOT NULL,
      actor text NOT NULL,
      action text NOT NULL,
      tenant_id ${TEXT},
      object text NOT NULL,
      detail text NOT NULL,
      request_id text
    );
    CREATE INDEX audit_of_tenant ON audit (tenant_id, seq);
    CREATE TABLE changes (${SEQ}, txid xid8 NOT NULL DEFAULT pg_current_xact_id(), kind text NOT NULL, id text NOT NULL);
    CREATE INDEX changes_by_transaction ON changes (txid);
    CREATE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
      DECLARE
        was text := CASE WHEN TG_OP IN ('UPDATE', 'DELETE') THEN to_jsonb(OLD) ->> TG_ARGV[1] END;
        is_now text := CASE WHEN TG_OP IN ('INSERT', 'UPDATE') THEN to_jsonb(NEW) ->> TG_ARGV[1] END;
      BEGIN
        INSERT INTO changes (kind, id) SELECT DISTINCT TG_ARGV[0], id FROM unnest(ARRAY[was, is_now]) AS id WHERE id IS NOT NULL;
        PERFORM pg_notify('${schema.slice(1, -1)}', '');
        RETURN NULL;
      END $$;
    CREATE FUNCTION note_truncation() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
      BEGIN
        INSERT INTO changes (kind, id) VALUES ('everything', '');
        PERFORM pg_notify('${schema.slice(1, -1)}', '');
        RETURN NULL;
      END $$;
    ${noteChanges({ table: 'tenants', kind: 'tenant', id: 'id' })}
    ${noteChanges({ table: 'tenant_settings', kind: 'tenant', id: 'tenant_id' })}
    ${noteChanges({ table: 'gateway_keys', kind: 'key', id: 'id' })}
  `
}

/**
 * Nothing in the books is written over: an attempt is a row of `attempts`, its one end a row of `ends`. `sums` holds the same figures per
 * hour, written in the same transaction, so that budgets and reports never read every attempt. A `mark` tells whose write a row was.
 */
function books(): string {
  const figures = 'cost bigint NOT NULL, charge bigint NOT NULL, unpriced bigint NOT NULL'
  return `
    CREATE TABLE boots (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, seen_at bigint NOT NULL, open_from bigint NOT NULL);
    CREATE TABLE attempts (
      ${SEQ},
      request_id ${TEXT} NOT NULL,
      attempt bigint NOT NULL,
      tenant_id ${TEXT} NOT NULL,
      boot bigint NOT NULL,
      mark bigint NOT NULL,
      start text NOT NULL
    );
    CREATE UNIQUE INDEX attempts_once ON attempts (request_id, attempt);
    CREATE INDEX attempts_of_tenant ON attempts (tenant_id, seq);
    CREATE TABLE ends (
      seq bigint PRIMARY KEY,
      state text NOT NULL,
      cost bigint,
      charge bigint,
      mark bigint NOT NULL,
      outcome text NOT NULL
    );
    CREATE TABLE sums (
      hour bigint NOT NULL,
      tenant_id ${TEXT} NOT NULL,
      provider ${TEXT} NOT NULL,
      wire_model ${TEXT} NOT NULL,
      source ${TEXT} NOT NULL,
      requests bigint NOT NULL,
      input bigint NOT NULL,
      output bigint NOT NULL,
      ${figures},
      PRIMARY KEY (hour, tenant_id, provider, wire_model, source)
    );
    CREATE TABLE key_sums (
      hour bigint NOT NULL,
      tenant_id ${TEXT} NOT NULL,
      provider ${TEXT} NOT NULL,
      source ${TEXT} NOT NULL,
      fingerprint ${TEXT} NOT NULL,
      requests bigint NOT NULL,
      ${figures},
      PRIMARY KEY (hour, tenant_id, provider, source, fingerprint)
    );
  `
}

/** What the gateway keeps for its own work. */
function workshop(): string {
  const count = (name: string) => `${name} bigint NOT NULL`
  const asked = [
    'asked',
    'refused',
    'answered',
    'input',
    'output',
    'cache_read',
    'cache_write',
    'reasoning',
    'least_tokens',
    'input_tokens',
  ]
  return `
    CREATE TABLE catalog_snapshots (${SEQ}, snapshot text NOT NULL, built text, source text NOT NULL, taken_at text NOT NULL, models text NOT NULL);
    CREATE TABLE leases (name ${TEXT} PRIMARY KEY, holder text NOT NULL, until bigint NOT NULL);
    CREATE TABLE incidents (
      kind ${TEXT} NOT NULL,
      subject ${TEXT} NOT NULL,
      target text,
      reason text NOT NULL,
      until ${TEXT} NOT NULL,
      since ${TEXT} NOT NULL,
      actor text NOT NULL,
      PRIMARY KEY (kind, subject)
    );
    CREATE TABLE events (${SEQ}, id ${TEXT} NOT NULL UNIQUE, type text NOT NULL, subject text NOT NULL, at text NOT NULL, data text NOT NULL);
    CREATE TABLE deliveries (
      event ${TEXT} NOT NULL,
      url ${TEXT} NOT NULL,
      attempts bigint NOT NULL,
      next_at bigint,
      delivered_at text,
      error text,
      PRIMARY KEY (event, url)
    );
    CREATE INDEX deliveries_due ON deliveries (next_at) WHERE next_at IS NOT NULL;
    CREATE TABLE asks (
      tenant_id ${TEXT} NOT NULL,
      day bigint NOT NULL,
      shape ${TEXT} NOT NULL,
      ${asked.map(count).join(', ')},
      PRIMARY KEY (tenant_id, day, shape)
    );
    CREATE TABLE keepers (
      ${SEQ},
      digest bytea NOT NULL UNIQUE,
      tenant_id ${TEXT} NOT NULL,
      provider text NOT NULL,
      wire_model text NOT NULL,
      source text NOT NULL,
      fingerprint text,
      expires_at bigint NOT NULL
    );
    CREATE INDEX keepers_of_tenant ON keepers (tenant_id);
    CREATE FUNCTION forget_tenant() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
      BEGIN
        DELETE FROM asks WHERE tenant_id = OLD.id;
        DELETE FROM keepers WHERE tenant_id = OLD.id;
        RETURN NULL;
      END $$;
    CREATE TRIGGER tenants_gone AFTER DELETE ON tenants FOR EACH ROW EXECUTE FUNCTION forget_tenant();
    ${noteChanges({ table: 'catalog_snapshots', kind: 'catalog', id: 'snapshot' })}
    ${noteChanges({ table: 'incidents', kind: 'incident', id: 'subject' })}
  `
}
