import { z } from 'zod'
import type { ForeignTable } from '../contract/foreign.ts'
import { problem } from './check.ts'
import type { ConfigProblem } from './problems.ts'
import type { Source } from './yaml.ts'

const NAME = 'Give the name as PostgreSQL has it: 1 to 63 bytes without control characters, upper and lower case as in the table.'

/** Whatever stands between quotes in SQL; that there is one of this name is seen where the database is. */
const name = z.string().refine((written) => /^\P{Cc}+$/u.test(written) && Buffer.byteLength(written) <= 63, { error: NAME })

const CELL = 'Give text, a whole number, true, false or null, or a list of them.'
const cell = z
  .union([z.string(), z.int(), z.boolean(), z.null()], { error: CELL })
  .transform((value) => (value === null ? null : String(value)))
const cells = z.union([z.array(cell).min(1), cell.transform((one) => [one])], { error: CELL })

const words = z.record(z.string(), z.string().min(1)).optional()
const column = name.optional()

/** An installation's own tables, in the same database as ours. */
export const tenantsFrom = z.strictObject({
  schema: name.default('public'),
  table: name.default('tenants'),
  columns: z.strictObject({ id: column, slug: column, name: column, plan: column, status: column, created_at: column }).optional(),
  values: z.strictObject({ plan: words, status: words }).optional(),
  filter: z.record(name, cells).default({}),
})
export const settingsFrom = z.strictObject({
  schema: name.default('public'),
  table: name.default('tenant_settings'),
  columns: z
    .strictObject({ tenant_id: column, setting_key: column, setting_value: column, created_at: column, updated_at: column })
    .optional(),
  values: z.strictObject({ setting_key: words }).optional(),
  filter: z.record(name, cells).default({}),
})

type Written = z.infer<typeof tenantsFrom> | z.infer<typeof settingsFrom>

export function foreignTable(file: Source, key: 'tenants_from' | 'settings_from', written: Written | undefined): ForeignTable | undefined {
  if (!written) return undefined
  const { schema, table, filter } = written
  return {
    ...{ schema, table, filter, columns: given(written.columns), values: given(written.values) },
    writtenAt: (...path) => `${file.name}:${file.lineOf([key, ...path])} ${[key, ...path].join('.')}`,
  }
}

/** Only PostgreSQL holds schemas of several programs. */
export function foreignWithoutDatabase(file: Source, tables: Readonly<Record<string, unknown>>, databaseUrl: unknown): ConfigProblem[] {
  if (databaseUrl !== undefined) return []
  const words = 'reads a table beside ours in PostgreSQL, and DATABASE_URL names none: set it, or take this away.'
  return Object.keys(tables).flatMap((key) => (tables[key] === undefined ? [] : [problem(file, [key], `This ${words}`)]))
}

const given = <Value>(values: Readonly<Record<string, Value | undefined>> = {}): Record<string, Value> =>
  Object.fromEntries(Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])))
