import type { Caller } from '../../src/contract/caller.ts'
import type { Hold } from '../../src/contract/gateway.ts'
import type { Outcome } from '../../src/contract/ledger.ts'
import type { Balance, Held } from '../../src/contract/meter.ts'
import type { PlanRules } from '../../src/contract/plan.ts'
import { createRates, type Rates } from '../../src/policy/rates.ts'
import { isOverdraft } from '../../src/store/rows/balances.ts'
import { Counting, type Wish } from '../support/counting.ts'
import { held as atOnce } from '../support/held.ts'

/** A request that was let in. */
export interface Admitted {
  readonly wish: Wish
  readonly holds: readonly Held[]
  /** Gone where its process is. */
  rates: Hold | undefined
}

/** The product's own parts as a gateway puts them together: rates first, then budgets by what is known, then the books. */
export class Machine {
  readonly clock = { wall: 0, steady: 0 }
  #counting: Counting
  #rates: Rates
  readonly #timezone: string

  constructor(wall: number, timezone: string) {
    this.#timezone = timezone
    this.clock.wall = wall
    this.#counting = this.#process()
    this.#rates = createRates({ now: () => this.clock.steady })
  }

  /** The request, or the code of its refusal. */
  admit(caller: Caller, plan: PlanRules, wish: Wish): Admitted | string {
    const asked = this.#counting.asked(plan, wish, caller)
    const refused = this.#rates.check(caller, plan, asked.ask) ?? this.#counting.budgets.check(asked)
    if (refused) return refused.code
    const rates = atOnce(this.#rates.take(caller, plan, asked.ask))
    const holds = this.#counting.admit(asked)
    if (!isOverdraft(holds)) return { wish, holds, rates }
    rates.release()
    return this.#counting.budgets.refusal(asked, holds).code
  }

  /** What is charged. */
  end({ wish, holds, rates }: Admitted, outcome: Outcome): number | null {
    const { state, usage } = outcome
    if (state === 'released') rates?.release()
    else rates?.settle(usage && (usage.input ?? 0) + (usage.output ?? 0))
    return this.#counting.end({ held: holds, wish }, outcome)
  }

  /** The process dies, and another goes on with the same books. */
  crash(running: Iterable<Admitted>): void {
    const { balances } = this.#counting
    this.#counting = this.#process()
    for (const [key, balance] of balances) this.#counting.balances.set(key, balance)
    this.#rates = createRates({ now: () => this.clock.steady })
    for (const admitted of running) admitted.rates = undefined
  }

  get balances(): Iterable<Balance> {
    return this.#counting.balances.values()
  }

  #process(): Counting {
    const counting = new Counting(0, { timezone: this.#timezone })
    Object.defineProperty(counting.clock, 'now', { get: () => this.clock.wall })
    return counting
  }
}
