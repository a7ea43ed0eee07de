import { z } from 'zod'
import { spreadUsage } from '../desk/usage-sheet.ts'
import { asking, Misused, to } from './api.ts'
import { type Cell, type Paint, table } from './table.ts'
import { ask, told, type Verb } from './verb.ts'

export const usage: Verb = {
  use: 'usage',
  does: 'add up what was used and charged',
  options: [
    { flags: '--tenant <tenant>', means: 'only this one, by slug or id' },
    { flags: '--by <dimensions>', means: 'some of day,tenant,key,provider,model,source,tag; all but key and tag where not given' },
    { flags: '--from <time>', means: 'e.g. 2026-08-01T00:00:00Z; the start of this month where not given' },
    { flags: '--to <time>', means: 'now where not given' },
    { flags: '--csv', means: 'for a spreadsheet: every row, no total' },
  ],
  examples: ['usage', 'usage --tenant acme --from 2026-08-01T00:00:00Z', 'usage --by tag,model --csv'],
  run: async ({ api, text, on, paint }) => {
    if (on('csv') && on('json')) throw new Misused('Take --csv or --json, not both.')
    const query = { tenant: text('tenant'), by: text('by'), from: text('from'), to: text('to') }
    const show = on('csv') ? ({ data }: Report) => spreadUsage(data) : (sums: Report) => listed(sums, paint)
    return told(await ask(api, asking(to`GET /usage`, query), report), show)
  },
}

const amounts = { requests: z.number(), charge_usd: z.string().nullish(), cost_usd: z.string().nullish(), unpriced: z.number() }
const savings = { cached: z.number(), saved_usd: z.string().nullish() }
const sum = z.object({ ...amounts, ...savings, input_tokens: z.number(), output_tokens: z.number() })
const place = z.object({
  day: z.string(),
  tenant: z.string(),
  key_id: z.string(),
  provider: z.string(),
  wire_model: z.string(),
  key_source: z.string(),
  tag: z.string().nullable(),
})
const row = sum.extend(place.partial().shape)
const report = z.object({
  from: z.string(),
  to: z.string(),
  rows_from: z.string().nullish(),
  data: z.array(row),
  total: sum,
  keys: z.array(z.object({ provider: z.string(), key_source: z.string(), fingerprint: z.string(), ...amounts })).nullish(),
})

type Report = z.infer<typeof report>
type Row = z.infer<typeof row>

interface Column {
  readonly head: string
  read(row: Row): Cell
}

const COLUMNS: readonly Column[] = [
  { head: 'day', read: ({ day }) => day },
  { head: 'tenant', read: ({ tenant }) => tenant },
  { head: 'gateway key', read: ({ key_id }) => key_id },
  { head: 'model', read: ({ provider, wire_model }) => (provider && wire_model ? `${provider}/${wire_model}` : (wire_model ?? provider)) },
  { head: 'key', read: ({ key_source }) => key_source },
  { head: 'tag', read: ({ tag }) => (tag === null ? '(none)' : tag) },
]

const HEADS = ['requests', 'in', 'out', 'usd', 'unpriced', 'cached', 'saved']

function listed({ from, to, rows_from, data, total, keys }: Report, paint: Paint): string {
  const figures = (one: z.infer<typeof sum>) => [
    one.requests,
    one.input_tokens,
    one.output_tokens,
    one.charge_usd,
    one.unpriced,
    one.cached,
    one.saved_usd,
  ]
  const period = `From ${from} to ${to}${rows_from ? ` (rows are kept from ${rows_from} on)` : ''}`
  if (data.length === 0) return `${period} nothing was used.`
  const columns = COLUMNS.filter(({ read }) => data.some((row) => read(row) !== undefined))
  const rows = data.map((row) => [...columns.map(({ read }) => read(row)), ...figures(row)])
  const last = [...columns.map((_, at) => (at === 0 ? 'total' : '')), ...figures(total)]
  const pools = keys && keys.length > 0 ? `\n\n${table(KEY_HEADS, keys.map(keyRow), paint)}` : ''
  return `${period}\n\n${table([...columns.map(({ head }) => head), ...HEADS], [...rows, last], paint)}${pools}`
}

const KEY_HEADS = ['provider', 'key', 'fingerprint', 'requests', 'usd', 'unpriced']

const keyRow = ({ provider, key_source, fingerprint, requests, charge_usd, unpriced }: NonNullable<Report['keys']>[number]) => [
  ...[provider, key_source, fingerprint, requests, charge_usd, unpriced],
]
