import type { Candidate, CatalogModel, Resolution } from '../contract/catalog.ts'
import type { Provider } from '../contract/provider.ts'
import type { Registry } from '../contract/registry.ts'
import type { PricedModel, PricedOffer } from './listing.ts'
import { cheapestFirst } from './ranking.ts'

/** Every listed offer of a living provider, laid out under the names it is asked for by. */
export interface Shelf {
  readonly snapshot: string
  readonly candidates: readonly Candidate[]
  readonly forAuto: readonly Candidate[]
  /** By catalogue id, other spellings and former ids: all offers of that model. */
  readonly byId: ReadonlyMap<string, Resolution>
  /** By provider, then wire model: that one offer. */
  readonly byProvider: ReadonlyMap<string, ReadonlyMap<string, Resolution>>
}

export function stockShelf(registry: Registry, snapshot: string, models: readonly PricedModel[]): Shelf {
  const candidates: Candidate[] = []
  const forAuto: Candidate[] = []
  const byId = new Map<string, Resolution>()
  const others = new Map<string, Resolution>()
  const byProvider = new Map<string, Map<string, Resolution>>()
  for (const model of models) {
    const offers = model.offers.flatMap((offer) => candidate(registry, { model, offer }) ?? [])
    if (offers.length === 0) continue
    const resolved = resolution(model, vendorFirst(offers))
    byId.set(model.id, resolved)
    for (const alias of model.aliases ?? []) others.set(alias, resolved)
    for (const former of model.was ?? []) others.set(former, { ...resolved, deprecated: { legacy: former, canonical: model.id } })
    for (const offer of offers) shelve(byProvider, resolution(model, [{ ...offer, explicit: true }]), offer)
    candidates.push(...offers)
    if (model.auto !== false && model.lifecycle === 'active' && model.endpoints.includes('chat')) forAuto.push(...offers)
  }
  // A model's own id is never another's alias.
  for (const [name, resolved] of others) if (!byId.has(name)) byId.set(name, resolved)
  return { snapshot, candidates, forAuto, byId, byProvider }
}

/** An offer that no catalogue lists: reachable by its full name, and nothing is known about it. */
export function unlisted(provider: Provider, wireModel: string): Candidate {
  const names = { tier: undefined, id: undefined, qualified: `${provider.id}/${wireModel}` }
  return { provider, wireModel, model: undefined, price: undefined, names, explicit: true }
}

/** Undefined where the registry has no such provider: an operator may have taken it out. */
function candidate(registry: Registry, { model, offer }: { model: PricedModel; offer: PricedOffer }): Candidate | undefined {
  const provider = registry.get(offer.provider)
  if (!provider) return undefined
  const names = { tier: model.tier, id: model.id, qualified: `${provider.id}/${offer.wireModel}` }
  return { provider, wireModel: offer.wireModel, model, price: offer.price, names, explicit: false }
}

/** A model's first offer is its vendor's own. */
function vendorFirst([own, ...others]: readonly Candidate[]): Candidate[] {
  return own ? [own, ...cheapestFirst(others)] : []
}

function resolution(model: CatalogModel, candidates: readonly Candidate[]): Resolution {
  return model.lifecycle === 'active' ? { candidates } : { candidates, warning: warningOf(model) }
}

/** `deprecated`, or `deprecated: ends 2027-01-14, in favour of gpt-6-luna`. */
function warningOf({ lifecycle, retires, successor }: CatalogModel): string {
  const told = [
    ...(retires === undefined ? [] : [`${lifecycle === 'retired' ? 'ended' : 'ends'} ${retires}`]),
    ...(successor === undefined ? [] : [`in favour of ${successor}`]),
  ]
  return told.length > 0 ? `${lifecycle}: ${told.join(', ')}` : lifecycle
}

function shelve(byProvider: Map<string, Map<string, Resolution>>, offered: Resolution, { provider, wireModel }: Candidate): void {
  const wires = byProvider.get(provider.id) ?? new Map<string, Resolution>()
  byProvider.set(provider.id, wires.set(wireModel, offered))
}
