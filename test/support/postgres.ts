import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { parseOverrides } from '../../src/config/overrides.ts'
import type { Store } from '../../src/contract/store.ts'
import { openPostgres } from '../../src/store/postgres/open.ts'
import { among, type Engine, type TestDatabase } from './stores.ts'

/** Where tests that need PostgreSQL find one. */
export const url = process.env.TEST_DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/test'

/** Why there is none; with `CI=true` a missing one is a failure of every test that needs it. */
export const missing: string | undefined = process.env.CI === 'true' ? undefined : await query('SELECT 1').then(() => undefined, wordsOf)

export const postgres: Engine = {
  name: missing === undefined ? 'postgres' : `postgres, skipped: ${missing}`,
  create: postgresDatabase,
  missing,
}

export interface PostgresDatabase extends TestDatabase {
  readonly schema: string
  open(over?: Partial<Parameters<typeof openPostgres>[0]>): Promise<Store>
  /** A connection of a person's own, to be ended by whoever asked for it. */
  byHand(): Promise<pg.Client>
}

/** As which gateways serve over a schema of the database that answers. */
export const roleName = (schema: string): string => `${schema}_of_${new URL(url).pathname.slice(1)}`

/** A schema of its own in the database that answers, dropped when it is done. */
export async function postgresDatabase(now: () => number = Date.now): Promise<PostgresDatabase> {
  const schema = `tollgate_test_${randomBytes(6).toString('hex')}`
  const stores = new Set<Store>()
  return {
    schema,
    open: async (over = {}) => among(stores, await openPostgres({ url, schema, now, parseOverrides, ...over })),
    async sql(text) {
      await query(`SET search_path TO ${schema}; ${text}`)
    },
    byHand: () => connected(schema),
    async drop() {
      for (const store of stores) await store.close()
      await query(`DROP SCHEMA IF EXISTS ${schema} CASCADE; DROP ROLE IF EXISTS ${roleName(schema)}`)
    },
  }
}

/** With the role that gateways served as on it, and whoever a test killed and is still connected. */
export async function dropDatabase(name: string): Promise<void> {
  await query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
  await query(`DROP ROLE IF EXISTS tollgate_of_${name}`)
}

async function connected(schema: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
  await client.connect()
  await client.query(`SET search_path TO ${schema}`)
  return client
}

/** On a connection of its own, ended at once. */
export async function query(text: string): Promise<void> {
  const client = await connected('public')
  await client.query(text).finally(() => client.end())
}

function wordsOf(error: unknown): string {
  return `no PostgreSQL answers at ${new URL(url).host} (${error instanceof Error ? error.message : String(error)})`
}
