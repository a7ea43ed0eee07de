import pg from 'pg'
import type { ForeignTable, ForeignTables } from '../../contract/foreign.ts'
import { GatewayError } from '../../errors.ts'
import { type Queries, quoted } from './database.ts'
import { refused } from './failures.ts'

/** What stands after FROM where tenants and their settings are read: with the columns of ours, whatever they are called where they lie. */
export interface Sources {
  readonly tenants: string
  readonly settings: string
  readonly foreign: ForeignTables
}

export const OWN: Sources = { tenants: 'tenants', settings: 'tenant_settings', foreign: {} }

/** Throws `database_unusable` with a line for each thing that is not as the operator wrote it, or that may not be read. */
export async function sourcesOf(db: Queries, foreign: ForeignTables): Promise<Sources> {
  const { tenants, settings, wrong, unreadable } = await examined(db, foreign)
  refuseAll([...wrong, ...unreadable])
  return {
    tenants: tenants === undefined ? OWN.tenants : withOverrides(tenants),
    settings: settings === undefined ? OWN.settings : `(${settings}) AS tenant_settings`,
    foreign,
  }
}

/** The same, whoever may read them. */
export async function assertFits(db: Queries, foreign: ForeignTables): Promise<void> {
  refuseAll((await examined(db, foreign)).wrong)
}

function refuseAll(lines: readonly string[]): void {
  if (lines.length > 0) throw refused(lines.join('\n'))
}

export const nameOf = ({ schema, table }: ForeignTable): string => `${quoted(schema)}.${quoted(table)}`

/** As a person says it. */
export const calledAs = ({ schema, table }: ForeignTable): string => `${schema}.${table}`

export const onlyRead = (what: string, table: ForeignTable): GatewayError =>
  new GatewayError(
    'store_read_only',
    `${what} are read from ${calledAs(table)}, another program's table, and Tollgate writes nothing there. Change the row in ${calledAs(table)}.`,
  )

/** The columns of a table that are read, as they are called there. */
export function columnsRead(kind: keyof ForeignTables, { columns, filter }: ForeignTable, found: readonly Found[]): string[] {
  const names = [...Object.keys(SHAPES[kind].columns).map((ours) => columns[ours] ?? ours), ...Object.keys(filter)]
  return [...new Set(names)].filter((theirs) => found.some(({ name }) => name === theirs))
}

/** What an operator wrote of theirs is ours to keep, for theirs is only read. */
const withOverrides = (tenants: string): string =>
  `(SELECT theirs.*, overrides FROM (${tenants}) AS theirs LEFT JOIN tenant_overrides ON tenant_id = theirs.id) AS tenants`

type Kind = 'word' | 'text' | 'time'

interface Shape {
  readonly columns: Readonly<Record<string, Kind>>
  /** What a table may lack. */
  readonly optional: readonly string[]
  /** What no row of ours can be without. */
  readonly keys: readonly string[]
}

const SHAPES: Readonly<Record<keyof ForeignTables, Shape>> = {
  tenants: {
    columns: { id: 'word', slug: 'word', name: 'word', plan: 'word', status: 'word', created_at: 'time' },
    optional: ['name', 'status', 'created_at'],
    keys: ['id', 'slug'],
  },
  settings: {
    columns: { tenant_id: 'word', setting_key: 'word', setting_value: 'text', created_at: 'time', updated_at: 'time' },
    optional: ['created_at', 'updated_at'],
    keys: ['tenant_id', 'setting_key'],
  },
}

export interface Found {
  readonly name: string
  readonly type: string
  /** https://www.postgresql.org/docs/current/catalog-pg-type.html */
  readonly category: string
  readonly readable: boolean
  /** Of a view nobody tells what changes. */
  readonly ofView: boolean
}

export function columnsOf(db: Queries, { schema, table }: ForeignTable): Promise<readonly Found[]> {
  return db.rows<Found>(
    `SELECT attname AS name, typname AS type, typcategory AS category,
      has_schema_privilege(relnamespace, 'USAGE') AND has_column_privilege(attrelid, attnum, 'SELECT') AS readable, relkind IN ('v', 'm', 'f') AS "ofView"
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid JOIN pg_namespace ON pg_namespace.oid = relnamespace
      JOIN pg_type ON pg_type.oid = atttypid
    WHERE nspname = $1 AND relname = $2 AND relkind IN ('r', 'p', 'v', 'm', 'f') AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
    ...[schema, table],
  )
}

interface Reading {
  readonly table: ForeignTable
  readonly shape: Shape
  readonly found: readonly Found[]
  /** Lines for the operator. */
  readonly wrong: string[]
  readonly barred: Set<string>
}

interface Examined {
  readonly tenants: string | undefined
  readonly settings: string | undefined
  readonly wrong: readonly string[]
  readonly unreadable: readonly string[]
}

/** Each table as a SELECT, and what is in the way of it. */
async function examined(db: Queries, foreign: ForeignTables): Promise<Examined> {
  const wrong: string[] = []
  const unreadable: string[] = []
  const reading = async (kind: keyof ForeignTables) => {
    const table = foreign[kind]
    if (!table) return undefined
    const barred = new Set<string>()
    const select = selectOf({ table, shape: SHAPES[kind], found: await columnsOf(db, table), wrong, barred })
    const at = `${table.writtenAt('table')}: The gateway may not read ${[...barred].join(', ')} of ${calledAs(table)}`
    if (barred.size > 0) unreadable.push(`${at}: run what tollgate db trigger prints.`)
    return select
  }
  return { tenants: await reading('tenants'), settings: await reading('settings'), wrong, unreadable }
}

function selectOf(reading: Reading): string {
  const { table, found, shape, wrong } = reading
  if (found.length === 0) {
    wrong.push(`${table.writtenAt('table')}: There is no table ${calledAs(table)} in the database.`)
    return ''
  }
  const cells = Object.entries(shape.columns).map(([ours, kind]) => `${cellOf(reading, ours, kind)} AS ${ours}`)
  const kept = Object.entries(table.filter).map(([theirs, values]) => holding(column(reading, theirs, ['filter', theirs]), values))
  const keys = shape.keys.map((key) => `${quoted(table.columns[key] ?? key)} IS NOT NULL`)
  return `SELECT ${cells.join(', ')} FROM ${nameOf(table)} WHERE ${[...keys, ...kept].join(' AND ')}`
}

function cellOf(reading: Reading, ours: string, kind: Kind): string {
  const { table, shape, found, wrong } = reading
  const written = table.columns[ours]
  if (written === undefined && shape.optional.includes(ours) && !found.some(({ name }) => name === ours)) return NOTHING
  const path = written === undefined ? ['table'] : ['columns', ours]
  const is = column(reading, written ?? ours, path)
  const text = is && TEXTS[kind](is)
  if (is && text === undefined) {
    const complaint = `Column ${is.name} of ${calledAs(table)} is of type ${is.type}, which cannot be read as a ${kind}.`
    wrong.push(`${table.writtenAt(...path)}: ${complaint}`)
  }
  const worded = inOurWords(text ?? NOTHING, table.values[ours])
  // A row without a plan is on none, which is told; a plan that is nothing would be read as a fault.
  return ours === 'plan' ? `coalesce(${worded}, '')` : worded
}

const NOTHING = 'NULL::text'

/** Undefined where there is none, which is added to what is wrong. */
function column({ table, found, wrong, barred }: Reading, theirs: string, path: readonly string[]): Found | undefined {
  const is = found.find(({ name }) => name === theirs)
  if (is && !is.readable) barred.add(theirs)
  if (is) return is
  const has = found.map(({ name }) => name).join(', ')
  wrong.push(`${table.writtenAt(...path)}: The table ${calledAs(table)} has no column ${theirs}; it has ${has}.`)
  return undefined
}

const asText = ({ name }: Found): string => `${quoted(name)}::text COLLATE "C"`
/** Text, numbers, enumerations, true and false. */
const isWord = ({ type, category }: Found): boolean => 'SNEB'.includes(category) || type === 'uuid'

/** How a column is read as text; undefined where it cannot be what is needed. */
const TEXTS: Readonly<Record<Kind, (column: Found) => string | undefined>> = {
  word: (column) => (isWord(column) ? asText(column) : undefined),
  text: (column) => {
    if (column.type === 'json' || column.type === 'jsonb') return `(${quoted(column.name)} #>> '{}') COLLATE "C"`
    return column.category === 'S' ? asText(column) : undefined
  },
  time: (column) => {
    if (column.category === 'S') return asText(column)
    if (column.type === 'timestamptz') return `to_char(${quoted(column.name)} AT TIME ZONE 'UTC', ${ISO})`
    return column.type === 'timestamp' || column.type === 'date' ? `to_char(${quoted(column.name)}::timestamp, ${ISO})` : undefined
  },
}

const ISO = `'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`

function inOurWords(text: string, words: Readonly<Record<string, string>> = {}): string {
  const cases = Object.entries(words).map(([theirs, ours]) => `WHEN ${literal(theirs)} THEN ${literal(ours)}`)
  return cases.length === 0 ? text : `CASE ${text} ${cases.join(' ')} ELSE ${text} END`
}

function holding(column: Found | undefined, values: readonly (string | null)[]): string {
  if (!column) return 'false'
  const words = values.filter((value) => value !== null).map(literal)
  const one = [
    ...(words.length > 0 ? [`${asText(column)} IN (${words.join(', ')})`] : []),
    ...(values.includes(null) ? [`${quoted(column.name)} IS NULL`] : []),
  ]
  return `(${one.join(' OR ')})`
}

const literal = (text: string): string => pg.escapeLiteral(text)
