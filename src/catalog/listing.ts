import type { ListedModel, ListedOffer, OperatorModels } from '../contract/catalog.ts'

type OperatorModel = OperatorModels['models'][string]

/** The embedded models with the operator's laid over them: what `models.yaml` says of a model or an offer wins, the rest stays. */
export function listModels(embedded: readonly ListedModel[], operator: OperatorModels | undefined): readonly ListedModel[] {
  const own = Object.entries(operator?.models ?? {})
  if (own.length === 0) return embedded
  const byId = new Map(embedded.map((model) => [model.id, model]))
  for (const [id, said] of own) byId.set(id, overlaid(byId.get(id) ?? blank(id), said))
  return [...byId.values()]
}

function overlaid(model: ListedModel, said: OperatorModel): ListedModel {
  return {
    ...model,
    ...said,
    capabilities: { ...model.capabilities, ...said.capabilities },
    offers: overlaidOffers(model.offers, said.offers ?? []),
  }
}

function overlaidOffers(listed: readonly ListedOffer[], said: readonly ListedOffer[]): ListedOffer[] {
  const same = (a: ListedOffer, b: ListedOffer): boolean => a.provider === b.provider && a.wireModel === b.wireModel
  const kept = listed.map((offer) => said.find((other) => same(offer, other)) ?? offer)
  return [...kept, ...said.filter((offer) => !listed.some((other) => same(offer, other)))]
}

function blank(id: string): ListedModel {
  return { id, capabilities: {}, lifecycle: 'active', endpoints: ['chat'], offers: [] }
}
