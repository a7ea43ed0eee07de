import type { RetentionStore, SealedDay } from '../../contract/retention.ts'
import type { LedgerStore } from '../../contract/store.ts'
import {
  decodeSealed,
  firstHours,
  type GoingAttempt,
  goingOf,
  HOURS_A_DAY,
  type SealedRow,
  SUM_TABLES,
  sealedOf,
} from '../rows/retention.ts'
import type { Database, Queries } from './database.ts'

export function retentionStore(db: Database): RetentionStore {
  return {
    forget: (query) => db.transaction((tx) => forget(tx, query)),
    async rollUp(query) {
      for (const table of ['sums', 'key_sums'] as const) {
        const gone = await rollUp(db, table, query)
        if (gone > 0) return gone
      }
      return 0
    },
  }
}

export function sealedReader(db: Queries): Pick<LedgerStore, 'sealed'> {
  const figures = ['attempts', 'requests', 'cost', 'charge', 'unpriced'].map((name) => `${name}::text AS ${name}`)
  return {
    sealed: async () => (await db.rows<SealedRow>(`SELECT day, ${figures.join(', ')} FROM sealed ORDER BY day`)).map(decodeSealed),
  }
}

async function forget(tx: Queries, { before, limit, destinations }: Parameters<RetentionStore['forget']>[0]): Promise<number> {
  // One at a time: two that counted the same rows would both add them to their days.
  await tx.run('LOCK TABLE sealed IN EXCLUSIVE MODE')
  const heard = destinations.length === 0 ? undefined : await heardByAll(tx, destinations)
  // The newest stays, as in the other engine.
  const oldest = await tx.tuples<GoingAttempt>(
    `SELECT attempts.seq, (start::json ->> 'at')::bigint, state, cost, charge, exported.seq
    FROM attempts LEFT JOIN ends ON ends.seq = attempts.seq LEFT JOIN exported ON exported.attempt = attempts.seq
    WHERE attempts.seq < (SELECT max(seq) FROM attempts) ORDER BY attempts.seq LIMIT $1`,
    limit,
  )
  const going = goingOf(oldest, before, heard)
  const seqs = going.map(([seq]) => seq)
  if (seqs.length === 0) return 0
  for (const rows of ['ends WHERE seq', 'exported WHERE attempt', 'export_open WHERE attempt', 'attempts WHERE seq'])
    await tx.run(`DELETE FROM ${rows} = ANY($1)`, seqs)
  for (const day of sealedOf(going)) await seal(tx, day)
  return seqs.length
}

async function heardByAll(tx: Queries, destinations: readonly string[]): Promise<number> {
  const cursors = await tx.tuples<[number]>('SELECT seq FROM export_cursors WHERE destination = ANY($1)', destinations)
  return cursors.length < destinations.length ? 0 : Math.min(...cursors.map(([seq]) => seq))
}

async function seal(tx: Queries, { day, attempts, requests, cost, charge, unpriced }: SealedDay): Promise<void> {
  await tx.run(
    `INSERT INTO sealed AS had (day, attempts, requests, cost, charge, unpriced) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (day) DO UPDATE SET attempts = had.attempts + excluded.attempts, requests = had.requests + excluded.requests,
      cost = had.cost + excluded.cost, charge = had.charge + excluded.charge, unpriced = had.unpriced + excluded.unpriced`,
    ...[day, attempts, requests, cost, charge, unpriced],
  )
}

/** Rows of a day's later hours are added to those of its first: in one statement, so that what is added to them meanwhile is not lost. */
async function rollUp(db: Database, table: keyof typeof SUM_TABLES, { before, limit }: Parameters<RetentionStore['rollUp']>[0]) {
  const { place, figures } = SUM_TABLES[table]
  const places = place.join(', ')
  const key = `hour, ${places}`
  const [[oldest] = [null]] = await db.tuples<[number | null]>(`SELECT min(hour) FROM ${table}`)
  for (const hour of oldest === null ? [] : firstHours(oldest, before)) {
    const [gone] = await db.rows<{ count: number }>(
      `WITH moved AS (DELETE FROM ${table} WHERE (${key}) IN
        (SELECT ${key} FROM ${table} WHERE hour > $1 AND hour < $2 ORDER BY ${key} LIMIT $3) RETURNING *),
      added AS (INSERT INTO ${table} AS had (${key}, ${figures.join(', ')})
        SELECT $1, ${places}, ${figures.map((name) => `sum(${name})`).join(', ')} FROM moved GROUP BY ${places} ORDER BY ${places}
        ON CONFLICT (${key}) DO UPDATE SET ${figures.map((name) => `${name} = had.${name} + excluded.${name}`).join(', ')})
      SELECT count(*) AS count FROM moved`,
      ...[hour, hour + HOURS_A_DAY, limit],
    )
    if (gone && gone.count > 0) return gone.count
  }
  return 0
}
