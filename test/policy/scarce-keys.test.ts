import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tenantId } from '../../src/contract/ids.ts'
import { fairLevel } from '../../src/policy/fair-level.ts'
import { ScarceKeys } from '../../src/policy/scarce-keys.ts'

// One key of a provider that many tenants share: a minute of theirs against a provider that counts as providers do.

const SECOND = 1_000
const MINUTE = 60 * SECOND

interface Asking {
  readonly name: string
  readonly weight?: number
  /** Requests a second. */
  readonly rate: number
  /** From this second on. */
  readonly from?: number
}

interface Result {
  readonly served: number
  /** Told by us. */
  readonly held: number
  /** Told by the provider. */
  readonly refused: number
}

/** Minutes are simulated; of the last two it is told what became of each tenant's requests. */
function simulate(limit: number, tenants: readonly Asking[], seed: number): Map<string, Result> {
  const keys = new ScarceKeys()
  const random = randomOf(seed)
  const results = new Map(tenants.map(({ name }) => [name, { served: 0, held: 0, refused: 0 }]))
  const window: number[] = []
  const reports: { at: number; tell: (now: number) => void }[] = []
  const [step, all] = [100, 6 * MINUTE]
  for (let now = 0; now < all; now += step) {
    while (reports[0] && reports[0].at <= now) reports.shift()?.tell(now)
    const asking = tenants.flatMap((tenant) => {
      if (now < (tenant.from ?? 0) * SECOND) return []
      const expected = (tenant.rate * step) / SECOND
      return Array(Math.floor(expected) + (random() < expected % 1 ? 1 : 0)).fill(tenant)
    })
    for (const { name, weight = 1 } of shuffled(asking, random)) {
      const counts = now >= all - 2 * MINUTE ? results.get(name) : undefined
      const draw = { tenant: tenantId(name), weight, tokens: 10 }
      if (keys.excess('key', draw, now)) {
        if (counts) counts.held++
        continue
      }
      keys.take('key', draw, now)
      while (window[0] !== undefined && window[0] <= now - MINUTE) window.shift()
      const served = window.length < limit
      if (served) window.push(now)
      if (counts) counts[served ? 'served' : 'refused']++
      // The provider's words arrive after half a second.
      const remaining = limit - window.length
      const wait = (window[0] ?? now) + MINUTE - now
      const tell = (then: number) => {
        if (served) keys.hear('key', { requests: { limit, remaining, resetMs: MINUTE } }, { sentAt: now, now: then })
        else keys.spent('key', 10, { waitMs: wait, now: then })
      }
      reports.push({ at: now + 500, tell })
    }
  }
  return results
}

const seeds = fc.integer({ min: 1, max: 2 ** 31 - 1 })
const LIMIT = 600

describe('a key of which little is left', () => {
  it('is shared evenly among equals while one floods it, who has his share too, and the provider refuses few', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 3, max: 20 }), (seed, equals) => {
        const names = Array.from({ length: equals }, (_, at) => `equal-${at}`)
        const tenants = [...names.map((name) => ({ name, rate: 3 })), { name: 'flood', rate: 100 }]
        const results = simulate(LIMIT, tenants, seed)
        const served = (name: string) => results.get(name)?.served ?? 0
        const share = (2 * LIMIT) / (equals + 1)
        expect(jain(names.map(served))).toBeGreaterThanOrEqual(0.95)
        for (const name of [...names, 'flood']) expect({ name, enough: served(name) >= share * 0.5 }).toEqual({ name, enough: true })
        expect(served('flood')).toBeLessThan(Math.max(1.5 * share, 0.3 * 2 * LIMIT))
        const asked = sum(results, 'served') + sum(results, 'held') + sum(results, 'refused')
        expect(sum(results, 'refused')).toBeLessThan(0.03 * asked)
        expect(sum(results, 'served')).toBeGreaterThan(0.8 * 2 * LIMIT)
      }),
      { numRuns: 12 },
    )
  })

  it('leaves whoever asks for less than his share alone, however hard another asks', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const modest = Array.from({ length: 10 }, (_, at) => ({ name: `modest-${at}`, rate: 0.5 }))
        const results = simulate(LIMIT, [...modest, { name: 'flood', rate: 200 }], seed)
        const flood = results.get('flood')
        const all = (what: keyof Result) => sum(results, what) - (flood?.[what] ?? 0)
        expect(all('held')).toBe(0)
        expect(all('refused')).toBeLessThan(0.15 * all('served'))
        expect(flood?.served).toBeGreaterThan(0.7 * (2 * LIMIT - 10 * 60))
      }),
      { numRuns: 8 },
    )
  })

  it('gives plans of a higher priority more, and starves none', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const tenants = [
          { name: 'high', weight: 8, rate: 50 },
          { name: 'low', weight: 2, rate: 50 },
          { name: 'lower', weight: 1, rate: 50 },
        ]
        const results = simulate(LIMIT, tenants, seed)
        const [high, low, lower] = tenants.map(({ name }) => results.get(name)?.served ?? 0) as [number, number, number]
        expect({ high: high / low > 2.5 && high / low < 6, low: low > lower, lower: lower > 0.04 * 2 * LIMIT }).toEqual({
          high: true,
          low: true,
          lower: true,
        })
      }),
      { numRuns: 8 },
    )
  })

  it('lets a newcomer in within a minute', () => {
    const results = simulate(
      LIMIT,
      [
        { name: 'flood', rate: 100 },
        { name: 'old', rate: 100 },
        { name: 'new', rate: 2, from: 180 },
      ],
      7,
    )
    const { served = 0, held = 0, refused = 0 } = results.get('new') ?? {}
    expect(served / (served + held + refused)).toBeGreaterThan(0.9)
  })
})

describe('a key of which there is plenty, or that one tenant has to itself', () => {
  const draw = (name: string) => ({ tenant: tenantId(name), weight: 1, tokens: 10 })

  it('binds nobody, and is not even watched', () => {
    const keys = new ScarceKeys()
    keys.hear('key', { requests: { limit: 100, remaining: 60, resetMs: SECOND } }, { sentAt: 0, now: 0 })
    expect(keys.size).toBe(0)
    keys.hear('key', { requests: { limit: 100, remaining: 40, resetMs: SECOND } }, { sentAt: 0, now: 0 })
    for (let at = 0; at < 15; at++) keys.take('key', draw(at === 0 ? 'a' : 'b'), at)
    expect(keys.excess('key', draw('b'), 20)).toBeUndefined()
  })

  it('binds no tenant that is alone, even after the provider refused', () => {
    const keys = new ScarceKeys()
    keys.spent('key', 10, { waitMs: 5 * SECOND, now: 0 })
    for (let at = 0; at < 50; at++) keys.take('key', draw('alone'), at)
    expect(keys.excess('key', draw('alone'), 60)).toBeUndefined()
  })

  it('is shared after a refusal, and who waits is told for how long', () => {
    const keys = new ScarceKeys()
    const short = { requests: { limit: 20, remaining: 9, resetMs: MINUTE } }
    keys.hear('key', short, { sentAt: 0, now: 0 })
    keys.take('key', draw('b'), 1)
    for (let at = 1; at <= 9; at++) keys.take('key', draw('a'), at)
    keys.take('key', draw('b'), 10)
    keys.spent('key', 10, { waitMs: 5 * SECOND, now: 11 })
    expect(keys.excess('key', draw('a'), 12)).toEqual({ used: 9, share: 7, waitMs: MINUTE - 3 })
    expect(keys.excess('key', draw('b'), 12)).toBeUndefined()
    expect(keys.excess('key', draw('c'), 12)).toBeUndefined()
    expect(keys.excess('key', draw('a'), MINUTE + 9)).toBeUndefined()
  })

  it('counts tokens as it counts requests, and each model by itself', () => {
    const keys = new ScarceKeys()
    const short = { tokens: { limit: 1_000, remaining: 60, resetMs: MINUTE } }
    keys.hear('key', short, { sentAt: 0, now: 0 })
    keys.take('key', { ...draw('small'), tokens: 10 }, 0)
    keys.take('key', { ...draw('large'), tokens: 700 }, 0)
    keys.hear('key', short, { sentAt: 0, now: 1 })
    expect(keys.excess('key', { ...draw('large'), tokens: 50 }, 1)).toMatchObject({ used: 700 })
    expect(keys.excess('key', { ...draw('small'), tokens: 30 }, 1)).toBeUndefined()
    expect(keys.excess('key of another model', draw('large'), 1)).toBeUndefined()
  })

  it('keeps whom it counts for a minute only', () => {
    const keys = new ScarceKeys()
    keys.spent('key', 10, { waitMs: MINUTE, now: 0 })
    for (let at = 0; at < 10; at++) keys.take('key', draw('a'), at)
    keys.take('key', draw('b'), 10)
    keys.spent('key', 10, { waitMs: MINUTE, now: 70 * SECOND })
    keys.take('key', draw('b'), 70 * SECOND)
    expect(keys.excess('key', draw('a'), 70 * SECOND)).toBeUndefined()
  })
})

describe('the level of a share', () => {
  it('shares all of it out, by weight, and lets nobody have more who has less', () => {
    const uses = fc.array(fc.record({ used: fc.integer({ min: 0, max: 1_000 }), weight: fc.integer({ min: 1, max: 10 }) }), {
      minLength: 1,
    })
    fc.assert(
      fc.property(uses, fc.integer({ min: 0, max: 5_000 }), (users, all) => {
        const level = fairLevel(all, users)
        const had = users.reduce((total, { used, weight }) => total + Math.min(used, level * weight), 0)
        const wanted = users.reduce((total, { used }) => total + used, 0)
        if (wanted <= all) expect(level).toBe(Number.POSITIVE_INFINITY)
        else expect(had).toBeCloseTo(all, 6)
      }),
    )
  })
})

const sum = (results: Map<string, Result>, what: keyof Result): number => [...results.values()].reduce((total, one) => total + one[what], 0)

/** Jain's index: 1 where all have the same, 1/n where one has all. */
function jain(shares: readonly number[]): number {
  const total = shares.reduce((sum, share) => sum + share, 0)
  return total ** 2 / (shares.length * shares.reduce((sum, share) => sum + share ** 2, 0))
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, lot: random() }))
    .sort((a, b) => a.lot - b.lot)
    .map(({ item }) => item)
}

/** mulberry32: the same numbers for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
