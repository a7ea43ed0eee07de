import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { parseOverrides } from '../../src/config/overrides.ts'
import type { Store } from '../../src/contract/store.ts'
import { openPostgres } from '../../src/store/postgres/open.ts'
import type { Engine, TestDatabase } from './stores.ts'

/** Where tests that need PostgreSQL find one. */
export const url = process.env.TEST_DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/test'

/** Why there is none; with `CI=true` a missing one is a failure of every test that needs it. */
export const missing: string | undefined = process.env.CI === 'true' ? undefined : await query('SELECT 1').then(() => undefined, wordsOf)

export const postgres: Engine = {
  name: missing === undefined ? 'postgres' : `postgres, skipped: ${missing}`,
  create: postgresDatabase,
  missing,
}

/** A schema of its own in the database that answers, dropped when it is done. */
export async function postgresDatabase(now: () => number = Date.now): Promise<TestDatabase & { readonly schema: string }> {
  const schema = `tollgate_test_${randomBytes(6).toString('hex')}`
  const stores: Store[] = []
  return {
    schema,
    async open() {
      const store = await openPostgres({ url, schema, now, parseOverrides })
      stores.push(store)
      return store
    },
    sql: (text) => query(`SET search_path TO ${schema}; ${text}`),
    async drop() {
      for (const store of stores) await store.close()
      await query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`)
    },
  }
}

/** On a connection of a person's own, ended at once. */
async function query(text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
  await client.connect()
  await client.query(text).finally(() => client.end())
}

function wordsOf(error: unknown): string {
  return `no PostgreSQL answers at ${new URL(url).host} (${error instanceof Error ? error.message : String(error)})`
}
