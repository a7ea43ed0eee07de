import { z } from 'zod'
import { asking, to } from './api.ts'
import { type Paint, table } from './table.ts'
import { ask, told, type Verb } from './verb.ts'

export const usage: Verb = {
  use: 'usage',
  does: 'add up what was used and charged, by day, tenant and model',
  options: [
    { flags: '--tenant <tenant>', means: 'only this one, by slug or id' },
    { flags: '--from <time>', means: 'e.g. 2026-08-01T00:00:00Z; the start of this month where not given' },
    { flags: '--to <time>', means: 'now where not given' },
  ],
  examples: ['usage', 'usage --tenant acme --from 2026-08-01T00:00:00Z'],
  run: async ({ api, text, paint }) => {
    const query = { tenant: text('tenant'), from: text('from'), to: text('to') }
    return told(await ask(api, asking(to`GET /usage`, query), report), (sums) => listed(sums, paint))
  },
}

const sum = z.object({
  requests: z.number(),
  input_tokens: z.number(),
  output_tokens: z.number(),
  charge_usd: z.string().nullish(),
  unpriced: z.number(),
})
const report = z.object({
  from: z.string(),
  to: z.string(),
  data: z.array(sum.extend({ day: z.string(), tenant: z.string(), provider: z.string(), wire_model: z.string(), key_source: z.string() })),
  total: sum,
  keys: z
    .array(
      z.object({
        provider: z.string(),
        key_source: z.string(),
        fingerprint: z.string(),
        requests: z.number(),
        charge_usd: z.string().nullish(),
        unpriced: z.number(),
      }),
    )
    .nullish(),
})

const HEADS = ['day', 'tenant', 'model', 'key', 'requests', 'in', 'out', 'usd', 'unpriced']

function listed({ from, to, data, total, keys }: z.infer<typeof report>, paint: Paint): string {
  const figures = (one: z.infer<typeof sum>) => [one.requests, one.input_tokens, one.output_tokens, one.charge_usd, one.unpriced]
  const rows = data.map((row) => [row.day, row.tenant, `${row.provider}/${row.wire_model}`, row.key_source, ...figures(row)])
  const period = `From ${from} to ${to}`
  if (rows.length === 0) return `${period} nothing was used.`
  const pools = keys && keys.length > 0 ? `\n\n${table(KEY_HEADS, keys.map(keyRow), paint)}` : ''
  return `${period}\n\n${table(HEADS, [...rows, ['total', '', '', '', ...figures(total)]], paint)}${pools}`
}

const KEY_HEADS = ['provider', 'key', 'fingerprint', 'requests', 'usd', 'unpriced']

type KeyUse = NonNullable<z.infer<typeof report>['keys']>[number]

const keyRow = ({ provider, key_source, fingerprint, requests, charge_usd, unpriced }: KeyUse) => [
  provider,
  key_source,
  fingerprint,
  requests,
  charge_usd,
  unpriced,
]
