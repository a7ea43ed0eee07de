import { describe, expect, it } from 'vitest'
import { createCatalog } from '../../src/catalog/catalog.ts'

import type { ListedModel, OperatorModels, Resolution } from '../../src/contract/catalog.ts'
import type { CatalogSnapshot } from '../../src/contract/refresh.ts'
import { smallRegistry } from './small-registry.ts'

const registry = smallRegistry(
  ['anthropic', 'fireworks', 'minimax', 'openai', 'openrouter'],
  [
    { id: 'minimax_2_7', now: 'minimax', model: 'MiniMax-M2.7' },
    { id: 'claude', now: 'anthropic' },
    { id: 'lux', because: 'Lux was a vendor that is gone.' },
  ],
)

const embedded: CatalogSnapshot = {
  snapshot: 'abcdef012345',
  models: [
    model('gpt-5-mini', [offer('openai', 'gpt-5-mini', 250_000), offer('openrouter', 'openai/gpt-5-mini', 200_000)]),
    model('claude-sonnet-4-5', [offer('anthropic', 'claude-sonnet-4-5', 3_000_000)], { tier: 'standard' }),
    model('claude-opus-4-6', [offer('anthropic', 'claude-opus-4-6', 5_000_000)], { tier: 'premium' }),
    model('MiniMax-M2.7', [offer('minimax', 'MiniMax-M2.7', 300_000)]),
    model('gpt-4', [offer('openai', 'gpt-4', 30_000_000)], { lifecycle: 'deprecated' }),
    model('gpt-5-preview', [offer('openai', 'gpt-5-preview')]),
    model('openrouter/some/free', [offer('openrouter', 'some/free', 0)]),
    model('embed', [offer('openai', 'embed', 1)], { endpoints: ['embeddings'] }),
    model('orphan', [offer('gone', 'orphan', 1)]),
  ],
}

const catalog = createCatalog({ registry, embedded })

describe('a model name', () => {
  it.each<[name: string, candidates: string[], what: string]>([
    ['gpt-5-mini', ['openai/gpt-5-mini', 'openrouter/openai/gpt-5-mini'], 'an id: its vendor first, then by price'],
    ['openrouter/openai/gpt-5-mini', ['openrouter/openai/gpt-5-mini!'], 'a provider and its wire model, cut at the first slash'],
    ['openrouter/anthropic/claude-sonnet-4', ['openrouter/anthropic/claude-sonnet-4!'], 'a wire model nobody lists'],
    ['fireworks/accounts/fireworks/models/x', ['fireworks/accounts/fireworks/models/x!'], 'a wire model with slashes'],
    ['claude/claude-sonnet-4-5', ['anthropic/claude-sonnet-4-5!'], 'a former provider id'],
    ['minimax_2_7/MiniMax-M2.7', ['minimax/MiniMax-M2.7!'], 'a former provider id with its model'],
    ['minimax_2_7', ['minimax/MiniMax-M2.7!'], 'a former label of one model'],
    ['openai/', [], 'a provider without a model'],
    ['/gpt-5-mini', [], 'no provider before the slash'],
    ['GPT-5-mini', [], 'a name in another case'],
    ['gpt-5-min', [], 'the beginning of a name'],
    ['openai', [], 'a provider id alone'],
    ['claude', [], 'a former id that stood for no one model'],
    ['orphan', [], 'a model whose only provider was taken out'],
    ['lux/any', [], "a former vendor's model"],
    ['__proto__', [], 'the name of a hidden property'],
    ['constructor', [], 'the name of an inherited property'],
    ['openai/__proto__', ['openai/__proto__!'], 'a hidden property as a wire model'],
    ['', [], 'nothing'],
  ])('%j is %j: %s', (name, candidates) => {
    expect(shown(catalog.resolve(name))).toEqual(candidates)
  })

  it('carries what the catalogue knows of the offer, and the snapshot of its price', () => {
    const [candidate] = catalog.resolve('openai/gpt-5-mini').candidates
    expect(candidate).toMatchObject({
      names: { tier: 'economy', id: 'gpt-5-mini', qualified: 'openai/gpt-5-mini' },
      price: { input: 250_000, snapshot: 'abcdef012345' },
      model: { id: 'gpt-5-mini' },
    })
  })

  it('has no tier, price or model where no catalogue lists it', () => {
    const [candidate] = catalog.resolve('openai/gpt-7').candidates
    expect(candidate).toMatchObject({
      model: undefined,
      price: undefined,
      names: { tier: undefined, id: undefined, qualified: 'openai/gpt-7' },
    })
  })

  it.each([
    ['minimax_2_7/MiniMax-M2.7', 'minimax/MiniMax-M2.7'],
    ['minimax_2_7', 'minimax/MiniMax-M2.7'],
    ['claude/unheard-of', 'anthropic/unheard-of'],
  ])('that is a former one tells what it became: %s -> %s', (legacy, canonical) => {
    expect(catalog.resolve(legacy).deprecated).toEqual({ legacy, canonical })
  })

  it('says why a former vendor has nothing to offer', () => {
    expect(catalog.resolve('lux/any').because).toBe('Lux was a vendor that is gone.')
    expect(catalog.resolve('lux').because).toBe('Lux was a vendor that is gone.')
  })

  it('warns of a model at the end of its life, and still offers it', () => {
    expect(catalog.resolve('gpt-4')).toMatchObject({ warning: 'deprecated', candidates: [{ wireModel: 'gpt-4' }] })
    expect(catalog.resolve('gpt-5-mini').warning).toBeUndefined()
  })

  it.each([
    ['gpt5-mini', ['gpt-5-mini']],
    ['minimax-m2.7', ['MiniMax-M2.7']],
    ['anthropc/claude-opus-4.6', ['claude-opus-4-6']],
    ['x', []],
    ['gpt-5-mini'.repeat(1_000), []],
  ])('that is unknown names those a few letters away: %.30s -> %j', (asked, similar) => {
    expect(catalog.resolve(asked).similar).toEqual(similar)
  })
})

describe('a reserved name', () => {
  it.each(['auto', 'auto:cheap', 'auto:fast', 'auto:best'])(
    '%s offers all that may be chosen unasked, to be ranked for each request',
    (name) => {
      const { candidates, rank, route } = catalog.resolve(name)
      expect([candidates.length, rank, route]).toEqual([7, name, name])
    },
  )

  it('never chooses what is deprecated, is no chat model, or asks to be named', () => {
    const shy = createCatalog({
      registry,
      embedded: { snapshot: 's', models: [model('cut', [offer('openai', 'cut', 1)], { auto: false })] },
    })
    expect(shown(shy.resolve('auto'))).toEqual([])
    expect(shown(shy.resolve('cut'))).toEqual(['openai/cut'])
    expect(shown(catalog.resolve('auto'))).not.toContain('openai/gpt-4')
    expect(shown(catalog.resolve('auto'))).not.toContain('openai/embed')
  })
})

describe("the operator's models.yaml", () => {
  const nothing: OperatorModels = { aliases: {}, routes: {}, models: {} }
  const under = (said: Partial<OperatorModels>) => createCatalog({ registry, embedded, operator: { ...nothing, ...said } })

  it('names models by alias and route, which may name each other', () => {
    const named = under({
      aliases: { small: 'gpt-5-mini', 'gpt-4': 'small', old: 'minimax_2_7' },
      routes: { house: route('openai/gpt-5-mini', 'small', 'MiniMax-M2.7') },
    })
    expect(named.resolve('small')).toMatchObject({ route: 'small' })
    expect(shown(named.resolve('gpt-4'))).toEqual(['openai/gpt-5-mini', 'openrouter/openai/gpt-5-mini'])
    expect(shown(named.resolve('house'))).toEqual([
      'openai/gpt-5-mini',
      'openai/gpt-5-mini',
      'openrouter/openai/gpt-5-mini',
      'minimax/MiniMax-M2.7',
    ])
    expect(named.resolve('old').deprecated).toEqual({ legacy: 'minimax_2_7', canonical: 'minimax/MiniMax-M2.7' })
  })

  it('wins over the embedded catalogue, model by model and offer by offer', () => {
    const own = under({
      models: {
        'gpt-5-mini': {
          tier: 'premium',
          capabilities: { vision: false },
          offers: [{ provider: 'openai', wireModel: 'gpt-5-mini', price: { input: 1, output: 1 } }],
        },
        'house-llama': { offers: [{ provider: 'fireworks', wireModel: 'accounts/us/llama' }] },
      },
    })
    const [first, second] = own.resolve('gpt-5-mini').candidates
    expect(first).toMatchObject({
      names: { tier: 'premium' },
      price: { input: 1 },
      model: { capabilities: { tools: true, vision: false } },
    })
    expect(second).toMatchObject({ provider: { id: 'openrouter' }, price: { input: 200_000 } })
    expect(shown(own.resolve('house-llama'))).toEqual(['fireworks/accounts/us/llama'])
    expect(own.resolve('fireworks/accounts/us/llama').candidates[0]?.names.id).toBe('house-llama')
  })

  it.each<[why: string, said: Partial<OperatorModels>, words: string]>([
    ['leads back to itself', { aliases: { a: 'b', b: 'a' } }, 'models.yaml: a -> b -> a leads back to itself'],
    ['is reserved', { aliases: { 'auto:best': 'gpt-4' } }, 'models.yaml: auto:best is a reserved name'],
    [
      'is alias and route at once',
      { aliases: { a: 'gpt-4' }, routes: { a: { candidates: [] } } },
      'models.yaml: a is both an alias and a route',
    ],
  ])('is refused where a name %s', (_why, said, words) => {
    expect(() => under(said)).toThrow(words)
  })
})

/** `provider/wire-model` of each candidate, with `!` where it was asked for in full. */
function shown({ candidates }: Resolution): string[] {
  return candidates.map(({ names, explicit }) => `${names.qualified}${explicit ? '!' : ''}`)
}

const route = (...models: string[]) => ({ candidates: models.map((name, at) => ({ model: name, writtenAt: `models.yaml:${at} routes` })) })

function model(id: string, offers: ListedModel['offers'], more: Partial<ListedModel> = {}): ListedModel {
  return { id, tier: 'economy', capabilities: { tools: true }, lifecycle: 'active', endpoints: ['chat'], offers, ...more }
}

function offer(provider: string, wireModel: string, rate?: number): ListedModel['offers'][number] {
  return { provider, wireModel, ...(rate !== undefined && { price: { input: rate, output: rate } }) }
}
