import { TEXT } from './columns.ts'

/** What is held and spent of every budget and meter; and the sums of one tenant, for a new one to begin with. */
export function balances(): string {
  return `
    CREATE TABLE balances (
      tenant_id ${TEXT} NOT NULL,
      meter ${TEXT} NOT NULL,
      subject ${TEXT} NOT NULL,
      since bigint NOT NULL,
      until bigint,
      held bigint NOT NULL,
      spent bigint NOT NULL,
      seeded bigint NOT NULL,
      PRIMARY KEY (tenant_id, meter, subject, since)
    );
    CREATE INDEX sums_of_tenant ON sums (tenant_id, hour);
  `
}
