import type { Caller } from '../contract/caller.ts'
import type { Price } from '../contract/catalog.ts'
import type { Ask, LimitRefusal, Metered } from '../contract/decision.ts'
import type { MeterStanding } from '../contract/gateway.ts'
import { type Balance, type Count, type Draw, type Move, type Overdraft, type Source, weighed } from '../contract/meter.ts'
import type { PlanRules } from '../contract/plan.ts'
import { Known } from './known-balances.ts'
import { refusalOf } from './meter-refusals.ts'
import { chainOf, type Place, rulesFor, rulesOfPlan } from './metered.ts'
import { Calendar } from './spans.ts'
import { type Passed, percentsPassed } from './thresholds.ts'

export interface BudgetsInput {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Where days, weeks and months begin; UTC where not given. */
  readonly timezone?: string
  /** The most that a request may come to. */
  readonly bound: (count: Count, ask: Ask, price: Price | undefined) => number
  /** How balances stand in the books. */
  readonly standing: (sources: readonly Source[]) => Promise<readonly Balance[]>
  /** Hears of each balance of which a further share is spent. */
  readonly onPassed?: (passed: Passed) => void
}

/**
 * Budgets and meters as the books keep them. What this process knows of them only refuses what is refused for certain, for what is spent
 * of a period stays spent; whether a request is let in is decided by the transaction that notes it.
 */
export class Budgets {
  readonly #input: BudgetsInput
  readonly #known = new Known()
  readonly #calendar: Calendar

  constructor(input: BudgetsInput) {
    this.#input = input
    this.#calendar = new Calendar(input.timezone ?? 'UTC')
  }

  check(asked: Metered): LimitRefusal | undefined {
    for (const place of rulesFor(asked)) {
      const draw = this.#drawOf(place, asked)
      const stands = this.#known.room(draw.sources, this.#input.now())
      if (stands.left <= 0 || draw.bound > stands.left) return this.#refusalOf(place, asked, stands)
    }
    return undefined
  }

  /** What an attempt asks of its meters; undefined where none counts it. */
  draws(asked: Metered): readonly Draw[] | undefined {
    const places = rulesFor(asked)
    if (places.length === 0) return undefined
    for (const head of places) for (const place of chainOf(head, asked)) this.#known.watch(place)
    return places.map((place) => this.#drawOf(place, asked))
  }

  /** Why the books did not let it in. */
  refusal(asked: Metered, overdraft: Overdraft): LimitRefusal {
    const place = rulesFor(asked)[overdraft.draw]
    if (!place) throw new RangeError('The books refused a draw that nobody asked for.')
    return this.#refusalOf(place, asked, overdraft)
  }

  learn(moves: readonly Move[]): void {
    for (const move of moves) {
      const place = this.#known.learn(move)
      const allow = place?.rule.allowFor(move.subject)
      if (!place || typeof allow !== 'number' || move.spent === move.before) continue
      for (const percent of percentsPassed({ percents: place.rule.percents, allow }, move))
        this.#input.onPassed?.({ place, move, allow, percent })
    }
  }

  /** Reads anew what stands of all that may count this caller. */
  async recall(caller: Caller, plan: PlanRules, ask?: Ask): Promise<readonly MeterStanding[]> {
    const places = rulesOfPlan(caller, plan, ask)
    const sources = places.map((place) => this.#sourceOf(place, caller, true))
    const balances = await this.#input.standing(sources)
    this.learn(balances.map((balance) => ({ ...balance, before: balance.spent })))
    return places.flatMap(({ rule }, at) => {
      const [source, balance] = [sources[at], balances[at]]
      return source && balance ? [{ rule, source, balance }] : []
    })
  }

  #drawOf(head: Place, asked: Metered): Draw {
    const { rule, weight } = head
    const binds = asked.plan.enforcement === 'on'
    const [first, ...others] = chainOf(head, asked)
    const sourceOf = (place: Place) => this.#sourceOf(place, asked.caller, binds)
    const bound = weighed(this.#input.bound(rule.count, asked.ask, asked.offer.price), weight)
    return { count: rule.count, weight, bound, sources: [sourceOf(first), ...others.map(sourceOf)] }
  }

  #sourceOf({ rule, owner, meter, subject }: Place, { tenant }: Caller, binds: boolean): Source {
    const { start, end } = this.#calendar.at(rule.span, tenant, this.#input.now())
    return {
      ...{ owner, meter, subject, since: start, until: Number.isFinite(end) ? end : null },
      allow: binds && rule.atEnd !== 'notify' ? rule.allowFor(subject) : null,
      ...(rule.span.kind === 'rolling' && ROLLS),
      ...(rule.fee && { fee: rule.fee }),
      ...(rule.seeded && SEEDED),
    }
  }

  #refusalOf(place: Place, asked: Metered, stands: { left: number; spent: number }): LimitRefusal {
    const draw = this.#drawOf(place, asked)
    const last = draw.sources.at(-1) ?? draw.sources[0]
    return refusalOf({ place, draw, asked, now: this.#input.now(), until: this.#known.endOf(last) }, stands)
  }
}

const ROLLS = { rolls: true } as const
const SEEDED = { seeded: true } as const
