import { z } from 'zod'
import { dollarsOf } from '../contract/money.ts'
import type { Overrides } from '../contract/plan.ts'
import { GatewayError } from '../errors.ts'
import { describe, sentences } from './check.ts'
import { budget, period, planLayer } from './plan-schema.ts'
import { exactPrice, price, writtenPrice } from './prices.ts'
import { timezone } from './quantities.ts'

/**
 * A tenant's overrides as the admin API takes them and its row holds them: a plan's keys, null for unlimited, with `expires_at`
 * (ISO 8601) and `reason`. Throws `invalid_value` naming all that is wrong.
 */
export function parseOverrides(input: unknown): Overrides {
  const result = overridesSchema.safeParse(spellOutNull(input), { error: describe })
  if (!result.success) throw new GatewayError('invalid_value', `overrides: ${sentences(result.error).join(' ')}`, { param: 'overrides' })
  const { expires_at, reason, prices, timezone, cycle_from, ...values } = result.data
  const calendar = { ...(timezone !== undefined && { timezone }), ...(cycle_from !== undefined && { cycle_from }) }
  return {
    values,
    ...calendar,
    ...(prices && { prices }),
    ...(expires_at !== undefined && { expires_at }),
    ...(reason !== undefined && { reason }),
  }
}

/** What `parseOverrides` reads back as the same, for the admin API's answers. */
export function encodeOverrides({
  values,
  prices,
  timezone,
  cycle_from,
  expires_at,
  reason,
}: Overrides): Readonly<Record<string, unknown>> {
  const { budget: limit, cache, ...same } = values
  const written = limit ? { usd: jsonDollars(limit.nano), per: limit.per } : limit
  return {
    ...same,
    ...(limit !== undefined && { budget: written }),
    ...(cache !== undefined && { cache: cache && { ttl: `${cache.ttl}ms` } }),
    ...(prices && { prices: writtenPrices(prices) }),
    ...(timezone && { timezone }),
    ...(cycle_from && { cycle_from }),
    ...(expires_at && { expires_at }),
    ...(reason && { reason }),
  }
}

// A stored row may say nano-dollars: they are exact in JSON, where an amount of dollars is a float.
const exactBudget = z.strictObject({ nano: z.int().min(0), per: period })

/** What is of all tenants of a plan is no tenant's own. */
const overridesSchema = planLayer.omit({ plan_limits: true }).extend({
  budget: z.union([exactBudget, budget]).optional(),
  prices: z
    .record(
      z.string().regex(/^[^/]+\/.+$/, 'Name what is priced as provider/wire-model.'),
      z.union([price.transform((pico) => ({ pico })), z.strictObject({ pico: exactPrice })]),
    )
    .optional(),
  timezone: timezone.optional(),
  cycle_from: z.union([z.iso.date(), z.iso.datetime({ offset: true })], { error: 'Write a day such as 2026-01-31.' }).optional(),
  expires_at: z.iso.datetime({ offset: true, error: 'Write a time such as 2030-01-31T00:00:00Z.' }).optional(),
  reason: z.string().optional(),
})

const LISTS: ReadonlySet<string> = new Set(['models', 'endpoints', 'providers'])

/** JSON says null where YAML says `none`; of a list, unlimited is everything. */
function spellOutNull(input: unknown, key?: string): unknown {
  if (input === null) return key !== undefined && LISTS.has(key) ? ['*'] : 'none'
  if (typeof input !== 'object' || Array.isArray(input)) return input
  return Object.fromEntries(Object.entries(input).map(([name, value]) => [name, spellOutNull(value, name)]))
}

function writtenPrices(prices: NonNullable<Overrides['prices']>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(prices).map(([name, { pico }]) => [name, writtenPrice(pico)]))
}

/** A JSON number where that says the same, else text. */
function jsonDollars(nano: number): number | string {
  const text = dollarsOf(nano)
  return String(Number(text)) === text ? Number(text) : text
}
