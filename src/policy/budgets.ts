import type { LimitRefusal } from '../contract/decision.ts'
import type { Admission } from '../contract/gateway.ts'
import type { TenantId } from '../contract/ids.ts'
import { dollarsOf } from '../contract/money.ts'
import type { Period, PlanRules } from '../contract/plan.ts'
import { periodOf } from './calendar.ts'
import { seconds } from './seconds.ts'
import { Spending } from './spending.ts'
import { type Passed, percentsPassed } from './thresholds.ts'

/** Budgets of the platform's money: what was spent in each running period, and what running requests may still cost. */
export interface Budgets extends Pick<Admission, 'checkBudget'> {
  /** Holds the most that a request may cost, in nano-dollars. */
  take(tenant: TenantId, plan: PlanRules, estimate: number): BudgetHold
  /** What was spent in the running period before this process began, in nano-dollars. */
  loadSpent(spent: ReadonlyMap<TenantId, bigint>, period: Period): void
}

export interface BudgetHold {
  /** A charge nobody can tell is taken to be what was held for it: unknown is not zero. */
  settle(charge: number | null): void
  release(): void
}

export interface BudgetsInput {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Where days, weeks and months begin; UTC where not given. */
  readonly timezone?: string
  /** Hears of each budget of which a further share is spent. */
  readonly onPassed?: (passed: Passed) => void
}

export function createBudgets({ now, timezone = 'UTC', onPassed = () => {} }: BudgetsInput): Budgets {
  const books: Books = { now, timezone, spending: new Spending(timezone), onPassed }
  return {
    checkBudget: (tenant, { budget }, bound) => (budget ? overBudget(budget, { tenant: tenant.id, bound }, books) : undefined),
    take: (tenant, { budget }, estimate) => new Held(books, { tenant, estimate, budget }),
    loadSpent: (spent, period) => books.spending.load(spent, period, now()),
  }
}

interface Books extends Required<BudgetsInput> {
  readonly spending: Spending
}

type Budget = NonNullable<PlanRules['budget']>

/** A request comes in only with all that it may cost; a budget that is spent admits nothing, not even what is free or has no known price. */
function overBudget({ nano, per }: Budget, asks: { tenant: TenantId; bound: number }, books: Books): LimitRefusal | undefined {
  const now = books.now()
  const used = books.spending.used(asks.tenant, per, now)
  const left = Math.max(0, nano - used)
  if (left > 0 && asks.bound <= left) return undefined
  const limit = { limit: 'budget', allowed: `${usd(nano)} ${per === 'total' ? 'in total' : `a ${per}`}` }
  if (nano > 0 && asks.bound > nano) return { code: 'request_exceeds_limit', ...limit, used: usd(asks.bound), needs: usd(asks.bound) }
  const { end } = periodOf(per, now, books.timezone)
  const renewal = nano > 0 && end < Number.POSITIVE_INFINITY && { retryAfter: seconds(end - now), renews: new Date(end).toISOString() }
  return { code: 'budget_exceeded', ...limit, used: usd(used), left: usd(left), ...(left > 0 && { needs: usd(asks.bound) }), ...renewal }
}

const usd = (nano: number): string => `${dollarsOf(nano)} USD`

interface Reserved {
  readonly tenant: TenantId
  readonly estimate: number
  readonly budget: PlanRules['budget']
}

class Held implements BudgetHold {
  readonly #books: Books
  readonly #reserved: Reserved

  constructor(books: Books, reserved: Reserved) {
    this.#books = books
    this.#reserved = reserved
    books.spending.hold(reserved.tenant, reserved.estimate)
  }

  settle(charge: number | null): void {
    this.release()
    const { tenant, budget, estimate } = this.#reserved
    const { spending, onPassed, now } = this.#books
    const nano = charge ?? estimate
    const at = now()
    spending.spend(tenant, nano, at)
    if (!budget || nano === 0) return
    const spent = spending.spent(tenant, budget.per, at)
    for (const percent of percentsPassed(budget, spent - nano, spent)) onPassed({ tenant, budget, percent, spent })
  }

  release(): void {
    this.#books.spending.hold(this.#reserved.tenant, -this.#reserved.estimate)
  }
}
