import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { connect } from '../../src/store/postgres/database.ts'
import { dropDatabase, query, url } from './postgres.ts'
import { forgetKeys, missing as noRedis, url as redisUrl, somePrefix } from './redis.ts'

export type Value = string | number | Buffer | null

/** Where a gateway under test keeps what it knows, beside the gateway's own way there: as an operator with a database client has it. */
export interface State {
  /** What a process needs in its environment to work on it too. */
  readonly env: Readonly<Record<string, string>>
  /** What its `gateway.yaml` says besides. */
  readonly config: string
  /** One statement with `?` for each value, and the rows it gives. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into rows of every shape
  sql(statement: string, ...values: readonly Value[]): Promise<any[]>
  /** All that lies there, to be searched, by the file or table it lies in. */
  stored(): Promise<Record<string, string>>
  drop(): Promise<void>
}

/** `TEST_DEPLOYMENT=many` asks for what many processes share, PostgreSQL and Redis; otherwise it is the files of one. */
export const many = process.env['TEST_DEPLOYMENT'] === 'many'

/** Rows of the books say in PostgreSQL whose write they were; one by hand is nobody's. */
export const [MARK, NO_MARK] = many ? [', mark', ', 0'] : ['', '']

export const stateIn = (dataFolder: string): Promise<State> => (many ? sharedState() : Promise.resolve(sqliteState(dataFolder)))

/** The file that a gateway makes in its data folder. */
export function sqliteState(dataFolder: string): State {
  const path = join(dataFolder, 'tollgate.db')
  let db: Database.Database | undefined
  return {
    env: { TOLLGATE_DATA: dataFolder },
    config: '',
    async sql(statement, ...values) {
      db ??= new Database(path, { fileMustExist: true, timeout: 5_000 })
      const prepared = db.prepare(statement)
      if (prepared.reader) return prepared.all(...values)
      prepared.run(...values)
      return []
    },
    async stored() {
      const names = ['tollgate.db', 'tollgate.db-wal'].filter((name) => existsSync(join(dataFolder, name)))
      return Object.fromEntries(names.map((name) => [name, readFileSync(join(dataFolder, name), 'latin1')]))
    },
    async drop() {
      db?.close()
    },
  }
}

/** A database of its own on the PostgreSQL server that tests find, and keys of its own in Redis where there is one. */
export async function sharedState(): Promise<State> {
  const name = `tollgate_test_${randomBytes(6).toString('hex')}`
  const address = Object.assign(new URL(url), { pathname: `/${name}` }).href
  await query(`CREATE DATABASE ${name}`)
  const prefix = somePrefix()
  const db = connect({ url: address, schema: 'tollgate' }, 1, () => {})
  const sql: State['sql'] = async (statement, ...values) => {
    let place = 0
    return [
      ...(await db.rows(
        statement.replaceAll('?', () => `$${++place}`),
        ...values,
      )),
    ]
  }
  return {
    env: {
      DATABASE_URL: address,
      TOLLGATE_MASTER_KEYS: `k1:${randomBytes(32).toString('base64')}`,
      ...(noRedis === undefined && { REDIS_URL: redisUrl }),
    },
    // Patient, for a machine that runs tests is busy.
    config: `redis: { prefix: '${prefix}', deadline: 500ms }\n`,
    sql,
    async stored() {
      const tables = await sql("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'tollgate'")
      const texts = tables.map(async ({ name: table }) => [table, JSON.stringify(await sql(`SELECT t::text FROM ${table} AS t`))])
      return Object.fromEntries(await Promise.all(texts))
    },
    async drop() {
      await db.close()
      await dropDatabase(name)
      if (noRedis === undefined) await forgetKeys(prefix)
    },
  }
}
