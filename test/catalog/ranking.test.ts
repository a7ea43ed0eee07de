import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createObservations } from '../../src/catalog/observations.ts'
import { createRanker, shapeOf } from '../../src/catalog/ranker.ts'
import { expectedCost, scoreOf } from '../../src/catalog/ranking.ts'
import type { Candidate, Preference, Price } from '../../src/contract/catalog.ts'
import type { Offer } from '../../src/contract/decision.ts'
import type { Observed } from '../../src/contract/ranking.ts'
import { candidate } from '../support/scene.ts'

const MILLION = 1_000_000
const priced = (input: number, output = input): Price => ({ input: input * MILLION, output: output * MILLION, snapshot: 'test' })
const offer = (id: string, price: Price | undefined, tier: 'economy' | 'standard' | 'premium' | 'frontier' = 'economy'): Candidate =>
  candidate(id, 'm', { price, model: { tier } })
const well = (more: Partial<Observed>): Observed => ({
  weight: 50,
  firstByte: undefined,
  failing: 0,
  cached: 0,
  headroom: undefined,
  ...more,
})

interface Circumstances {
  readonly seen?: Readonly<Record<string, Observed>>
  readonly inputTokens?: number
  readonly maxOutput?: number
}

/** Provider ids, the best first. */
function ranked(candidates: readonly Candidate[], by: Preference, { seen = {}, ...tokens }: Circumstances = {}): string[] {
  const view = new Map(Object.entries(seen).map(([id, observed]) => [`${id}/m`, observed]))
  const { order } = createRanker(() => view)(candidates, by, { inputTokens: 1_000, ...tokens })
  return [...order].map((place) => candidates[place]?.provider.id ?? 'nobody')
}

describe('auto:cheap', () => {
  it('is the cheapest for this request first; what is free, and then what has no known price, last', () => {
    const all = [offer('unknown', undefined), offer('free', priced(0)), offer('dear', priced(10)), offer('cheap', priced(0.1))]
    expect(ranked(all, 'auto:cheap')).toEqual(['cheap', 'dear', 'free', 'unknown'])
  })
  it('weighs long prompts by input and long answers by output', () => {
    const all = [offer('talker', priced(2, 2)), offer('reader', priced(1, 10))]
    expect(ranked(all, 'auto:cheap', { inputTokens: 50_000, maxOutput: 64 })).toEqual(['reader', 'talker'])
    expect(ranked(all, 'auto:cheap', { inputTokens: 300, maxOutput: 4_000 })).toEqual(['talker', 'reader'])
  })
  it('counts what was read from a cache at its own rate', () => {
    const cached: Price = { ...priced(2), cacheRead: 100_000 }
    const all = [offer('plain', priced(1.5)), offer('caching', cached)]
    expect(ranked(all, 'auto:cheap')).toEqual(['plain', 'caching'])
    expect(ranked(all, 'auto:cheap', { seen: { caching: well({ cached: 0.9 }) } })).toEqual(['caching', 'plain'])
  })
  it('takes the rates that hold for so long a prompt', () => {
    const tiered: Price = { ...priced(1), tiers: [{ above: 200_000, input: 4 * MILLION }] }
    const cost = (input: number) => expectedCost(tiered, { input, output: 0 })
    expect([cost(200_000), cost(200_001)]).toEqual([200_000 * MILLION, 200_001 * 4 * MILLION])
  })
})

describe('auto:best, auto:fast and auto', () => {
  it('best: the highest tier first, the cheapest within it', () => {
    const all = [
      offer('a', priced(0.1)),
      offer('b', priced(30), 'frontier'),
      offer('c', priced(20), 'frontier'),
      offer('d', priced(5), 'premium'),
    ]
    expect(ranked(all, 'auto:best')).toEqual(['c', 'b', 'd', 'a'])
  })
  it('best: the quality the catalogue gives a model stands before what its tier tells', () => {
    const all = [offer('a', priced(1), 'frontier'), candidate('b', 'm', { price: priced(1), model: { tier: 'economy', quality: 1 } })]
    expect(ranked([...all, candidate('c', 'm', { price: priced(1), model: { tier: 'frontier', quality: 0.1 } })], 'auto:best')).toEqual([
      'a',
      'b',
      'c',
    ])
  })
  it('fast: the first byte that was seen soonest, and what was never seen between the quick and the slow', () => {
    const all = [offer('slow', priced(1)), offer('unseen', priced(1)), offer('quick', priced(1))]
    expect(ranked(all, 'auto:fast', { seen: { slow: well({ firstByte: 4_000 }), quick: well({ firstByte: 200 }) } })).toEqual([
      'quick',
      'unseen',
      'slow',
    ])
  })
  it('auto: a far dearer model must be far better, and one as dear need only be better', () => {
    const all = [offer('small', priced(0.5)), offer('large', priced(25), 'frontier'), offer('fair', priced(0.5), 'standard')]
    expect(ranked(all, 'auto')).toEqual(['fair', 'small', 'large'])
  })
  it.each<Preference>(['auto', 'auto:cheap', 'auto:fast', 'auto:best'])(
    '%s: what fails half its calls, or has no room left, stands back',
    (by) => {
      const all = [offer('failing', priced(1)), offer('full', priced(1)), offer('sound', priced(1.2))]
      expect(ranked(all, by, { seen: { failing: well({ failing: 0.5 }), full: well({ headroom: 0.01 }) } })[0]).toBe('sound')
    },
  )
  it('one failure alone proves little', () => {
    const score = scoreOf(offer('a', priced(1)), 'auto', { shape: shapeOf({ inputTokens: 10 }), seen: well({ weight: 1, failing: 1 }) })
    expect(score.parts.reliability).toBeCloseTo(0.75)
  })
})

describe('any ranking', () => {
  const anyPrice = fc.option(
    fc.record({ input: fc.nat(1e8), output: fc.nat(1e8), cacheRead: fc.option(fc.nat(1e6), { nil: undefined }) }),
    { nil: undefined },
  )
  const anyCandidates = fc.array(fc.record({ price: anyPrice, tier: fc.constantFrom('economy', 'standard', 'premium', 'frontier') }), {
    minLength: 1,
    maxLength: 30,
  })
  const anySeen = fc.dictionary(
    fc.nat(29).map(String),
    fc.record({
      ...{ weight: fc.double({ min: 0.1, max: 1e3, noNaN: true }), failing: fc.double({ min: 0, max: 1, noNaN: true }) },
      ...{ cached: fc.double({ min: 0, max: 1, noNaN: true }), firstByte: fc.option(fc.nat(60_000), { nil: undefined }) },
      headroom: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
    }),
  )
  const by = fc.constantFrom<Preference>('auto', 'auto:cheap', 'auto:fast', 'auto:best')

  it('is total, by the scores it shows, with what was seen and without', () => {
    fc.assert(
      fc.property(
        anyCandidates,
        anySeen,
        fc.record({ preference: by, inputTokens: fc.nat(2_000_000) }),
        (drawn, seen, { preference, inputTokens }) => {
          const candidates = drawn.map(({ price, tier }, at) => offer(String(at), price && { ...price, snapshot: 's' }, tier as 'economy'))
          const view = new Map(Object.entries(seen).map(([id, observed]) => [`${id}/m`, observed]))
          const { order, score } = createRanker(() => view)(candidates, preference, { inputTokens })
          expect([...order].sort((a, b) => a - b)).toEqual([...candidates.keys()])
          const totals = [...order].map((place) => score(place).total)
          for (const total of totals) expect(total >= 0 && total <= 1).toBe(true)
          const wrong = totals.findIndex((total, at) => {
            const [next, place, after] = [totals[at + 1], order[at] ?? 0, order[at + 1] ?? 0]
            return next !== undefined && (next > total || (next === total && after < place))
          })
          expect(wrong).toBe(-1)
        },
      ),
    )
  })
})

describe('what is seen of offers', () => {
  const seenAfter = (events: readonly [at: number, code: string, more?: object][], readAt: number) => {
    let now = 0
    const observations = createObservations(() => now)
    const made = { ...candidate('acme', 'm'), credential: { source: 'platform' } } as Offer
    for (const [at, code, more] of events) {
      now = at
      observations.attempt({
        offer: made,
        code,
        status: code === 'ok' ? 200 : 502,
        firstByteMs: 300,
        totalMs: 900,
        usage: undefined,
        ...more,
      })
    }
    now = readAt
    return observations.seen().get('acme/m')
  }
  const MINUTE = 60_000

  it('is the mean of attempts, the older counting less', () => {
    expect(
      seenAfter(
        [
          [0, 'ok', { firstByteMs: 100 }],
          [5 * MINUTE, 'ok', { firstByteMs: 400 }],
        ],
        5 * MINUTE,
      ),
    ).toMatchObject({ weight: 1.5, firstByte: 300, failing: 0 })
  })
  it('counts as failed what the provider owes, and never what the client did or asked amiss', () => {
    expect(
      seenAfter(
        [
          [0, 'ok'],
          [0, 'upstream_timeout'],
        ],
        0,
      )?.failing,
    ).toBe(0.5)
    expect(
      seenAfter(
        [
          [0, 'ok'],
          [0, 'client_closed_request'],
          [0, 'upstream_error', { status: 400 }],
          [0, 'credential_invalid'],
        ],
        0,
      ),
    ).toMatchObject({ weight: 1, failing: 0 })
  })
  it('is forgotten within the hour', () => expect(seenAfter([[0, 'upstream_timeout']], 60 * MINUTE)).toBeUndefined())
  it('takes what a provider says of its rate limit for a minute', () => {
    const events = [[0, 'ok', { headroom: 0.2 }]] as const
    expect([
      seenAfter([...events.map((one) => [...one] as [number, string, object])], 1_000)?.headroom,
      seenAfter([[0, 'ok', { headroom: 0.2 }]], 2 * MINUTE)?.headroom,
    ]).toEqual([0.2, undefined])
  })
  it('is bounded', () => {
    let now = 0
    const observations = createObservations(() => now)
    for (let n = 0; n < 1_000; n++) {
      const made = { ...candidate('acme', `m${n}`), credential: { source: 'platform' } } as Offer
      observations.attempt({
        offer: made,
        code: 'ok',
        status: 200,
        firstByteMs: 1,
        totalMs: 2,
        usage: undefined,
      })
    }
    now = 1
    expect(observations.seen().size).toBe(256)
    expect(observations.seen().has('acme/m999')).toBe(true)
  })
})
