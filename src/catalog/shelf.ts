import type { Candidate, CatalogModel, ListedModel, ListedOffer, Price, Resolution } from '../contract/catalog.ts'
import type { Provider } from '../contract/provider.ts'
import type { Registry } from '../contract/registry.ts'
import { cheapestFirst } from './ranking.ts'

/** Every listed offer of a living provider, laid out under the names it is asked for by. */
export interface Shelf {
  readonly snapshot: string
  readonly candidates: readonly Candidate[]
  readonly forAuto: readonly Candidate[]
  /** By catalogue id: all offers of that model. */
  readonly byId: ReadonlyMap<string, Resolution>
  /** By provider, then wire model: that one offer. */
  readonly byProvider: ReadonlyMap<string, ReadonlyMap<string, Resolution>>
}

export function stockShelf(registry: Registry, snapshot: string, models: readonly ListedModel[]): Shelf {
  const candidates: Candidate[] = []
  const forAuto: Candidate[] = []
  const byId = new Map<string, Resolution>()
  const byProvider = new Map<string, Map<string, Resolution>>()
  for (const model of models) {
    const offers = model.offers.flatMap((offer) => candidate(registry, snapshot, { model, offer }) ?? [])
    if (offers.length === 0) continue
    byId.set(model.id, resolution(model, vendorFirst(offers)))
    for (const offer of offers) shelve(byProvider, resolution(model, [{ ...offer, explicit: true }]), offer)
    candidates.push(...offers)
    if (model.auto !== false && model.lifecycle === 'active' && model.endpoints.includes('chat')) forAuto.push(...offers)
  }
  return { snapshot, candidates, forAuto, byId, byProvider }
}

/** An offer that no catalogue lists: reachable by its full name, and nothing is known about it. */
export function unlisted(provider: Provider, wireModel: string): Candidate {
  const names = { tier: undefined, id: undefined, qualified: `${provider.id}/${wireModel}` }
  return { provider, wireModel, model: undefined, price: undefined, names, explicit: true }
}

/** Undefined where the registry has no such provider: an operator may have taken it out. */
function candidate(registry: Registry, snapshot: string, listed: { model: ListedModel; offer: ListedOffer }): Candidate | undefined {
  const { model, offer } = listed
  const provider = registry.get(offer.provider)
  if (!provider) return undefined
  const price: Price | undefined = offer.price && { ...offer.price, snapshot }
  const names = { tier: model.tier, id: model.id, qualified: `${provider.id}/${offer.wireModel}` }
  return { provider, wireModel: offer.wireModel, model, price, names, explicit: false }
}

/** A model's first offer is its vendor's own. */
function vendorFirst([own, ...others]: readonly Candidate[]): Candidate[] {
  return own ? [own, ...cheapestFirst(others)] : []
}

function resolution({ lifecycle }: CatalogModel, candidates: readonly Candidate[]): Resolution {
  return lifecycle === 'active' ? { candidates } : { candidates, warning: lifecycle }
}

function shelve(byProvider: Map<string, Map<string, Resolution>>, offered: Resolution, { provider, wireModel }: Candidate): void {
  const wires = byProvider.get(provider.id) ?? new Map<string, Resolution>()
  byProvider.set(provider.id, wires.set(wireModel, offered))
}
