// Steps of the schema that add tables nobody writes by hand.

import { SEQ, TEXT } from './columns.ts'
import { noteChanges } from './noting.ts'

/**
 * What becomes of ended attempts: their order of telling, those that were passed over since they were open, how far each destination has
 * heard; and what was deleted of each day.
 */
export function aftermath(): string {
  return `
    CREATE TABLE exported (${SEQ}, attempt bigint NOT NULL UNIQUE);
    CREATE TABLE export_open (attempt bigint PRIMARY KEY);
    CREATE TABLE export_cursors (
      destination ${TEXT} PRIMARY KEY,
      seq bigint NOT NULL,
      failures bigint NOT NULL,
      failing_since bigint,
      next_at bigint,
      parked_at bigint,
      error text
    );
    CREATE TABLE sealed (
      day ${TEXT} PRIMARY KEY,
      attempts bigint NOT NULL,
      requests bigint NOT NULL,
      cost bigint NOT NULL,
      charge bigint NOT NULL,
      unpriced bigint NOT NULL
    );
  `
}

/** Which idempotency keys are taken, and what was answered under them. */
export function claims(): string {
  return `
    CREATE TABLE claims (
      digest bytea PRIMARY KEY,
      tenant_id ${TEXT} NOT NULL,
      asked text NOT NULL,
      request_id text NOT NULL,
      until bigint NOT NULL,
      expires_at bigint NOT NULL,
      state text NOT NULL,
      copy text
    );
    CREATE INDEX claims_by_expiry ON claims (expires_at);
    CREATE INDEX claims_of_tenant ON claims (tenant_id);
    CREATE FUNCTION forget_claims() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
      BEGIN
        DELETE FROM claims WHERE tenant_id = OLD.id;
        RETURN NULL;
      END $$;
    CREATE TRIGGER claims_of_the_gone AFTER DELETE ON tenants FOR EACH ROW EXECUTE FUNCTION forget_claims();
  `
}

/**
 * What is laid over the plans of tenants that another program keeps, and triggers that an operator may put on that program's tables. They
 * write as our owner, for whoever changes those tables has no business in ours.
 */
export function neighbours(schema: string): string {
  const noting = (name: string, body: string) => `
    CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
      ${body}
        PERFORM pg_notify('${schema.slice(1, -1)}', '');
        RETURN NULL;
      END $$;
  `
  return `
    CREATE TABLE tenant_overrides (tenant_id ${TEXT} PRIMARY KEY, overrides text NOT NULL, updated_at text NOT NULL);
    ${noteChanges({ table: 'tenant_overrides', kind: 'tenant', id: 'tenant_id' })}
    ${noting(
      'note_foreign_change',
      `DECLARE
        was text := CASE WHEN TG_OP IN ('UPDATE', 'DELETE') THEN to_jsonb(OLD) ->> TG_ARGV[1] END;
        is_now text := CASE WHEN TG_OP IN ('INSERT', 'UPDATE') THEN to_jsonb(NEW) ->> TG_ARGV[1] END;
      BEGIN
        INSERT INTO ${schema}.changes (kind, id) SELECT DISTINCT TG_ARGV[0], id FROM unnest(ARRAY[was, is_now]) AS id WHERE id IS NOT NULL;`,
    )}
    ${noting('note_foreign_truncation', `BEGIN INSERT INTO ${schema}.changes (kind, id) VALUES ('everything', '');`)}
  `
}

/** Of the requests of an hour, those that an answer was there for already, and what they saved. */
export const savings = (): string =>
  'ALTER TABLE sums ADD COLUMN cached bigint NOT NULL DEFAULT 0, ADD COLUMN saved bigint NOT NULL DEFAULT 0'
