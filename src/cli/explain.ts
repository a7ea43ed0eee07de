import { z } from 'zod'
import { asking, Misused, to } from './api.ts'
import { type Paint, table } from './table.ts'
import { ask, type Call, type Outcome, told, type Verb } from './verb.ts'

export const explain: Verb = {
  use: 'explain',
  does: 'say whether a tenant may use a model, whose key pays, and where each key was looked for; calls no provider',
  options: [
    { flags: '--tenant <tenant>', means: 'slug or id' },
    { flags: '--model <model>', means: 'the name as an app sends it' },
    { flags: '--stream', means: 'as a streamed request' },
    { flags: '--tools', means: 'with tools' },
    { flags: '--vision', means: 'with images' },
    { flags: '--json-schema', means: 'with structured output' },
    { flags: '--endpoint <endpoint>', means: 'chat, embeddings, …; chat where not given' },
    { flags: '--input-tokens <n>', means: 'of the prompt: prices are weighed by it, and routes may go by it' },
    { flags: '--max-tokens <n>', means: 'of the answer' },
    { flags: '--headers <pairs>', means: 'that routes go by, as name:value,name:value' },
    { flags: '--metadata <pairs>', means: 'of the body, in the same form' },
    { flags: '--session <id>', means: 'that a sticky route keeps to one candidate' },
    { flags: '--request <id>', means: 'in place of all these: the decision on a request, with its attempts' },
  ],
  examples: [
    'explain --tenant brennan --model minimax/MiniMax-M2.7',
    'explain --tenant acme --model auto --tools --json',
    'explain --request req_mwsgpklnac3db7f5a66c',
  ],
  run: (call) => (call.text('request') === undefined ? explainQuestion(call) : explainRequest(call)),
}

async function explainQuestion({ api, text, on, paint }: Call): Promise<Outcome> {
  const [tenant, model] = [text('tenant'), text('model')]
  if (tenant === undefined || model === undefined)
    throw new Misused('Say whom and what: --tenant <tenant> --model <model>, or --request <id>.')
  const flag = (name: string): string | undefined => (on(name) ? '1' : undefined)
  const needs = { stream: flag('stream'), tools: flag('tools'), vision: flag('vision'), json_schema: flag('json-schema') }
  const traits = { headers: text('headers'), metadata: text('metadata'), session: text('session') }
  const size = { input_tokens: text('input-tokens'), max_tokens: text('max-tokens') }
  const request = asking(to`GET /explain`, { tenant, model, endpoint: text('endpoint'), ...needs, ...size, ...traits })
  return told(await ask(api, request, explanation), (said) => report(said, paint))
}

async function explainRequest({ api, text, paint }: Call): Promise<Outcome> {
  const request = to`GET /requests/${text('request') ?? ''}/explain`
  return told(await ask(api, request, remembered), ({ because, attempts, decision, kept }) => {
    const rows = attempts.map(({ provider, model, source, via, code, status, first_byte_ms, total_ms }) => [
      ...[`${provider}/${model}`, source, via, code, status, first_byte_ms, total_ms],
    ])
    const heads = ['model', 'key', 'found as', 'ended', 'status', 'first byte, ms', 'in all, ms']
    const parts = [because, ...titled('Attempts', rows, table(heads, rows, paint)), ...(decision ? sections(decision, paint) : [])]
    if (kept === 'books')
      parts.push(paint.faint('From the books. Who else was looked at, the running gateway remembers for an hour: --url.'))
    return parts.join('\n\n')
  })
}

const lookedFor = z.object({ setting_key: z.string(), via: z.string(), found: z.boolean(), note: z.string().nullish() })
const rejected = z.object({
  model: z.string(),
  payer: z.string(),
  stage: z.string(),
  code: z.string(),
  rule: z.string().nullish(),
  because: z.string(),
})
const PARTS = ['total', 'price', 'quality', 'speed', 'reliability', 'headroom'] as const
const part = z.number()
const score = z.object({
  ...{ total: part, price: part, quality: part, speed: part, reliability: part, headroom: part },
  because: z.string(),
})
const offer = z.object({
  name: z.string(),
  tier: z.string().nullish(),
  key_source: z.string(),
  credential: z.object({ setting_key: z.string().nullish(), last4: z.string().nullish() }).nullish(),
  score: score.nullish(),
})
const explanation = z.object({
  verdict: z.string(),
  status: z.number(),
  code: z.string().nullish(),
  because: z.string(),
  fix: z.string().nullish(),
  rule: z.string().nullish(),
  looked_for: z.array(lookedFor),
  offers: z.array(offer),
  rejected: z.array(rejected),
  warning: z.string().nullish(),
  deprecated: z.string().nullish(),
  redirected: z.string().nullish(),
  ranking: z.object({ by: z.string(), input_tokens: z.number(), output_tokens: z.number() }).nullish(),
})

const attempt = z.object({
  ...{ provider: z.string(), model: z.string(), source: z.string(), via: z.string().nullish(), code: z.string().nullish() },
  ...{ status: z.number().nullish(), first_byte_ms: z.number().nullish(), total_ms: z.number().nullish() },
})
const remembered = z.object({ because: z.string(), kept: z.string(), attempts: z.array(attempt), decision: explanation.nullable() })

type Explanation = z.infer<typeof explanation>

function report(said: Explanation, paint: Paint): string {
  const allowed = said.verdict === 'allowed'
  const verdict = allowed ? paint.good('allowed') : paint.bad(`refused, ${said.status} ${said.code}`)
  const lines = [
    `${verdict}  ${said.because}`,
    ...(said.fix ? [`${paint.strong('fix')}      ${said.fix}`] : []),
    ...(said.rule ? [`${paint.strong('rule')}     ${said.rule}`] : []),
    ...(said.deprecated ? [`${paint.strong('renamed')}  ${said.deprecated}`] : []),
    ...(said.redirected ? [`${paint.strong('instead')}  ${said.redirected}`] : []),
    ...(said.ranking ? [`${paint.strong('ranked')}   ${rankedBy(said.ranking)}`] : []),
    ...(said.warning ? [`${paint.strong('warning')}  the model is marked ${said.warning}`] : []),
  ]
  return [lines.join('\n'), ...sections(said, paint)].join('\n\n')
}

function sections({ looked_for, offers, rejected }: Explanation, paint: Paint): string[] {
  const looked = looked_for.map(({ setting_key, via, found, note }) => [setting_key, via, found ? 'yes' : 'no', note])
  const ways = offers.map(({ name, tier, key_source, credential, score }) => [
    ...[name, tier, key_source, credential?.setting_key, credential?.last4],
    ...(score ? [...PARTS.map((name) => score[name].toFixed(3)), score.because] : []),
  ])
  const closed = rejected.map(({ model, payer, stage, code, because }) => [model, payer, stage, code, because])
  const scored = offers.some(({ score }) => score) ? ['score', ...PARTS.slice(1), 'because'] : []
  return [
    ...titled('Where the key was looked for', looked, table(['setting key', 'via', 'found', 'note'], looked, paint)),
    ...titled('Ways to serve it, in order', ways, shortened(['model', 'tier', 'key', 'setting key', 'last4', ...scored], ways, paint)),
    ...titled('Ways that are closed', closed, shortened(['model', 'who would pay', 'stage', 'code', 'because'], closed, paint)),
  ]
}

/** Of a whole catalogue nobody reads all. */
const MOST_ROWS = 25

function shortened(heads: readonly string[], rows: Parameters<typeof table>[1], paint: Paint): string {
  const more = rows.length - MOST_ROWS
  const text = table(heads, rows.slice(0, MOST_ROWS), paint)
  return more > 0 ? `${text}\n${paint.faint(`and ${more} more: --json has them all`)}` : text
}

function rankedBy({ by, input_tokens, output_tokens }: NonNullable<Explanation['ranking']>): string {
  return `by ${by}, for a request of about ${input_tokens} tokens and an answer of ${output_tokens}`
}

const titled = (title: string, rows: readonly unknown[], text: string): string[] => (rows.length === 0 ? [] : [`${title}\n${text}`])
