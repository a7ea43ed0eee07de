import type { LimitRefusal } from '../contract/decision.ts'
import type { Admission, Hold } from '../contract/gateway.ts'
import type { SharedRates } from '../contract/shared-rates.ts'
import { type BudgetHold, type Budgets, type BudgetsInput, createBudgets } from './budgets.ts'
import { createRates, type RateHold } from './rates.ts'

/**
 * The limits of one process, exact within it; where replicas share them, exact over all of these. A tenant's hold over all its keys and count
 * its own-key traffic too; a gateway key's own come on top; a budget is of the platform's money only.
 */
export interface Limits extends Admission, Pick<Budgets, 'loadSpent'> {}

export interface LimitsInput extends BudgetsInput {
  /** Where replicas share the limits of requests and tokens. */
  readonly shared?: SharedRates | undefined
}

export function createLimits(input: LimitsInput): Limits {
  const { check, take, checkKey, takeKey, standing } = createRates(input.now, input.shared)
  const { checkBudget, loadSpent, ...budgets } = createBudgets(input)
  return {
    ...{ check, checkBudget, checkKey, takeKey, standing, loadSpent },
    admit(caller, plan, { ask, estimate }) {
      const rates = take(caller, plan, ask)
      const budget = budgets.take(caller.tenant.id, plan, estimate)
      return rates instanceof Promise ? together(rates, budget) : new Place(rates, budget)
    },
  }
}

/** Neither is held without the other. */
async function together(rates: Promise<RateHold | LimitRefusal>, budget: BudgetHold): Promise<Hold | LimitRefusal> {
  const place = await rates
  if (!('code' in place)) return new Place(place, budget)
  budget.release()
  return place
}

/** An admitted request's place, from admission to its end, which comes once. */
class Place implements Hold {
  readonly #rates: RateHold
  readonly #budget: BudgetHold
  #over = false

  constructor(rates: RateHold, budget: BudgetHold) {
    this.#rates = rates
    this.#budget = budget
  }

  settle({ tokens, charge }: { tokens: number | undefined; charge: number | null }): void {
    if (this.#over) return
    this.#over = true
    this.#rates.settle(tokens)
    this.#budget.settle(charge)
  }

  release(): void {
    if (this.#over) return
    this.#over = true
    this.#rates.release()
    this.#budget.release()
  }
}
