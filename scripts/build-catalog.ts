// Writes src/catalog/catalog.json from public price lists. Run by a person when prices or models moved, and reviewed as a diff:
//   node scripts/build-catalog.ts
// Generated and committed, not read from the packages at start: it parses in milliseconds, holds integers only, and works offline.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { priceTroubles, typicalCost } from '../src/catalog/price.ts'
import type { Capabilities, ListedModel, ListedOffer, Rates, Tier } from '../src/contract/catalog.ts'
import {
  BUILT_IN,
  CAPABILITIES,
  FREE_ENDINGS,
  NOT_CHAT_ENDINGS,
  NOT_FOR_AUTO,
  RESELLERS,
  RESPONSES_ONLY,
  type Reseller,
  SPELLINGS,
  TIER_OVERRIDES,
  TIERS,
  VENDORS,
  type Vendor,
} from './catalog-curation.ts'
import { ENDINGS } from './catalog-lifecycle.ts'
import { readGenaiPrices, readModelParams, readPiAi, type SourceModel } from './catalog-sources.ts'
import { withVariants } from './catalog-variants.ts'

const CAPABILITY_ORDER = ['tools', 'parallel_tools', 'vision', 'audio', 'files', 'json_schema', 'reasoning', 'caching'] as const
const TOKEN_RATES = ['input', 'output', 'cacheRead', 'cacheWrite', 'cacheWrite1h', 'reasoning', 'audioInput', 'audioOutput'] as const
const PRICE_ORDER = [...TOKEN_RATES, 'request', 'image', 'second', 'search', 'tiers', 'variants'] as const

const target = join(import.meta.dirname, '../src/catalog/catalog.json')
const now = new Date()
const piAi = readPiAi()
const modelParams = readModelParams()
const committed = committedModels()
const tiers = new Map(committed.flatMap(({ id, tier }) => (tier ? [[id, tier] as const] : [])))
const endings = new Map(ENDINGS.flatMap(([retires, successor, ids]) => ids.map((id) => [id, { retires, successor }] as const)))

const vendors = VENDORS.flatMap(vendorModels)
const resold = RESELLERS.flatMap(resellerModels)
const models = joined([...vendors, ...resold, ...BUILT_IN])
  .map(withCrediblePrices)
  .map(withTier)
  .map(withEnding)

const all = withSpellings([...models, ...forgotten(models)]).map(inOrder)
const troubles = priceTroubles(all)
if (troubles.length > 0) throw new Error(`Nothing was written, as these prices cannot be true:\n${troubles.join('\n')}`)
write(all)

function vendorModels(vendor: Vendor): ListedModel[] {
  const fresh = (piAi.get(vendor.piAi ?? '') ?? []).filter(({ wireModel }) => !vendor.only || vendor.only.includes(wireModel))
  const priced = (wireModel: string): SourceModel | undefined =>
    vendor.genaiPrices === undefined ? undefined : readGenaiPrices(vendor.genaiPrices, wireModel, now)
  const named = (names: readonly string[] = [], more: Partial<SourceModel> = {}): SourceModel[] =>
    names.map((wireModel) => ({ capabilities: {}, ...priced(wireModel), wireModel, ...more }))
  const chat = [
    ...fresh.map((model) => merged(model, priced(model.wireModel))),
    ...named(vendor.also),
    ...named(vendor.earlier, { deprecated: true }),
  ]
  return [
    ...chat.map((model) => listed(vendor, model, RESPONSES_ONLY.has(model.wireModel) ? ['responses'] : ['chat'])),
    ...named(vendor.embeddings).map((model) => listed(vendor, model, ['embeddings'])),
  ]
}

/** The fresher source's word, and what only the other one tells: finer rates too, where both agree about the coarse ones. */
function merged(fresh: SourceModel, other: SourceModel | undefined): SourceModel {
  if (!other) return fresh
  const agree = fresh.price?.input === other.price?.input && fresh.price?.output === other.price?.output
  const { tiers: _, ...finer } = (agree && other.price) || {}
  return {
    ...fresh,
    capabilities: { ...other.capabilities, ...fresh.capabilities },
    context: widest([fresh, other]),
    ...(fresh.price && { price: { ...finer, ...fresh.price } }),
  }
}

function listed(vendor: Vendor, model: SourceModel, endpoints: ListedModel['endpoints']): ListedModel {
  const { wireModel, context, maxOutput, price, deprecated } = model
  return {
    id: wireModel,
    capabilities: capabilities(model, modelParams.get(`${vendor.modelParams}/${wireModel}`)),
    ...(context && { context }),
    ...(maxOutput && { maxOutput }),
    lifecycle: deprecated ? 'deprecated' : 'active',
    endpoints,
    ...(NOT_FOR_AUTO.has(wireModel) && { auto: false }),
    offers: [{ provider: vendor.provider, wireModel, ...(price && { price: withVariants(vendor.provider, wireModel, price) }) }],
  }
}

function capabilities(model: SourceModel, params: Capabilities = {}): Capabilities {
  return { ...params, ...model.capabilities, ...CAPABILITIES[model.wireModel] }
}

/** A reseller's offers: of the vendor's model where the name is known to be its, of a model of its own otherwise. Only with a price. */
function resellerModels({ provider, piAi: source, joins = {}, auto }: Reseller): ListedModel[] {
  const chat = (piAi.get(source) ?? []).filter(({ wireModel }) => !NOT_CHAT_ENDINGS.some((ending) => wireModel.endsWith(ending)))
  return chat.flatMap((model) => {
    const { wireModel, context, maxOutput } = model
    const free = FREE_ENDINGS.some((ending) => wireModel.endsWith(ending)) ? { input: 0, output: 0 } : undefined
    const price = model.price ?? free
    if (!price) return []
    const offers: ListedOffer[] = [{ provider, wireModel, price: withVariants(provider, wireModel, price) }]
    const id = vendorId(wireModel, joins) ?? `${provider}/${wireModel}`
    const known = { id, capabilities: model.capabilities, context, maxOutput, lifecycle: 'active', endpoints: ['chat'] } as const
    return [{ ...known, offers, ...(auto === false && { auto }) }]
  })
}

function vendorId(wireModel: string, joins: Readonly<Record<string, string>>): string | undefined {
  const cut = wireModel.indexOf('/')
  const vendor = joins[wireModel.slice(0, Math.max(cut, 0))]
  const rest = wireModel.slice(cut + 1)
  const known = vendors.filter(({ offers }) => offers[0]?.provider === vendor).map(({ id }) => id)
  return [rest, SPELLINGS[rest]].find((id) => id !== undefined && known.includes(id))
}

/** One model for each id: what the first says of it, the offers of all. */
function joined(all: readonly ListedModel[]): ListedModel[] {
  return [...Map.groupBy(all, ({ id }) => id).values()].map((same) => ({
    ...same[0]!,
    context: widest(same),
    offers: same.flatMap(({ offers }) => offers),
  }))
}

/** Sources differ where a longer context costs more. A request is refused for its length only if it is too long for all of them. */
function widest(models: readonly { readonly context?: number }[]): number | undefined {
  const known = models.flatMap(({ context }) => context ?? [])
  return known.length > 0 ? Math.max(...known) : undefined
}

/** An offer whose price is an average or a teaser, not a rate, is listed without one: unknown is better than wrong. */
function withCrediblePrices(model: ListedModel): ListedModel {
  const own = model.offers[0]?.price
  const offers = model.offers.map((offer) => {
    if (!offer.price || isCredible(offer.price, own)) return offer
    console.log(`left without its price: ${offer.provider}/${offer.wireModel} ${JSON.stringify(offer.price)}`)
    return { provider: offer.provider, wireModel: offer.wireModel }
  })
  return { ...model, offers }
}

/** Free, or output at most twenty times as dear as input and both within a tenth and ten times of what the vendor takes. */
function isCredible({ input = 0, output = 0 }: Rates, own: Rates | undefined): boolean {
  if (input === 0 && output === 0) return true
  const near = (rate: number, vendors = rate): boolean => rate * 10 >= vendors && rate <= vendors * 10
  return output <= input * 20 && near(input, own?.input) && near(output, own?.output)
}

function withTier(model: ListedModel): ListedModel {
  const tier = TIER_OVERRIDES[model.id] ?? tiers.get(model.id) ?? model.tier ?? tierByPrice(model)
  return tier === undefined || model.endpoints.includes('embeddings') ? model : { ...model, tier }
}

function tierByPrice({ offers }: ListedModel): Tier | undefined {
  const cost = typicalCost(offers[0]?.price)
  // 4,000 tokens, three in one out, in pico-dollars: so many US dollars per million tokens.
  return cost === undefined ? undefined : TIERS.find(([, upTo]) => cost / 4_000 / 1_000_000 <= upTo)?.[0]
}

function withEnding(model: ListedModel): ListedModel {
  const ending = endings.get(model.id)
  if (!ending) return model
  return { ...model, ...ending, lifecycle: new Date(ending.retires) <= now ? 'retired' : 'deprecated' }
}

/** Resellers' spellings of a vendor's id, where no model has that name itself. */
function withSpellings(listed: readonly ListedModel[]): ListedModel[] {
  const ids = new Set(listed.map(({ id }) => id))
  const spellings = Map.groupBy(
    Object.entries(SPELLINGS).filter(([spelling]) => !ids.has(spelling)),
    ([, id]) => id,
  )
  return listed.map((model) => {
    const aliases = spellings.get(model.id)?.map(([spelling]) => spelling)
    return aliases ? { ...model, aliases } : model
  })
}

/** An id that was ever listed stays: what no source tells of any more is deprecated, and only its vendor's word makes it retired. */
function forgotten(listed: readonly ListedModel[]): ListedModel[] {
  const ids = new Set(listed.flatMap(({ id, was = [] }) => [id, ...was]))
  const lost = committed.filter(({ id }) => !ids.has(id))
  for (const { id } of lost) console.log(`no source lists it any more: ${id}`)
  return lost.map((model) => withEnding({ ...model, lifecycle: model.lifecycle === 'active' ? 'deprecated' : model.lifecycle }))
}

function committedModels(): readonly ListedModel[] {
  return existsSync(target) ? JSON.parse(readFileSync(target, 'utf8')).models : []
}

/** One order of keys for every model, and the vendor's own offer first: so that a refresh shows as the lines that changed. */
function inOrder({ id, was, aliases, tier, capabilities, context, maxOutput, offers, ...model }: ListedModel): ListedModel {
  const { lifecycle, retires, successor, endpoints, auto } = model
  const [own, ...others] = offers.map(({ provider, wireModel, price }) => ({
    provider,
    wireModel,
    ...(price && { price: ordered(price, PRICE_ORDER) }),
  }))
  const byName = others.toSorted((a, b) => order(a.provider, b.provider) || order(a.wireModel, b.wireModel))
  const able = ordered(capabilities, CAPABILITY_ORDER)
  const life = { lifecycle, retires, successor }
  return { id, was, aliases, tier, capabilities: able, context, maxOutput, ...life, endpoints, auto, offers: [own!, ...byName] }
}

function ordered<T extends object>(object: T, keys: readonly (keyof T)[]): T {
  return Object.fromEntries(keys.map((key) => [key, object[key]])) as T
}

function write(unsorted: readonly ListedModel[]): void {
  const lines = unsorted.toSorted((a, b) => order(a.id, b.id)).map((model) => JSON.stringify(model))
  const snapshot = createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 12)
  const built = now.toISOString().slice(0, 10)
  writeFileSync(target, `{"snapshot":"${snapshot}","built":"${built}","models":[\n${lines.join(',\n')}\n]}\n`)
  console.log(`${lines.length} models, ${unsorted.flatMap(({ offers }) => offers).length} offers, snapshot ${snapshot}`)
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
