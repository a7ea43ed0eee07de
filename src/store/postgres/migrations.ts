import pg from 'pg'
import { type Access, prepare, type Queries, quoted, sessionOf } from './database.ts'
import { failureOf, refused } from './failures.ts'
import { steps } from './steps.ts'

/** The oldest release that lacks nothing used here. */
const OLDEST = 140_000

/** How long a start waits for another process that is migrating, in milliseconds. */
const PATIENCE = 60_000

/**
 * Brings the schema up to date, in one transaction and in one process at a time. Steps only ever expand what the version before reads
 * and writes, so that it keeps serving meanwhile; what nobody needs any more goes a version later. Needs the right to create only
 * where something is to be made, so a server may run under a role that owns nothing.
 */
export async function migrate(access: Access): Promise<void> {
  const client = new pg.Client(sessionOf(access))
  try {
    await client.connect()
    await prepare(client, access)
    await assertServer(client)
    if ((await schemaOf(client, access.schema)) !== steps.length) await takeSteps(client, access.schema)
  } catch (error) {
    throw failureOf(error)
  } finally {
    await client.end().catch(() => {})
  }
}

/** How many steps were taken; 0 where there is nothing of ours. */
async function schemaOf(client: pg.Client, schema: string): Promise<number> {
  // Read from the catalogue's own table: name lookups may remember, within one transaction, what another has since committed.
  const { rows } = await client.query("SELECT 1 FROM pg_tables WHERE schemaname = $1 AND tablename = 'schema_steps'", [schema])
  const taken =
    rows.length === 0 ? 0 : Number((await client.query('SELECT coalesce(max(step), 0) AS step FROM schema_steps')).rows[0]?.step)
  if (taken > steps.length) {
    throw refused(`The database has schema ${taken}; this version knows ${steps.length}. Start the newer version, or restore a backup.`)
  }
  return taken
}

async function takeSteps(client: pg.Client, schema: string): Promise<void> {
  await client.query(`BEGIN; SET LOCAL lock_timeout TO ${PATIENCE}; SET LOCAL statement_timeout TO 0`)
  await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`tollgate migrations of ${schema}`])
  const taken = await schemaOf(client, schema)
  if (taken === 0) await found(client, schema)
  for (const [at, step] of steps.entries()) {
    if (at < taken) continue
    await client.query(step(quoted(schema)))
    await client.query('INSERT INTO schema_steps (step) VALUES ($1)', [at + 1])
  }
  await client.query('COMMIT')
}

async function found(client: pg.Client, schema: string): Promise<void> {
  const { rows } = await client.query('SELECT 1 FROM pg_tables WHERE schemaname = $1 LIMIT 1', [schema])
  if (rows.length > 0)
    throw refused(`The schema ${schema} holds tables of another program. Give Tollgate a database without one of that name.`)
  // Where it is there already, an operator made it, and may have kept the right to make schemas.
  const { rows: there } = await client.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [schema])
  if (there.length === 0) await client.query(`CREATE SCHEMA ${quoted(schema)}`)
  await client.query('CREATE TABLE schema_steps (step integer PRIMARY KEY, taken_at timestamptz NOT NULL DEFAULT now())')
}

async function assertServer(client: pg.Client): Promise<void> {
  const { rows } = await client.query(
    "SELECT current_setting('server_version_num')::int AS version, current_setting('server_encoding') AS encoding, current_setting('fsync') AS fsync",
  )
  const [{ version, encoding, fsync }] = rows
  if (version < OLDEST) throw refused(`PostgreSQL ${Math.floor(version / 10_000)} is too old. Use ${OLDEST / 10_000} or newer.`)
  if (encoding !== 'UTF8')
    throw refused(`The database is encoded as ${encoding}, and names may hold any letter. Make one with ENCODING 'UTF8'.`)
  if (fsync !== 'on') throw refused('The server runs with fsync=off, so a charge could be lost. Turn it on.')
}

export async function takenSteps(db: Queries): Promise<number> {
  const [row] = await db.rows<{ step: number }>('SELECT max(step) AS step FROM schema_steps')
  return row?.step ?? 0
}
