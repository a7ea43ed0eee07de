import type { Ask, Credential, LimitRefusal } from '../contract/decision.ts'
import type { Admission, Hold, Standing } from '../contract/gateway.ts'
import type { KeyId, TenantId } from '../contract/ids.ts'
import { dollarsOf } from '../contract/money.ts'
import type { Limit, Period, PlanRules } from '../contract/plan.ts'
import { periodOf } from './calendar.ts'
import { type Meter, Meters } from './meters.ts'
import { Spending } from './spending.ts'
import { type Passed, percentsPassed } from './thresholds.ts'
import type { Bucket, SlidingWindow } from './window.ts'

/**
 * The limits of one process, exact within it. A tenant's hold over all its keys and count its own-key traffic too; a gateway key's own
 * come on top; a budget is of the platform's money only.
 */
export interface Limits extends Admission {
  /** What was spent in the running period before this process began, in nano-dollars. */
  loadSpent(spent: ReadonlyMap<TenantId, bigint>, period: Period): void
}

export interface LimitsInput {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Where days, weeks and months begin; UTC where not given. */
  readonly timezone?: string
  /** Hears of each budget of which a further share is spent. */
  readonly onPassed?: (passed: Passed) => void
}

export function createLimits({ now, timezone = 'UTC', onPassed = () => {} }: LimitsInput): Limits {
  const books: Books = {
    now,
    timezone,
    tenants: new Meters(now),
    keys: new Meters(now),
    providerKeys: new Meters(now),
    spending: new Spending(timezone),
    onPassed,
  }
  return {
    check: ({ tenant, key }, plan, ask) =>
      overLimits(plan.limits, books.tenants.get(tenant.id), { tokens: tokensOf(ask), now: now() }) ??
      (key.limits && ofKey(overLimits(key.limits, books.keys.get(key.id), { tokens: tokensOf(ask), now: now() }))),
    checkBudget: (tenant, { budget }, bound) => (budget ? overBudget(budget, { tenant: tenant.id, bound }, books) : undefined),
    admit: ({ tenant, key }, { budget }, { ask, estimate }) => {
      const meters = [books.tenants.open(tenant.id), ...(key.limits ? [books.keys.open(key.id)] : [])]
      return new Place(books, meters, { tenant: tenant.id, tokens: tokensOf(ask), estimate, budget })
    },
    checkKey: (key, ask) => overKey(key, books.providerKeys, { tokens: tokensOf(ask), now: now() }),
    takeKey: (key, ask) => takeKey(key, books, tokensOf(ask)),
    standing: (tenant, plan) => standingOf(plan, books.tenants.get(tenant.id), now()),
    loadSpent: (spent, period) => books.spending.load(spent, period, now()),
  }
}

interface Books {
  readonly now: () => number
  readonly timezone: string
  readonly tenants: Meters<TenantId>
  readonly keys: Meters<KeyId>
  /** By fingerprint: keys of providers whose pool says what may be asked with them. */
  readonly providerKeys: Meters<string>
  readonly spending: Spending
  readonly onPassed: (passed: Passed) => void
}

/** What a request may use, prompt and answer; an answer without a stated bound counts once it is there. */
function tokensOf(ask: Ask): number {
  return ask.inputTokens + (ask.maxOutput ?? 0) * (ask.choices ?? 1)
}

type Bounds = { readonly [Name in 'rpm' | 'tpm' | 'concurrency']?: Limit }

function overLimits({ rpm, tpm, concurrency }: Bounds, meter: Meter | undefined, asks: { tokens: number; now: number }) {
  return (
    overRate({ limit: 'rpm', allowed: rpm, amount: 1 }, meter?.requests, asks.now) ??
    overRate({ limit: 'tpm', allowed: tpm, amount: asks.tokens }, meter?.tokens, asks.now) ??
    overConcurrency(concurrency, meter?.running ?? 0)
  )
}

interface Draw {
  readonly limit: string
  /** Undefined: not set, which binds no more than unlimited does. */
  readonly allowed: Limit | undefined
  readonly amount: number
}

function overRate({ limit, allowed, amount }: Draw, window: SlidingWindow | undefined, now: number): LimitRefusal | undefined {
  if (allowed === null || allowed === undefined) return undefined
  if (amount > allowed) return { code: 'request_exceeds_limit', limit, allowed, used: amount }
  const used = window?.total(now) ?? 0
  if (!window || used + amount <= allowed) return undefined
  return { code: 'rate_limit_exceeded', limit, allowed, used, retryAfter: seconds(window.wait(amount, allowed, now)) }
}

function overConcurrency(allowed: Limit | undefined, running: number): LimitRefusal | undefined {
  if (allowed === null || allowed === undefined || running < allowed) return undefined
  // When one of the running requests ends is not known: soon, as a rule.
  return { code: 'concurrency_limit_exceeded', limit: 'concurrency', allowed, used: running, retryAfter: 1 }
}

function ofKey(refusal: LimitRefusal | undefined): LimitRefusal | undefined {
  return refusal && { ...refusal, limit: `${refusal.limit} of this key` }
}

function overKey({ share, fingerprint, last4 }: Credential, meters: Meters<string>, asks: { tokens: number; now: number }) {
  if (!share?.limits || fingerprint === undefined) return undefined
  const refusal = overLimits(share.limits, meters.get(fingerprint), asks)
  return refusal && { ...refusal, limit: `${refusal.limit} of key ${last4 === undefined ? fingerprint : `…${last4}`}` }
}

/** Counts a request against the limits of one key of a provider; what it gives ends it, once. */
function takeKey({ share, fingerprint }: Credential, { providerKeys, now }: Books, tokens: number): (() => void) | undefined {
  if (!share?.limits || fingerprint === undefined) return undefined
  const meter = providerKeys.open(fingerprint)
  meter.running++
  meter.requests.add(1, now())
  meter.tokens.add(tokens, now())
  let running = true
  return () => {
    if (running) meter.running--
    running = false
  }
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

const seconds = (milliseconds: number): number => Math.max(1, Math.ceil(milliseconds / 1_000))

interface Reserved {
  readonly tenant: TenantId
  readonly tokens: number
  /** Nano-dollars of the platform's money. */
  readonly estimate: number
  readonly budget: PlanRules['budget']
}

/** An admitted request's place in its meters, from admission to its end. */
class Place implements Hold {
  readonly #books: Books
  readonly #meters: readonly { meter: Meter; request: Bucket; tokens: Bucket }[]
  readonly #reserved: Reserved
  #over = false

  constructor(books: Books, meters: readonly Meter[], reserved: Reserved) {
    const now = books.now()
    this.#books = books
    this.#reserved = reserved
    this.#meters = meters.map((meter) => {
      meter.running++
      return { meter, request: meter.requests.add(1, now), tokens: meter.tokens.add(reserved.tokens, now) }
    })
    books.spending.hold(reserved.tenant, reserved.estimate)
  }

  settle({ tokens, charge }: { tokens: number | undefined; charge: number | null }): void {
    const { estimate, tokens: reserved } = this.#reserved
    if (!this.#end()) return
    const now = this.#books.now()
    const unforeseen = (tokens ?? reserved) - reserved
    for (const place of this.#meters) {
      if (unforeseen > 0) place.meter.tokens.add(unforeseen, now)
      else place.meter.tokens.remove(-unforeseen, place.tokens, now)
    }
    // A charge nobody can tell is taken to be what was held for it: unknown is not zero.
    this.#spend(charge ?? estimate, now)
  }

  release(): void {
    if (!this.#end()) return
    const now = this.#books.now()
    for (const place of this.#meters) {
      place.meter.requests.remove(1, place.request, now)
      place.meter.tokens.remove(this.#reserved.tokens, place.tokens, now)
    }
  }

  #spend(nano: number, now: number): void {
    const { tenant, budget } = this.#reserved
    const { spending, onPassed } = this.#books
    spending.spend(tenant, nano, now)
    if (!budget || nano === 0) return
    const spent = spending.spent(tenant, budget.per, now)
    for (const percent of percentsPassed(budget, spent - nano, spent)) onPassed({ tenant, budget, percent, spent })
  }

  /** True the first time: the place is free again, and nothing is held any more. */
  #end(): boolean {
    if (this.#over) return false
    this.#over = true
    for (const { meter } of this.#meters) meter.running--
    this.#books.spending.hold(this.#reserved.tenant, -this.#reserved.estimate)
    return true
  }
}

function standingOf({ limits }: PlanRules, meter: Meter | undefined, now: number): { requests?: Standing; tokens?: Standing } {
  const standing = (limit: Limit, window: SlidingWindow | undefined): Standing | undefined =>
    limit === null ? undefined : { limit, remaining: Math.max(0, limit - (window?.total(now) ?? 0)), resetMs: window?.reset(now) ?? 0 }
  const requests = standing(limits.rpm, meter?.requests)
  const tokens = standing(limits.tpm, meter?.tokens)
  return { ...(requests && { requests }), ...(tokens && { tokens }) }
}
