import { z } from 'zod'
import type { OperatorModels } from '../contract/catalog.ts'
import { camelKeys } from './camel.ts'
import { type Checked, check } from './check.ts'
import { perMillion, perUnit } from './quantities.ts'
import { ENDPOINTS, TIERS } from './vocabulary.ts'
import type { Source } from './yaml.ts'

/** `models.yaml`: names of the operator's own, and what it says over the catalogue. */
export function readModels(file: Source): Checked<OperatorModels> {
  return check(modelsFile, file)
}

const name = z.string().min(1)

const rates = z
  .strictObject({
    ...{ input: perMillion, output: perMillion, reasoning: perMillion, audio_input: perMillion, audio_output: perMillion },
    ...{ cache_read: perMillion, cache_write: perMillion, cache_write_1h: perMillion },
    ...{ request: perUnit, image: perUnit, second: perUnit, character: perMillion, search: perUnit },
  })
  .partial()
const tier = rates.extend({ above: z.int().min(1) })
const card = rates.extend({ tiers: z.array(tier.transform(camelKeys)).optional() })

const DAY = 'Give a day such as 2027-01-14, or a time such as 2027-01-14T16:00:00Z.'
const day = z.string().refine((written) => /^\d{4}-\d\d-\d\d(T.*Z)?$/.test(written) && !Number.isNaN(Date.parse(written)), { error: DAY })
const HOURS = 'Write hours of the UTC day as 01:00-04:00; 24:00 is its end.'
const hours = z.string().transform((written, context): [number, number] => {
  const [, ...parts] = /^([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)$/.exec(written) ?? []
  const [fromHour = 0, fromMinute = 0, untilHour = 0, untilMinute = 0] = parts.map(Number)
  const [from, until] = [fromHour * 60 + fromMinute, untilHour * 60 + untilMinute]
  if (parts.length === 4 && from < until && until <= 1_440) return [from, until]
  context.addIssue({ code: 'custom', message: HOURS })
  return z.NEVER
})
const WEEK = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const
const days = z.array(z.enum(WEEK)).transform((names) => names.map((name) => WEEK.indexOf(name)))
const variant = card.extend({
  service: name.optional(),
  from: day.optional(),
  until: day.optional(),
  hours: hours.optional(),
  days: days.optional(),
})
const price = card.extend({ variants: z.array(variant.transform(camelKeys)).optional() })
const offer = z.strictObject({ provider: name, wire_model: name, price: price.transform(camelKeys).optional() })

const capability = z.boolean()
const capabilities = z
  .strictObject({
    ...{ tools: capability, parallel_tools: capability, vision: capability, audio: capability, files: capability },
    ...{ json_schema: capability, reasoning: capability, caching: capability },
  })
  .partial()

const model = z
  .strictObject({
    tier: z.enum(TIERS),
    capabilities,
    context: z.int().min(1),
    max_output: z.int().min(1),
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

/** `models.yaml` whole. */
export const modelsFile = z.strictObject({
  aliases: z.record(name, name).default({}),
  routes: z
    .record(
      name,
      z
        .array(name)
        .min(1)
        .transform((candidates) => ({ candidates })),
    )
    .default({}),
  models: z.record(name, model).default({}),
})
