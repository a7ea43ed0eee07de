import type { Billed, Billing, Claim } from '../../src/contract/billing.ts'
import { parseCsv } from '../../src/wire/csv.ts'
import { decimalsOf, scaled } from '../../src/wire/decimal.ts'
import { resultsIn, unreadable } from '../../src/wire/report-pages.ts'

// What the dashboard exports as CSV, and what the costs and usage endpoints answer: the same fields by the same names.
// https://platform.openai.com/docs/api-reference/usage

type Fields = Readonly<Record<string, string>>

/** Snapshots are billed under their dated names. */
const canonical = (model: string): string => model.replace(/-\d{4}-\d{2}-\d{2}$/, '')

export const openaiBilling: Billing = {
  canonical,
  read(text) {
    const rows = resultsIn(text) ?? parseCsv(text)
    if (rows?.some((row) => 'amount_value' in row)) return costs(rows)
    return rows?.some((row) => 'num_model_requests' in row && 'input_tokens' in row) ? rows.flatMap(usage) : undefined
  },
}

function costs(rows: readonly Fields[]): readonly Claim[] {
  const billed = rows.filter(({ amount_value }) => amount_value !== undefined && amount_value !== '')
  const most = billed.reduce((sofar, { amount_value = '' }) => Math.max(sofar, decimalsOf(amount_value)), 0)
  const grain = 10n ** BigInt(12 - Math.min(12, most))
  return billed.map((row) => {
    const amount = scaled(row['amount_value'] ?? '', 12)
    if (amount === undefined) throw unreadable('amount_value')
    if ((row['amount_currency'] || 'usd').toLowerCase() !== 'usd') throw unreadable('amount_currency')
    return { ...placeOf(row), ...itemOf(row['line_item'] ?? ''), amount, quantity: countOf(row['quantity']), requests: undefined, grain }
  })
}

const DIRECTIONS: Readonly<Record<string, Billed>> = {
  input: 'input',
  input_tokens: 'input',
  'cached input': 'cacheRead',
  cached_input_tokens: 'cacheRead',
  output: 'output',
  output_tokens: 'output',
}

/** `gpt-5-mini-2025-08-07, cached input`, `priority | gpt-5.6-sol, output, long context`, `gpt-image-2.5 text, input`, `web search tool calls`. */
function itemOf(item: string): Pick<Claim, 'model' | 'what' | 'tier'> {
  const [head = '', direction] = item.split(', ')
  const [named = '', tier] = head.split(' | ').toReversed()
  if (direction === undefined) return { model: undefined, what: item === '' ? 'all' : 'tool', tier: '' }
  const [model = ''] = named.split(' ')
  return { model: canonical(model), what: DIRECTIONS[direction.toLowerCase()] ?? 'all', tier: tier ?? '' }
}

function usage(row: Fields): readonly Claim[] {
  const { model = '', service_tier: tier = '', batch } = row
  const [input, cached, output] = [row['input_tokens'], row['input_cached_tokens'], row['output_tokens']].map(
    (count) => countOf(count) ?? 0,
  )
  const shared = {
    ...{ ...placeOf(row), model: canonical(model), amount: undefined, grain: COUNTED },
    tier: batch?.toLowerCase() === 'true' ? 'batch' : USUAL.has(tier) ? '' : tier,
  }
  const requests = countOf(row['num_model_requests'])
  return [
    { ...shared, what: 'input', quantity: (input ?? 0) - (cached ?? 0), requests },
    { ...shared, what: 'cacheRead', quantity: cached, requests: 0 },
    { ...shared, what: 'output', quantity: output, requests: 0 },
  ]
}

/** What is only counted is given a worth later, and rounded once. */
const COUNTED = 2n

const USUAL: ReadonlySet<string> = new Set(['default', 'standard', 'auto'])

function placeOf(row: Fields): Pick<Claim, 'day' | 'accounts'> {
  const start = Number(row['start_time'])
  if (!(start > 0)) throw unreadable('start_time')
  const named = [row['api_key_id'], row['project_id'], row['project_name']]
  return { day: new Date(start * 1000).toISOString().slice(0, 10), accounts: named.filter((name): name is string => Boolean(name)) }
}

function countOf(text: string | undefined): number | undefined {
  const count = text ? Number(text) : Number.NaN
  return Number.isFinite(count) ? count : undefined
}
