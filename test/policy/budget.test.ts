import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Hold } from '../../src/contract/gateway.ts'
import { planId } from '../../src/contract/ids.ts'
import type { PlanRules } from '../../src/contract/plan.ts'
import { createLimits } from '../../src/policy/limits.ts'
import { keyOf, tenantNamed } from '../support/callers.ts'
import { held } from '../support/held.ts'

// Any schedule of admissions, ends and hours, against a model in big integers: nothing is ever overspent, and nothing held is ever lost.

const SEED = Number(process.env['TOLLGATE_TEST_SEED'] ?? Date.now() % 1_000_000)
const HOUR = 3_600_000
const ASK = { endpoint: 'chat', model: 'm', stream: false, needs: {}, inputTokens: 1, leastTokens: 0 } as const

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

class Real {
  readonly #clock = { now: Date.UTC(2026, 2, 1) }
  readonly #limits = createLimits({ now: () => this.#clock.now })
  readonly #plan: PlanRules
  readonly #caller = { tenant: { ...tenantNamed('brennan'), plan: planId('team') }, key: keyOf('tenant').key }
  readonly #holds: { hold: Hold; bound: number }[] = []

  constructor(nano: number) {
    // Only limits and budget are looked at.
    this.#plan = { limits: { rpm: null, tpm: null, concurrency: null }, budget: { nano, per: 'hour' } } as PlanRules
  }

  admits(bound: number): boolean {
    return this.#limits.checkBudget(this.#caller.tenant, this.#plan, bound) === undefined
  }

  take(one: Step): boolean | undefined {
    if (one.does === 'wait') this.#clock.now += one.ms
    if (one.does === 'admit') {
      if (!this.admits(one.bound)) return false
      const hold = held(this.#limits.admit(this.#caller, this.#plan, { ask: ASK, estimate: one.bound }))
      this.#holds.push({ hold, bound: one.bound })
      return true
    }
    if (one.does === 'settle' || one.does === 'release') {
      const [ended] = this.#holds.splice(one.which % (this.#holds.length || 1), 1)
      if (one.does === 'settle') ended?.hold.settle({ tokens: 1, charge: one.part === null ? null : charged(ended.bound, one.part) })
      // Whoever releases after settling, as every request does at its end, changes nothing.
      ended?.hold.release()
    }
    return undefined
  }

  endAll(): void {
    for (const { hold } of this.#holds.splice(0)) hold.release()
  }
}

/** The same in thirty lines. */
class Model {
  readonly budget: bigint
  readonly #held: bigint[] = []
  #now = 0
  #spent = { hour: 0, nano: 0n }

  constructor(budget: bigint) {
    this.budget = budget
  }

  get spent(): bigint {
    return this.#spent.hour === Math.floor(this.#now / HOUR) ? this.#spent.nano : 0n
  }

  take(one: Step): boolean | undefined {
    if (one.does === 'wait') this.#now += one.ms
    if (one.does === 'admit') {
      const used = this.#held.reduce((sum, bound) => sum + bound, this.spent)
      const fits = used < this.budget && used + BigInt(one.bound) <= this.budget
      if (fits) this.#held.push(BigInt(one.bound))
      return fits
    }
    if (one.does === 'settle' || one.does === 'release') {
      const [bound] = this.#held.splice(one.which % (this.#held.length || 1), 1)
      if (bound !== undefined && one.does === 'settle') this.#spend(BigInt(charged(Number(bound), one.part)))
    }
    return undefined
  }

  #spend(nano: bigint): void {
    this.#spent = { nano: this.spent + nano, hour: Math.floor(this.#now / HOUR) }
  }

  endAll(): void {
    this.#held.length = 0
  }
}
