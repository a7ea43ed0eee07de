import type { Billed, Billing, Claim } from '../../src/contract/billing.ts'
import { parseCsv } from '../../src/wire/csv.ts'
import { decimalsOf, scaled } from '../../src/wire/decimal.ts'
import { resultsIn, unreadable } from '../../src/wire/report-pages.ts'

// What the console exports as CSV, of cost and of usage, and what the admin API's cost report and usage report answer.
// https://platform.claude.com/docs/en/manage-claude/usage-cost-api

type Fields = Readonly<Record<string, string>>

/** `Claude Haiku 4.5` and `claude-haiku-4-5-20251001` are `claude-haiku-4-5`. */
const canonical = (model: string): string =>
  model
    .trim()
    .toLowerCase()
    .replaceAll(/[ .]/g, '-')
    .replace(/-(?:\d{8}|latest)$/, '')

export const anthropicBilling: Billing = {
  canonical,
  read(text) {
    const rows = resultsIn(text) ?? parseCsv(text)
    if (!rows) return undefined
    if (rows.some((row) => 'cost_usd' in row)) return costs(rows, { field: 'cost_usd', places: 12 })
    // The report tells cents.
    if (rows.some((row) => 'amount' in row)) return costs(rows, { field: 'amount', places: 10 })
    if (rows.some((row) => 'usage_input_tokens_no_cache' in row || 'uncached_input_tokens' in row)) return rows.flatMap(usage)
    return undefined
  },
}

/** By both the names of the console and of the report. */
const KINDS: Readonly<Record<string, Billed>> = {
  input_no_cache: 'input',
  uncached_input_tokens: 'input',
  input_cache_read: 'cacheRead',
  cache_read_input_tokens: 'cacheRead',
  input_cache_write_5m: 'cacheWrite',
  input_cache_write_1h: 'cacheWrite',
  'cache_creation.ephemeral_5m_input_tokens': 'cacheWrite',
  'cache_creation.ephemeral_1h_input_tokens': 'cacheWrite',
  output: 'output',
  output_tokens: 'output',
}

function costs(rows: readonly Fields[], { field, places }: { field: string; places: number }): readonly Claim[] {
  const most = rows.reduce((sofar, row) => Math.max(sofar, decimalsOf(row[field] ?? '')), 0)
  const grain = 10n ** BigInt(places - Math.min(places, most))
  return rows.map((row) => {
    const amount = scaled(row[field] ?? '', places)
    if (amount === undefined) throw unreadable(field)
    const kind = row['token_type'] ?? ''
    const model = row['model'] ?? ''
    const what = kind === '' ? (model === '' && (row['cost_type'] ?? '') === '' ? 'all' : 'tool') : (KINDS[kind] ?? 'all')
    return {
      ...placeOf(row),
      model: model === '' ? undefined : canonical(model),
      what,
      amount,
      quantity: undefined,
      requests: undefined,
      grain,
    }
  })
}

function usage(row: Fields): readonly Claim[] {
  const count = (...names: readonly string[]) => names.reduce((sum, name) => sum + (Number(row[name] ?? '') || 0), 0)
  const shared = {
    ...placeOf(row),
    model: canonical((row['model_version'] ?? '') || (row['model'] ?? '')),
    amount: undefined,
    grain: COUNTED,
    requests: undefined,
  }
  const writes = ['usage_input_tokens_cache_write_5m', 'usage_input_tokens_cache_write_1h']
  const created = ['cache_creation_ephemeral_5m_input_tokens', 'cache_creation_ephemeral_1h_input_tokens']
  return [
    { ...shared, what: 'input', quantity: count('usage_input_tokens_no_cache', 'uncached_input_tokens') },
    { ...shared, what: 'cacheRead', quantity: count('usage_input_tokens_cache_read', 'cache_read_input_tokens') },
    { ...shared, what: 'cacheWrite', quantity: count(...writes, ...created) },
    { ...shared, what: 'output', quantity: count('usage_output_tokens', 'output_tokens') },
    { ...shared, what: 'tool', quantity: count('web_search_count', 'server_tool_use_web_search_requests') },
  ]
}

/** What is only counted is given a worth later, and rounded once. */
const COUNTED = 2n

const USUAL: ReadonlySet<string> = new Set(['', 'standard', 'message'])

function placeOf(row: Fields): Pick<Claim, 'day' | 'tier' | 'accounts'> {
  const day = (row['usage_date_utc'] ?? '') || (row['starting_at'] ?? '').slice(0, 10)
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) throw unreadable('usage_date_utc')
  const tier = (row['service_tier'] ?? '') || (row['usage_type'] ?? '')
  const named = ['api_key_id', 'api_key', 'workspace_id', 'workspace'].map((name) => row[name] ?? '')
  return { day, tier: USUAL.has(tier) ? '' : tier, accounts: named.filter((name) => name !== '') }
}
