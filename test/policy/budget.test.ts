import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Held } from '../../src/contract/meter.ts'
import type { PlanRules } from '../../src/contract/plan.ts'
import { freed, isOverdraft } from '../../src/store/rows/balances.ts'
import { Counting, countedPlan } from '../support/counting.ts'
import { someOutcome } from '../support/stores.ts'

// Any schedule of admissions, ends and hours, against a model in big integers: nothing is ever overspent, and nothing held is ever lost.

const SEED = Number(process.env['TOLLGATE_TEST_SEED'] ?? Date.now() % 1_000_000)
const HOUR = 3_600_000

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ does: fc.constant('admit' as const), bound: fc.integer({ min: 0, max: 40 }) }) },
  // A part of what was held is charged, in percent; null is a charge that nobody can tell.
  { weight: 3, arbitrary: fc.record({ does: fc.constant('settle' as const), which: fc.nat(50), part: fc.option(fc.nat(100)) }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('release' as const), which: fc.nat(50) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('wait' as const), ms: fc.nat(HOUR) }) },
)

it(`a budget is never overspent and never leaks (seed ${SEED}; TOLLGATE_TEST_SEED=… draws the same again)`, () => {
  const schedule = fc.array(step, { maxLength: 120 })
  fc.assert(
    fc.property(schedule, fc.integer({ min: 1, max: 100 }), (steps, budget) => {
      const real = new Real(budget)
      const model = new Model(BigInt(budget))
      for (const one of steps) {
        const said = [real.take(one), model.take(one)]
        expect(said[0]).toBe(said[1])
        expect(model.spent).toBeLessThanOrEqual(model.budget)
      }
      real.endAll()
      model.endAll()
      // With nothing held, exactly what was not spent fits: no more, no less.
      const left = Number(model.budget - model.spent)
      expect([real.admits(left), real.admits(left + 1)]).toEqual([left > 0, false])
    }),
    { seed: SEED, numRuns: 2_000 },
  )
})

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

const charged = (bound: number, part: number | null): number => (part === null ? bound : Math.floor((bound * part) / 100))

const price = (nano: number) => ({ snapshot: 's', request: nano * 1_000 })

class Real {
  readonly #counting = new Counting(Date.UTC(2026, 2, 1))
  readonly #plan: PlanRules
  readonly #holds: { held: readonly Held[]; bound: number }[] = []

  constructor(nano: number) {
    this.#plan = countedPlan({ budget: { nano, per: 'hour' } })
  }

  /** Held and given back again. */
  admits(bound: number): boolean {
    const held = this.#admit(bound)
    if (held) this.#release(held)
    return held !== undefined
  }

  #admit(bound: number): readonly Held[] | undefined {
    const asked = this.#counting.asked(this.#plan, { price: price(bound) })
    const certainly = this.#counting.budgets.check(asked)
    const held = this.#counting.admit(asked)
    // What this process knows refuses nothing that the books would let in.
    if (certainly) expect(isOverdraft(held)).toBe(true)
    return isOverdraft(held) ? undefined : held
  }

  #release(held: readonly Held[]): void {
    this.#counting.take(freed(held))
  }

  take(one: Step): boolean | undefined {
    if (one.does === 'wait') this.#counting.clock.now += one.ms
    if (one.does === 'admit') {
      const held = this.#admit(one.bound)
      if (held) this.#holds.push({ held, bound: one.bound })
      return held !== undefined
    }
    if (one.does === 'settle' || one.does === 'release') {
      const [ended] = this.#holds.splice(one.which % (this.#holds.length || 1), 1)
      if (ended && one.does === 'release') this.#release(ended.held)
      else if (ended && one.does === 'settle') this.#settle(ended.held, one.part === null ? undefined : charged(ended.bound, one.part))
    }
    return undefined
  }

  /** Undefined: nobody can tell what it cost. */
  #settle(held: readonly Held[], nano: number | undefined): void {
    this.#counting.end(
      { held, wish: { ...(nano !== undefined && { price: price(nano) }) } },
      someOutcome({ usage: { input: 0, output: 0 } }),
    )
  }

  endAll(): void {
    for (const { held } of this.#holds.splice(0)) this.#release(held)
    expect(this.#counting.held, 'held by nobody').toBe(0)
  }
}

/** The same in thirty lines. */
class Model {
  readonly budget: bigint
  /** Each of the hour in which it was let in, and charged to that. */
  readonly #held: { hour: number; bound: bigint }[] = []
  readonly #spent = new Map<number, bigint>()
  #now = 0

  constructor(budget: bigint) {
    this.budget = budget
  }

  get #hour(): number {
    return Math.floor(this.#now / HOUR)
  }

  get spent(): bigint {
    return this.#spent.get(this.#hour) ?? 0n
  }

  take(one: Step): boolean | undefined {
    if (one.does === 'wait') this.#now += one.ms
    if (one.does === 'admit') {
      const used = this.#held.reduce((sum, { hour, bound }) => (hour === this.#hour ? sum + bound : sum), this.spent)
      const fits = used < this.budget && used + BigInt(one.bound) <= this.budget
      if (fits) this.#held.push({ hour: this.#hour, bound: BigInt(one.bound) })
      return fits
    }
    if (one.does === 'settle' || one.does === 'release') {
      const [ended] = this.#held.splice(one.which % (this.#held.length || 1), 1)
      if (ended && one.does === 'settle') this.#spend(ended.hour, BigInt(charged(Number(ended.bound), one.part)))
    }
    return undefined
  }

  #spend(hour: number, nano: bigint): void {
    this.#spent.set(hour, (this.#spent.get(hour) ?? 0n) + nano)
  }

  endAll(): void {
    this.#held.length = 0
  }
}
