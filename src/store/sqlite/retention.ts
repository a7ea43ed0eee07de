import type { Database } from 'better-sqlite3'
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
import { whenFree } from './connection.ts'

export function retentionStore(db: Database): RetentionStore {
  const forget = forgetter(db)
  const tables = [roller(db, 'sums'), roller(db, 'key_sums')]
  return {
    forget: (query) => whenFree(() => forget.immediate(query)),
    async rollUp(query) {
      for (const rollUp of tables) {
        const gone = await whenFree(() => rollUp.immediate(query))
        if (gone > 0) return gone
      }
      return 0
    },
  }
}

export function sealedReader(db: Database): Pick<LedgerStore, 'sealed'> {
  const sealed = db.prepare<[], SealedRow>('SELECT * FROM sealed ORDER BY day').safeIntegers()
  return { sealed: async () => sealed.all().map(decodeSealed) }
}

function forgetter(db: Database) {
  // The newest stays, so that no number is given twice.
  const oldest = db
    .prepare<[number], GoingAttempt>(`
    SELECT attempts.seq, start ->> '$.at', state, cost, charge, exported.seq
    FROM attempts LEFT JOIN ends ON ends.seq = attempts.seq LEFT JOIN exported ON exported.attempt = attempts.seq
    WHERE attempts.seq < (SELECT max(seq) FROM attempts) ORDER BY attempts.seq LIMIT ?`)
    .raw()
  const cursor = db.prepare<[string], number>('SELECT seq FROM export_cursors WHERE destination = ?').pluck()
  const remove = ['ends WHERE seq', 'exported WHERE attempt', 'export_open WHERE attempt', 'attempts WHERE seq'].map((rows) =>
    db.prepare<[number]>(`DELETE FROM ${rows} <= ?`),
  )
  const seal = sealer(db)

  return db.transaction(({ before, limit, destinations }: Parameters<RetentionStore['forget']>[0]): number => {
    const heard = destinations.length === 0 ? undefined : Math.min(...destinations.map((name) => cursor.get(name) ?? 0))
    const going = goingOf(oldest.all(limit), before, heard)
    const last = going.at(-1)
    if (!last) return 0
    for (const statement of remove) statement.run(last[0])
    for (const day of sealedOf(going)) seal(day)
    return going.length
  })
}

function sealer(db: Database): (day: SealedDay) => void {
  const add = db.prepare(`
    INSERT INTO sealed (day, attempts, requests, cost, charge, unpriced) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET attempts = attempts + excluded.attempts, requests = requests + excluded.requests, cost = cost + excluded.cost,
      charge = charge + excluded.charge, unpriced = unpriced + excluded.unpriced`)
  return ({ day, attempts, requests, cost, charge, unpriced }) => void add.run(day, attempts, requests, cost, charge, unpriced)
}

/** Rows of a day's later hours are added to those of its first. */
function roller(db: Database, table: keyof typeof SUM_TABLES) {
  const { place, figures } = SUM_TABLES[table]
  const places = place.join(', ')
  const oldest = db.prepare<[], number | null>(`SELECT min(hour) FROM ${table}`).pluck()
  const key = `hour, ${places}`
  const later = `FROM ${table} WHERE hour > ? AND hour < ?`
  const last = db.prepare<[number, number, number], (string | number)[]>(
    `SELECT * FROM (SELECT ${key} ${later} ORDER BY ${key} LIMIT ?) ORDER BY hour DESC, ${place.map((name) => `${name} DESC`).join(', ')} LIMIT 1`,
  )
  const range = `${later} AND (${key}) <= (?, ?, ?, ?, ?)`
  const add = db.prepare(`
    INSERT INTO ${table} (${key}, ${figures.join(', ')}) SELECT ?, ${places}, ${figures.map((name) => `sum(${name})`).join(', ')} ${range}
    GROUP BY ${places} ON CONFLICT DO UPDATE SET ${figures.map((name) => `${name} = ${name} + excluded.${name}`).join(', ')}`)
  const remove = db.prepare(`DELETE ${range}`)

  return db.transaction(({ before, limit }: Parameters<RetentionStore['rollUp']>[0]): number => {
    const start = oldest.get()
    for (const hour of start === null || start === undefined ? [] : firstHours(start, before)) {
      const end = last.raw().get(hour, hour + HOURS_A_DAY, limit)
      if (!end) continue
      add.run(hour, hour, hour + HOURS_A_DAY, ...end)
      return remove.run(hour, hour + HOURS_A_DAY, ...end).changes
    }
    return 0
  })
}
