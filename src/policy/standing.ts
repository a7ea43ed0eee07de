import type { Standing } from '../contract/gateway.ts'
import type { RateLimits } from '../contract/plan.ts'
import type { Meter } from './meters.ts'
import type { SlidingWindow } from './window.ts'

/** What is left of requests and of tokens, where they are limited. */
export interface Standings {
  readonly requests?: Standing
  readonly tokens?: Standing
}

/** What this process has counted, or what all replicas had, where that is more. */
export function standingOf(limits: RateLimits, meter: Meter | undefined, now: number): Standings {
  const told = meter?.told && meter.told.until > now ? meter.told : undefined
  const standing = (limit: number, window: SlidingWindow | undefined, elsewhere: number): Standing => ({
    limit,
    remaining: Math.max(0, limit - Math.max(window?.total(now) ?? 0, elsewhere)),
    resetMs: Math.max(window?.reset(now) ?? 0, elsewhere > 0 && told ? told.until - now : 0),
  })
  return {
    ...(typeof limits.rpm === 'number' && { requests: standing(limits.rpm, meter?.requests, told?.requests ?? 0) }),
    ...(typeof limits.tpm === 'number' && { tokens: standing(limits.tpm, meter?.tokens, told?.tokens ?? 0) }),
  }
}

/** Of a tenant's and its key's whatever binds first. */
export function tighter(one: Standings, other: Standings): Standings {
  const requests = tighterOf(one.requests, other.requests)
  const tokens = tighterOf(one.tokens, other.tokens)
  return { ...(requests && { requests }), ...(tokens && { tokens }) }
}

function tighterOf(one: Standing | undefined, other: Standing | undefined): Standing | undefined {
  if (!one || !other) return one ?? other
  return other.remaining < one.remaining ? other : one
}
