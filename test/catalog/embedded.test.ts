import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { providers } from '../../providers/index.ts'
import { createCatalog } from '../../src/catalog/catalog.ts'
import { loadEmbedded } from '../../src/catalog/embedded.ts'
import { picoDollars, priceTroubles } from '../../src/catalog/price.ts'
import type { Capabilities, ListedModel, Tier } from '../../src/contract/catalog.ts'
import { smallRegistry } from './small-registry.ts'

const file = join(import.meta.dirname, '../../src/catalog/catalog.json')
const embedded = loadEmbedded()
const byId = new Map(embedded.models.map((model) => [model.id, model]))

describe('the shipped catalogue', () => {
  it('has one model a line, sorted, each id once, and the snapshot id of these lines', () => {
    const lines = readFileSync(file, 'utf8').split('\n').slice(1, -2)
    const ids = embedded.models.map(({ id }) => id)
    expect(lines.map((line) => JSON.parse(line.replace(/,$/, '')).id)).toEqual(ids)
    expect(ids).toEqual([...new Set(ids)].sort())
    const bare = lines.map((line) => line.replace(/,$/, '')).join('\n')
    expect(embedded.snapshot).toBe(createHash('sha256').update(bare).digest('hex').slice(0, 12))
  })

  it('stays small', () => {
    expect(statSync(file).size).toBeLessThan(600_000)
    expect(embedded.models.length).toBeGreaterThan(500)
  })

  it('holds prices that can be true, in whole pico-dollars', () => {
    expect(priceTroubles(embedded.models)).toEqual([])
  })

  it('offers no wire model of a provider twice', () => {
    const offers = embedded.models.flatMap(({ offers }) => offers.map(({ provider, wireModel }) => `${provider}/${wireModel}`))
    expect(offers.filter((offer, at) => offers.indexOf(offer) !== at)).toEqual([])
  })

  it('names living providers only', () => {
    const living = new Set<string>(providers.map(({ id }) => id))
    const named = new Set(embedded.models.flatMap(({ offers }) => offers.map(({ provider }) => provider)))
    expect([...named].filter((id) => !living.has(id))).toEqual([])
  })

  it('names no provider with a slash, since names are cut at the first one', () => {
    expect(embedded.models.flatMap(({ offers }) => offers).filter(({ provider }) => provider.includes('/'))).toEqual([])
  })

  it('orders price tiers upwards, each dearer than what holds below it', () => {
    const wrong = embedded.models.flatMap(({ offers }) =>
      offers.flatMap(({ wireModel, price }) => {
        const steps = [{ above: 0, ...price }, ...(price?.tiers ?? [])]
        return steps.some(
          (step, at) => at > 0 && (step.above <= (steps[at - 1]?.above ?? 0) || (step.input ?? 0) < (steps[at - 1]?.input ?? 0)),
        )
          ? [wireModel]
          : []
      }),
    )
    expect(wrong).toEqual([])
  })
})

// Read by hand on the vendors' pages; a generator that guesses from names gets these wrong.
const golden: [id: string, tier: Tier, capabilities: Capabilities][] = [
  ['MiniMax-M2.7', 'economy', { tools: true, vision: false, reasoning: true }],
  ['MiniMax-M3', 'economy', { tools: true, vision: true, reasoning: true }],
  ['claude-haiku-4-5', 'economy', { tools: true, vision: true, reasoning: true }],
  ['claude-opus-4-6', 'premium', { tools: true, vision: true, reasoning: true }],
  ['claude-sonnet-4-5', 'standard', { tools: true, vision: true, reasoning: true }],
  ['gemini-2.5-flash', 'economy', { tools: true, vision: true, audio: true, reasoning: true }],
  ['gemini-2.5-flash-lite', 'economy', { tools: true, vision: true, audio: true, reasoning: true }],
  ['gemini-2.5-pro', 'standard', { tools: true, vision: true, reasoning: true }],
  ['gpt-4o-mini', 'economy', { tools: true, vision: true, reasoning: false }],
  ['gpt-5-mini', 'economy', { tools: true, vision: true, reasoning: true }],
  ['o3-mini', 'economy', { tools: true, vision: false, reasoning: true }],
  ['o1-pro', 'frontier', { tools: true, vision: true, reasoning: true }],
  ['sonar', 'standard', { tools: false }],
]

describe('golden models', () => {
  it.each(golden)('%s is %s with %j', (id, tier, capabilities) => {
    expect(byId.get(id)).toMatchObject({ tier, capabilities })
  })

  it('call tools whatever their name says of their size', () => {
    const small = embedded.models.filter(({ id, lifecycle }) => lifecycle === 'active' && /mini|flash|haiku/i.test(id))
    expect(small.length).toBeGreaterThan(100)
    expect(small.filter(({ capabilities }) => capabilities.tools === false).map(({ id }) => id)).toEqual([])
  })

  it.each([
    ['MiniMax-M2.7', 'minimax', { input: 300_000, output: 1_200_000, cacheRead: 60_000, cacheWrite: 375_000 }],
    ['gpt-4o-mini', 'openai', { input: 150_000, output: 600_000, cacheRead: 75_000 }],
    [
      'claude-opus-4-6',
      'anthropic',
      { input: 5_000_000, output: 25_000_000, cacheRead: 500_000, cacheWrite: 6_250_000, cacheWrite1h: 10_000_000 },
    ],
    [
      'gemini-2.5-pro',
      'google',
      { input: 1_250_000, output: 10_000_000, tiers: [{ above: 200_000, input: 2_500_000, output: 15_000_000 }] },
    ],
    ['sonar', 'perplexity', { input: 1_000_000, request: 12_000_000_000 }],
  ])("%s costs at its own vendor's what %s asks", (id, provider, price) => {
    expect(byId.get(id)?.offers[0]).toMatchObject({ provider, price })
  })
})

describe('the built-in provider', () => {
  const catalog = createCatalog({ registry: smallRegistry(['demo']), embedded })

  it('is free, known to be so, and economy but for the model that shows a refusal', () => {
    const models = embedded.models.filter(({ id }) => id.startsWith('demo/'))
    expect(Object.fromEntries(models.map((model) => [model.id, model.tier]))).toEqual({
      'demo/cut': 'economy',
      'demo/echo': 'economy',
      'demo/fail-429': 'economy',
      'demo/fail-500': 'economy',
      'demo/frontier': 'frontier',
      'demo/json': 'economy',
      'demo/reasoning': 'economy',
      'demo/stall': 'economy',
      'demo/stream': 'economy',
      'demo/tools': 'economy',
    })
    expect(models.map(({ offers }) => offers[0]?.price)).toEqual(models.map(() => ({ input: 0, output: 0 })))
  })

  it('serves auto with its harmless model only', () => {
    expect(catalog.resolve('auto').candidates.map(({ wireModel }) => wireModel)).toEqual(['echo'])
  })
})

describe('the unit range check', () => {
  const priced = (input: number): ListedModel[] => [
    { id: 'm', capabilities: {}, lifecycle: 'active', endpoints: ['chat'], offers: [{ provider: 'p', wireModel: 'm', price: { input } }] },
  ]

  it.each<[what: string, input: number, troubles: string[]]>([
    ['a price per token read as per million', 3, ['half of all input costs 0.000003 USD per million tokens or more']],
    [
      'a price per million read as per token',
      3e12,
      ['p/m: input of 3000000000000 pico-dollars', 'half of all input costs 3000000 USD per million tokens or more'],
    ],
    ['a negative price', -250_000, ['p/m: input of -250000 pico-dollars']],
    ['half a pico-dollar', 250_000.5, ['p/m: input of 250000.5 pico-dollars']],
    ['a true price', 250_000, []],
  ])('judges %s', (_what, input, troubles) => {
    expect(priceTroubles(priced(input))).toEqual(troubles)
  })

  it.each<[usd: string, power: number, pico: number]>([
    ['0.075', 6, 75_000],
    ['3', 6, 3_000_000],
    ['0.083333', 6, 83_333],
    ['0.10', 6, 100_000],
    ['12', 9, 12_000_000_000],
    ['0', 6, 0],
  ])('converts %s USD exactly', (usd, power, pico) => {
    expect(picoDollars(usd, power)).toBe(pico)
  })

  it.each(['0.0000001', '1e-7', '-1', '', '.5', 'free', '99999999999999999'])('refuses %j as a price', (usd) => {
    expect(() => picoDollars(usd, 6)).toThrow(RangeError)
  })
})
