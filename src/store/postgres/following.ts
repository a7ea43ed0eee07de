import pg from 'pg'
import type { ForeignTable, ForeignTables } from '../../contract/foreign.ts'
import { type Queries, quoted } from './database.ts'
import { calledAs, columnsOf, columnsRead, nameOf, type Sources } from './sources.ts'

// How changes in another program's tables are noticed: by a trigger that an operator puts on them, else by comparing.

const KINDS = ['tenants', 'settings'] as const

/** The column that tells which tenant a row is about. */
const tenantColumn = (kind: keyof ForeignTables, { columns }: ForeignTable): string =>
  kind === 'tenants' ? (columns['id'] ?? 'id') : (columns['tenant_id'] ?? 'tenant_id')

interface Reader {
  /** Our schema. */
  readonly schema: string
  /** Who reads. */
  readonly role: string
}

/** The SQL that lets the gateway read what it reads of these tables, and nothing else, and tells it of changes at once. */
export async function triggerSql(db: Queries, foreign: ForeignTables, { schema, role }: Reader): Promise<string> {
  const statements = await Promise.all(
    KINDS.map(async (kind) => {
      const table = foreign[kind]
      if (!table) return []
      const found = await columnsOf(db, table)
      const columns = columnsRead(kind, table, found).map(quoted)
      const grants = [
        `GRANT USAGE ON SCHEMA ${quoted(table.schema)} TO ${quoted(role)};`,
        `GRANT SELECT (${columns.join(', ')}) ON ${nameOf(table)} TO ${quoted(role)};`,
      ]
      if (found.some(({ ofView }) => ofView))
        return [...grants, `-- ${calledAs(table)} is no plain table: it is looked at every few seconds.`]
      const noting = (what: string) => `EXECUTE FUNCTION ${quoted(schema)}.note_foreign_${what}`
      return [
        ...grants,
        `CREATE OR REPLACE TRIGGER tollgate_changed AFTER INSERT OR UPDATE OR DELETE ON ${nameOf(table)}`,
        `  FOR EACH ROW ${noting('change')}('tenant', ${pg.escapeLiteral(tenantColumn(kind, table))});`,
        `CREATE OR REPLACE TRIGGER tollgate_truncated AFTER TRUNCATE ON ${nameOf(table)} ${noting('truncation')}();`,
      ]
    }),
  )
  return statements.flat().join('\n')
}

/** An enabled trigger tells of every row, and one of all at once. */
async function tells(tx: Queries, kind: keyof ForeignTables, table: ForeignTable): Promise<boolean> {
  const told = Buffer.from(`tenant\0${tenantColumn(kind, table)}\0`)
  const [row] = await tx.rows<{ rows: boolean | null; truncation: boolean | null }>(
    `SELECT bool_or(proname = 'note_foreign_change' AND tgtype & $3 = $3 AND tgargs = $4 AND tgqual IS NULL AND tgattr = '') AS rows,
      bool_or(proname = 'note_foreign_truncation' AND tgtype & $5 = $5) AS truncation
    FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid JOIN pg_class ON pg_class.oid = tgrelid JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE nspname = $1 AND relname = $2 AND pronamespace = current_schema()::regnamespace AND tgenabled IN ('O', 'A')`,
    ...[table.schema, table.table, EVERY_ROW, told, TRUNCATION],
  )
  return row?.rows === true && row.truncation === true
}

/** Bits of `tgtype`: for each row, on INSERT, DELETE and UPDATE; on TRUNCATE. */
const EVERY_ROW = 1 | 4 | 8 | 16
const TRUNCATION = 32

export interface Comparison {
  /** Tenants of whom something is otherwise than it was. */
  readonly ids: readonly string[]
  /** To be called once they were told of; until then the next comparison finds them again. */
  keep(): void
}

export type Compare = (tx: Queries) => Promise<Comparison>

/** Undefined where every table is ours, and tells by itself. */
export function comparer({ foreign, ...from }: Sources): Compare | undefined {
  const one = (kind: keyof ForeignTables): Compare[] => {
    const table = foreign[kind]
    return table ? [comparerOf(kind, table, from[kind])] : []
  }
  const all = KINDS.flatMap(one)
  if (all.length === 0) return undefined
  return async (tx) => {
    const found: Comparison[] = []
    for (const compare of all) found.push(await compare(tx))
    return {
      ids: [...new Set(found.flatMap(({ ids }) => ids))],
      keep: () => {
        for (const { keep } of found) keep()
      },
    }
  }
}

interface Seen {
  /** A hash of all rows. */
  readonly whole: string
  /** A hash of each tenant's. */
  readonly each: ReadonlyMap<string, string>
  /** The table told of changes by itself already. */
  readonly told: boolean
}

/** The database hashes; tenant by tenant it is asked only where the whole is otherwise. */
function comparerOf(kind: keyof ForeignTables, table: ForeignTable, from: string): Compare {
  const [hash, tenant] =
    kind === 'tenants' ? ['hash_record_extended(tenants, 0)', 'id'] : ['hash_record_extended(tenant_settings, 0)', 'tenant_id']
  let seen: Seen = { whole: '', each: new Map(), told: false }
  return async (tx) => {
    const told = await tells(tx, kind, table)
    // A trigger tells nothing of what changed before it was there, so once more it is compared.
    if (told && seen.told) return { ids: [], keep: () => {} }
    const [[whole = ''] = []] = await tx.tuples<[string]>(`SELECT count(*) || ' ' || coalesce(sum(${hash}::numeric), 0) FROM ${from}`)
    if (whole === seen.whole) return { ids: [], keep: () => void (seen = { ...seen, told }) }
    const each = new Map(await tx.tuples<[string, string]>(`SELECT ${tenant}, sum(${hash}::numeric)::text FROM ${from} GROUP BY ${tenant}`))
    const ids = [...new Set([...seen.each.keys(), ...each.keys()])].filter((id) => seen.each.get(id) !== each.get(id))
    return { ids, keep: () => void (seen = { whole, each, told }) }
  }
}
