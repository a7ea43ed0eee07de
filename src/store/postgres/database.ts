import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { TenantId } from '../../contract/ids.ts'
import { GatewayError } from '../../errors.ts'
import { ConnectionLost, failureOf, isConflict } from './failures.ts'

export interface Queries {
  /** Rows by column name. */
  rows<Row extends object>(text: string, ...values: readonly unknown[]): Promise<readonly Row[]>
  /** Rows as lists, in the order of the columns. */
  tuples<Row extends readonly unknown[]>(text: string, ...values: readonly unknown[]): Promise<readonly Row[]>
  /** How many rows were changed. */
  run(text: string, ...values: readonly unknown[]): Promise<number>
}

/** Some connections to one database. Statements outside of a transaction are asked again when their connection breaks. */
export interface Database extends Queries {
  /** Asked again when it met another transaction; not when the connection breaks, for it may have been committed. */
  transaction<T>(work: (tx: Queries) => Promise<T>): Promise<T>
  /** Reads of one moment. */
  snapshot<T>(work: (tx: Queries) => Promise<T>): Promise<T>
  /** The same in the name of one tenant: whatever is asked sees and changes its rows alone, where row-level security holds. */
  of(tenant: TenantId | undefined): Database
  close(): Promise<void>
}

export interface Access {
  readonly url: string
  /** The schema that holds everything of ours. */
  readonly schema: string
  /** As which everything is asked, so that row-level security holds; undefined: as the URL's own user. */
  readonly role?: string | undefined
}

/** Milliseconds. */
export const STATEMENT_TIMEOUT = 10_000
const LOCK_TIMEOUT = 2_000
const CONNECT_TIMEOUT = 2_000
/** Work that may wait for a connection; what comes beyond it is told so at once. */
const ROOM = 200
/** Waits before the second, third and fourth try, in milliseconds. */
const WAITS = [50, 200, 800]

export function connect(access: Access, size: number, trouble: (error: unknown) => void): Database {
  const pool = new pg.Pool({ ...sessionOf(access), max: size, idleTimeoutMillis: 60_000, onConnect: (client) => prepare(client, access) })
  // A connection that breaks while it rests is replaced when one is needed.
  pool.on('error', (error) => trouble(new ConnectionLost(error)))

  async function withClient<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    if (pool.waitingCount >= ROOM) throw overloaded()
    const client = await pool.connect().catch((error: unknown) => Promise.reject(failureOf(error)))
    let broken = true
    try {
      const result = await work(client)
      broken = false
      return result
    } catch (raw) {
      const error = failureOf(raw)
      broken = error instanceof ConnectionLost
      throw error
    } finally {
      client.release(broken)
    }
  }

  const inTransaction: InTransaction = (begin, work) =>
    again(isConflict, () =>
      withClient(async (client) => {
        await client.query(begin)
        try {
          const result = await work(queriesOf((config) => client.query(config)))
          await client.query('COMMIT')
          return result
        } catch (error) {
          // A connection that cannot even do this is lost, and the server takes the transaction back.
          await client.query('ROLLBACK')
          throw error
        }
      }),
    )

  const database: Database = {
    ...queriesOf((config) => unlessLost(() => withClient((client) => client.query(config)))),
    transaction: (work) => inTransaction('BEGIN', work),
    snapshot: (work) => unlessLost(() => inTransaction(SNAPSHOT, work)),
    of: (tenant) => (tenant === undefined ? database : inTheNameOf(tenant, database, inTransaction)),
    close: () => pool.end(),
  }
  return database
}

const SNAPSHOT = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY'

type InTransaction = <T>(begin: string, work: (tx: Queries) => Promise<T>) => Promise<T>

/** Named in the same message that begins the transaction, and forgotten with it. */
function inTheNameOf(tenant: TenantId, database: Database, inTransaction: InTransaction): Database {
  const name = `; SET LOCAL tollgate.tenant TO ${nameOf(tenant)}`
  const snapshot: Database['snapshot'] = (work) => unlessLost(() => inTransaction(SNAPSHOT + name, work))
  return {
    ...database,
    rows: (text, ...values) => snapshot((tx) => tx.rows(text, ...values)),
    tuples: (text, ...values) => snapshot((tx) => tx.tuples(text, ...values)),
    run: (text, ...values) => unlessLost(() => inTransaction(`BEGIN${name}`, (tx) => tx.run(text, ...values))),
    transaction: (work) => inTransaction(`BEGIN${name}`, work),
    snapshot,
  }
}

/** A tenant whose id is the word for all of them sees nothing. */
const nameOf = (tenant: TenantId): string => (tenant === EVERY ? "''" : pg.escapeLiteral(tenant))

/** Asks again when the connection broke: for what may be done twice with the effect of once. */
export const unlessLost = <T>(attempt: (tries: number) => Promise<T>): Promise<T> =>
  again((error) => error instanceof ConnectionLost || isConflict(error), attempt)

export async function again<T>(worthwhile: (error: unknown) => boolean, attempt: (tries: number) => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await attempt(tries)
    } catch (error) {
      const wait = WAITS[tries]
      if (wait === undefined || !worthwhile(error)) throw error
      await sleep(wait)
    }
  }
}

/** What every connection of ours is like, whichever pool it is in. */
export function sessionOf({ url }: Access): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: 'tollgate',
    connectionTimeoutMillis: CONNECT_TIMEOUT,
    // The server's own limit strikes first, while there is a server.
    query_timeout: STATEMENT_TIMEOUT + 2_000,
    keepAlive: true,
    types: { getTypeParser: parserOf },
  }
}

/**
 * One message, and the first of its connection: settings in the URL stay, but nobody else's schema comes in our way. No statement here runs
 * as long as compiling it would take.
 */
export async function prepare(client: pg.ClientBase, { schema, role }: Access): Promise<void> {
  client.on('error', () => {}) // Whoever uses it hears of it by the statement that fails.
  await client.query(`${role === undefined ? '' : `SET ROLE ${quoted(role)};`} SET tollgate.tenant TO '${EVERY}'; SET search_path TO ${quoted(schema)};
    SET statement_timeout TO ${STATEMENT_TIMEOUT}; SET lock_timeout TO ${LOCK_TIMEOUT}; SET idle_in_transaction_session_timeout TO ${STATEMENT_TIMEOUT};
    SET jit TO off; SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'`)
  const { rows } = await client.query('SELECT pg_is_in_recovery() AS follows')
  if (rows[0].follows) throw behind()
}

/** A standby may not know yet that a key was revoked. */
const behind = (): GatewayError =>
  new GatewayError(
    'storage_unavailable',
    'The server is a standby, which may be behind: DATABASE_URL is to lead to the one that is written.',
    {
      retryAfter: 1,
    },
  )

/** What `tollgate.tenant` holds where the gateway works for all tenants: the books, the directory, the desk. */
export const EVERY = '*'

export const quoted = (name: string): string => pg.escapeIdentifier(name)

/** Whole numbers of eight bytes are numbers here: sequences, times and nano-dollars of one attempt. Sums are read as text. */
function parserOf(...[oid, format]: Parameters<typeof pg.types.getTypeParser>): ReturnType<typeof pg.types.getTypeParser> {
  return oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format)
}

type Send = (config: pg.QueryConfig | pg.QueryArrayConfig) => Promise<pg.QueryResult>

function queriesOf(send: Send): Queries {
  return {
    rows: async (text, ...values) => (await send({ text, values: [...values] })).rows,
    tuples: async (text, ...values) => (await send({ text, values: [...values], rowMode: 'array' })).rows,
    run: async (text, ...values) => (await send({ text, values: [...values] })).rowCount ?? 0,
  }
}

const overloaded = (): GatewayError =>
  new GatewayError('overloaded', 'Too much waits for the database already, so this was not begun. Try again in a second.', {
    retryAfter: 1,
  })
