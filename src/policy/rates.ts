import type { Caller } from '../contract/caller.ts'
import type { Ask, Keyed, KeyUser, LimitRefusal } from '../contract/decision.ts'
import type { Admission, Hold } from '../contract/gateway.ts'
import type { Headroom } from '../contract/headroom.ts'
import type { KeyId, PlanId, TenantId } from '../contract/ids.ts'
import type { PlanRules } from '../contract/plan.ts'
import type { SharedMeter, SharedRates } from '../contract/shared-rates.ts'
import { type Capacity, Crowd } from './crowd.ts'
import { type Meter, Meters } from './meters.ts'
import { type More, overLimits, sharedRefusal } from './over-limits.ts'
import { Place } from './place.ts'
import { type Draw, ScarceKeys } from './scarce-keys.ts'
import { seconds } from './seconds.ts'
import { standingOf, tighter } from './standing.ts'

/**
 * Requests and tokens a minute, and requests at a time: of a tenant over all its keys, of one of these, of a plan over all its tenants, and of
 * one key of a provider's pool.
 */
export interface Rates extends Pick<Admission, 'check' | 'checkKey' | 'takeKey' | 'heardOf' | 'spentKey' | 'standing' | 'hasItsShare'> {
  /** Takes what was checked. A promise where all replicas together have the last word. */
  take(caller: Caller, plan: PlanRules, ask: Ask): Hold | Promise<Hold | LimitRefusal>
}

export interface RatesInput {
  /** Milliseconds. */
  readonly now: () => number
  /** Where replicas share the limits of requests and tokens. */
  readonly shared?: SharedRates | undefined
  /** As much as one likes where not given. */
  readonly capacity?: Capacity | undefined
}

export function createRates(input: RatesInput): Rates {
  const rates = new Counting(input)
  return {
    check: (caller, plan, ask) => rates.check(caller, plan, ask),
    take: (caller, plan, ask) => rates.take(caller, plan, ask),
    checkKey: (key, by) => rates.checkKey(key, by),
    takeKey: (key, by) => rates.takeKey(key, by),
    heardOf: (key, headroom, ago) => rates.heardOf(key, headroom, ago),
    spentKey: (key, ask, retryAfter) => rates.spentKey(key, ask, retryAfter),
    standing: (caller, plan) => rates.standing(caller, plan),
    hasItsShare: (caller) => rates.hasItsShare(caller),
  }
}

/** What a request may use, prompt and answer; an answer without a stated bound counts once it is there. */
function tokensOf(ask: Ask): number {
  return ask.inputTokens + (ask.maxOutput ?? 0) * (ask.choices ?? 1)
}

const ENDLESS: Capacity = { running: Number.POSITIVE_INFINITY, slow: () => false }

class Counting implements Rates {
  readonly #now: () => number
  readonly #shared: SharedRates | undefined
  readonly #tenants: Meters<TenantId>
  readonly #keys: Meters<KeyId>
  readonly #plans: Meters<PlanId>
  /** By fingerprint: keys of providers whose pool says what may be asked with them. */
  readonly #providerKeys: Meters<string>
  readonly #scarce = new ScarceKeys()
  /** All requests that run here. */
  readonly #crowd: Crowd
  readonly #where: { readonly now: () => number; readonly crowd: Crowd }

  constructor({ now, shared, capacity = ENDLESS }: RatesInput) {
    this.#now = now
    this.#shared = shared
    this.#tenants = new Meters(now)
    this.#keys = new Meters(now)
    this.#plans = new Meters(now)
    this.#providerKeys = new Meters(now)
    this.#crowd = new Crowd(capacity, now)
    this.#where = { now, crowd: this.#crowd }
  }

  hasItsShare({ tenant }: Caller): boolean {
    if (!this.#crowd.isFull) return false
    const meter = this.#tenants.get(tenant.id)
    return meter !== undefined && this.#crowd.isTooMany(meter, this.#tenants.values())
  }

  check({ tenant, key }: Caller, plan: PlanRules, ask: Ask): LimitRefusal | undefined {
    const more = this.#more(ask, this.#shared?.usable === false ? this.#shared.replicas : 1)
    return (
      overLimits(plan.limits, this.#tenants.get(tenant.id), more) ??
      (key.limits && of('key', overLimits(key.limits, this.#keys.get(key.id), more))) ??
      (plan.plan_limits ? of('plan', overLimits(plan.plan_limits, this.#plans.get(plan.id), more)) : undefined)
    )
  }

  take(caller: Caller, plan: PlanRules, ask: Ask): Hold | Promise<Hold | LimitRefusal> {
    const place = this.#place(caller, plan, ask)
    // Where nothing is refused, nobody need be asked.
    if (!this.#shared?.usable || plan.enforcement === 'observe') return place
    const meters = sharedMeters(caller, plan)
    return meters.length === 0 ? place : this.#shareWithAll(place, meters, { caller, plan, ask, shared: this.#shared })
  }

  /** The limits of a provider's key are the provider's: each replica has its share, for there is no time to ask between two attempts. */
  checkKey(key: Keyed, by: KeyUser): LimitRefusal | undefined {
    const { share, fingerprint, last4 } = key.credential
    if (fingerprint === undefined) return undefined
    const refusal =
      (share?.limits && overLimits(share.limits, this.#providerKeys.get(fingerprint), this.#more(by.ask, this.#shared?.replicas ?? 1))) ??
      (this.#scarce.size === 0 ? undefined : this.#overShare(key, by))
    return refusal && { ...refusal, of: 'provider_key', last4: last4 ?? fingerprint }
  }

  #overShare(key: Keyed, by: KeyUser): LimitRefusal | undefined {
    const excess = this.#scarce.excess(scarceId(key), drawOf(by), this.#now())
    if (!excess) return undefined
    const { used, share, waitMs } = excess
    const told = { limit: 'headroom', allowed: Math.floor(share), used, retryAfter: seconds(waitMs), scarce: true } as const
    return { code: 'rate_limit_exceeded', ...told }
  }

  /** Counts a request against the limits of one key of a provider; what it gives ends it, once. */
  takeKey(key: Keyed, by: KeyUser): (() => void) | undefined {
    const { share, fingerprint } = key.credential
    if (this.#scarce.size > 0) this.#scarce.take(scarceId(key), drawOf(by), this.#now())
    if (!share?.limits || fingerprint === undefined) return undefined
    const meter = this.#providerKeys.open(fingerprint)
    const now = this.#now()
    meter.running++
    meter.requests.add(1, now)
    meter.tokens.add(tokensOf(by.ask), now)
    let running = true
    return () => {
      if (running) meter.running--
      running = false
    }
  }

  heardOf(key: Keyed, headroom: Headroom, ago: number): void {
    const now = this.#now()
    this.#scarce.hear(scarceId(key), headroom, { sentAt: now - ago, now })
  }

  spentKey(key: Keyed, ask: Ask, retryAfter: number): void {
    this.#scarce.spent(scarceId(key), tokensOf(ask), { waitMs: retryAfter * 1_000, now: this.#now() })
  }

  standing({ tenant, key }: Caller, plan: PlanRules): ReturnType<Admission['standing']> {
    const now = this.#now()
    const standing = standingOf(plan.limits, this.#tenants.get(tenant.id), now)
    return key.limits ? tighter(standing, standingOf(key.limits, this.#keys.get(key.id), now)) : standing
  }

  #more(ask: Ask, among: number): More {
    return { tokens: tokensOf(ask), now: this.#now(), among }
  }

  #place({ tenant, key }: Caller, plan: PlanRules, ask: Ask): Place {
    const own = this.#tenants.open(tenant.id)
    own.weight = weightOf(plan)
    const meters = [own]
    if (key.limits) meters.push(this.#keys.open(key.id))
    if (plan.plan_limits) meters.push(this.#plans.open(plan.id))
    return new Place(meters, tokensOf(ask), this.#where)
  }

  /** What all replicas together say of a request that this one has let in. Where they cannot be asked, this one keeps to its share. */
  async #shareWithAll(place: Place, meters: readonly SharedMeter[], { caller, plan, ask, shared }: Asked): Promise<Place | LimitRefusal> {
    const answer = await shared.take({ tenant: caller.tenant.id, meters, tokens: tokensOf(ask) })
    if (answer && 'counts' in answer) {
      for (const [at, meter] of meters.entries()) this.#meterOf(caller, meter)?.learn(answer.counts[at], this.#now())
      place.share(answer)
      return place
    }
    place.release()
    if (!answer) return this.check(caller, plan, ask) ?? this.#place(caller, plan, ask)
    this.#meterOf(caller, answer.meter)?.learn(answer.count, this.#now())
    return sharedRefusal(answer)
  }

  #meterOf({ tenant, key }: Caller, meter: SharedMeter): Meter | undefined {
    if (meter.of === 'plan') return undefined
    return meter.of === 'tenant' ? this.#tenants.open(tenant.id) : this.#keys.open(key.id)
  }
}

/** Providers limit each model by itself. */
const scarceId = ({ credential, wireModel }: Keyed): string => `${credential.fingerprint} ${wireModel}`

/** What a plan counts beside others; one of no priority has a share too. */
const weightOf = ({ priority }: PlanRules): number => priority + 1

const drawOf = ({ caller, plan, ask }: KeyUser): Draw => ({ tenant: caller.tenant.id, weight: weightOf(plan), tokens: tokensOf(ask) })

interface Asked {
  readonly caller: Caller
  readonly plan: PlanRules
  readonly ask: Ask
  readonly shared: SharedRates
}

/** Whose limits these are, where they are not the tenant's. */
function of(whose: 'key' | 'plan', refusal: LimitRefusal | undefined): LimitRefusal | undefined {
  return refusal && { ...refusal, of: whose }
}

/** Those that are limited in any way. */
function sharedMeters({ tenant, key }: Caller, plan: PlanRules): SharedMeter[] {
  const meters: SharedMeter[] = []
  const { rpm, tpm, concurrency } = plan.limits
  if (rpm !== null || tpm !== null || concurrency !== null) meters.push({ of: 'tenant', id: tenant.id, limits: plan.limits })
  if (key.limits) meters.push({ of: 'key', id: key.id, limits: key.limits })
  if (plan.plan_limits) meters.push({ of: 'plan', id: plan.id, limits: plan.plan_limits })
  return meters
}
