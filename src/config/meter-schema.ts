import { z } from 'zod'
import type { MeterSource } from '../contract/meter.ts'
import { parseDecimal } from '../contract/money.ts'
import { closest } from './closest.ts'
import { patterns } from './quantities.ts'
import { ENDPOINTS } from './vocabulary.ts'

// Meters as `plans.yaml` and a tenant's overrides give them (contract 9). Amounts stay as they are written: overrides are stored so, and exact.

const COUNTS = ['requests', 'tokens', 'input', 'output', 'usd', 'images', 'seconds', 'searches'] as const

const decimal = (places: number) => {
  const error = `Write a number such as 300 or 0.25: not negative, at most ${places} decimals.`
  return z.union([z.number(), z.string()], { error }).refine((written) => parseDecimal(String(written), places) !== undefined, error)
}

// Nine decimals are for dollars; of all else thousandths are counted, which the check of the whole meter sees to.
const allowance = z.union([z.literal('none'), decimal(9)], { error: 'Write an amount, or none for as much as one likes.' })

const PER = 'Write minute, hour, day, week, month, cycle or total, or a window such as 30m, 5h or 7d.'
const OF = 'Write tenant, user, key, plan, or tag: and the name of a tag.'

const meter = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z][a-z0-9_-]{0,39}$/, 'Use small letters, digits, dashes and underscores for the name of a meter.')
      .refine((name) => name !== 'budget', "The name budget is that of the plan's budget: choose another."),
    count: z.enum(COUNTS),
    weigh: z.record(z.string().min(1), decimal(3)).optional(),
    allow: z.union([allowance, z.record(z.string().min(1), allowance)]),
    per: z.string().regex(/^(?:minute|hour|day|week|month|cycle|total|[1-9]\d{0,3}[mhd])$/, PER),
    of: z
      .string()
      .regex(/^(?:tenant|user|key|plan|tag:[^\s:]{1,64})$/, OF)
      .optional(),
    payer: z.enum(['tenant', 'platform', 'any']).optional(),
    models: patterns.optional(),
    endpoints: z.array(z.enum([...ENDPOINTS])).optional(),
    charge: z.union([z.strictObject({ usd: decimal(12) }), z.strictObject({ percent: decimal(3) })]).optional(),
    then: z
      .union([z.enum(['refuse', 'notify']), z.strictObject({ model: z.string().min(1) }), z.strictObject({ meter: z.string().min(1) })])
      .optional(),
    at_percent: z.array(z.number().gt(0).max(100)).optional(),
  })
  .check(({ value, issues }) => {
    const places = value.count === 'usd' ? 9 : 3
    const amounts = typeof value.allow === 'object' ? Object.values(value.allow) : [value.allow]
    if (amounts.every((amount) => amount === 'none' || parseDecimal(String(amount), places) !== undefined)) return
    issues.push(problem(value, ['allow'], `Write at most ${places} decimals for what counts ${value.count}.`))
  })

/** All meters of a plan. */
export const meters = z.array(meter).check(({ value, issues }) => {
  const names = value.map(({ name }) => name)
  for (const [at, one] of value.entries()) {
    if (names.indexOf(one.name) < at) issues.push(problem(value, [at, 'name'], `Another meter is called ${one.name}: choose another name.`))
    const sentence = overflowTrouble(one, value)
    if (sentence !== undefined) issues.push(problem(value, [at, 'then'], sentence))
  }
})

const problem = (input: unknown, path: (string | number)[], message: string) => ({ code: 'custom' as const, input, path, message })

/** Why what is beyond one meter cannot be counted by the one it names. */
function overflowTrouble(from: MeterSource, all: readonly MeterSource[]): string | undefined {
  const met = [from.name]
  for (let at = from; typeof at.then === 'object' && 'meter' in at.then; ) {
    const { meter: name } = at.then
    const next = all.find((other) => other.name === name)
    if (!next) {
      const meant = closest(
        name,
        all.map((other) => other.name),
      )
      return `No meter of this plan is called ${name}${meant === undefined ? '.' : `; did you mean ${meant}?`}`
    }
    if (next.count !== from.count) return `${name} counts ${next.count} and ${from.name} counts ${from.count}: let both count the same.`
    if (met.includes(name)) return `${[...met, name].join(' leads to ')}: break the circle.`
    met.push(name)
    at = next
  }
  return undefined
}
