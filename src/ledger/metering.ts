import type { Price } from '../contract/catalog.ts'
import type { Ask } from '../contract/decision.ts'
import type { Usage } from '../contract/dialect.ts'
import type { AttemptStart, Outcome, Priced } from '../contract/ledger.ts'
import { type Count, type Fee, type Held, type Taken, weighed } from '../contract/meter.ts'
import { ASSUMED_OUTPUT, estimateUsage, MOST_ANSWERS, MOST_OUTPUT, upperBound } from './cost.ts'

// What attempts come to on meters: nano-dollars where `usd` is counted, thousandths of one elsewhere.

const ONE = 1_000

/** The most that a request may come to; 0 where nobody can tell beforehand. */
export function boundOf(count: Count, ask: Ask, price: Price | undefined): number {
  const answers = Math.min(ask.choices ?? 1, MOST_ANSWERS)
  if (count === 'usd') return upperBound(price, ask)
  if (count === 'requests') return ONE
  if (count === 'images') return answers * ONE
  if (count === 'seconds' || count === 'searches') return 0
  const input = count === 'output' ? 0 : ask.inputTokens
  // What answers without words has no tokens to assume.
  const longest = ask.maxOutput ?? (ask.family === undefined ? ASSUMED_OUTPUT : 0)
  const output = count === 'input' ? 0 : Math.min(longest * answers, MOST_OUTPUT)
  return (input + output) * ONE
}

/** What an attempt took of all that it held. */
export function takenBy({ held, ...start }: AttemptStart, outcome: Outcome, cost: number | null): readonly Taken[] | undefined {
  if (!held) return undefined
  const usage = outcome.state === 'estimated' ? estimateUsage(start, outcome) : outcome.usage
  return held.flatMap((draw) => {
    const bound = draw.shares.reduce((sum, share) => sum + share.held, 0)
    const amount = amountOf(draw.count, { outcome, usage, cost })
    return spread(draw, amount === undefined ? bound : weighed(amount, draw.weight), cost)
  })
}

/** What the plan takes: what its meters charge where one of them does, else what the price list says. */
export function chargedBy(taken: readonly Taken[] | undefined, { charge }: Priced): number | null {
  const fees = taken?.flatMap(({ fee }) => fee ?? []) ?? []
  return fees.length === 0 ? charge : fees.reduce((sum, fee) => sum + fee, 0)
}

interface Came {
  readonly outcome: Outcome
  readonly usage: Usage | undefined
  readonly cost: number | null
}

/** Undefined where nobody can tell, which is not nothing: all that was held is taken then. */
function amountOf(count: Count, { outcome, usage, cost }: Came): number | undefined {
  if (count === 'requests') return isAnswered(outcome) ? ONE : 0
  if (outcome.state === 'released') return 0
  if (count === 'usd') return cost ?? undefined
  if (count === 'images') return usage?.images === undefined ? undefined : usage.images * ONE
  if (count === 'seconds' || count === 'searches') return Math.round((usage?.[count] ?? 0) * ONE)
  if (usage?.input === undefined && usage?.output === undefined) return undefined
  return ((count === 'output' ? 0 : (usage.input ?? 0)) + (count === 'input' ? 0 : (usage.output ?? 0))) * ONE
}

/** A request that failed is nobody's turn; one that its client left was under way. */
const isAnswered = ({ code }: Outcome): boolean => code === undefined || code === 'client_closed_request'

/** Each share takes as much as it held, and the last one what is beyond them all. */
function spread({ count, shares }: Held, amount: number, cost: number | null): Taken[] {
  let rest = amount
  return shares.map(({ fee, ...share }, at) => {
    const spent = at === shares.length - 1 ? rest : Math.min(rest, share.held)
    rest -= spent
    return { ...share, spent, ...(fee && { fee: feeFor(fee, { spent, count, part: amount === 0 ? 0 : spent / amount, cost }) }) }
  })
}

/** Nano-dollars, rounded half up once. */
function feeFor(fee: Fee, of: { spent: number; count: Count; part: number; cost: number | null }): number {
  if ('pico' in fee) {
    // A dollar of `usd` is a thousand million nano-dollars, one of all else a thousand thousandths.
    const perUnit = of.count === 'usd' ? 1_000_000_000n : BigInt(ONE)
    return rounded(BigInt(of.spent) * BigInt(fee.pico), perUnit * 1_000n)
  }
  const base = of.count === 'usd' ? of.spent : Math.round((of.cost ?? 0) * of.part)
  return rounded(BigInt(base) * BigInt(fee.percent), 100_000n)
}

const rounded = (amount: bigint, per: bigint): number => Number((amount + per / 2n) / per)
