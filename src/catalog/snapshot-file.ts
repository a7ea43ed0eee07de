import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { ListedModel } from '../contract/catalog.ts'
import type { CatalogSnapshot } from '../contract/refresh.ts'

/** The list cannot be read; each reason is a sentence. */
export class UnreadableList extends Error {
  readonly reasons: readonly string[]

  constructor(reasons: readonly string[]) {
    super(reasons.join(' '))
    this.reasons = reasons
  }
}

/** A price list in the shape of the shipped `catalog.json`. Throws `UnreadableList`; what it does not know by name it leaves out. */
export function readSnapshot(text: string): CatalogSnapshot {
  const told = parsed(text)
  const { success, data, error } = file.safeParse(told)
  if (!success) throw new UnreadableList(error.issues.slice(0, MOST_REASONS).map(complaint))
  const twice = firstTwice(data.models)
  if (twice !== undefined) throw new UnreadableList([`${twice} is listed twice.`])
  return { snapshot: snapshotOf(Object(told).models), built: data.built, models: data.models }
}

/** As the script that builds the list has it: white space between its lines does not count. */
function snapshotOf(models: readonly unknown[]): string {
  const lines = models.map((model) => JSON.stringify(model))
  return createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 12)
}

const MOST_REASONS = 5

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    throw new UnreadableList([
      `It is not valid JSON${text.trim() === '' ? ': it is empty' : ''} (${words.slice(0, 120)}). Was it cut on its way?`,
    ])
  }
}

function complaint({ path, message }: z.core.$ZodIssue): string {
  return `${path.map(String).join('.') || 'the list'}: ${message}.`
}

function firstTwice(models: readonly ListedModel[]): string | undefined {
  const seen = new Set<string>()
  const names = models.flatMap(({ id, offers }) => [id, ...offers.map(({ provider, wireModel }) => `offer ${provider}/${wireModel}`)])
  return names.find((name) => seen.size === seen.add(name).size)
}

const name = z.string().min(1).max(512)
const rate = z.number().optional()
const rates = {
  ...{ input: rate, output: rate, cacheRead: rate, cacheWrite: rate, cacheWrite1h: rate, reasoning: rate },
  ...{ audioInput: rate, audioOutput: rate, request: rate, image: rate, second: rate, character: rate, search: rate },
}
const card = { ...rates, tiers: z.array(z.strictObject({ ...rates, above: z.int().min(1) })).optional() }
// A rate of a kind that is not known here would be left out of every bill, so a price is read whole or not at all.
const variant = z.strictObject({
  ...card,
  service: name.optional(),
  from: z.iso.date().or(z.iso.datetime()).optional(),
  until: z.iso.date().or(z.iso.datetime()).optional(),
  hours: z.tuple([z.int().min(0).max(1_440), z.int().min(0).max(1_440)]).optional(),
  days: z.array(z.int().min(0).max(6)).optional(),
})
const able = z.boolean().optional()
const endpoints = ['chat', 'responses', 'messages', 'embeddings', 'completions', 'images', 'audio', 'moderations', 'rerank'] as const

const model = z.object({
  id: name,
  was: z.array(name).optional(),
  aliases: z.array(name).optional(),
  tier: z.enum(['economy', 'standard', 'premium', 'frontier']).optional(),
  capabilities: z.object({
    ...{ tools: able, parallel_tools: able, vision: able, audio: able, files: able, json_schema: able, reasoning: able, caching: able },
  }),
  context: z.int().min(1).optional(),
  maxOutput: z.int().min(1).optional(),
  lifecycle: z.enum(['active', 'deprecated', 'retired']),
  retires: z.iso.date().optional(),
  successor: name.optional(),
  endpoints: z.array(z.enum(endpoints)).min(1),
  auto: z.boolean().optional(),
  offers: z.array(
    z.object({ provider: name, wireModel: name, price: z.strictObject({ ...card, variants: z.array(variant).optional() }).optional() }),
  ),
})

const file = z.object({ built: z.iso.date().optional(), models: z.array(model) })
