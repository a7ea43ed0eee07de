import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { Misused, to } from './api.ts'
import { type Paint, table } from './table.ts'
import { ask, listOf, type Verb } from './verb.ts'

export const reconcile: Verb = {
  use: 'reconcile',
  does: "set the books against a provider's own export of cost or usage, and say why they differ; 1 where something is left unexplained",
  options: [
    { flags: '--provider <provider>', means: 'whose export it is', required: true },
    { flags: '--month <month>', means: 'e.g. 2026-10, UTC', required: true },
    { flags: '--file <file>', means: 'the export as it came, CSV or JSON', required: true },
    { flags: '--own <names>', means: 'keys and projects that the gateway uses, by id or name, with commas: all else is traffic of others' },
  ],
  examples: [
    'reconcile --provider openai --month 2026-10 --file cost.csv',
    'reconcile --provider openai --month 2026-10 --file cost.csv --own proj_gateway',
  ],
  run: async ({ api, text, paint }) => {
    const body = {
      provider: text('provider'),
      month: text('month'),
      file: { text: textOf(text('file') ?? '') },
      own: listOf(text('own')) ?? [],
    }
    const { json, value } = await ask(api, { ...to`POST /reconcile`, body }, report)
    return { json, text: told(value, paint), wrong: value.unexplained.length + value.unvalued.length > 0 }
  },
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new Misused(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const model = z.string().nullable()
const report = z.object({
  provider: z.string(),
  month: z.string(),
  billed_usd: z.string(),
  booked_usd: z.string(),
  difference_usd: z.string(),
  attempts: z.number(),
  explained: z.array(z.object({ cause: z.string(), model, amount_usd: z.string(), days: z.number(), accounts: z.array(z.string()) })),
  unexplained: z.array(z.object({ day: z.string(), model, billed_usd: z.string(), booked_usd: z.string(), amount_usd: z.string() })),
  unvalued: z.array(z.object({ day: z.string(), model, what: z.string(), quantity: z.number().nullable() })),
})

type Report = z.infer<typeof report>

/** In the order in which they are looked for. */
const WORDS: Readonly<Record<string, string>> = {
  outside: 'not through the gateway',
  server_side_tools: "searches and other work at the provider's side",
  service_tier: 'another tier of service',
  cached_rate: 'cached tokens',
  price: 'another price than ours',
  unpriced: 'booked without a price',
  drained: 'streams that the client left, estimated',
  estimated: 'ends that nobody saw, estimated',
  time_zone: 'begun on one day and ended on the next',
  rounding: 'rounding',
}

function told({ provider, month, billed_usd, booked_usd, difference_usd, attempts, ...parts }: Report, paint: Paint): string {
  const { explained, unexplained, unvalued } = parts
  const head = `${provider} bills ${billed_usd} USD for ${month}, and the books have ${booked_usd} in ${attempts} attempts: ${difference_usd} apart.`
  const causes = explained.map((one) => [WORDS[one.cause] ?? one.cause, one.amount_usd, one.model, one.days, one.accounts.join(', ')])
  const rows = unexplained.map((one) => [one.day, one.model, one.billed_usd, one.booked_usd, one.amount_usd])
  const counts = unvalued.map((one) => [one.day, one.model, one.what, one.quantity])
  return [
    head,
    ...(causes.length > 0 ? [table(['why', 'usd', 'model', 'days', 'key or project'], causes, paint)] : []),
    rows.length > 0
      ? `Not explained:\n${table(['day', 'model', 'billed', 'booked', 'usd'], rows, paint)}`
      : paint.good('Nothing is left unexplained.'),
    ...(counts.length > 0
      ? [`Counted without an amount, at a price that nobody told:\n${table(['day', 'model', 'what', 'count'], counts, paint)}`]
      : []),
  ].join('\n\n')
}
