import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Caller } from '../../src/contract/caller.ts'
import type { Ask } from '../../src/contract/decision.ts'
import { keyId, planId, slug, tenantId } from '../../src/contract/ids.ts'
import type { Plan, PlanRules } from '../../src/contract/plan.ts'
import { createLimits } from '../../src/policy/limits.ts'
import { Meters } from '../../src/policy/meters.ts'
import { held, NO_METERS } from '../support/held.ts'

const SECOND = 1_000
const MINUTE = 60_000

describe('requests a minute', () => {
  it('admits as many as allowed, then refuses and says when to come back', () => {
    const { limits, clock, ask } = world()
    const plan = planWith({ limits: { rpm: 2, tpm: null, concurrency: null } })
    held(limits.admit(brennan, plan, ask)).settle(1)
    clock.now += 10 * SECOND
    held(limits.admit(brennan, plan, ask)).settle(1)
    expect(limits.check(brennan, plan, ask)).toEqual({
      code: 'rate_limit_exceeded',
      limit: 'rpm',
      allowed: 2,
      used: 2,
      retryAfter: 50,
    })
    clock.now += 50 * SECOND
    expect(limits.check(brennan, plan, ask)).toBeUndefined()
  })

  it('count over all keys of a tenant, and no other tenant’s', () => {
    const { limits, ask } = world()
    const plan = planWith({ limits: { rpm: 1, tpm: null, concurrency: null } })
    held(limits.admit(brennan, plan, ask))
    expect(limits.check(callerOf('brennan', 'key0000002'), plan, ask)?.code).toBe('rate_limit_exceeded')
    expect(limits.check(callerOf('okafor'), plan, ask)).toBeUndefined()
  })

  it('of a gateway key bind beside the plan’s', () => {
    const { limits, ask } = world()
    const plan = planWith({ limits: { rpm: 5, tpm: null, concurrency: null } })
    const narrow = callerOf('brennan', 'key0000003', { rpm: 1 })
    held(limits.admit(narrow, plan, ask))
    expect(limits.check(narrow, plan, ask)).toMatchObject({ limit: 'rpm', of: 'key', allowed: 1, used: 1 })
    expect(limits.check(brennan, plan, ask)).toBeUndefined()
  })

  it('are not burnt by a request that was never sent', () => {
    const { limits, ask } = world()
    const plan = planWith({ limits: { rpm: 1, tpm: 100, concurrency: 1 } })
    const hold = held(limits.admit(brennan, plan, ask))
    hold.release()
    hold.release()
    expect(limits.standing(brennan, plan).requests).toEqual({ limit: 1, remaining: 1, resetMs: 0 })
  })

  it('F-50 are not held for longer than a minute by a clock that steps back', () => {
    const { limits, clock, ask } = world()
    const plan = planWith({ limits: { rpm: 1, tpm: null, concurrency: null } })
    held(limits.admit(brennan, plan, ask))
    clock.now -= 60 * MINUTE
    expect(limits.check(brennan, plan, ask)?.retryAfter).toBe(60)
    clock.now += MINUTE
    expect(limits.check(brennan, plan, ask)).toBeUndefined()
  })

  it('never exceed the limit in any 60 seconds, and agree with a list of timestamps', () => {
    const steps = fc.array(fc.record({ wait: fc.integer({ min: 0, max: 20_000 }), weight: fc.integer({ min: 1, max: 5 }) }), {
      maxLength: 200,
    })
    fc.assert(
      fc.property(steps, fc.integer({ min: 5, max: 12 }), (moves, tpm) => {
        const { limits, clock } = world()
        const plan = planWith({ limits: { rpm: null, tpm, concurrency: null } })
        const taken: { at: number; weight: number }[] = []
        for (const { wait, weight } of moves) {
          clock.now += wait
          const ask = asking({ inputTokens: weight })
          const refused = limits.check(brennan, plan, ask) !== undefined
          // A whole second counts until its last request is 60 seconds old.
          const live = taken.filter(({ at }) => lastOfSecond(taken, at) > clock.now - MINUTE)
          expect({ at: clock.now, refused }).toEqual({ at: clock.now, refused: sum(live) + weight > tpm })
          if (refused) continue
          held(limits.admit(brennan, plan, ask)).settle(weight)
          taken.push({ at: clock.now, weight })
          expect(sum(taken.filter(({ at }) => at > clock.now - MINUTE))).toBeLessThanOrEqual(tpm)
        }
      }),
    )
  })
})

describe('tokens a minute', () => {
  it('are reserved before the answer and corrected by it', () => {
    const { limits } = world()
    const plan = planWith({ limits: { rpm: null, tpm: 1_000, concurrency: null } })
    const remaining = (): number | undefined => limits.standing(brennan, plan).tokens?.remaining
    const short = held(limits.admit(brennan, plan, asking({ inputTokens: 100, maxOutput: 400 })))
    expect(remaining()).toBe(500)
    short.settle(150)
    short.settle(900)
    expect(remaining()).toBe(850)
    held(limits.admit(brennan, plan, asking({ inputTokens: 100 }))).settle(700)
    expect(remaining()).toBe(150)
    held(limits.admit(brennan, plan, asking({ inputTokens: 100 }))).settle(undefined)
    expect(remaining()).toBe(50)
  })

  it('that a long answer used beyond its reservation count when they are known', () => {
    const { limits, clock } = world()
    const plan = planWith({ limits: { rpm: null, tpm: 1_000, concurrency: null } })
    const hold = held(limits.admit(brennan, plan, asking({ inputTokens: 10 })))
    clock.now += 2 * MINUTE
    hold.settle(910)
    expect(limits.standing(brennan, plan).tokens).toEqual({ limit: 1_000, remaining: 100, resetMs: MINUTE })
  })

  it('refuse for good what would not fit an empty window', () => {
    const { limits } = world()
    const plan = planWith({ limits: { rpm: null, tpm: 1_000, concurrency: null } })
    const ask = asking({ inputTokens: 600, maxOutput: 401 })
    expect(limits.check(brennan, plan, ask)).toEqual({
      code: 'request_exceeds_limit',
      limit: 'tpm',
      allowed: 1_000,
      used: 1_001,
    })
  })
})

describe('concurrency', () => {
  it('is taken at admission and given back at the end, however often that is told', () => {
    const { limits, ask } = world()
    const plan = planWith({ limits: { rpm: null, tpm: null, concurrency: 1 } })
    const hold = held(limits.admit(brennan, plan, ask))
    expect(limits.check(brennan, plan, ask)).toMatchObject({ code: 'concurrency_limit_exceeded', allowed: 1, used: 1 })
    hold.settle(1)
    hold.release()
    held(limits.admit(brennan, plan, ask))
    expect(limits.check(brennan, plan, ask)?.code).toBe('concurrency_limit_exceeded')
  })
})

describe('memory', () => {
  it('is of tenants that are at work: idle ones go as new ones come', () => {
    const clock = { now: 0 }
    const meters = new Meters<number>(() => clock.now)
    for (let id = 0; id < 10_000; id++) {
      clock.now += 100
      meters.open(id).requests.add(1, clock.now)
    }
    // 600 tenants a minute, and as many idle ones that have not had their turn.
    expect(meters.size).toBeLessThanOrEqual(1_300)
  })

  it('keeps a tenant whose request is still running', () => {
    const clock = { now: 0 }
    const meters = new Meters<number>(() => clock.now)
    const busy = meters.open(-1)
    busy.running = 1
    for (let id = 0; id < 1_000; id++) {
      clock.now += MINUTE
      meters.open(id).requests.add(1, clock.now)
    }
    expect(meters.get(-1)).toBe(busy)
  })
})

const brennan = callerOf('brennan')

function world(start = Date.parse('2026-03-01T12:00:00Z')) {
  const clock = { now: start }
  return { clock, limits: createLimits({ ...NO_METERS, now: () => clock.now }), ask: asking({ inputTokens: 1 }) }
}

function asking(given: Partial<Ask>): Ask {
  return { endpoint: 'chat', model: 'm', stream: false, needs: {}, inputTokens: 1, leastTokens: 1, ...given }
}

function callerOf(name: string, key = 'key0000001', limits?: Caller['key']['limits']): Caller {
  const tenant = {
    ...{ id: tenantId(`id-${name}`), slug: slug(name), name, plan: planId('team'), status: 'active' as const },
    ...{ overrides: undefined, createdAt: '' },
  }
  const gatewayKey = {
    ...{ id: keyId(key), kind: 'tenant' as const, name: undefined, digest: Buffer.alloc(32), tenant: tenant.id, tenants: undefined },
    ...{ scopes: [], models: undefined, endpoints: undefined, allowIps: undefined, limits, defaults: undefined },
    ...{ expiresAt: undefined, revokedAt: undefined, createdAt: '' },
  }
  return { tenant, key: gatewayKey }
}

/** Only limits and budget are looked at. */
function planWith(given: Partial<Pick<Plan, 'limits' | 'budget'>>): PlanRules {
  return { limits: { rpm: null, tpm: null, concurrency: null }, budget: null, ...given } as PlanRules
}

function lastOfSecond(taken: readonly { at: number }[], at: number): number {
  return Math.max(...taken.filter((other) => Math.floor(other.at / SECOND) === Math.floor(at / SECOND)).map((other) => other.at))
}

function sum(taken: readonly { weight: number }[]): number {
  return taken.reduce((total, { weight }) => total + weight, 0)
}
