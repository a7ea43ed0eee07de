import { createHash } from 'node:crypto'
import Sqlite, { type Database as SqliteFile } from 'better-sqlite3'
import { GatewayError } from '../errors.ts'
import { type Access, connect, type Queries, quoted } from './postgres/database.ts'

/** A table, and the columns by which its rows have one order in both engines. */
type Table = readonly [name: string, ...order: string[]]

/** All that is kept, but leases, which run out within a minute, and changes, which the rows' own triggers write. */
const TABLES: readonly Table[] = [
  ['tenants', 'id'],
  ['tenant_settings', 'tenant_id', 'setting_key'],
  ['gateway_keys', 'id'],
  ['tenant_overrides', 'tenant_id'],
  ['vault', 'kind', 'name'],
  ['audit', 'seq'],
  ['boots', 'id'],
  ['attempts', 'seq'],
  ['ends', 'seq'],
  ['sums', 'hour', 'tenant_id', 'provider', 'wire_model', 'source'],
  ['key_sums', 'hour', 'tenant_id', 'provider', 'source', 'fingerprint'],
  ['catalog_snapshots', 'seq'],
  ['incidents', 'kind', 'subject'],
  ['events', 'seq'],
  ['deliveries', 'event', 'url'],
  ['asks', 'tenant_id', 'day', 'shape'],
  ['keepers', 'seq'],
  ['exported', 'seq'],
  ['export_open', 'attempt'],
  ['export_cursors', 'destination'],
  ['sealed', 'day'],
  ['claims', 'digest'],
  ['balances', 'tenant_id', 'meter', 'subject', 'since'],
]

/** Rows that cross at a time. */
const PAGE = 1_000
/** A process of the source that was seen so lately may still write. Milliseconds. */
const ALIVE = 30_000

type Cell = string | null

interface Source {
  readonly db: SqliteFile
  readonly columns: (table: string) => readonly string[]
}

/**
 * Copies an SQLite file, as of one moment, into a database that has our schema and no rows: in one transaction, committed only after every
 * row was read back and found equal. Nothing in the file changes. Resolves with the number of rows by table.
 */
export async function moveSqlite(path: string, access: Access, now: number): Promise<Readonly<Record<string, number>>> {
  const db = new Sqlite(path, { readonly: true, fileMustExist: true })
  const target = connect(access, 1, () => {})
  try {
    db.defaultSafeIntegers()
    db.exec('BEGIN')
    refuseRunning(db, now)
    const columns = (table: string) => db.prepare<[string], string>('SELECT name FROM pragma_table_info(?)').pluck().all(table)
    return await target.transaction((tx) => moveAll({ db, columns }, tx))
  } finally {
    db.close()
    await target.close()
  }
}

async function moveAll(source: Source, tx: Queries): Promise<Record<string, number>> {
  const moved: Record<string, number> = {}
  for (const [table] of TABLES) await refuseFilled(tx, table)
  for (const table of TABLES) {
    const written = await copy(source, tx, table)
    const read = await readBack(source, tx, table)
    if (written.digest !== read.digest) throw unequal(table[0])
    moved[table[0]] = written.rows
  }
  return moved
}

async function copy(source: Source, tx: Queries, [table, ...order]: Table): Promise<{ rows: number; digest: string }> {
  const columns = source.columns(table)
  const names = columns.map(quoted).join(', ')
  const marked = table === 'attempts' || table === 'ends'
  const insert = `INSERT INTO ${table} (${names}${marked ? ', mark' : ''}) OVERRIDING SYSTEM VALUE
    SELECT ${names}${marked ? ', 0' : ''} FROM json_populate_recordset(NULL::${table}, $1)`
  const sum = digest()
  let page: Cell[][] = []
  for (const row of source.db
    .prepare<[], unknown[]>(`SELECT ${names} FROM ${table} ORDER BY ${inOrder([table, ...order])}`)
    .raw()
    .iterate()) {
    const cells = row.map((value, at) => cellOf(value, columns[at]))
    sum.add(cells)
    page.push(cells)
    if (page.length === PAGE) page = await send(page)
  }
  await send(page)
  if (order[0] === 'seq' && table !== 'ends') await resume(tx, table, 'seq')
  if (table === 'boots') await resume(tx, table, 'id')
  return sum.result()

  async function send(rows: readonly Cell[][]): Promise<[]> {
    const records = rows.map((row) => Object.fromEntries(columns.map((column, at) => [column, row[at]])))
    if (rows.length > 0) await tx.run(insert, JSON.stringify(records))
    return []
  }
}

async function readBack({ columns }: Source, tx: Queries, [table, ...order]: Table): Promise<{ rows: number; digest: string }> {
  const sum = digest()
  const texts = columns(table).map((name) => `${quoted(name)}::text`)
  await tx.run(`DECLARE moved CURSOR FOR SELECT ${texts.join(', ')} FROM ${table} ORDER BY ${inOrder([table, ...order])}`)
  for (let rows: readonly Cell[][]; (rows = await tx.tuples<Cell[]>(`FETCH ${PAGE} FROM moved`)).length > 0; )
    for (const row of rows) sum.add(row)
  await tx.run('CLOSE moved')
  return sum.result()
}

/** By the columns themselves: an unqualified name would mean the text that was selected under it. */
const inOrder = ([table, ...order]: Table): string => order.map((column) => `${table}.${column}`).join(', ')

/** As text, the way PostgreSQL shows it. What a hand wrote as a blob is text all the same, but for the one column of bytes. */
function cellOf(value: unknown, column: string | undefined): Cell {
  if (value === null || value === undefined) return null
  if (!Buffer.isBuffer(value)) return String(value)
  return column === 'digest' ? `\\x${value.toString('hex')}` : value.toString()
}

function digest() {
  const hash = createHash('sha256')
  let rows = 0
  return {
    add(row: readonly Cell[]): void {
      hash.update(`${JSON.stringify(row)}\n`)
      rows++
    },
    result: () => ({ rows, digest: hash.digest('hex') }),
  }
}

/** New rows go on where the old ones end. */
const resume = (tx: Queries, table: string, column: string): Promise<number> =>
  tx.run(
    `SELECT setval(pg_get_serial_sequence('${table}', '${column}'), (SELECT max(${column}) FROM ${table})) WHERE EXISTS (SELECT 1 FROM ${table})`,
  )

function refuseRunning(db: SqliteFile, now: number): void {
  const alive = db
    .prepare<[number], bigint>('SELECT count(*) FROM boots WHERE seen_at > ?')
    .pluck()
    .get(now - ALIVE)
  if (!alive) return
  throw new GatewayError(
    'database_unusable',
    'A gateway still writes this database. Stop it, wait half a minute, and move then: nothing was done.',
  )
}

async function refuseFilled(tx: Queries, table: string): Promise<void> {
  if ((await tx.rows(`SELECT 1 FROM ${table} LIMIT 1`)).length === 0) return
  throw new GatewayError(
    'already_exists',
    `The target holds rows in ${table} already. Move into a database without a tollgate schema: nothing was done.`,
  )
}

const unequal = (table: string): GatewayError =>
  new GatewayError('database_unusable', `The rows of ${table} did not arrive as they were, so all was taken back. The file is as it was.`)
