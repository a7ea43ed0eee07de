import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createCatalog } from '../../src/catalog/catalog.ts'
import { readModels } from '../../src/config/models.ts'
import { parseYaml } from '../../src/config/yaml.ts'
import type { Ask, Decision, Snapshot } from '../../src/contract/decision.ts'
import type { Traits } from '../../src/contract/route.ts'
import { decide, survey } from '../../src/decide.ts'
import { explain } from '../../src/explain/explain.ts'
import { drawn } from '../../src/wire/rendezvous.ts'
import { smallRegistry } from '../catalog/small-registry.ts'
import { ask, callerOn, snapshot } from '../support/scene.ts'

const registry = smallRegistry(['acme', 'beta', 'zeta'])
const models = ['acme', 'beta', 'zeta'].map((provider, at) => ({
  ...{ id: `${provider}-one`, tier: 'economy' as const, capabilities: {}, lifecycle: 'active' as const, endpoints: ['chat' as const] },
  offers: [{ provider, wireModel: 'one', price: { input: 3_000_000 - at * 1_000_000, output: 1_000_000 } }],
}))

/** A world with these routes, as `models.yaml` has them, and a platform key for every provider. */
function world(yaml: string): Snapshot {
  const read = readModels(parseYaml('models.yaml', yaml))
  if (!read.value) throw new Error(read.problems.map(({ line, message }) => `${line}: ${message}`).join('\n'))
  const catalog = createCatalog({ registry, embedded: { snapshot: 'test', models }, operator: read.value })
  const scene = snapshot({ platform: { acme: 'usable', beta: 'usable', zeta: 'usable' } })
  return { ...scene, resolve: (name) => catalog.resolve(name), candidates: () => catalog.candidates() }
}

const NONE: Traits = { headers: {}, metadata: {}, session: undefined, seed: 'request' }
const decided = (yaml: string, more: Partial<Ask> = {}): Decision =>
  decide(callerOn(), ask({ model: 'r', traits: NONE, ...more }), world(yaml))
const order = (yaml: string, more: Partial<Ask> = {}): string[] => decided(yaml, more).offers.map(({ provider }) => provider.id)

describe('conditions of a route', () => {
  const when = (condition: string) => `routes:\n  r:\n    candidates:\n      - { model: acme-one, when: ${condition} }\n      - beta-one\n`
  it.each<[condition: string, more: Partial<Ask>, met: boolean]>([
    ['{ plans: [team, pro] }', {}, true],
    ['{ plans: [pro] }', {}, false],
    ['{ tenants: [brennan] }', {}, true],
    ['{ tenants: [id-of-brennan] }', {}, true],
    ['{ tenants: [acme] }', {}, false],
    ['{ headers: { X-Feature: [search, chat] } }', { traits: { ...NONE, headers: { 'x-feature': 'chat' } } }, true],
    ['{ headers: { x-feature: search } }', { traits: { ...NONE, headers: { 'x-feature': 'Search' } } }, false],
    ['{ headers: { x-feature: search } }', {}, false],
    ['{ metadata: { team: red } }', { traits: { ...NONE, metadata: { team: 'red' } } }, true],
    ['{ input_tokens: { from: 100, below: 200 } }', { inputTokens: 100 }, true],
    ['{ input_tokens: { from: 100, below: 200 } }', { inputTokens: 200 }, false],
    ['{ plans: [team], input_tokens: { from: 100 } }', { inputTokens: 99 }, false],
  ])('%s with %j: %s', (condition, more, met) => {
    expect(order(when(condition), more)).toEqual(met ? ['acme', 'beta'] : ['beta'])
  })

  it('that nobody meets refuse, and say which, and where it is written', () => {
    const yaml = 'routes:\n  r:\n    candidates:\n      - { model: acme-one, when: { plans: [pro] } }\n'
    const asked = ask({ model: 'r' })
    const told = explain(survey(callerOn(), asked, world(yaml)), {
      caller: callerOn(),
      ask: asked,
      config: 'c',
      audience: 'full',
      limits: {},
    })
    expect(told).toMatchObject({ status: 403, code: 'route_condition_unmet', rule: 'models.yaml:4 routes.r.candidates[0]' })
    expect(told.because).toBe('Route r has acme/one for other requests only: plan pro.')
  })
})

describe('the order of a route', () => {
  it('is as written', () => expect(order('routes: { r: [zeta-one, acme-one, beta-one] }')).toEqual(['zeta', 'acme', 'beta']))
  it('tries no offer twice, however many candidates lead to it', () =>
    expect(order('routes: { r: [beta-one, beta/one, auto:cheap] }')).toEqual(['beta', 'zeta', 'acme']))
  it('is by rank for each request, where it is ranked', () => {
    expect(order('routes: { r: { rank: "auto:cheap", candidates: [acme-one, beta-one, zeta-one] } }')).toEqual(['zeta', 'beta', 'acme'])
    const conditional =
      'routes: { r: { rank: "auto:cheap", candidates: [acme-one, beta-one, { model: zeta-one, when: { plans: [pro] } }] } }'
    expect(order(conditional)).toEqual(['beta', 'acme'])
  })
  it('passes through aliases and other routes', () =>
    expect(order('aliases: { a: b }\nroutes: { b: [beta-one, zeta-one], r: [a, acme-one] }')).toEqual(['beta', 'zeta', 'acme']))
  it('names the route in the answer', () => expect(decided('routes: { r: [acme-one] }').resolution.route).toBe('r'))
})

describe('weights', () => {
  const canary = 'routes: { r: { candidates: [{ model: acme-one, weight: 90 }, { model: beta-one, weight: 10 }, zeta-one] } }'
  const first = (yaml: string, traits: Partial<Traits>) => order(yaml, { traits: { ...NONE, ...traits } })[0]

  it('draw the first by their share, and what has none stands by behind all', () => {
    const snapshot = world(canary)
    const firsts = Array.from({ length: 5_000 }, (_, at) =>
      decide(callerOn(), ask({ model: 'r', traits: { ...NONE, seed: `req_${at}` } }), snapshot),
    )
    const beta = firsts.filter(({ offers }) => offers[0]?.provider.id === 'beta').length
    expect(Math.abs(beta - 500)).toBeLessThan(100)
    expect(firsts.every(({ offers }) => offers[2]?.provider.id === 'zeta')).toBe(true)
  })
  it('draw alike for the same request, and for all requests of a session where the route is sticky', () => {
    const sticky = canary.replace('candidates:', 'sticky: true, candidates:')
    const seeds = Array.from({ length: 50 }, (_, at) => `req_${at}`)
    expect(new Set(seeds.map((seed) => first(sticky, { seed, session: 'one' }))).size).toBe(1)
    expect(new Set(seeds.map((seed) => first(canary, { seed, session: 'one' }))).size).toBe(2)
  })
  it('sessions without weights are spread evenly', () => {
    const snapshot = world('routes: { r: { sticky: true, candidates: [acme-one, beta-one] } }')
    const drawnTo = Array.from({ length: 2_000 }, (_, at) =>
      decide(callerOn(), ask({ model: 'r', traits: { ...NONE, session: `s${at}` } }), snapshot),
    )
    expect(Math.abs(drawnTo.filter(({ offers }) => offers[0]?.provider.id === 'acme').length - 1_000)).toBeLessThan(120)
  })
  it('without a request the likeliest order is told', () => expect(order(canary, { traits: undefined })).toEqual(['acme', 'beta', 'zeta']))

  it('a candidate that goes moves only those that had it first', () => {
    const items = fc.uniqueArray(fc.record({ name: fc.string({ minLength: 1 }), weight: fc.integer({ min: 1, max: 100 }) }), {
      selector: ({ name }) => name,
      minLength: 2,
    })
    fc.assert(
      fc.property(items, fc.string(), fc.nat(), (all, seed, pick) => {
        const names = (some: typeof all) => drawn(some, ({ name }) => name, seed).map(({ name }) => name)
        const gone = all[pick % all.length]?.name
        expect(names(all.filter(({ name }) => name !== gone))).toEqual(names(all).filter((name) => name !== gone))
      }),
    )
  })
})

describe('what is wrong with a route is told at its line', () => {
  it.each([
    ['routes:\n  r:\n    candidates:\n      - { model: a, wieght: 5 }\n', 4, /"wieght" is no key here/],
    [
      'routes:\n  r:\n    candidates:\n      - model: a\n        when: { input_tokens: { from: 9, below: 9 } }\n',
      5,
      /No prompt is that long/,
    ],
    ['routes:\n  r:\n    rank: auto:cheap\n    sticky: true\n    candidates: [a]\n', 3, /give rank, or sticky and weights/],
    ['routes:\n  r:\n    candidates: [{ model: a, weight: 0 }]\n', 3, /Every weight is 0/],
    [
      'routes:\n  r:\n    candidates:\n      - model: a\n        when: { headers: { Authorization: x } }\n',
      5,
      /cannot go by a header that holds a key/,
    ],
    ['routes:\n  r: []\n', 2, /Write a route|1 or more/],
  ])('%j', (yaml, line, words) => {
    const { problems } = readModels(parseYaml('models.yaml', yaml))
    expect(problems.map((problem) => problem.message).join()).toMatch(words)
    expect(problems[0]?.line).toBe(line)
  })
})
