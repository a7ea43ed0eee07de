import { describe, expect, it } from 'vitest'
import { providers } from '../../providers/index.ts'
import { retired } from '../../providers/retired.ts'
import { createCatalog } from '../../src/catalog/catalog.ts'
import { loadEmbedded } from '../../src/catalog/embedded.ts'
import { createRegistry } from '../../src/policy/registry.ts'

const registry = createRegistry({ providers, retired })
const embedded = loadEmbedded()
const catalog = createCatalog({ registry, embedded })

describe('the shipped catalogue over the shipped registry', () => {
  it('resolves every listed name: a model to all its offers, an offer to itself', () => {
    const wrong = embedded.models.flatMap((model) => {
      const offered = model.offers.map(({ provider, wireModel }) => `${provider}/${wireModel}`)
      const byId = catalog.resolve(model.id).candidates.map(({ names }) => names.qualified)
      const bySelf = offered.filter((name) => {
        const [candidate, ...more] = catalog.resolve(name).candidates
        return candidate?.names.qualified !== name || candidate.names.id !== model.id || more.length > 0
      })
      return [...bySelf, ...(byId.toSorted().join() === offered.toSorted().join() ? [] : [model.id])]
    })
    expect(wrong).toEqual([])
  })

  it.each([
    ['minimax_2_7', 'minimax/MiniMax-M2.7'],
    ['minimax_2_7/MiniMax-M2.7', 'minimax/MiniMax-M2.7'],
  ])('serves %s as %s, priced and in a tier that team has', (legacy, canonical) => {
    const resolution = catalog.resolve(legacy)
    expect(resolution.deprecated).toEqual({ legacy, canonical })
    expect(resolution.candidates).toMatchObject([
      { names: { qualified: canonical, tier: 'economy', id: 'MiniMax-M2.7' }, price: { input: 300_000 } },
    ])
  })

  it('offers every released id some meaning, or says why it has none', () => {
    const silent = registry.releasedIds.filter((id) => {
      const { candidates, because } = catalog.resolve(`${id}/some-model`)
      return candidates.length === 0 && because === undefined
    })
    expect(silent).toEqual([])
  })

  it('is read and laid out in a few milliseconds', () => {
    // The quickest of many: what else runs on the machine only makes some of them slower.
    const times = Array.from({ length: 25 }, () => {
      const from = performance.now()
      createCatalog({ registry, embedded: loadEmbedded() })
      return performance.now() - from
    })
    expect(Math.min(...times)).toBeLessThan(15)
  })
})
