import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadEmbedded } from '../../src/catalog/embedded.ts'
import type { Price, Rates } from '../../src/contract/catalog.ts'
import type { Usage } from '../../src/contract/dialect.ts'
import { keyId, tenantId } from '../../src/contract/ids.ts'
import type { AttemptStart, Outcome } from '../../src/contract/ledger.ts'
import { estimateUsage, priceAttempt, priceUsage, upperBound } from '../../src/ledger/cost.ts'

const price: Price = {
  snapshot: 'abcdef012345',
  input: 3_000_000,
  output: 15_000_000,
  cacheRead: 300_000,
  cacheWrite: 3_750_000,
  cacheWrite1h: 6_000_000,
  reasoning: 20_000_000,
  audioInput: 10_000_000,
  audioOutput: 40_000_000,
  request: 12_000_000_000,
  image: 40_000_000_000,
  second: 100_000_000,
  search: 10_000_000_000,
  tiers: [
    { above: 200_000, input: 6_000_000, output: 22_500_000 },
    { above: 500_000, input: 9_000_000 },
  ],
}
const tokens: Price = { snapshot: 's', input: 3_000_000, output: 15_000_000 }

describe('the lines of a price', () => {
  it.each<[what: string, usage: Usage, lines: [what: string, quantity: number, rate: number][]]>([
    [
      'cached, written and spoken tokens are taken out of the input once, each at its own rate',
      { input: 1_000, output: 10, cacheRead: 600, cacheWrite: 200, cacheWrite1h: 50, audioInput: 30 },
      [
        ['cacheRead', 600, 300_000],
        ['cacheWrite1h', 50, 6_000_000],
        ['cacheWrite', 150, 3_750_000],
        ['audioInput', 30, 10_000_000],
        ['input', 170, 3_000_000],
        ['output', 10, 15_000_000],
      ],
    ],
    [
      'reasoning and speech are taken out of the output once',
      { input: 1, output: 100, reasoning: 60, audioOutput: 30 },
      [
        ['input', 1, 3_000_000],
        ['reasoning', 60, 20_000_000],
        ['audioOutput', 30, 40_000_000],
        ['output', 10, 15_000_000],
      ],
    ],
    [
      'images, seconds and searches are counted where they were told',
      { input: 1, output: 1, images: 2, seconds: 1.5, searches: 3 },
      [
        ['input', 1, 3_000_000],
        ['output', 1, 15_000_000],
        ['image', 2, 40_000_000_000],
        ['second', 1.5, 100_000_000],
        ['search', 3, 10_000_000_000],
      ],
    ],
  ])('%s', (_what, usage, lines) => {
    const booked = priceUsage(price, usage, 'platform').lines.map(({ what, quantity, rate }) => [what, quantity, rate])
    expect(booked.filter(([what]) => what !== 'request')).toEqual(lines)
    expect(booked).toContainEqual(['request', 1, 12_000_000_000])
  })

  it.each<[input: number, rates: number[], why: string]>([
    [200_000, [3_000_000, 15_000_000], 'at the threshold the base holds'],
    [200_001, [6_000_000, 22_500_000], 'one token more, and the tier holds for the whole request'],
    [500_001, [9_000_000, 15_000_000], 'the highest tier holds, and what it does not give is the base'],
  ])('with %i tokens in are at %j: %s', (input, rates) => {
    const { lines } = priceUsage(price, { input, output: 1 }, 'platform')
    expect(lines.filter(({ what }) => what === 'input' || what === 'output').map(({ rate }) => rate)).toEqual(rates)
  })

  it('chooses the tier by the whole input, cached tokens among it', () => {
    const { lines } = priceUsage(price, { input: 250_000, cacheRead: 249_000, output: 0 }, 'platform')
    expect(lines.map(({ what, quantity, rate }) => [what, quantity, rate])).toEqual([
      ['cacheRead', 249_000, 300_000],
      ['input', 1_000, 6_000_000],
      ['request', 1, 12_000_000_000],
    ])
  })

  it('cost what the whole costs where a part has no rate of its own', () => {
    const usage = { input: 1_000, output: 100, cacheRead: 600, cacheWrite: 100, cacheWrite1h: 50, reasoning: 80, audioInput: 10 }
    expect(priceUsage(tokens, usage, 'platform').cost).toBe(priceUsage(tokens, { input: 1_000, output: 100 }, 'platform').cost)
  })

  it('writes for an hour at the rate of shorter writes where it has none of its own', () => {
    const written = { ...tokens, cacheWrite: 3_750_000 }
    expect(priceUsage(written, { input: 10, output: 0, cacheWrite: 10, cacheWrite1h: 10 }, 'platform').cost).toBe(37_500)
    expect(priceUsage(written, { input: 10, output: 0, cacheWrite1h: 10 }, 'platform').cost).toBe(37_500)
  })
})

describe('the cost', () => {
  it('is rounded half up once, not line by line', () => {
    const fine: Price = { snapshot: 's', input: 300, output: 200 }
    expect(priceUsage(fine, { input: 1, output: 1 }, 'platform').cost).toBe(1)
    expect(priceUsage(fine, { input: 1, output: 0 }, 'platform').cost).toBe(0)
    expect(priceUsage({ ...fine, input: 499 }, { input: 1, output: 0 }, 'platform').cost).toBe(0)
  })

  it('of seconds is exact for their decimals too', () => {
    const heard: Price = { snapshot: 's', input: 0, output: 0, second: 100_001_000 }
    expect(priceUsage(heard, { input: 0, output: 0, seconds: 1.5 }, 'platform').cost).toBe(150_002)
  })

  it.each<[what: string, price: Price | undefined, usage: Usage | undefined]>([
    ['no price', undefined, { input: 1, output: 1 }],
    ['no usage', tokens, undefined],
    ['usage that tells nothing', tokens, {}],
    ['usage without output', tokens, { input: 5 }],
    ['usage without input', tokens, { output: 5 }],
    ['output at no rate', { snapshot: 's', input: 1 }, { input: 5, output: 5 }],
    ['searches at no rate', tokens, { input: 5, output: 5, searches: 1 }],
    ['a negative count', tokens, { input: -5, output: 5 }],
    ['a count that is no number', tokens, { input: Number.NaN, output: 5 }],
    ['a count beyond counting', tokens, { input: 1e300, output: 5 }],
  ])('is unknown, never zero, with %s', (_what, price, usage) => {
    expect(priceUsage(price, usage, 'platform')).toMatchObject({ cost: null, charge: null })
  })

  it('is zero where the price is known to be', () => {
    expect(priceUsage({ input: 0, output: 0 }, { input: 5, output: 5 }, 'none')).toMatchObject({ cost: 0, charge: 0 })
  })

  it('of an embedding needs no output', () => {
    expect(priceUsage({ input: 20_000 }, { input: 1_000 }, 'platform').cost).toBe(20_000)
  })

  it('never falls below zero where a provider counts more cached tokens than tokens, and says so', () => {
    const cached: Price = { ...tokens, cacheRead: 300_000 }
    expect(priceUsage(cached, { input: 100, output: 0, cacheRead: 150 }, 'platform')).toEqual({
      lines: [{ what: 'cacheRead', quantity: 100, rate: 300_000 }],
      cost: 30_000,
      charge: 30_000,
      suspect: true,
    })
    expect(priceUsage(cached, { input: 100, output: 0, cacheRead: 100 }, 'platform').suspect).toBeUndefined()
  })

  it.each<[source: AttemptStart['source'], known: number | null, unknown: number | null]>([
    ['platform', 18_000, null],
    ['none', 18_000, null],
    ['tenant', 0, 0],
  ])('paid by %s charges the plan %j, and %j where it is unknown', (source, known, unknown) => {
    expect(priceUsage(tokens, { input: 1, output: 1 }, source)).toMatchObject({ cost: 18_000, charge: known })
    expect(priceUsage(undefined, { input: 1, output: 1 }, source)).toMatchObject({ cost: null, charge: unknown })
  })
})

describe('an attempt', () => {
  const start: AttemptStart = {
    requestId: 'r',
    attempt: 1,
    tenant: tenantId('t'),
    key: keyId('k'),
    tags: [],
    user: undefined,
    endpoint: 'chat',
    stream: true,
    plan: 'team',
    provider: 'p',
    wireModel: 'm',
    model: 'm',
    source: 'platform',
    via: undefined,
    fingerprint: undefined,
    price: tokens,
    config: 'c',
    inputTokens: 120,
    maxOutput: 500,
    at: 0,
  }
  const ended = (outcome: Partial<Outcome>): Outcome => ({
    state: 'estimated',
    usage: undefined,
    status: 200,
    timings: { total: 1 },
    ...outcome,
  })

  it.each<[what: string, outcome: Partial<Outcome>, usage: Usage]>([
    ['the prompt as judged and the output that passed', { outputSeen: 40 }, { input: 120, output: 40 }],
    ['no output where none passed', {}, { input: 120, output: 0 }],
    [
      "the provider's count of the prompt",
      { usage: { input: 25, cacheRead: 5, output: 1 }, outputSeen: 40 },
      { input: 25, cacheRead: 5, output: 40 },
    ],
    ["the provider's count of the output, where it is the larger", { usage: { output: 90 }, outputSeen: 40 }, { input: 120, output: 90 }],
  ])('cut off before its usage came is estimated by %s', (_what, outcome, usage) => {
    expect(estimateUsage(start, ended(outcome))).toEqual(usage)
    expect(priceAttempt(start, ended(outcome)).cost).toBe(priceUsage(tokens, usage, 'platform').cost)
  })

  it.each<[what: string, start: Partial<AttemptStart>, usage: Usage]>([
    ['its longest answer', {}, { input: 120, output: 500 }],
    ['each of its longest answers', { choices: 3 }, { input: 120, output: 1_500 }],
    ['the answer that was held for it where it set no limit', { maxOutput: undefined }, { input: 120, output: 4_096 }],
    ['its prompt where it answers without words', { maxOutput: undefined, price: { snapshot: 's', input: 7 } }, { input: 120, output: 0 }],
  ])('that nobody was left to see is estimated by %s', (_what, over, usage) => {
    const unseen = { ...start, ...over }
    expect(estimateUsage(unseen, ended({ unseen: true }))).toEqual(usage)
    expect(priceAttempt(unseen, ended({ unseen: true })).cost).toBe(priceUsage(unseen.price, usage, 'platform').cost)
  })

  it('of which nothing was seen or judged is unknown', () => {
    const form = { ...start, inputTokens: 0, price: { snapshot: 's', second: 100_000_000 } }
    expect(priceAttempt(form, ended({})).cost).toBeNull()
    expect(priceAttempt(form, ended({ usage: { seconds: 2 } })).cost).toBe(200_000)
  })

  it('that paints or speaks is counted in tokens where those were told and the piece has no price', () => {
    const priced = (usage: Usage, rates: Rates) => priceUsage(rates, usage, 'platform').cost
    expect(priced({ input: 10, output: 100, images: 1 }, { input: 1_000_000, output: 2_000_000 })).toBe(210_000)
    expect(priced({ images: 2 }, { input: 1_000_000, output: 2_000_000 })).toBeNull()
    expect(priced({ images: 2 }, { image: 40_000_000_000 })).toBe(80_000_000)
    expect(priced({ characters: 11 }, { character: 15_000_000 })).toBe(165_000)
    expect(priced({ characters: 11 }, { input: 1_000_000 })).toBeNull()
    expect(priced({ characters: 11, input: 4, output: 0 }, { input: 1_000_000 })).toBe(4_000)
  })

  it('that is settled costs what its provider counted, or is unknown: nothing is made up', () => {
    expect(priceAttempt(start, ended({ state: 'settled', usage: { input: 10, output: 1 }, outputSeen: 99 })).cost).toBe(45_000)
    expect(priceAttempt(start, ended({ state: 'settled', outputSeen: 99 })).cost).toBeNull()
  })
})

describe('what is held for a request', () => {
  const ask = { endpoint: 'chat', model: 'm', stream: false, needs: {}, inputTokens: 1_000, leastTokens: 0 } as const

  it('covers what it may cost at most', () => {
    fc.assert(
      fc.property(anyPrice, anyUsage, (price, usage) => {
        const held = upperBound(price, { ...ask, inputTokens: usage.input ?? 0, maxOutput: usage.output ?? 0 })
        expect(held).toBeGreaterThanOrEqual(priceUsage(price, usage, 'platform').cost ?? 0)
      }),
    )
  })

  it('assumes an answer of some length where the client set no limit, and nothing where no price is known', () => {
    expect(upperBound(tokens, ask)).toBe(3_000_000 + 4_096 * 15_000)
    expect(upperBound(undefined, ask)).toBe(0)
  })

  it('counts every answer to one prompt, and every image', () => {
    expect(upperBound(tokens, { ...ask, maxOutput: 100, choices: 3 })).toBe(3_000_000 + 300 * 15_000)
    expect(upperBound({ image: 40_000_000_000, snapshot: 'test' }, { ...ask, endpoint: 'images', choices: 2 })).toBe(80_000_000)
    const most = Number.MAX_SAFE_INTEGER
    expect(upperBound(tokens, { ...ask, maxOutput: most, choices: most })).toBe(3_000_000 + 1_000_000_000 * 15_000)
  })
})

const INPUT_PARTS = ['cacheRead', 'cacheWrite1h', 'cacheWrite', 'audioInput'] as const
const OUTPUT_PARTS = ['reasoning', 'audioOutput'] as const

describe('against an independent count', () => {
  it('agrees for any price and usage, token by token', () => {
    fc.assert(
      fc.property(anyPrice, anyUsage, (price, usage) => {
        expect(priceUsage(price, usage, 'platform').cost).toBe(Number(countedOneByOne(price, usage)))
      }),
      { numRuns: 3_000 },
    )
  })

  it('agrees for every shipped price and a dozen shapes of usage', () => {
    const shapes: Usage[] = [
      { input: 0, output: 0 },
      { input: 1, output: 1 },
      { input: 7, output: 3, cacheRead: 7 },
      { input: 1_234, output: 567 },
      { input: 1_234, output: 567, reasoning: 560 },
      { input: 99_999, output: 4_096, cacheRead: 90_001 },
      { input: 99_999, output: 4_096, cacheWrite: 333 },
      { input: 99_999, output: 4_096, cacheRead: 11, cacheWrite: 333, cacheWrite1h: 222 },
      { input: 200_001, output: 1, cacheRead: 200_000 },
      { input: 272_001, output: 77, cacheWrite: 13 },
      { input: 600_000, output: 31_999, reasoning: 1 },
      { input: 5_000, output: 500, audioInput: 4_999, audioOutput: 499 },
    ]
    const prices = loadEmbedded().models.flatMap(({ offers }) =>
      offers.flatMap(({ price }) => (price ? [{ snapshot: 's', ...price }] : [])),
    )
    expect(prices.length).toBeGreaterThan(300)
    const differences = prices.flatMap((price) =>
      shapes.flatMap((usage) => {
        const cost = priceUsage(price, usage, 'platform').cost
        const counted = price.output === undefined && usage.output ? null : Number(inBulk(price, usage))
        return cost === counted ? [] : [{ price, usage, cost, counted }]
      }),
    )
    expect(differences).toEqual([])
  })
})

const rate = fc.option(fc.integer({ min: 0, max: 2_000_000_000 }), { nil: undefined })
const known = fc.integer({ min: 0, max: 2_000_000_000 })
const optionalRates = {
  cacheRead: rate,
  cacheWrite: rate,
  cacheWrite1h: rate,
  reasoning: rate,
  audioInput: rate,
  audioOutput: rate,
  request: rate,
}
const anyPrice: fc.Arbitrary<Price> = fc.record({
  snapshot: fc.constant('s'),
  input: known,
  output: known,
  ...optionalRates,
  tiers: fc.array(fc.record({ above: fc.integer({ min: 0, max: 300 }), input: known, output: known }), { maxLength: 3 }),
})
const count = fc.option(fc.integer({ min: 0, max: 300 }), { nil: undefined })
const anyUsage: fc.Arbitrary<Usage> = fc.record({
  input: fc.integer({ min: 0, max: 300 }),
  output: fc.integer({ min: 0, max: 300 }),
  cacheRead: count,
  cacheWrite: count,
  reasoning: count,
  audioInput: count,
  audioOutput: count,
})

/** Lays the tokens out in a row, gives each the rate of the part it falls in, and adds them up one by one. */
function countedOneByOne(price: Price, usage: Usage): bigint {
  const rates = inForce(price, usage)
  const side = (
    whole: number,
    parts: readonly (readonly [count: number | undefined, rate: number | undefined])[],
    rest: number,
  ): bigint => {
    const row = parts.flatMap(([count, rate]) => (rate === undefined ? [] : new Array<number>(count ?? 0).fill(rate)))
    return Array.from({ length: whole }, (_, at) => BigInt(row[at] ?? rest)).reduce((sum, rate) => sum + rate, 0n)
  }
  const input = side(
    usage.input ?? 0,
    INPUT_PARTS.map((part) => [usage[part], rates[part]] as const),
    rates.input ?? 0,
  )
  const output = side(
    usage.output ?? 0,
    OUTPUT_PARTS.map((part) => [usage[part], rates[part]] as const),
    rates.output ?? 0,
  )
  return roundedToNano(input + output + BigInt(rates.request ?? 0))
}

/** The formula as one would write it on paper, for counts too large to lay out; its shapes never hold parts beyond their whole. */
function inBulk(price: Price, usage: Usage): bigint {
  const rates = inForce(price, usage)
  const hour = BigInt(usage.cacheWrite1h ?? 0)
  const parts: [count: bigint, own: number | undefined, whole: number | undefined][] = [
    [BigInt(usage.cacheRead ?? 0), rates.cacheRead, rates.input],
    [hour, rates.cacheWrite1h ?? rates.cacheWrite, rates.input],
    [BigInt(usage.cacheWrite ?? 0) - hour, rates.cacheWrite, rates.input],
    [BigInt(usage.audioInput ?? 0), rates.audioInput, rates.input],
    [BigInt(usage.reasoning ?? 0), rates.reasoning, rates.output],
    [BigInt(usage.audioOutput ?? 0), rates.audioOutput, rates.output],
  ]
  const wholes = BigInt(usage.input ?? 0) * BigInt(rates.input ?? 0) + BigInt(usage.output ?? 0) * BigInt(rates.output ?? 0)
  const corrections = parts.map(([count, own, whole]) => count * (BigInt(own ?? whole ?? 0) - BigInt(whole ?? 0)))
  return roundedToNano(corrections.reduce((sum, correction) => sum + correction, wholes + BigInt(rates.request ?? 0)))
}

function inForce({ tiers = [], ...base }: Price, { input = 0 }: Usage): Rates {
  const above = Math.max(...tiers.map((tier) => tier.above).filter((threshold) => threshold < input), -1)
  return { ...base, ...tiers.find((tier) => tier.above === above) }
}

function roundedToNano(pico: bigint): bigint {
  return pico / 1_000n + (pico % 1_000n >= 500n ? 1n : 0n)
}
