import { describe, expect, it } from 'vitest'
import { createCatalog } from '../../src/catalog/catalog.ts'
import { readModels } from '../../src/config/models.ts'
import { parseYaml } from '../../src/config/yaml.ts'
import type { ListedModel } from '../../src/contract/catalog.ts'
import type { CatalogSnapshot } from '../../src/contract/refresh.ts'
import { smallRegistry } from './small-registry.ts'

const registry = smallRegistry(['acme', 'reseller'])

const large: ListedModel = {
  id: 'acme-large',
  tier: 'premium',
  capabilities: { tools: true },
  context: 100_000,
  lifecycle: 'active',
  endpoints: ['chat'],
  offers: [
    { provider: 'acme', wireModel: 'large', price: { input: 3_000_000, output: 9_000_000 } },
    { provider: 'reseller', wireModel: 'acme/large', price: { input: 2_000_000, output: 8_000_000 } },
  ],
}
const embedded: CatalogSnapshot = { snapshot: 'embedded0000', models: [large, { ...large, id: 'acme-small', offers: [] }] }
const refreshed: CatalogSnapshot = {
  snapshot: 'refreshed000',
  models: [
    {
      ...large,
      tier: 'economy',
      context: 200_000,
      offers: [{ provider: 'acme', wireModel: 'large', price: { input: 1_000_000, output: 4_000_000 } }],
    },
    { ...large, id: 'acme-new', was: ['acme-preview'], aliases: ['acme.new'], offers: [{ provider: 'acme', wireModel: 'new' }] },
  ],
}

const operator = (text: string) => {
  const { value, problems } = readModels(parseYaml('models.yaml', text))
  if (!value) throw new Error(problems.map(({ message }) => message).join(' '))
  return value
}

describe('a refreshed snapshot over the embedded one', () => {
  const catalog = createCatalog({ registry, embedded, refreshed })

  it('brings its prices under its own id, and keeps the offers and prices it is silent about under theirs', () => {
    const prices = catalog.resolve('acme-large').candidates.map(({ names, price }) => [names.qualified, price?.input, price?.snapshot])
    expect(prices).toEqual([
      ['acme/large', 1_000_000, 'refreshed000'],
      ['reseller/acme/large', 2_000_000, 'embedded0000'],
    ])
    expect(catalog.snapshot).toBe('refreshed000')
  })

  it('never moves a tier', () => {
    expect(catalog.resolve('acme-large').candidates[0]).toMatchObject({ names: { tier: 'premium' }, model: { context: 200_000 } })
  })

  it('brings models under their ids, other spellings and former ids, and says of a former one that it is', () => {
    expect(['acme-new', 'acme.new', 'acme-preview'].map((name) => catalog.resolve(name).candidates[0]?.wireModel)).toEqual([
      'new',
      'new',
      'new',
    ])
    expect(catalog.resolve('acme.new').deprecated).toBeUndefined()
    expect(catalog.resolve('acme-preview').deprecated).toEqual({ legacy: 'acme-preview', canonical: 'acme-new' })
  })
})

describe("the operator's models.yaml over both", () => {
  const text = `models:
  acme-large:
    lifecycle: deprecated
    retires: 2027-01-14
    successor: acme-new
    was: [acme-huge]
    offers:
      - provider: acme
        wire_model: large
        price: { input: 0.5, output: 2, variants: [{ service: flex, input: 0.25, output: 1 }, { hours: 22:00-24:00, days: [sat, sun], input: 0.1, output: 1 }] }
`

  it('wins, and its prices carry an id that changes with what it says', () => {
    const snapshotUnder = (yaml: string) =>
      createCatalog({ registry, embedded, refreshed, operator: operator(yaml) }).resolve('acme-large').candidates[0]?.price
    const price = snapshotUnder(text)
    expect(price).toMatchObject({
      input: 500_000,
      variants: [
        { service: 'flex', input: 250_000 },
        { hours: [1_320, 1_440], days: [6, 0], input: 100_000 },
      ],
    })
    expect(price?.snapshot).toMatch(/^models\.yaml-[0-9a-f]{12}$/)
    expect(snapshotUnder(text.replace('0.5', '0.6'))?.snapshot).not.toBe(price?.snapshot)
  })

  it('tells of an end with its day and what its vendor recommends, and follows no recommendation', () => {
    const resolution = createCatalog({ registry, embedded, refreshed, operator: operator(text) }).resolve('acme-huge')
    expect(resolution).toMatchObject({
      warning: 'deprecated: ends 2027-01-14, in favour of acme-new',
      deprecated: { legacy: 'acme-huge', canonical: 'acme-large' },
      candidates: [{ wireModel: 'large' }, { wireModel: 'acme/large' }],
    })
  })

  it('takes no name from a model whose id it is', () => {
    const taken = operator('models: { acme-large: { aliases: [acme-new] } }')
    expect(createCatalog({ registry, embedded, refreshed, operator: taken }).resolve('acme-new').candidates[0]?.wireModel).toBe('new')
  })

  it.each([
    ['hours: 4:00-01:00', 'Write hours of the UTC day as 01:00-04:00; 24:00 is its end.'],
    ['from: tomorrow', 'Give a day such as 2027-01-14, or a time such as 2027-01-14T16:00:00Z.'],
  ])('is told what is wrong with a variant of a price: %s', (written, words) => {
    const yaml = `models: { m: { offers: [{ provider: acme, wire_model: m, price: { variants: [{ ${written} }] } }] } }`
    expect(readModels(parseYaml('models.yaml', yaml)).problems.map(({ message }) => message)).toEqual([words])
  })
})
