import pg from 'pg'
import { type Access, again, prepare, type Queries, quoted, sessionOf } from './database.ts'
import { failureOf, isConflict, refused } from './failures.ts'
import { admit, fence, fencing, roleOf, type Standing, standing } from './fences.ts'
import { steps } from './steps.ts'

/** The oldest release that lacks nothing used here. */
const OLDEST = 140_000

/** How long a start waits for another process that is migrating, in milliseconds. */
const PATIENCE = 60_000

export type Step = (schema: string) => string

/**
 * Brings the schema up to date, in one transaction and in one process at a time. Steps only ever expand what the version before reads
 * and writes, so that it keeps serving meanwhile; what nobody needs any more goes a version later. Needs the right to create only
 * where something is to be made, so a server may run under a role that owns nothing. Resolves with how to serve on it.
 */
export async function migrate(access: Access, known: readonly Step[] = steps): Promise<Standing> {
  const client = new pg.Client(sessionOf(access))
  try {
    await client.connect()
    await prepare(client, access)
    await assertServer(client)
    const { schema } = access
    const role = await roleOf(client, schema)
    const lacking = (await schemaOf(client, { schema, known })) !== known.length || (await fencing({ client, schema, role }))
    if (lacking) await again(isConflict, () => takeSteps(client, { schema, known, role }))
    return await standing(client, role)
  } catch (error) {
    throw failureOf(error)
  } finally {
    await client.end().catch(() => {})
  }
}

/** How many steps were taken; 0 where there is nothing of ours. */
async function schemaOf(client: pg.Client, { schema, known }: Pick<Taking, 'schema' | 'known'>): Promise<number> {
  // Read from the catalogue's own table: name lookups may remember, within one transaction, what another has since committed.
  const { rows } = await client.query("SELECT 1 FROM pg_tables WHERE schemaname = $1 AND tablename = 'schema_steps'", [schema])
  const taken =
    rows.length === 0 ? 0 : Number((await client.query('SELECT coalesce(max(step), 0) AS step FROM schema_steps')).rows[0]?.step)
  if (taken > known.length) {
    throw refused(`The database has schema ${taken}; this version knows ${known.length}. Start the newer version, or restore a backup.`)
  }
  return taken
}

interface Taking {
  readonly schema: string
  readonly known: readonly Step[]
  readonly role: string
}

/** Met by a request of the version that serves meanwhile, it is taken back whole and begun anew. */
async function takeSteps(client: pg.Client, taking: Taking): Promise<void> {
  await client.query(`BEGIN; SET LOCAL lock_timeout TO ${PATIENCE}; SET LOCAL statement_timeout TO 0`)
  try {
    await takeStepsLeft(client, taking)
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {}) // A connection that is lost takes it back by itself.
    throw error
  }
}

async function takeStepsLeft(client: pg.Client, { schema, known, role }: Taking): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`tollgate migrations of ${schema}`])
  const taken = await schemaOf(client, { schema, known })
  if (taken === 0) await found(client, schema)
  for (const [at, step] of known.entries()) {
    if (at < taken) continue
    await client.query(step(quoted(schema)))
    await client.query('INSERT INTO schema_steps (step) VALUES ($1)', [at + 1])
  }
  await fence(client, schema)
  await admit({ client, schema, role })
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
