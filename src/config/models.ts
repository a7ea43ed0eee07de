import { z } from 'zod'
import type { OperatorModels } from '../contract/catalog.ts'
import { camelKeys } from './camel.ts'
import { type Checked, check } from './check.ts'
import { day, price } from './prices.ts'
import { ENDPOINTS, TIERS } from './vocabulary.ts'
import type { Source } from './yaml.ts'

/** `models.yaml`: names of the operator's own, and what it says over the catalogue. */
export function readModels(file: Source): Checked<OperatorModels> {
  return check(modelsFile, file)
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
