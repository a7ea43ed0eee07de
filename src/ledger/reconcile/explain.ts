import type { Billed } from '../../contract/billing.ts'
import type { Cause } from '../../contract/reconciliation.ts'
import { type Amount, type Cell, type Group, least } from './group.ts'

/** What one thing of a kind costs under a tier: an amount for a quantity. */
export type RateOf = (what: Billed, tier: string) => Rate | undefined

export interface Rate {
  readonly amount: bigint
  readonly quantity: bigint
}

/** How much more of one kind was billed than booked, once both are at our rate. */
interface Surplus {
  readonly what: Billed
  readonly tier: string
  readonly rate: Rate | undefined
  amount: bigint
}

/** Explains what amounts and counts alone tell: other rates, and the same tokens under another tier or as cached ones. */
export function explainRates(group: Group, rateOf: RateOf): void {
  const surpluses = [...group.cells.values()].map((cell) => surplusOf(group, cell, rateOf))
  for (const what of new Set(surpluses.map((surplus) => surplus.what)))
    moveAll(
      group,
      'service_tier',
      surpluses.filter((surplus) => surplus.what === what),
    )
  for (const tier of new Set(surpluses.map((surplus) => surplus.tier)))
    moveAll(
      group,
      'cached_rate',
      surpluses.filter((surplus) => surplus.tier === tier && INPUT.has(surplus.what)),
    )
}

const INPUT: ReadonlySet<Billed> = new Set(['input', 'cacheRead', 'cacheWrite'])

/** What is billed at another rate than ours is that rate's; the rest is a surplus of things. */
function surplusOf(group: Group, { what, tier, billed, booked }: Cell, rateOf: RateOf): Surplus {
  const ours = rateIn(booked) ?? rateOf(what, tier)
  const counted = billed.quantity === undefined ? undefined : BigInt(Math.round(billed.quantity))
  if (ours && counted !== undefined && counted > 0n && billed.amount !== 0n) {
    const atOurs = (ours.amount * counted) / ours.quantity
    const other = billed.amount - atOurs
    if (absolute(other) <= group.tolerance) group.take('rounding', other)
    else group.take(rateCause(what, tier), other)
    return { what, tier, rate: ours, amount: atOurs - booked.amount }
  }
  return { what, tier, rate: ours ?? rateIn(billed), amount: billed.amount - booked.amount }
}

function rateCause(what: Billed, tier: string): Cause {
  if (tier !== '') return 'service_tier'
  return what === 'cacheRead' || what === 'cacheWrite' ? 'cached_rate' : 'price'
}

/** Undefined where nothing was counted, or nothing costs. */
export function rateIn({ amount, quantity }: Amount): Rate | undefined {
  const whole = quantity === undefined ? 0n : BigInt(Math.round(quantity))
  return amount > 0n && whole > 0n ? { amount, quantity: whole } : undefined
}

/** Things that are missing in one place and too many in another are the same things at another rate. */
function moveAll(group: Group, cause: Cause, surpluses: readonly Surplus[]): void {
  for (const from of surpluses.filter(({ amount }) => amount < 0n))
    for (const to of surpluses.filter(({ amount }) => amount > 0n))
      if (from.amount < 0n && to.amount > 0n) group.take(cause, moved(from, to))
}

/** Resolves with what the move comes to. Where a rate is not known, all that is there is taken to have moved. */
function moved(from: Surplus, to: Surplus): bigint {
  const [lost, gained] = [-from.amount, to.amount]
  const [left, came] = from.rate && to.rate ? atRates(lost, gained, [from.rate, to.rate]) : [lost, gained]
  from.amount += left
  to.amount -= came
  return came - left
}

function atRates(lost: bigint, gained: bigint, [from, to]: readonly [Rate, Rate]): readonly [bigint, bigint] {
  const asGained = (lost * from.quantity * to.amount) / (from.amount * to.quantity)
  if (asGained <= gained) return [lost, asGained]
  return [least(lost, (gained * to.quantity * from.amount) / (to.amount * from.quantity)), gained]
}

/** Explains what is left by what the books know of their own guesses, and by requests that they do not know at all. */
export function explainGuesses(group: Group): void {
  const isMore = group.rest > 0n
  if (absolute(group.rest) <= group.tolerance) group.take('rounding', group.rest)
  if (isMore && group.unpriced > 0) group.take('unpriced', group.rest)
  for (const cause of ['drained', 'estimated'] as const) {
    const { more, less } = group.guesses[cause]
    group.takeUpTo(cause, isMore ? more : less)
  }
  const hasStrangers = group.bookedRequests === 0 || (group.billedRequests ?? 0) > group.bookedRequests
  if (isMore && hasStrangers) group.take('outside', group.rest, group.accounts)
}

export const absolute = (amount: bigint): bigint => (amount < 0n ? -amount : amount)
