import { createHash } from 'node:crypto'
import type { ListedModel, ListedOffer, OperatorModels, Price } from '../contract/catalog.ts'
import type { CatalogSnapshot } from '../contract/refresh.ts'

/** An offer whose price says which snapshot it is from. */
export interface PricedOffer extends ListedOffer {
  readonly price?: Price
}

export interface PricedModel extends ListedModel {
  readonly offers: readonly PricedOffer[]
}

/** What ships with the code, over it what was refreshed, over that the operator's: model by model and offer by offer, the rest stays. */
export function listModels(snapshots: readonly CatalogSnapshot[], operator: OperatorModels | undefined): readonly PricedModel[] {
  const [first, ...later] = snapshots
  const byId = new Map((first?.models ?? []).map((model) => [model.id, priced(model, first?.snapshot ?? '')]))
  for (const { snapshot, models } of later) {
    for (const model of models) byId.set(model.id, refreshed(byId.get(model.id), priced(model, snapshot)))
  }
  const own = Object.entries(operator?.models ?? {})
  if (own.length === 0) return [...byId.values()]
  const snapshot = idOf(own)
  for (const [id, said] of own) byId.set(id, overlaid(byId.get(id) ?? blank(id), said, snapshot))
  return [...byId.values()]
}

/** A refresh never moves a tier, and forgets neither an offer nor a price. */
function refreshed(known: PricedModel | undefined, model: PricedModel): PricedModel {
  if (!known) return model
  const offers = overlaidOffers(known.offers, model.offers)
  const kept = known.was || model.was ? { was: [...new Set([...(known.was ?? []), ...(model.was ?? [])])] } : {}
  return { ...known, ...model, ...kept, tier: known.tier ?? model.tier, offers }
}

function overlaid(model: PricedModel, said: OperatorModels['models'][string], snapshot: string): PricedModel {
  const offers = overlaidOffers(model.offers, pricedOffers(said.offers ?? [], snapshot))
  return { ...model, ...said, capabilities: { ...model.capabilities, ...said.capabilities }, offers }
}

function overlaidOffers(listed: readonly PricedOffer[], said: readonly PricedOffer[]): PricedOffer[] {
  const same = (a: ListedOffer, b: ListedOffer): boolean => a.provider === b.provider && a.wireModel === b.wireModel
  const kept = listed.map((offer) => {
    const newer = said.find((other) => same(offer, other))
    return newer ? { ...offer, ...newer } : offer
  })
  return [...kept, ...said.filter((offer) => !listed.some((other) => same(offer, other)))]
}

function priced(model: ListedModel, snapshot: string): PricedModel {
  return { ...model, offers: pricedOffers(model.offers, snapshot) }
}

function pricedOffers(offers: readonly ListedOffer[], snapshot: string): PricedOffer[] {
  return offers.map(({ price, ...offer }) => (price ? { ...offer, price: { ...price, snapshot } } : offer))
}

function blank(id: string): PricedModel {
  return { id, capabilities: {}, lifecycle: 'active', endpoints: ['chat'], offers: [] }
}

/** So that a row of the books tells an operator's price from a listed one, and this month's from last month's. */
const idOf = (own: unknown): string => `models.yaml-${createHash('sha256').update(JSON.stringify(own)).digest('hex').slice(0, 12)}`
