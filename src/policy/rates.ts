import type { Caller } from '../contract/caller.ts'
import type { Ask, Credential, LimitRefusal } from '../contract/decision.ts'
import type { Admission, Standing } from '../contract/gateway.ts'
import type { KeyId, TenantId } from '../contract/ids.ts'
import type { Limit, PlanRules } from '../contract/plan.ts'
import { type Meter, Meters } from './meters.ts'
import { seconds } from './seconds.ts'
import type { Bucket, SlidingWindow } from './window.ts'

/** Requests and tokens a minute, and requests at a time: of a tenant over all its keys, of one gateway key, and of one key of a provider's pool. */
export interface Rates extends Pick<Admission, 'check' | 'checkKey' | 'takeKey' | 'standing'> {
  /** Takes what was checked. */
  take(caller: Caller, ask: Ask): RateHold
}

export interface RateHold {
  /** What an answer used in place of what was foreseen; undefined: nobody can tell. */
  settle(tokens: number | undefined): void
  release(): void
}

export function createRates(now: () => number): Rates {
  const tenants = new Meters<TenantId>(now)
  const keys = new Meters<KeyId>(now)
  // By fingerprint: keys of providers whose pool says what may be asked with them.
  const providerKeys = new Meters<string>(now)
  return {
    check: ({ tenant, key }, plan, ask) =>
      overLimits(plan.limits, tenants.get(tenant.id), { tokens: tokensOf(ask), now: now() }) ??
      (key.limits && ofKey(overLimits(key.limits, keys.get(key.id), { tokens: tokensOf(ask), now: now() }))),
    take: ({ tenant, key }, ask) => new Place([tenants.open(tenant.id), ...(key.limits ? [keys.open(key.id)] : [])], tokensOf(ask), now),
    checkKey: (key, ask) => overKey(key, providerKeys, { tokens: tokensOf(ask), now: now() }),
    takeKey: (key, ask) => takeKey(key, { providerKeys, now }, tokensOf(ask)),
    standing: (tenant, plan) => standingOf(plan, tenants.get(tenant.id), now()),
  }
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
function takeKey(
  { share, fingerprint }: Credential,
  { providerKeys, now }: { providerKeys: Meters<string>; now: () => number },
  tokens: number,
): (() => void) | undefined {
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

/** An admitted request's place in its windows, from admission to its end. */
class Place implements RateHold {
  readonly #now: () => number
  readonly #tokens: number
  readonly #places: readonly { meter: Meter; request: Bucket; tokens: Bucket }[]

  constructor(meters: readonly Meter[], tokens: number, now: () => number) {
    const at = now()
    this.#now = now
    this.#tokens = tokens
    this.#places = meters.map((meter) => {
      meter.running++
      return { meter, request: meter.requests.add(1, at), tokens: meter.tokens.add(tokens, at) }
    })
  }

  settle(used: number | undefined): void {
    const now = this.#now()
    const unforeseen = (used ?? this.#tokens) - this.#tokens
    for (const { meter, tokens } of this.#places) {
      meter.running--
      if (unforeseen > 0) meter.tokens.add(unforeseen, now)
      else meter.tokens.remove(-unforeseen, tokens, now)
    }
  }

  release(): void {
    const now = this.#now()
    for (const { meter, request, tokens } of this.#places) {
      meter.running--
      meter.requests.remove(1, request, now)
      meter.tokens.remove(this.#tokens, tokens, now)
    }
  }
}

function standingOf({ limits }: PlanRules, meter: Meter | undefined, now: number): { requests?: Standing; tokens?: Standing } {
  const standing = (limit: Limit, window: SlidingWindow | undefined): Standing | undefined =>
    limit === null ? undefined : { limit, remaining: Math.max(0, limit - (window?.total(now) ?? 0)), resetMs: window?.reset(now) ?? 0 }
  const requests = standing(limits.rpm, meter?.requests)
  const tokens = standing(limits.tpm, meter?.tokens)
  return { ...(requests && { requests }), ...(tokens && { tokens }) }
}
