import type { TenantId } from '../contract/ids.ts'
import type { PlanRules } from '../contract/plan.ts'

type Budget = NonNullable<PlanRules['budget']>

/** So much of a tenant's budget is spent now and was not before. Nano-dollars. */
export interface Passed {
  readonly tenant: TenantId
  readonly budget: Budget
  readonly percent: number
  readonly spent: number
}

/** Shares of a budget that somebody should hear of. */
const PERCENTS = [50, 80, 90, 100]

/** What is spent only grows until its period is over, so each share is passed once in it, and is not passed again by a process that starts anew. */
export function percentsPassed({ nano }: Budget, before: number, after: number): readonly number[] {
  return PERCENTS.filter((percent) => before < nano * (percent / 100) && nano * (percent / 100) <= after)
}
