import { z } from 'zod'
import type { ListedOffer } from '../contract/catalog.ts'
import { camelKeys } from './camel.ts'
import { perMillion, perUnit } from './quantities.ts'

// A price as people write it, in US dollars, and as it is inside, in whole pico-dollars.

export type ListedPrice = NonNullable<ListedOffer['price']>

const PER_UNIT = ['request', 'image', 'second', 'search'] as const

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
export const day = z
  .string()
  .refine((written) => /^\d{4}-\d\d-\d\d(T.*Z)?$/.test(written) && !Number.isNaN(Date.parse(written)), { error: DAY })
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
const text = z.string().min(1)
const variant = card.extend({
  service: text.optional(),
  from: day.optional(),
  until: day.optional(),
  hours: hours.optional(),
  days: days.optional(),
})

/** As `models.yaml` and a tenant's overrides write it. */
export const price = card.extend({ variants: z.array(variant.transform(camelKeys)).optional() }).transform(camelKeys)

const whole = z.int().min(0).optional()
const exactRates = {
  ...{ input: whole, output: whole, cacheRead: whole, cacheWrite: whole, cacheWrite1h: whole, reasoning: whole },
  ...{ audioInput: whole, audioOutput: whole, request: whole, image: whole, second: whole, character: whole, search: whole },
}
const exactCard = { ...exactRates, tiers: z.array(z.strictObject({ ...exactRates, above: z.int().min(1) })).optional() }
const exactVariant = z.strictObject({
  ...exactCard,
  ...{ service: text.optional(), from: day.optional(), until: day.optional() },
  hours: z.tuple([z.int(), z.int()]).optional(),
  days: z.array(z.int()).optional(),
})

/** As a stored row has it: in pico-dollars, which are exact in JSON. */
export const exactPrice = z.strictObject({ ...exactCard, variants: z.array(exactVariant).optional() })

/** What `price` reads back as the same. */
export function writtenPrice({ variants, ...plain }: ListedPrice): Readonly<Record<string, unknown>> {
  const told = variants?.map(({ hours: when, days: which, ...inner }) => ({
    ...writtenCard(inner),
    ...(when && { hours: when.map(clock).join('-') }),
    ...(which && { days: which.map((at) => WEEK[at]) }),
  }))
  return { ...writtenCard(plain), ...(told && { variants: told }) }
}

function writtenCard({ tiers, ...plain }: Omit<ListedPrice, 'variants'>): Readonly<Record<string, unknown>> {
  const inner = tiers?.map((tier) => Object.fromEntries(Object.entries(tier).map(written)))
  return { ...Object.fromEntries(Object.entries(plain).map(written)), ...(inner && { tiers: inner }) }
}

function written([key, value]: [string, unknown]): [string, unknown] {
  const name = key.replace(/[A-Z]|\d+/g, (part) => `_${part.toLowerCase()}`)
  if (typeof value !== 'number' || name === 'above') return [name, value]
  return [name, dollars(value, PER_UNIT.some((unit) => unit === name) ? 12 : 6)]
}

/** A JSON number where that says the same, else text. */
function dollars(pico: number, places: number): number | string {
  const digits = String(pico).padStart(places + 1, '0')
  const decimal = `${digits.slice(0, -places)}.${digits.slice(-places)}`.replace(/\.?0+$/, '')
  return String(Number(decimal)) === decimal ? Number(decimal) : decimal
}

const clock = (minutes: number): string => [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0')).join(':')
