import type { Admission } from '../contract/gateway.ts'
import type { Move } from '../contract/meter.ts'
import { Budgets, type BudgetsInput } from './budgets.ts'
import { createRates, type RatesInput } from './rates.ts'

/**
 * What binds a request: rates, exact within one process and where replicas share them over all of these, of a tenant over all its keys,
 * own-key traffic too, and a gateway key's own on top; and budgets and meters, exact over all processes that share the books.
 */
export interface Limits extends Admission {
  /** How balances stand after a transaction. */
  learn(moves: readonly Move[]): void
}

export interface LimitsInput extends BudgetsInput, RatesInput {
  /** Milliseconds by a clock that nobody sets, for what is counted by the minute; `now` where not given. */
  readonly steady?: () => number
}

export function createLimits(input: LimitsInput): Limits {
  const { take, ...rates } = createRates({ ...input, now: input.steady ?? input.now })
  const budgets = new Budgets(input)
  return {
    ...rates,
    admit: take,
    checkMeters: (asked) => budgets.check(asked),
    draws: (asked) => budgets.draws(asked),
    refusal: (asked, overdraft) => budgets.refusal(asked, overdraft),
    learn: (moves) => budgets.learn(moves),
    recall: (caller, plan, ask) => budgets.recall(caller, plan, ask),
  }
}
