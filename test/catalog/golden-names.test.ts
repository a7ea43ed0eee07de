import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { providers } from '../../providers/index.ts'
import { retired } from '../../providers/retired.ts'
import { createCatalog } from '../../src/catalog/catalog.ts'
import { loadEmbedded } from '../../src/catalog/embedded.ts'
import { scoreOf } from '../../src/catalog/ranking.ts'
import type { Capabilities, Tier } from '../../src/contract/catalog.ts'
import { decide } from '../../src/decide.ts'
import { createRegistry } from '../../src/policy/registry.ts'
import { ask, callerOn, candidate, snapshot } from '../support/scene.ts'

// "mini" in a name once meant "small, so no tools", and took the tools of every Gemini and MiniMax. No name means anything here.

const registry = createRegistry({ providers, retired })
const catalog = createCatalog({ registry, embedded: loadEmbedded() })
const SMALL = /mini|flash|haiku/i
const all = loadEmbedded().models.filter(({ id }) => SMALL.test(id))
const keys = Object.fromEntries(providers.map(({ id }) => [id, 'usable' as const]))
const world = { ...snapshot({ own: keys }), resolve: catalog.resolve.bind(catalog) }
const served = (model: string, needs: object) => decide(callerOn(), ask({ model, needs }), world)

describe('every Gemini, MiniMax and model with mini, flash or haiku in its name', () => {
  it('is there in number', () => expect(all.length).toBeGreaterThan(200))

  it.each(['tools', 'vision', 'json_schema', 'audio'] as const)('is refused %s only where the catalogue knows that it has none', (need) => {
    const wrong = all.flatMap(({ id, capabilities, offers }) =>
      offers
        .map(({ provider, wireModel }) => `${provider}/${wireModel}`)
        .filter((name) => {
          const { rejected } = served(name, { [need]: true })
          const refused = rejected.some(({ code, detail }) => code === 'capability_missing' && detail?.['capability'] === need)
          return refused !== (capabilities[need] === false)
        })
        .map((name) => `${id} as ${name}`),
    )
    expect(wrong).toEqual([])
  })

  // Read by hand on the vendors' pages.
  it.each<[id: string, capabilities: Capabilities]>([
    ['MiniMax-M2.7', { tools: true, vision: false }],
    ['MiniMax-M3', { tools: true, vision: true }],
    ['gemini-2.5-pro', { tools: true, vision: true }],
    ['gemini-2.5-flash', { tools: true, vision: true, audio: true }],
    ['gemini-2.5-flash-lite', { tools: true, vision: true }],
    ['gemini-3-flash-preview', { tools: true, vision: true }],
    ['claude-haiku-4-5', { tools: true, vision: true }],
    ['gpt-4.1-mini', { tools: true, vision: true }],
    ['gpt-4o-mini', { tools: true, vision: true }],
    ['gpt-5-mini', { tools: true, vision: true }],
    ['o4-mini', { tools: true, vision: true }],
    ['o3-mini', { tools: true, vision: false }],
  ])('%s is asked for tools and gets them: %j', (id, capabilities) => {
    expect(catalog.resolve(id).candidates[0]?.model?.capabilities).toMatchObject(capabilities)
    expect(served(id, { tools: true }).offers.length).toBeGreaterThan(0)
    expect(served(id, { vision: true }).offers.length > 0).toBe(capabilities.vision !== false)
  })
})

describe('a name', () => {
  const word = fc.constantFrom('mini', 'MiniMax', 'gemini', 'flash', 'haiku', 'nano', 'lite', 'opus', 'pro', 'large', 'x')
  const anyName = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join('-'))
  const model = fc.record({
    tier: fc.option(fc.constantFrom<Tier>('economy', 'standard', 'premium', 'frontier'), { nil: undefined }),
    capabilities: fc.record({ tools: fc.option(fc.boolean(), { nil: undefined }), vision: fc.option(fc.boolean(), { nil: undefined }) }),
  })
  it('changes neither what a model may be asked for nor how good it is taken to be', () => {
    fc.assert(
      fc.property(
        fc.record({ names: fc.tuple(anyName, anyName), drawn: model, needs: fc.constantFrom({ tools: true }, { vision: true }, {}) }),
        ({ names, drawn, needs }) => {
          const [one, other] = names.map((name) => {
            const named = candidate('acme', name, { model: drawn })
            const { offers, rejected } = decide(callerOn(), ask({ needs }), snapshot({ candidates: [named], own: { acme: 'usable' } }))
            const score = scoreOf(named, 'auto', { shape: { input: 1_024, output: 512 }, seen: undefined })
            return { offered: offers.length, codes: rejected.map(({ code }) => code), score }
          })
          expect(other).toEqual(one)
        },
      ),
    )
  })
})
