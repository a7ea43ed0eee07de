import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { z } from 'zod'
import { Misused, to } from './api.ts'
import { facts, type Paint } from './table.ts'
import { ask, type Call, listOf, type Noun, type Outcome, told } from './verb.ts'

export const catalog: Noun = {
  name: 'catalog',
  does: 'models and their prices, as they came last',
  verbs: [
    {
      use: 'status',
      does: 'say which price lists are in force',
      examples: ['catalog status'],
      run: async ({ api, paint }) => told(await ask(api, to`GET /catalog`, status), (found) => statusText(found, paint)),
    },
    {
      use: 'revert',
      does: 'take the last refresh back: what was in force before it is again',
      examples: ['catalog revert'],
      run: async ({ api, paint }) => told(await ask(api, to`POST /catalog/revert`, status), (found) => statusText(found, paint)),
    },
    {
      use: 'refresh',
      does: 'bring newer models and prices into force on all replicas; a list that cannot be true is refused, and what is in force stays',
      options: [
        { flags: '--file <file>', means: 'take them from this file' },
        { flags: '--from <url>', means: 'take them from this address; that of gateway.yaml where neither is given' },
        { flags: '--accept <offers>', means: 'offers (provider/model, with commas) whose price may change by more than ten times' },
        { flags: '--dry-run', means: 'judge the list, and take nothing' },
      ],
      examples: [
        'catalog refresh',
        'catalog refresh --file catalog.json --dry-run',
        'catalog refresh --from https://prices.example.com/catalog.json',
      ],
      run: refresh,
    },
  ],
}

const status = z.object({
  snapshot: z.string(),
  shipped: z.string(),
  refreshed: z.object({ snapshot: z.string(), source: z.string(), taken_at: z.string() }).nullable(),
  models: z.number(),
  offers: z.number(),
  unpriced: z.number(),
})

function statusText({ snapshot, shipped, refreshed, models, offers, unpriced }: z.infer<typeof status>, paint: Paint): string {
  const newer = refreshed ? `${refreshed.snapshot}, taken ${refreshed.taken_at} from ${refreshed.source}` : 'never'
  return facts(Object.entries({ 'in force': snapshot, shipped, refreshed: newer, models, offers, unpriced }), paint)
}

const some = z.object({ count: z.number(), names: z.array(z.string()) })
const report = z.object({
  source: z.string(),
  verdict: z.string(),
  snapshot: z.string().nullable(),
  models: z.number(),
  offers: z.number(),
  added: some,
  silent: some,
  repriced: some,
  because: z.array(z.string()),
  dry_run: z.boolean(),
})

async function refresh({ api, text, on, paint }: Call): Promise<Outcome> {
  const [path, url] = [text('file'), text('from')]
  if (path !== undefined && url !== undefined) throw new Misused('Give --file or --from, not both.')
  const file = path === undefined ? undefined : { name: basename(path), text: contentOf(path) }
  const body = { file, url, accept: listOf(text('accept')), dry_run: on('dry-run') }
  const answer = await ask(api, { ...to`POST /catalog/refresh`, body }, report)
  return { ...told(answer, (found) => reportText(found, paint)), wrong: answer.value.verdict === 'refused' }
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new Misused(`${path} cannot be read (${error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason'}).`)
  }
}

function reportText(found: z.infer<typeof report>, paint: Paint): string {
  if (found.verdict === 'refused') {
    const reasons = found.because.map((sentence) => `  ${sentence}`)
    return [paint.bad(`The list of ${found.source} is refused, and what is in force stays.`), ...reasons].join('\n')
  }
  if (found.verdict === 'unchanged') return `The list of ${found.source} is in force already (${found.snapshot}).`
  const said = found.dry_run ? 'would be taken' : 'is in force'
  const rows = [
    ['models', `${found.models}, ${found.offers} offers`],
    ['new', listed(found.added)],
    ['repriced', listed(found.repriced)],
    ['not named', `${found.silent.count}, which stay as they were`],
  ] as const
  return `${paint.good(`The list of ${found.source} ${said} (${found.snapshot}).`)}\n${facts(rows, paint)}`
}

function listed({ count, names }: z.infer<typeof some>): string {
  const shown = names.slice(0, 5).join(', ')
  return count === 0 ? '0' : `${count}: ${shown}${count > 5 ? ', …' : ''}`
}
