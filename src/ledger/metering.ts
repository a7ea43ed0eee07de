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
    const amount = weighed(amountOf(draw.count, { outcome, usage, cost }) ?? Number.NaN, draw.weight)
    // What no whole number says is as good as untold.
    return spread(draw, Number.isSafeInteger(amount) && amount >= 0 ? amount : bound, cost)
  })
}

/** What the plan takes: what its meters charge where one of them does, else what the price list says. */
export function chargedBy(taken: readonly Taken[] | undefined, { charge }: Pick<Priced, 'charge'>): number | null {
  const fees = taken?.flatMap(({ fee }) => (fee === undefined ? [] : [fee])) ?? []
  if (fees.length === 0) return charge
  return fees.reduce<number | null>((sum, fee) => (sum === null || fee === null ? null : sum + fee), 0)
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
    return { ...share, spent, ...(fee && { fee: feeFor(fee, { spent, amount, count, cost }) }) }
  })
}

/** Nano-dollars, rounded half up once; null where it is a share of a cost that nobody can tell. */
function feeFor(
  fee: Fee,
  { spent, amount, count, cost }: { spent: number; amount: number; count: Count; cost: number | null },
): number | null {
  // A dollar of `usd` is a thousand million nano-dollars, one of all else a thousand thousandths.
  if ('pico' in fee) return rounded([spent, fee.pico], [count === 'usd' ? 1_000_000_000 : ONE, 1_000])
  if (spent === 0) return 0
  if (cost === null) return null
  return rounded([cost, spent, fee.percent], [amount, 100_000])
}

function rounded(factors: readonly number[], divisors: readonly number[]): number {
  const [product, per] = [factors, divisors].map((all) => all.reduce((value, one) => value * BigInt(one), 1n)) as [bigint, bigint]
  return Number((product + per / 2n) / per)
}
