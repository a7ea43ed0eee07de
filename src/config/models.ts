import { z } from 'zod'
import type { OperatorModels } from '../contract/catalog.ts'
import { camelKeys } from './camel.ts'
import { type Checked, check, valueAt } from './check.ts'
import { cache } from './plan-schema.ts'
import { day, price } from './prices.ts'
import { ENDPOINTS, RANKS, TIERS } from './vocabulary.ts'
import type { Source } from './yaml.ts'

/** `models.yaml`: names of the operator's own, and what it says over the catalogue. */
export function readModels(file: Source): Checked<OperatorModels> {
  const { value, problems } = check(modelsFile, file)
  if (!value) return { value, problems }
  const routes = Object.entries(value.routes).map(
    ([id, route]) => [id, { ...route, candidates: placed(file, id, route.candidates) }] as const,
  )
  return { value: { ...value, routes: Object.fromEntries(routes) }, problems: [] }
}

/** Each candidate with where it is written, in whichever of the two forms. */
function placed<Written extends object>(file: Source, route: string, candidates: readonly Written[]): (Written & { writtenAt: string })[] {
  const short = Array.isArray(valueAt(file.value, ['routes', route]))
  return candidates.map((candidate, at) => {
    const path = ['routes', route, ...(short ? [] : ['candidates']), at]
    const inWords = `routes.${route}${short ? '' : '.candidates'}[${at}]`
    return { ...candidate, writtenAt: `${file.name}:${file.lineOf(path)} ${inWords}` }
  })
}

const name = z.string().min(1)

const offer = z.strictObject({ provider: name, wire_model: name, price: price.optional() })

const capability = z.boolean()
const capabilities = z
  .strictObject({
    ...{ tools: capability, parallel_tools: capability, vision: capability, audio: capability, files: capability },
    ...{ json_schema: capability, reasoning: capability, caching: capability },
  })
  .partial()

/** Of 100. Inside: from 0 to 1. */
const quality = z
  .int()
  .min(0)
  .max(100)
  .transform((percent) => percent / 100)

const model = z
  .strictObject({
    tier: z.enum(TIERS),
    capabilities,
    context: z.int().min(1),
    max_output: z.int().min(1),
    quality,
    lifecycle: z.enum(['active', 'deprecated', 'retired']),
    retires: day,
    successor: name,
    aliases: z.array(name),
    was: z.array(name),
    endpoints: z.array(z.enum(ENDPOINTS)),
    auto: z.boolean(),
    offers: z.array(offer.transform(camelKeys)),
  })
  .partial()
  .transform(camelKeys)

const list = z.array(name).min(1)
const wanted = z
  .union([name, list], { error: 'Give a text, or a list of texts of which one will do.' })
  .transform((given) => [given].flat())
const tokens = z.int().min(0)
/** A decision is remembered with what it went by, and a key must not be. */
const SECRETS = ['authorization', 'proxy-authorization', 'cookie', 'x-tollgate-key', 'x-api-key', 'api-key', 'x-goog-api-key']
const header = name.toLowerCase().refine((written) => !SECRETS.includes(written), 'A route cannot go by a header that holds a key.')
const condition = z
  .strictObject({
    tenants: list,
    plans: list,
    headers: z.record(header, wanted),
    metadata: z.record(name, wanted),
    input_tokens: z
      .strictObject({ from: tokens, below: tokens })
      .partial()
      .refine(({ from = 0, below = Number.POSITIVE_INFINITY }) => from < below, 'No prompt is that long: let below be more than from.'),
  })
  .partial()
  .transform(camelKeys)
const candidate = z.union([
  name,
  z.strictObject({ model: name, weight: z.int().min(0).max(1_000_000).optional(), when: condition.optional() }),
])
const ROUTE = 'Write a route as a list of models, or as { candidates: [{ model, weight, when }], sticky, rank, cache }.'
const route = z
  .union(
    [
      z.array(candidate).min(1),
      z.strictObject({
        candidates: z.array(candidate).min(1),
        sticky: z.boolean().optional(),
        rank: z.enum(RANKS).optional(),
        cache: cache.optional(),
      }),
    ],
    {
      error: ROUTE,
    },
  )
  .transform((given) => (Array.isArray(given) ? { candidates: given } : given))
  .transform(({ candidates, ...rest }) => ({
    ...rest,
    candidates: candidates.map((one) => (typeof one === 'string' ? { model: one } : one)),
  }))
  .refine(({ rank, sticky, candidates }) => rank === undefined || (!sticky && candidates.every(({ weight }) => weight === undefined)), {
    error: 'A route is ranked, or drawn by weight or session: give rank, or sticky and weights.',
    path: ['rank'],
  })
  .refine(({ candidates }) => candidates.some(({ weight }) => weight !== 0), {
    error: 'Every weight is 0, so nothing would ever come first.',
    path: ['candidates'],
  })

/** `models.yaml` whole. */
export const modelsFile = z.strictObject({
  aliases: z.record(name, name).default({}),
  routes: z.record(name, route).default({}),
  models: z.record(name, model).default({}),
})
