import type { Caller } from '../../src/contract/caller.ts'
import type { Outcome } from '../../src/contract/ledger.ts'
import type { Period } from '../../src/contract/plan.ts'
import { periodOf } from '../../src/policy/calendar.ts'
import { caller, countedPlan, type Wish } from '../support/counting.ts'
import { type Random, randomOf } from '../support/random.ts'
import { type Admitted, Machine } from './machine.ts'
import { type Line, Model, Tally } from './model.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** Pico-dollars a token: odd, so that sums have to be rounded. */
const PRICE = { snapshot: 's', input: 1_700, output: 9_100 }
const costOf = (input: number, output: number): bigint => (BigInt(input) * 1_700n + BigInt(output) * 9_100n + 500n) / 1_000n

interface Terms {
  readonly usd: number
  readonly per: Period
  readonly turns: number | null
  readonly rpm: number | null
  readonly tpm: number | null
  readonly concurrency: number | null
}

/** What plans say, in nano-dollars, requests and tokens; tight enough that a few requests meet every limit. */
const TERMS: readonly Terms[] = [
  { usd: 2_500, per: 'day', turns: null, rpm: null, tpm: null, concurrency: null },
  { usd: 4_000, per: 'month', turns: 3, rpm: 4, tpm: null, concurrency: 3 },
  { usd: 1_000, per: 'hour', turns: null, rpm: null, tpm: 300, concurrency: null },
  { usd: 100_000, per: 'week', turns: 5, rpm: 3, tpm: 400, concurrency: 2 },
  { usd: 6_000, per: 'total', turns: null, rpm: 2, tpm: null, concurrency: 4 },
]
const PLANS = TERMS.map(({ usd, per, turns, ...limits }) =>
  countedPlan({
    limits,
    budget: { nano: usd, per },
    meters: turns === null ? [] : [{ name: 'turns', count: 'requests', allow: turns, per: 'day' }],
  }),
)
const CALLERS: readonly Caller[] = ['t-1', 't-2'].map((id) => caller({ id: id as Caller['tenant']['id'] }))
const ZONES = ['Europe/Berlin', 'America/New_York']
/** Where clocks change, and months and years end. */
const BEGINNINGS = ['2026-03-29T00:30Z', '2026-10-25T00:45Z', '2026-11-01T05:30Z', '2026-12-31T23:30Z', '2028-02-29T12:00Z'].map(Date.parse)

interface Running extends Admitted {
  readonly attempt: number
  readonly who: number
  readonly lines: readonly Line[]
  readonly input: number
  readonly most: number
  readonly entry: { request: Entry; tokens: Entry }
}

type Entry = Tally['entries'][number]

/** One random course of things, from a seed; throws where the product and the model part ways. */
export class Schedule {
  readonly #random: Random
  readonly #zone: string
  readonly #machine: Machine
  readonly #model = new Model()
  readonly #plans = CALLERS.map(() => 0)
  readonly #running: Running[] = []
  readonly #periods = new Map<Period, ReturnType<typeof periodOf>>()
  #requests = CALLERS.map(() => new Tally())
  #tokens = CALLERS.map(() => new Tally())
  #attempts = 0

  constructor(seed: number) {
    this.#random = randomOf(seed)
    this.#zone = this.#random.chance(0.1) ? this.#random.pick(ZONES) : 'UTC'
    this.#machine = new Machine(this.#random.pick(BEGINNINGS), this.#zone)
  }

  run(): void {
    for (let left = this.#random.between(6, 18); left > 0; left--) this.#step()
    while (this.#running.length > 0) this.#end()
    this.#compare()
    for (const { held } of this.#machine.balances) if (held !== 0) throw new Error(`${held} are held, and nothing runs`)
  }

  #step(): void {
    const { clock } = this.#machine
    const passes = this.#random.chance(0.5) ? this.#random.between(0, 900) : this.#random.between(0, 25_000)
    clock.wall += passes
    clock.steady += passes
    const what = this.#random.between(0, 19)
    if (what < 11) this.#admit()
    else if (what < 16) this.#end()
    else if (what === 16) this.#crash()
    else if (what === 17) this.#plans[this.#random.between(0, 1)] = this.#random.between(0, PLANS.length - 1)
    else this.#setClock()
  }

  #setClock(): void {
    const { clock } = this.#machine
    const { end } = this.#periodOf(this.#random.pick(['hour', 'day', 'week', 'month']))
    clock.wall = this.#random.pick([end - 1, end, clock.wall - HOUR, clock.wall + HOUR, clock.wall - DAY, clock.wall + 365 * DAY])
  }

  #admit(): void {
    const who = this.#random.between(0, 1)
    const at = this.#plans[who] ?? 0
    const [terms, plan] = [TERMS[at]!, PLANS[at]!]
    const [input, maxOutput, choices] = [this.#random.between(1, 60), this.#random.between(0, 60), this.#random.between(1, 2)]
    const wish: Wish = { price: PRICE, ask: { inputTokens: input, maxOutput, choices } }
    const most = maxOutput * choices
    const lines = this.#linesOf(who, terms, costOf(input, most))
    const rates = this.#ratesSay(who, terms, BigInt(input + most))
    const admitted = this.#machine.admit(CALLERS[who]!, plan, wish)
    const let_in = typeof admitted !== 'string'
    const budgets = this.#model.admits(lines)
    if (let_in && rates === 'no') throw new Error('it was let in beyond its rates')
    if (let_in && !budgets) throw new Error('it was let in beyond its budget')
    if (!let_in && rates === 'yes' && budgets) throw new Error(`it was refused (${admitted}), and there was room`)
    if (typeof admitted !== 'string') this.#keep(admitted, { who, lines, input, most })
  }

  #keep(admitted: Admitted, of: Pick<Running, 'who' | 'lines' | 'input' | 'most'>): void {
    const attempt = this.#attempts++
    const at = this.#machine.clock.steady
    const entry = { request: { at, amount: 1n }, tokens: { at, amount: BigInt(of.input + of.most) } }
    this.#requests[of.who]!.entries.push(entry.request)
    this.#tokens[of.who]!.entries.push(entry.tokens)
    this.#model.hold(attempt, of.lines)
    this.#running.push(Object.assign(admitted, { attempt, entry, ...of }))
  }

  #linesOf(who: number, { usd, per, turns }: Terms, bound: bigint): Line[] {
    const place = (meter: string, period: Period) => `${CALLERS[who]!.tenant.id} ${meter} ${this.#periodOf(period).start}`
    const budget = { balance: place('budget.usd', per), allow: BigInt(usd), bound }
    return turns === null ? [budget] : [budget, { balance: place('turns.requests', 'day'), allow: BigInt(turns) * 1_000n, bound: 1_000n }]
  }

  /** Remembered, for what a zone's clocks say is dear to ask. */
  #periodOf(period: Period): ReturnType<typeof periodOf> {
    const { wall } = this.#machine.clock
    const known = this.#periods.get(period)
    if (known && known.start <= wall && wall < known.end) return known
    const now = periodOf(period, wall, this.#zone)
    this.#periods.set(period, now)
    return now
  }

  /** `perhaps`: what is counted leaves together with all of its second. */
  #ratesSay(who: number, { rpm, tpm, concurrency }: Terms, tokens: bigint): 'yes' | 'no' | 'perhaps' {
    const { steady } = this.#machine.clock
    const running = this.#running.filter((one) => one.who === who && one.rates !== undefined).length
    const fits = (span: number) =>
      (rpm === null || this.#requests[who]!.since(steady - span) + 1n <= BigInt(rpm)) &&
      (tpm === null || this.#tokens[who]!.since(steady - span) + tokens <= BigInt(tpm)) &&
      (concurrency === null || running < concurrency)
    return fits(61_000) ? 'yes' : fits(60_000) ? 'perhaps' : 'no'
  }

  #end(): void {
    const [one] = this.#running.splice(this.#random.between(0, this.#running.length - 1), 1)
    if (!one) return
    const outcome = this.#outcomeOf(one)
    const charge = this.#machine.end(one, outcome)
    const { usage } = outcome
    const cost = outcome.state === 'released' ? 0n : usage ? costOf(usage.input ?? 0, usage.output ?? 0) : costOf(one.input, one.most)
    if (charge === null || BigInt(charge) !== cost) throw new Error(`it was charged ${charge}, and costs ${cost}`)
    const turn = outcome.code === undefined && outcome.state !== 'released' ? 1_000n : 0n
    this.#model.end(one.attempt, one.lines, [cost, turn])
    if (one.rates) this.#correct(one, outcome)
  }

  #outcomeOf({ rates, input, most }: Running): Outcome {
    const timings = { total: 1 }
    // Its process died: another closes it.
    if (!rates) return { state: 'estimated', usage: undefined, status: 500, code: 'internal_error', unseen: true, timings }
    if (this.#random.chance(0.2)) return { state: 'released', usage: undefined, status: 503, code: 'upstream_error', timings }
    const usage = { input: this.#random.between(0, input), output: this.#random.between(0, most) }
    return { state: 'settled', usage, status: 200, timings }
  }

  /** A released request was never counted; a settled one counted as much as it used. */
  #correct({ entry }: Running, { state, usage }: Outcome): void {
    if (state === 'released') entry.request.amount = 0n
    entry.tokens.amount = state === 'released' ? 0n : BigInt((usage?.input ?? 0) + (usage?.output ?? 0))
  }

  #crash(): void {
    this.#machine.crash(this.#running)
    this.#requests = CALLERS.map(() => new Tally())
    this.#tokens = CALLERS.map(() => new Tally())
  }

  /** Each balance in the books is the sum of what is held and spent of it. */
  #compare(): void {
    for (const { owner, meter, since, held, spent } of this.#machine.balances) {
      const balance = `${owner} ${meter} ${since}`
      const [isHeld, isSpent] = [this.#model.sum(this.#model.held, balance), this.#model.sum(this.#model.spent, balance)]
      if (BigInt(held) !== isHeld || BigInt(spent) !== isSpent)
        throw new Error(`${balance} has ${held} held and ${spent} spent in the books, and should have ${isHeld} and ${isSpent}`)
    }
  }
}

/** So many schedules, each of its own seed, so that one that fails can be run alone. */
export function simulate(first: number, schedules: number): void {
  for (let seed = first; seed < first + schedules; seed++) {
    try {
      new Schedule(seed).run()
    } catch (error) {
      throw new Error(`Seed ${seed}: ${error instanceof Error ? error.message : error}`, { cause: error })
    }
  }
}
