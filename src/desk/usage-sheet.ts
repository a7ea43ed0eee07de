import { type CsvCell, csv } from '../wire/csv.ts'

const PLACES = ['day', 'tenant', 'key_id', 'provider', 'wire_model', 'key_source', 'tag'] as const
const FIGURES = ['requests', 'input_tokens', 'output_tokens', 'charge_usd', 'cost_usd', 'unpriced', 'cached', 'saved_usd'] as const

export type SpreadRow = { readonly [name in (typeof PLACES)[number] | (typeof FIGURES)[number]]?: CsvCell }

/** Column names are the fields of the API; what no row has is no column, but for figures. */
export function spreadUsage(rows: readonly SpreadRow[]): string {
  const heads = [...PLACES.filter((name) => rows.some((row) => row[name] !== undefined)), ...FIGURES]
  return csv(
    heads,
    rows.map((row) => heads.map((head) => row[head])),
  )
}
