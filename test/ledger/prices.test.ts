import { describe, expect, it } from 'vitest'
import { loadEmbedded } from '../../src/catalog/embedded.ts'
import type { Price, RateCard, Rates } from '../../src/contract/catalog.ts'
import type { Usage } from '../../src/contract/dialect.ts'
import { keyId, tenantId } from '../../src/contract/ids.ts'
import type { AttemptStart } from '../../src/contract/ledger.ts'
import { cardFor, priceAttempt, upperBound } from '../../src/ledger/cost.ts'

const embedded = loadEmbedded()
const offers = embedded.models.flatMap(({ id, offers }) =>
  offers
    .slice(0, 1)
    .flatMap(({ price, provider, wireModel }) =>
      price ? [{ id, name: `${provider}/${wireModel}`, price: { snapshot: embedded.snapshot, ...price } }] : [],
    ),
)

/** A Monday at noon, a Monday at peak, a Sunday at the same hour, and a day in the year after. */
const TIMES = [Date.UTC(2026, 10, 23, 12), Date.UTC(2026, 10, 23, 2), Date.UTC(2026, 10, 22, 2), Date.UTC(2027, 1, 1, 12)]

const SHAPES: readonly (readonly [what: string, usage: Usage])[] = [
  ['a short exchange', { input: 812, output: 215 }],
  ['a prompt from the cache', { input: 90_001, output: 7, cacheRead: 89_999 }],
  ['a prompt into the cache for five minutes', { input: 12_345, output: 678, cacheWrite: 11_111 }],
  [
    'a prompt into the cache, some of it for an hour',
    { input: 12_345, output: 678, cacheRead: 17, cacheWrite: 11_111, cacheWrite1h: 3_333 },
  ],
  ['a long thought', { input: 501, output: 31_999, reasoning: 31_900 }],
  ['a thought that is all of the answer', { input: 1, output: 1, reasoning: 1 }],
  ['a token above the usual thresholds', { input: 200_001, output: 999 }],
  ['a very long prompt, cached for the most part', { input: 600_001, output: 1_234, cacheRead: 512_345 }],
  ['speech in and out', { input: 5_003, output: 509, audioInput: 4_999, audioOutput: 501 }],
  ['three searches', { input: 3_001, output: 401, searches: 3 }],
  ['a flexible tier of service', { input: 10_007, output: 2_003, cacheRead: 5_001, serviceTier: 'flex' }],
  ['priority', { input: 10_007, output: 2_003, cacheRead: 5_001, serviceTier: 'priority' }],
]

describe('prices', () => {
  it('cost to the nano-dollar what rational numbers say: 300 models and more, twelve shapes of usage, at four times', () => {
    expect(offers.length).toBeGreaterThan(300)
    let checked = 0
    const differences = offers.flatMap(({ name, price }) =>
      SHAPES.flatMap(([what, usage]) =>
        TIMES.flatMap((at) => {
          checked++
          const { cost } = priceAttempt(startAt(price, at), { state: 'settled', usage, status: 200, timings: { total: 1 } })
          const counted = countedInFractions(price, usage, at)
          return cost === counted ? [] : [{ name, what, at: new Date(at).toISOString(), cost, counted }]
        }),
      ),
    )
    expect(differences).toEqual([])
    expect(checked).toBeGreaterThanOrEqual(300 * 12 * 4)
  })

  it.each([
    ['half off its peak, whole at it, half on a Sunday', 'deepseek-flash', [150_000, 300_000, 150_000, 150_000]],
    ['from a new year on what is announced for it', 'gemini-3.8-flash', [750_000, 750_000, 750_000, 1_500_000]],
  ])('are %s for %s', (_what, id, inputs) => {
    const price = offers.find((offer) => offer.id === id)?.price
    expect(TIMES.map((at) => cardFor(price, { at })?.input)).toEqual(inputs)
  })

  it('are unknown under a tier of service that has a price nobody told', () => {
    const plain: Price = { snapshot: 's', input: 1_000_000, output: 2_000_000 }
    const cost = (serviceTier: string) =>
      priceAttempt(startAt(plain, 0), { state: 'settled', usage: { input: 1, output: 1, serviceTier }, status: 200, timings: { total: 1 } })
        .cost
    expect(['default', 'standard', 'STANDARD', 'auto', 'on_demand'].map(cost)).toEqual([3_000, 3_000, 3_000, 3_000, 3_000])
    expect(['priority', 'flex', 'provisioned'].map(cost)).toEqual([null, null, null])
  })

  it('are held at the dearest that hour or tier of service may make them', () => {
    const ask = { endpoint: 'chat', model: 'm', stream: false, needs: {}, inputTokens: 1_000, leastTokens: 0, maxOutput: 100 } as const
    const price: Price = { snapshot: 's', input: 2_000, output: 4_000, variants: [{ service: 'priority', input: 4_000, output: 8_000 }] }
    expect(upperBound(price, ask)).toBe(4_800)
  })
})

function startAt(price: Price, at: number): AttemptStart {
  return {
    ...{ requestId: 'r', attempt: 1, tenant: tenantId('t'), key: keyId('k'), tags: [], user: undefined, endpoint: 'chat', stream: false },
    ...{ plan: 'team', provider: 'p', wireModel: 'm', model: 'm', source: 'platform', via: undefined, fingerprint: undefined },
    ...{ price, config: 'c', inputTokens: 1, maxOutput: undefined, at },
  }
}

// The other count: US dollars as fractions of whole numbers, straight from the definitions of `Price` and `Usage`.

interface Fraction {
  readonly over: bigint
  readonly under: bigint
}

const ZERO: Fraction = { over: 0n, under: 1n }
const plus = (a: Fraction, b: Fraction): Fraction => ({ over: a.over * b.under + b.over * a.under, under: a.under * b.under })

/** So many pieces at a rate in pico-dollars, in US dollars. */
const dollars = (pieces: number, rate: number): Fraction => ({ over: BigInt(pieces) * BigInt(rate), under: 10n ** 12n })

/** Half up. */
const nano = ({ over, under }: Fraction): number => Number((over * 10n ** 9n * 2n + under) / (under * 2n))

function countedInFractions(price: Price, usage: Usage, at: number): number | null {
  const card = cardAt(price, usage, at)
  const { input, output, ...rates } = card ? tierOf(card, usage.input ?? 0) : ({} as Rates)
  const [read = 0, written = 0, hour = 0, heard = 0, thought = 0, spoken = 0, searched = 0] = [
    ...[usage.cacheRead, usage.cacheWrite, usage.cacheWrite1h, usage.audioInput, usage.reasoning, usage.audioOutput, usage.searches],
  ]
  const owed: readonly (readonly [pieces: number, rate: number | undefined])[] = [
    [read, rates.cacheRead ?? input],
    [hour, rates.cacheWrite1h ?? rates.cacheWrite ?? input],
    [written - hour, rates.cacheWrite ?? input],
    [heard, rates.audioInput ?? input],
    [(usage.input ?? 0) - read - written - heard, input],
    [thought, rates.reasoning ?? output],
    [spoken, rates.audioOutput ?? output],
    [(usage.output ?? 0) - thought - spoken, output],
    [rates.request === undefined ? 0 : 1, rates.request],
    [searched, rates.search],
  ]
  let sum = ZERO
  for (const [pieces, rate] of owed) {
    if (pieces === 0) continue
    if (rate === undefined) return null
    sum = plus(sum, dollars(pieces, rate))
  }
  return nano(sum)
}

function cardAt(price: Price, { serviceTier }: Usage, at: number): RateCard | undefined {
  const time = new Date(at)
  const minutes = time.getUTCHours() * 60 + time.getUTCMinutes()
  const held = (price.variants ?? []).filter(
    ({ service, from, until, hours: [opens, closes] = [0, 1_440], days }) =>
      service === serviceTier &&
      (from === undefined || time >= new Date(from)) &&
      (until === undefined || time < new Date(until)) &&
      minutes >= opens &&
      minutes < closes &&
      (days === undefined || days.includes(time.getUTCDay())),
  )
  return held.at(-1) ?? (serviceTier === undefined ? price : undefined)
}

function tierOf({ tiers = [], ...card }: RateCard, input: number): Rates {
  const reached = tiers.toSorted((a, b) => a.above - b.above).findLast(({ above }) => input > above)
  return { ...card, ...reached }
}
