import { describe, expect, it } from 'vitest'
import type { Caller } from '../../src/contract/caller.ts'
import type { Ask } from '../../src/contract/decision.ts'
import type { Hold } from '../../src/contract/gateway.ts'
import { planId } from '../../src/contract/ids.ts'
import type { PlanRules } from '../../src/contract/plan.ts'
import type { SharedAsk, SharedPlace, SharedRates, SharedRefusal } from '../../src/contract/shared-rates.ts'
import { createLimits } from '../../src/policy/limits.ts'
import { keyOf, tenantNamed } from '../support/callers.ts'
import { held, NO_METERS } from '../support/held.ts'

// What one replica makes of what all of them have counted, and what it does where it cannot ask.

const SECOND = 1_000
const MINUTE = 60 * SECOND

const brennan: Caller = { tenant: tenantNamed('brennan'), key: keyOf('tenant').key }
const ask: Ask = { endpoint: 'chat', model: 'm', stream: false, needs: {}, inputTokens: 1, leastTokens: 1 }
const planWith = (given: Partial<PlanRules>): PlanRules =>
  ({ id: planId('team'), limits: { rpm: null, tpm: null, concurrency: null }, plan_limits: null, budget: null, ...given }) as PlanRules

/** Everybody else, as a script of answers. */
class Others implements SharedRates {
  usable = true
  replicas = 4
  answer: SharedPlace | SharedRefusal | undefined
  readonly asked: SharedAsk[] = []
  readonly told: (number | 'released')[] = []

  async take(asked: SharedAsk): Promise<SharedPlace | SharedRefusal | undefined> {
    this.asked.push(asked)
    // As the server's client does: what was not answered is not asked again.
    if (!this.answer) this.usable = false
    return this.answer
  }

  place(requests: number, tokens = 0, resetMs = MINUTE): void {
    const counts = [{ requests, tokens, resetMs }]
    this.answer = { counts, settle: (tokens) => this.told.push(tokens), release: () => this.told.push('released') }
  }
}

function world() {
  const clock = { now: Date.parse('2026-03-01T12:00:00Z') }
  const others = new Others()
  const limits = createLimits({ ...NO_METERS, now: () => clock.now, shared: others })
  const admit = async (plan: PlanRules, more: Partial<Ask> = {}) => limits.admit(brennan, plan, { ...ask, ...more })
  const hold = async (plan: PlanRules, more: Partial<Ask> = {}): Promise<Hold> => {
    const held = await admit(plan, more)
    if ('code' in held) throw new Error(`Refused: ${held.code}`)
    return held
  }
  return { clock, others, limits, admit, hold }
}

describe('limits that replicas share', () => {
  it('are those of the tenant, its key and its plan, and nobody is asked where nothing is limited or refused', async () => {
    const { limits, others } = world()
    others.place(1)
    const free = planWith({})
    expect(limits.admit(brennan, free, ask)).not.toBeInstanceOf(Promise)
    const watched = planWith({ limits: { rpm: 1, tpm: null, concurrency: null }, enforcement: 'observe' })
    expect(limits.admit(brennan, watched, ask)).not.toBeInstanceOf(Promise)
    const caller = { ...brennan, key: { ...brennan.key, limits: { rpm: 5 } } }
    const plan = planWith({ limits: { rpm: 9, tpm: null, concurrency: 2 }, plan_limits: { tpm: 100 } })
    await limits.admit(caller, plan, { ...ask, maxOutput: 6 })
    expect(others.asked).toEqual([
      {
        tenant: brennan.tenant.id,
        tokens: 7,
        meters: [
          { of: 'tenant', id: brennan.tenant.id, limits: plan.limits },
          { of: 'key', id: brennan.key.id, limits: { rpm: 5 } },
          { of: 'plan', id: 'team', limits: { tpm: 100 } },
        ],
      },
    ])
  })

  it('refuse by what all have used, and take nothing then', async () => {
    const { limits, others, admit } = world()
    const plan = planWith({ limits: { rpm: 100, tpm: null, concurrency: 1 } })
    const meter = { of: 'tenant' as const, id: brennan.tenant.id, limits: plan.limits }
    const count = { requests: 100, tokens: 7, resetMs: 50 * SECOND }
    others.answer = { meter, limit: 'rpm', used: 100, waitMs: 12_300, count }
    expect(await admit(plan)).toEqual({ code: 'rate_limit_exceeded', limit: 'rpm', allowed: 100, used: 100, retryAfter: 13 })
    expect(limits.check(brennan, plan, ask)).toBeUndefined()
    expect(limits.standing(brennan, plan).requests).toEqual({ limit: 100, remaining: 0, resetMs: 50 * SECOND })
    others.answer = { meter: { ...meter, of: 'plan', id: 'team' }, limit: 'concurrency', used: 1, waitMs: 0, count }
    expect(await admit(plan)).toMatchObject({ code: 'concurrency_limit_exceeded', of: 'plan', allowed: 1, retryAfter: 1 })
  })

  it('tell what is left for all, and hear what was used', async () => {
    const { limits, others, hold, clock } = world()
    const plan = planWith({ limits: { rpm: 100, tpm: 1_000, concurrency: null } })
    const standing = () => limits.standing(brennan, plan)
    others.place(40, 700)
    const place = await hold(plan, { inputTokens: 200 })
    expect(standing()).toEqual({
      requests: { limit: 100, remaining: 60, resetMs: MINUTE },
      tokens: { limit: 1_000, remaining: 300, resetMs: MINUTE },
    })
    place.settle(50)
    place.release()
    expect(others.told).toEqual([-150])
    expect(standing().tokens?.remaining).toBe(450)
    others.place(41, 550)
    ;(await hold(plan)).release()
    expect(others.told).toEqual([-150, 'released'])
    expect(standing().requests?.remaining).toBe(60)
    clock.now += MINUTE
    expect(standing().requests).toEqual({ limit: 100, remaining: 100, resetMs: 0 })
  })
})

describe('F-51 limits that replicas cannot share for now', () => {
  it('are a share of each, begun with the request that was not answered', async () => {
    const { limits, others, admit } = world()
    const plan = planWith({ limits: { rpm: 8, tpm: null, concurrency: null } })
    const codes = []
    for (let at = 0; at < 10; at++) {
      const refusal = limits.check(brennan, plan, ask)
      const held = refusal ?? (await admit(plan))
      codes.push('code' in held ? held.code : 'ok')
    }
    expect(codes).toEqual(['ok', 'ok', ...Array(8).fill('rate_limit_exceeded')])
    expect(others.asked).toHaveLength(1)
    others.usable = true
    expect(limits.check(brennan, plan, ask)).toBeUndefined()
  })

  it('never refuse everyone: one request fits however many replicas there are, and never are unlimited', async () => {
    const { limits, others, hold } = world()
    others.usable = false
    others.replicas = 50
    const plan = planWith({ limits: { rpm: 3, tpm: 1_000, concurrency: 2 } })
    const large = { ...ask, inputTokens: 900 }
    expect(limits.check(brennan, plan, large)).toBeUndefined()
    const held = await hold(plan, large)
    expect(limits.check(brennan, plan, ask)).toMatchObject({ code: 'rate_limit_exceeded', limit: 'rpm', allowed: 3 })
    held.settle(900)
    const tokens = planWith({ limits: { rpm: null, tpm: 1_000, concurrency: null } })
    expect(limits.check(brennan, tokens, ask)).toMatchObject({ limit: 'tpm', retryAfter: 60 })
    const nothing = planWith({ limits: { rpm: 0, tpm: null, concurrency: null } })
    expect(limits.check(brennan, nothing, ask)?.code).toBe('request_exceeds_limit')
    const nobody = planWith({ limits: { rpm: null, tpm: null, concurrency: 0 } })
    expect(limits.check(brennan, nobody, ask)?.code).toBe('concurrency_limit_exceeded')
  })

  it('admit over all replicas at most the limit and one burst of each', async () => {
    for (const replicas of [1, 2, 3, 4, 7]) {
      let admitted = 0
      for (let replica = 0; replica < replicas; replica++) {
        const { limits, others, hold } = world()
        Object.assign(others, { usable: false, replicas })
        const plan = planWith({ limits: { rpm: 10, tpm: null, concurrency: null } })
        while (!limits.check(brennan, plan, ask)) {
          await hold(plan)
          admitted++
        }
      }
      expect({ replicas, admitted, over: admitted > 10 + replicas, under: admitted < 10 - replicas }).toMatchObject({
        over: false,
        under: false,
      })
    }
  })
})

describe('limits of a plan over all its tenants', () => {
  it('bind them together, and say so', async () => {
    const limits = createLimits({ ...NO_METERS, now: () => 0 })
    const plan = planWith({ plan_limits: { rpm: 1 } })
    const okafor: Caller = { tenant: tenantNamed('okafor'), key: keyOf('tenant').key }
    held(limits.admit(brennan, plan, ask))
    expect(limits.check(okafor, plan, ask)).toMatchObject({ code: 'rate_limit_exceeded', of: 'plan', limit: 'rpm', allowed: 1 })
    expect(limits.check(okafor, planWith({ id: planId('solo'), plan_limits: { rpm: 1 } }), ask)).toBeUndefined()
  })
})
