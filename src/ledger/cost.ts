import type { Price, RateCard, Rates, RateVariant } from '../contract/catalog.ts'
import type { Ask } from '../contract/decision.ts'
import type { Usage } from '../contract/dialect.ts'
import type { AttemptStart, Outcome, Priced, PriceLine } from '../contract/ledger.ts'

/** What an attempt that a provider processed costs, at the price it was started under. */
export function priceAttempt(start: AttemptStart, outcome: Outcome): Priced {
  if (start.cached) return { lines: [], cost: 0, charge: 0 }
  const usage = outcome.state === 'estimated' ? estimateUsage(start, outcome) : outcome.usage
  return priceUsage(cardFor(start.price, { at: start.at, service: usage?.serviceTier }), usage, start.source)
}

/**
 * The card of a price that holds when an attempt begins, under the tier of service that its provider says it gave. Undefined where none
 * does: a tier with a price of its own that nobody told is not billed at another's.
 */
export function cardFor(price: Price | undefined, { at, service }: { at: number; service?: string | undefined }): RateCard | undefined {
  const special = service === undefined || USUAL_TIERS.has(service.toLowerCase()) ? undefined : service.toLowerCase()
  if (!price?.variants) return special === undefined ? price : undefined
  const card = price.variants.findLast((variant) => variant.service === special && holdsAt(variant, at))
  return card ?? (special === undefined ? price : undefined)
}

/** How providers call the tier that their price list means. */
export const USUAL_TIERS: ReadonlySet<string> = new Set(['default', 'standard', 'auto', 'on_demand', 'unspecified', ''])

function holdsAt({ from, until, hours, days }: RateVariant, at: number): boolean {
  if (from !== undefined && at < Date.parse(from)) return false
  if (until !== undefined && at >= Date.parse(until)) return false
  const minute = Math.floor(at / 60_000) % (24 * 60)
  if (hours && !(hours[0] <= minute && minute < hours[1])) return false
  return !days || days.includes(new Date(at).getUTCDay())
}

/**
 * Exact: quantities times integer rates, added up in whole numbers and rounded half up once, to nano-dollars. Null wherever a rate or
 * a quantity that matters was not told; the lines are then those that are known. The charge is the cost on the platform's money, and
 * a known zero on the tenant's own key.
 */
export function priceUsage(price: RateCard | undefined, usage: Usage | undefined, source: AttemptStart['source']): Priced {
  const bill = new Bill()
  if (price && usage) itemise(bill, ratesFor(price, usage.input), billable(usage))
  const cost = price && usage ? bill.total() : null
  return { lines: bill.lines, cost, charge: source === 'tenant' ? 0 : cost, ...(bill.suspect && { suspect: true }) }
}

/**
 * What was seen of a stream that ended before its usage came: the prompt as it was judged, and the output that passed; or where nobody
 * was left to see it, all that may have passed.
 */
export function estimateUsage(start: AttemptStart, { usage, outputSeen, unseen }: Outcome): Usage | undefined {
  const output = Math.max(usage?.output ?? 0, outputSeen ?? 0, unseen ? mostOutput(start) : 0)
  // Nothing is known of what was heard or painted, which is not nothing.
  if (!usage && output === 0 && start.inputTokens === 0) return undefined
  return { ...usage, input: usage?.input ?? start.inputTokens, output }
}

/** Where the client set no limit. It only sizes what is held until the answer is in, and what is booked where nobody saw the answer. */
export const ASSUMED_OUTPUT = 4_096
/** Beyond what any provider gives: a number that is too large to be counted must not look like one that costs nothing. */
export const MOST_OUTPUT = 1_000_000_000
export const MOST_ANSWERS = 1_000_000

/** What answers without words has no tokens to assume. */
function mostOutput({ maxOutput, choices = 1, price }: AttemptStart): number {
  const longest = maxOutput ?? (price?.output === undefined ? 0 : ASSUMED_OUTPUT)
  return Math.min(longest * Math.min(choices, MOST_ANSWERS), MOST_OUTPUT)
}

/** Nano-dollars to hold for a request: every token at the dearest rate that it may turn out to have; 0 where the price is unknown. */
export function upperBound(price: Price | undefined, ask: Ask): number {
  if (!price) return 0
  // Neither the tier of service nor the hour is known yet.
  const cards = price.variants ? [price, ...price.variants] : [price]
  return Math.max(...cards.map((card) => dearest(card, ask)))
}

function dearest(card: RateCard, { inputTokens, maxOutput = ASSUMED_OUTPUT, choices = 1 }: Ask): number {
  const rates = ratesFor(card, inputTokens)
  const every: RateCard = {
    input: highest(rates.input, rates.cacheRead, rates.cacheWrite, rates.cacheWrite1h, rates.audioInput),
    output: highest(rates.output, rates.reasoning, rates.audioOutput),
    ...(rates.request !== undefined && { request: rates.request }),
    ...(rates.image !== undefined && { image: rates.image }),
  }
  const answers = Math.min(choices, MOST_ANSWERS)
  const output = Math.min(maxOutput * answers, MOST_OUTPUT)
  return priceUsage(every, { input: inputTokens, output, images: answers }, 'platform').cost ?? 0
}

function highest(...rates: readonly (number | undefined)[]): number {
  return Math.max(0, ...rates.map((rate) => rate ?? 0))
}

/** A long prompt changes the price of the whole request, not of the tokens beyond the threshold. */
function ratesFor({ tiers = [], ...base }: RateCard, input: number | undefined): Rates {
  const reached = tiers.filter(({ above }) => (input ?? 0) > above).sort((a, b) => b.above - a.above)[0]
  return reached ? { ...base, ...reached } : base
}

function itemise(bill: Bill, rates: Rates, usage: Usage): void {
  const { cacheWrite = usage.cacheWrite1h, cacheWrite1h = 0 } = usage
  bill.divide({ what: 'input', quantity: usage.input, rate: rates.input }, [
    { what: 'cacheRead', quantity: usage.cacheRead, rate: rates.cacheRead },
    { what: 'cacheWrite1h', quantity: cacheWrite1h, rate: rates.cacheWrite1h ?? rates.cacheWrite },
    { what: 'cacheWrite', quantity: Math.max(0, (cacheWrite ?? 0) - cacheWrite1h), rate: rates.cacheWrite },
    { what: 'audioInput', quantity: usage.audioInput, rate: rates.audioInput },
  ])
  bill.divide({ what: 'output', quantity: usage.output, rate: rates.output }, [
    { what: 'reasoning', quantity: usage.reasoning, rate: rates.reasoning },
    { what: 'audioOutput', quantity: usage.audioOutput, rate: rates.audioOutput },
  ])
  bill.add({ what: 'request', quantity: rates.request === undefined ? 0 : 1, rate: rates.request })
  bill.add({ what: 'image', quantity: imagesOf(usage, rates), rate: rates.image })
  bill.add({ what: 'second', quantity: usage.seconds ?? 0, rate: rates.second })
  bill.add({ what: 'character', quantity: charactersOf(usage), rate: rates.character })
  bill.add({ what: 'search', quantity: usage.searches ?? 0, rate: rates.search })
}

/** The parts of what was counted say nothing of what is billed. */
function billable({ billed, ...counted }: Usage): Usage {
  if (!billed) return counted
  const { cacheRead: _r, cacheWrite: _w, cacheWrite1h: _h, reasoning: _t, audioInput: _i, audioOutput: _o, ...rest } = counted
  return { ...rest, ...billed }
}

/** Where no image has a price and tokens were told, the images are in the tokens. */
function imagesOf({ images = 0, output }: Usage, { image }: Rates): number {
  return image === undefined && output !== undefined ? 0 : images
}

/** Tokens, where they were told, hold the text already. */
const charactersOf = ({ characters = 0, output }: Usage): number => (output === undefined ? characters : 0)

/** A line whose quantity or rate may not have been told. */
interface Item {
  readonly what: string
  readonly quantity: number | undefined
  readonly rate: number | undefined
}

/** Seconds come with decimals; lines are added up in thousandths of a pico-dollar so that these stay whole numbers too. */
const THOUSANDTHS = 1_000
const PER_NANO = BigInt(1_000 * THOUSANDTHS)
const COUNTABLE = Number.MAX_SAFE_INTEGER / THOUSANDTHS

/** Nano-dollars, rounded half up once. */
export function totalOf(lines: readonly PriceLine[]): number {
  const sum = lines.reduce((total, { quantity, rate }) => total + BigInt(Math.round(quantity * THOUSANDTHS)) * BigInt(rate), 0n)
  return Number((sum + PER_NANO / 2n) / PER_NANO)
}

class Bill {
  readonly lines: PriceLine[] = []
  suspect = false
  #known = true

  /** A whole and its parts: a part with a rate of its own is taken out of the whole once; one without costs what the whole costs. */
  divide(whole: Item, parts: readonly Item[]): void {
    let rest = whole.quantity
    for (const { what, quantity = 0, rate } of parts) {
      if (rest === undefined || rate === undefined) continue
      const taken = Math.min(quantity, rest)
      if (taken < quantity) this.suspect = true
      this.add({ what, quantity: taken, rate })
      rest -= taken
    }
    this.add({ ...whole, quantity: rest })
  }

  /** Untold on both sides is no line; untold on one side, or no count at all, leaves the whole sum unknown. */
  add({ what, quantity, rate }: Item): void {
    if (quantity === 0 || (quantity === undefined && rate === undefined)) return
    if (quantity === undefined || rate === undefined || !(quantity > 0 && quantity <= COUNTABLE)) this.#known = false
    else this.lines.push({ what, quantity, rate })
  }

  /** Nano-dollars. */
  total(): number | null {
    return this.#known ? totalOf(this.lines) : null
  }
}
