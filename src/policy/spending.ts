import type { TenantId } from '../contract/ids.ts'
import type { Period } from '../contract/plan.ts'
import { periodOf } from './calendar.ts'

/** What each tenant spent of the platform's money in each running period, and what its running requests may still cost. Nano-dollars. */
export class Spending {
  readonly #timezone: string
  readonly #held = new Map<TenantId, number>()
  readonly #spent = new Map<Period, Book>(PERIODS.map((period) => [period, { end: 0, byTenant: new Map() }]))

  constructor(timezone: string) {
    this.#timezone = timezone
  }

  spent(tenant: TenantId, period: Period, now: number): number {
    return this.#book(period, now).get(tenant) ?? 0
  }

  /** Spent in this period, and held. */
  used(tenant: TenantId, period: Period, now: number): number {
    return this.spent(tenant, period, now) + (this.#held.get(tenant) ?? 0)
  }

  hold(tenant: TenantId, nano: number): void {
    const held = (this.#held.get(tenant) ?? 0) + nano
    if (held > 0) this.#held.set(tenant, held)
    else this.#held.delete(tenant)
  }

  spend(tenant: TenantId, nano: number, now: number): void {
    if (nano === 0) return
    // In every period at once, so that a plan may change its period at any time.
    for (const period of PERIODS) {
      const book = this.#book(period, now)
      book.set(tenant, (book.get(tenant) ?? 0) + nano)
    }
  }

  load(spent: ReadonlyMap<TenantId, bigint>, period: Period, now: number): void {
    const book = this.#book(period, now)
    book.clear()
    for (const [tenant, nano] of spent) book.set(tenant, Number(nano))
  }

  /** A period that is over is forgotten as a whole. */
  #book(period: Period, now: number): Map<TenantId, number> {
    const book = this.#spent.get(period)
    if (book && now < book.end) return book.byTenant
    const byTenant = new Map<TenantId, number>()
    this.#spent.set(period, { end: periodOf(period, now, this.#timezone).end, byTenant })
    return byTenant
  }
}

interface Book {
  readonly end: number
  readonly byTenant: Map<TenantId, number>
}

const PERIODS: readonly Period[] = ['hour', 'day', 'week', 'month', 'total']
