// Steps of the schema that add tables nobody writes by hand.

import { SEQ, TEXT } from './columns.ts'

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
