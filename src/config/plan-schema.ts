import { z } from 'zod'
import { PERIODS } from '../contract/meter.ts'
import type { Plan } from '../contract/plan.ts'
import { closest } from './closest.ts'
import { meters } from './meter-schema.ts'
import { dollars, duration, patterns } from './quantities.ts'
import { ENDPOINTS, TIERS } from './vocabulary.ts'

const LIMIT = 'Give a whole number, or none for unlimited.'
const LIMITS = 'Write limits as { rpm: 60, tpm: 400000, concurrency: 8 }, or none for unlimited.'
const BUDGET = 'Write a budget as { usd: 500, per: month }, or none for unlimited, or 0 for nothing.'

const CACHE = 'Write how long an answer serves equal requests as { ttl: 1h }, a second at least, or none.'

const none = z.literal('none')
const limit = z.union([none, z.int().min(0)], { error: LIMIT }).transform((given) => (given === 'none' ? null : given))
const limits = z.strictObject({ rpm: limit, tpm: limit, concurrency: limit }).partial()
export const period = z.enum(PERIODS)
const amount = z.strictObject({ usd: dollars, per: period })
export const budget = z.union([none, z.literal(0), amount], { error: BUDGET }).transform(decodeBudget)
const fallback = z.strictObject({
  on: z.enum(['outage', 'context', 'refusal', 'budget']),
  to: z.string().min(1),
  pay: z.enum(['tenant', 'platform']),
})
export const cache = z
  .union([none, z.strictObject({ ttl: duration.refine((ms) => ms >= 1_000, { error: CACHE }) })], { error: CACHE })
  .transform((given) => (given === 'none' ? null : given))

/** Ids of plans, present and former. */
export const planName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'Use letters, digits, dots, dashes and underscores for the id of a plan.')

/** One layer of a plan: what `plans.yaml` gives itself, before what it extends, and what a tenant's overrides give. */
export const planLayer = z
  .strictObject({
    models: patterns.check(({ value, issues }) => {
      issues.push(...misspeltTiers(value))
    }),
    endpoints: z.array(z.enum(['*', ...ENDPOINTS, ...ENDPOINTS.map((name) => `!${name}`)])),
    providers: patterns,
    byok: z.strictObject({ allowed: z.boolean(), models: z.enum(['any', 'plan']), providers: patterns }).partial(),
    platform_keys: z.enum(['never', 'on_missing', 'on_outage']),
    passthrough: z.enum(['own_keys', 'any_keys']),
    limits: z.union([none, limits], { error: LIMITS }).transform((given) => (given === 'none' ? UNLIMITED : given)),
    plan_limits: z.union([none, limits], { error: LIMITS }).transform((given) => (given === 'none' ? null : given)),
    budget,
    meters,
    unpriced: z.enum(['refuse', 'allow']),
    failover: z.strictObject({ other_provider: z.boolean() }).partial(),
    fallback: z.array(fallback),
    expose: z.enum(['none', 'basic', 'full']),
    enforcement: z.enum(['on', 'observe']),
    priority: z.int().min(0).max(100),
    on_revoke: z.enum(['cut', 'finish']),
    cache,
  })
  .partial()

export const planEntry = planLayer.extend({ extends: planName.optional(), was: z.array(planName).optional() })

/** `plans.yaml` whole. */
export const plansFile = z.strictObject({ plans: z.record(planName, planEntry) })

const UNLIMITED: Plan['limits'] = { rpm: null, tpm: null, concurrency: null }

function decodeBudget(given: 'none' | 0 | z.infer<typeof amount>): Plan['budget'] {
  if (given === 'none') return null
  return given === 0 ? { nano: 0, per: 'total' } : { nano: given.usd, per: given.per }
}

/** A bare word is a tier or a catalogue id; one that is nearly a tier would silently match no model. */
function misspeltTiers(patterns: readonly string[]) {
  return patterns.flatMap((pattern, index) => {
    const name = pattern.replace(/^!/, '')
    const meant = /^[A-Za-z]+$/.test(name) && !TIERS.some((tier) => tier === name) ? closest(name, TIERS) : undefined
    const message = `"${name}" is no tier; did you mean "${meant}"? A catalogue id is written exactly, a provider's model as provider/model.`
    return meant === undefined ? [] : [{ code: 'custom' as const, input: patterns, path: [index], message }]
  })
}
