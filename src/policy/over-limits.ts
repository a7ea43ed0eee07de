import type { LimitRefusal } from '../contract/decision.ts'
import type { Limit, RateLimits } from '../contract/plan.ts'
import type { SharedRefusal } from '../contract/shared-rates.ts'
import type { Meter } from './meters.ts'
import { seconds } from './seconds.ts'
import type { SlidingWindow } from './window.ts'

/** One more request. */
export interface More {
  readonly tokens: number
  /** Milliseconds. */
  readonly now: number
  /** Of how many replicas this one has its share only; one: it counts for all. */
  readonly among: number
}

/** What the limits say to one more request; undefined: it fits. */
export function overLimits({ rpm, tpm, concurrency }: RateLimits, meter: Meter | undefined, more: More): LimitRefusal | undefined {
  return (
    overRate({ limit: 'rpm', allowed: rpm, amount: 1 }, meter?.requests, more) ??
    overRate({ limit: 'tpm', allowed: tpm, amount: more.tokens }, meter?.tokens, more) ??
    overConcurrency(concurrency, meter?.running ?? 0, more)
  )
}

interface Draw {
  readonly limit: string
  /** Undefined: not set, which binds no more than unlimited does. */
  readonly allowed: Limit | undefined
  readonly amount: number
}

function overRate({ limit, allowed, amount }: Draw, window: SlidingWindow | undefined, { now, among }: More): LimitRefusal | undefined {
  if (allowed === null || allowed === undefined) return undefined
  if (amount > allowed) return { code: 'request_exceeds_limit', limit, allowed, used: amount }
  const used = window?.total(now) ?? 0
  // However small the share: who has used nothing of it is let in.
  const share = Math.max(amount, allowed / among)
  if (!window || used + amount <= share) return undefined
  return { code: 'rate_limit_exceeded', limit, allowed, used, retryAfter: seconds(window.wait(amount, share, now)) }
}

function overConcurrency(allowed: Limit | undefined, running: number, { among }: More): LimitRefusal | undefined {
  if (allowed === null || allowed === undefined) return undefined
  if (running < Math.min(allowed, Math.max(1, allowed / among))) return undefined
  return { code: 'concurrency_limit_exceeded', limit: 'concurrency', allowed, used: running, retryAfter: SOON }
}

/** Seconds. When one of the running requests ends is not known. */
const SOON = 1

/** The same, where all replicas together have said it. */
export function sharedRefusal({ meter, limit, used, waitMs }: SharedRefusal): LimitRefusal {
  const allowed = meter.limits[limit] ?? 0
  const refusal: LimitRefusal =
    limit === 'concurrency'
      ? { code: 'concurrency_limit_exceeded', limit, allowed, used, retryAfter: SOON }
      : { code: 'rate_limit_exceeded', limit, allowed, used, retryAfter: seconds(waitMs) }
  return meter.of === 'tenant' ? refusal : { ...refusal, of: meter.of }
}
