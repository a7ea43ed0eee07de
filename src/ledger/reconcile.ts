import type { Billed, Claim } from '../contract/billing.ts'
import type { AttemptRow, PriceLine } from '../contract/ledger.ts'
import type { Explained, ReconcileInput, Reconciler, Reconciliation } from '../contract/reconciliation.ts'
import { priceAttempt, USUAL_TIERS } from './cost.ts'
import { explainGuesses, explainRates, type RateOf, rateIn } from './reconcile/explain.ts'
import { type Amount, add, Group, least, type Taken } from './reconcile/group.ts'

/** An attempt that began on one day and ended on another, so that its provider may have billed it to either. */
interface Crossing {
  readonly model: string | undefined
  readonly from: string
  readonly to: string
  amount: bigint
}

const PICO = 1_000n

/**
 * Sets the books against a provider's own account, day by day and model by model, and gives each part of the difference to a cause: first
 * to those that amounts and counts prove, then to those that the books know themselves to have guessed. What is left is told as it is.
 */
export function createReconciler(input: ReconcileInput): Reconciler {
  const { claims, from, to, canonical } = input
  const tellsModels = claims.some(({ model, what }) => model !== undefined && what !== 'tool')
  const groups = new Groups()
  const tools: Amount = { amount: 0n, quantity: 0 }
  const crossings: Crossing[] = []
  let attempts = 0

  return {
    add(row) {
      const { start, outcome, state, cost } = row
      // What was there already asked nothing of its provider.
      if (state === 'reserved' || state === 'released' || start.cached) return
      const model = tellsModels ? canonical(start.wireModel) : undefined
      const [day, end] = [dayOf(start.at), dayOf(start.at + (outcome?.timings.total ?? 0))]
      if (cost !== null && state === 'settled' && end > day) crossings.push({ model, from: day, to: end, amount: BigInt(cost) * PICO })
      if (day < from || day >= to) return
      attempts++
      book(groups.of(day, model), row, tools)
    },
    result: () => settle({ ...input, groups, tools, crossings, attempts }),
  }
}

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10)

function book(group: Group, row: AttemptRow, tools: Amount): void {
  const { cost, lines, state, outcome } = row
  group.bookedRequests++
  if (cost === null) {
    group.unpriced++
    return
  }
  const booked = BigInt(cost) * PICO
  group.booked += booked
  const tier = tierOf(outcome?.usage?.serviceTier)
  let exact = 0n
  for (const line of lines) {
    const [what, amount] = [KINDS[line.what] ?? 'all', amountOf(line)]
    exact += amount
    if (what === 'tool') add(tools, amount, line.quantity)
    else add(group.cell(what, tier).booked, amount, line.quantity)
    // Searches are set against the account on their own, whatever model asked for them.
    if (what === 'tool') group.booked -= amount
  }
  group.take('rounding', exact - booked)
  if (state === 'estimated') guess(group, row, booked)
}

/** What is no token and no tool has a line of its own in few accounts. */
const KINDS: Readonly<Record<string, Billed>> = {
  input: 'input',
  audioInput: 'input',
  cacheRead: 'cacheRead',
  cacheWrite: 'cacheWrite',
  cacheWrite1h: 'cacheWrite',
  output: 'output',
  reasoning: 'output',
  audioOutput: 'output',
  search: 'tool',
}

const amountOf = ({ quantity, rate }: PriceLine): bigint => (BigInt(Math.round(quantity * 1_000)) * BigInt(rate)) / 1_000n

const tierOf = (told = ''): string => (USUAL_TIERS.has(told.toLowerCase()) ? '' : told.toLowerCase())

/** It cost nothing at least, and at most what an answer as long as it might be would have. */
function guess(group: Group, { start, outcome }: AttemptRow, booked: bigint): void {
  const kind = outcome?.code === 'client_closed_request' ? group.guesses.drained : group.guesses.estimated
  const most = outcome && priceAttempt(start, { ...outcome, unseen: true }).cost
  kind.less += booked
  if (most) kind.more += BigInt(most) * PICO > booked ? BigInt(most) * PICO - booked : 0n
}

interface Books extends ReconcileInput {
  readonly groups: Groups
  readonly tools: Amount
  readonly crossings: readonly Crossing[]
  readonly attempts: number
}

function settle({ claims, groups, tools, crossings, attempts, own, from, to }: Books): Reconciliation {
  const inside = claims.filter(({ day }) => day >= from && day < to)
  const rates = groups.rates()
  const unvalued: Claim[] = []
  const searches = new Group('', undefined)
  searches.booked = tools.amount
  for (const claim of inside) {
    const isTool = claim.what === 'tool'
    const amount = claim.amount ?? worthOf(claim, isTool ? () => rateIn(tools) : rates(claim.model))
    const group = isTool ? searches : groups.of(claim.day, claim.model)
    if (amount === undefined) unvalued.push(claim)
    else if (isOfOthers(claim, own)) takeAway(group, claim, amount)
    else group.claim(claim, amount)
  }
  searches.take('server_side_tools', searches.rest, searches.accounts)
  for (const group of groups) explainRates(group, rates(group.model))
  for (const crossing of crossings) shift(groups, crossing, (day) => day >= from && day < to)
  for (const group of groups) explainGuesses(group)
  return report([...groups, searches], { attempts, unvalued })
}

const isOfOthers = ({ accounts }: Claim, own: readonly string[]): boolean =>
  own.length > 0 && accounts.length > 0 && !accounts.some((account) => own.includes(account))

function takeAway(group: Group, { accounts }: Claim, amount: bigint): void {
  group.billed += amount
  group.take('outside', amount, accounts)
}

/** What an account only counts is worth what we booked for as many. */
function worthOf({ what, tier, quantity = 0 }: Claim, rateOf: RateOf): bigint | undefined {
  if (quantity === 0) return 0n
  const rate = rateOf(what, tier) ?? rateOf(what, '')
  return rate && (rate.amount * BigInt(Math.round(quantity))) / rate.quantity
}

/** Billed to the day on which it ended: what one day has too much of is what the other lacks. Of days outside of the period nothing is known. */
function shift(groups: Groups, { model, from, to, amount }: Crossing, isKnown: (day: string) => boolean): void {
  const [began, ended] = [groups.find(from, model), groups.find(to, model)]
  const lacking = isKnown(from) ? -(began?.rest ?? 0n) : amount
  const surplus = isKnown(to) ? (ended?.rest ?? 0n) : amount
  const moved = least(amount, least(lacking, surplus))
  if (moved <= 0n) return
  if (isKnown(from)) began?.take('time_zone', -moved)
  if (isKnown(to)) ended?.take('time_zone', moved)
}

function report(groups: readonly Group[], { attempts, unvalued }: { attempts: number; unvalued: readonly Claim[] }): Reconciliation {
  const sum = (read: (group: Group) => bigint): bigint => groups.reduce((total, group) => total + read(group), 0n)
  const left = groups.filter(({ rest }) => rest !== 0n)
  return {
    ...{ billed: sum(({ billed }) => billed), booked: sum(({ booked }) => booked), attempts },
    explained: explainedIn(groups),
    unexplained: left.map(({ day, model, billed, booked, rest }) => ({ day, model, billed, booked, amount: rest })),
    unvalued: unvalued.map(({ day, model, what, quantity }) => ({ day, model, what, quantity })),
  }
}

/** By cause, model and account, the dearest first. */
function explainedIn(groups: readonly Group[]): readonly Explained[] {
  const all = groups.flatMap(({ day, model, taken }) => taken.map((one: Taken) => ({ ...one, day, model })))
  const alike = Map.groupBy(all, ({ cause, model, accounts }) => JSON.stringify([cause, model, accounts]))
  const explained = [...alike.values()].flatMap((parts) => {
    const [first] = parts
    const amount = parts.reduce((total, part) => total + part.amount, 0n)
    const days = new Set(parts.map(({ day }) => day)).size
    return first ? [{ cause: first.cause, model: first.model, amount, days, accounts: first.accounts }] : []
  })
  return explained.toSorted((one, other) => (one.amount === other.amount ? 0 : one.amount > other.amount ? -1 : 1))
}

class Groups implements Iterable<Group> {
  readonly #groups = new Map<string, Group>()

  of(day: string, model: string | undefined): Group {
    const group = this.find(day, model) ?? new Group(day, model)
    this.#groups.set(`${day}\n${model ?? ''}`, group)
    return group
  }

  find(day: string, model: string | undefined): Group | undefined {
    return this.#groups.get(`${day}\n${model ?? ''}`)
  }

  [Symbol.iterator](): Iterator<Group> {
    return this.#groups.values()
  }

  /** What we booked for each kind of thing of a model, over all days. */
  rates(): (model: string | undefined) => RateOf {
    const sums = new Map<string, Amount>()
    for (const { model, cells } of this)
      for (const { what, tier, booked } of cells.values()) {
        const name = `${model ?? ''}\n${what}\n${tier}`
        const sum = sums.get(name) ?? { amount: 0n, quantity: 0 }
        sums.set(name, sum)
        add(sum, booked.amount, booked.quantity)
      }
    return (model) => (what, tier) => {
      const sum = sums.get(`${model ?? ''}\n${what}\n${tier}`)
      return sum && rateIn(sum)
    }
  }
}
