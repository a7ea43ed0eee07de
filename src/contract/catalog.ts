import type { CacheRule } from './answer-cache.ts'
import type { Endpoint, Provider } from './provider.ts'
import type { RouteCondition, TraitNames } from './route.ts'

export type Tier = 'economy' | 'standard' | 'premium' | 'frontier'

/** What a model can do: true, false, or undefined for unknown. Unknown never refuses. */
export interface Capabilities {
  readonly tools?: boolean
  readonly parallel_tools?: boolean
  readonly vision?: boolean
  readonly audio?: boolean
  readonly files?: boolean
  readonly json_schema?: boolean
  readonly reasoning?: boolean
  readonly caching?: boolean
}

export interface CatalogModel {
  /** Exact; case counts. */
  readonly id: string
  readonly tier?: Tier
  readonly capabilities: Capabilities
  /** Tokens. */
  readonly context?: number
  readonly maxOutput?: number
  /** How good it is at all, 0 to 1; where nobody says, its tier tells. */
  readonly quality?: number
  readonly lifecycle: 'active' | 'deprecated' | 'retired'
  /** The day its vendor ends it, or ended it: `2027-01-14`. */
  readonly retires?: string
  /** What its vendor recommends in its place. Told, never followed: only an operator's `was` or redirect leads elsewhere. */
  readonly successor?: string
  /** Other spellings of the id, exact like it. */
  readonly aliases?: readonly string[]
  /** Former ids, never forgotten: they work, and the answer says that they are former. */
  readonly was?: readonly string[]
  readonly endpoints: readonly Endpoint[]
}

/**
 * Pico-dollars (10^-12 USD) for one token, request, image, second, character or search: integers, so that sums are exact.
 * An absent rate was not told; cached tokens without a rate of their own cost what input costs, reasoning what output costs.
 */
export interface Rates {
  readonly input?: number
  readonly output?: number
  readonly cacheRead?: number
  readonly cacheWrite?: number
  readonly cacheWrite1h?: number
  readonly reasoning?: number
  readonly audioInput?: number
  readonly audioOutput?: number
  readonly request?: number
  readonly image?: number
  readonly second?: number
  readonly character?: number
  readonly search?: number
}

export interface RateCard extends Rates {
  /** Rates that hold instead once a request's whole input exceeds `above` tokens; the highest that applies wins, and what it does not give stays. */
  readonly tiers?: readonly (Rates & { readonly above: number })[]
}

/** A card that holds in place of the plain one where all its conditions are met. It is whole: what it does not tell is untold. */
export interface RateVariant extends RateCard {
  /** The tier of service that the provider says it gave: `flex`, `priority`, `batch`. Absent: the usual one. */
  readonly service?: string
  /** From this moment on, and before that one: ISO 8601, a day begins at 00:00 UTC. */
  readonly from?: string
  readonly until?: string
  /** Minutes of the UTC day, the second one excluded. */
  readonly hours?: readonly [from: number, until: number]
  /** Days of the UTC week; 0 is Sunday. */
  readonly days?: readonly number[]
}

export interface Price extends RateCard {
  /** Of those that hold when an attempt begins, the last wins. */
  readonly variants?: readonly RateVariant[]
  /** Which snapshot this price is from. */
  readonly snapshot: string
}

/** One offer as a catalogue lists it; its price gets the snapshot's id when the catalogue is made. */
export interface ListedOffer {
  readonly provider: string
  readonly wireModel: string
  readonly price?: Omit<Price, 'snapshot'>
}

/** A model and who offers it, its own vendor first. */
export interface ListedModel extends CatalogModel {
  readonly offers: readonly ListedOffer[]
  /** False: only served when asked for by name, as a model made to fail or to browse would surprise under `auto`. */
  readonly auto?: boolean
}

/** The operator's `models.yaml`, read: over the embedded catalogue, model by model and offer by offer. */
export interface OperatorModels {
  /** Exact name -> any other name. */
  readonly aliases: Readonly<Record<string, string>>
  readonly routes: Readonly<Record<string, OperatorRoute>>
  readonly models: Readonly<Record<string, Partial<Omit<ListedModel, 'id'>>>>
}

/** One name for several candidates. */
export interface OperatorRoute {
  readonly candidates: readonly RouteCandidate[]
  /** Requests of one session keep to one candidate, so that the provider's prompt cache serves them. */
  readonly sticky?: boolean
  /** In place of the order given, or drawn by weight. */
  readonly rank?: Preference
  /** In place of the plan's. */
  readonly cache?: CacheRule | null
}

export interface RouteCandidate {
  readonly model: string
  /** Where any is given, the first candidate is drawn by weight; 0 or none: behind those that have one. */
  readonly weight?: number
  readonly when?: RouteCondition
  /** `models.yaml:9 routes.chat.candidates[1]` */
  readonly writtenAt: string
}

/** A route's candidate, followed to what it offers. */
export interface Leg {
  readonly name: string
  readonly to: Resolution
  readonly weight?: number
  readonly when?: RouteCondition
  readonly rule: string
}

/** All the names a plan may list one candidate under. */
export interface ModelNames {
  readonly tier: Tier | undefined
  /** The catalogue's id, where it has one. */
  readonly id: string | undefined
  /** `provider/wire-model`. */
  readonly qualified: string
}

/** One way to serve a name that was asked: who, under which wire name, at which price. */
export interface Candidate {
  readonly provider: Provider
  readonly wireModel: string
  /** Undefined where no catalogue lists it: reachable, but without tier, price or known capabilities. */
  readonly model: CatalogModel | undefined
  readonly price: Price | undefined
  readonly names: ModelNames
  /** Asked for as `provider/…`, so never exchanged for another provider's offer. */
  readonly explicit: boolean
}

/** A provider, by any id it ever had, and its own name for one of its models; without a name, all that the provider has is meant. */
export interface OwnName {
  readonly provider: string
  readonly wireModel?: string
}

/** Stands for all that a provider has, in a plan's list too: `openai/*` admits it, a list of single models does not. */
export const WHOLE_PROVIDER = '*'
/** The reserved names: ways to choose among all that is listed. */
export type Preference = 'auto' | 'auto:cheap' | 'auto:fast' | 'auto:best'

/** What a model name means. No candidates: the name is unknown. */
export interface Resolution {
  readonly candidates: readonly Candidate[]
  /** `minimax_2_7/MiniMax-M2.7 -> minimax/MiniMax-M2.7`, where the name asked is a former one. */
  readonly deprecated?: { readonly legacy: string; readonly canonical: string }
  /** The operator's route or alias that was used. */
  readonly route?: string
  /** An operator's redirect that was followed; `from` is what it was said of. */
  readonly redirected?: { readonly from: string; readonly to: string; readonly until: string; readonly reason: string }
  /** A lifecycle mark worth a warning: `deprecated: ends 2027-01-14, in favour of …`. */
  readonly warning?: string
  /** Among these candidates the request itself chooses: they are ranked for it in this way. */
  readonly rank?: Preference
  /** Where the request itself decides which candidates of a route are meant for it and which comes first. */
  readonly legs?: readonly Leg[]
  readonly sticky?: boolean
  /** What of a request such a route goes by. */
  readonly reads?: TraitNames
  /** What the route says of equal requests, in place of the plan. */
  readonly cache?: CacheRule | null
  /** Why a former vendor's name has no candidates. */
  readonly because?: string
  /** Known names closest to one that is unknown, for the sentence of the refusal. */
  readonly similar?: readonly string[]
}

export interface Catalog {
  resolve(name: string): Resolution
  at(name: OwnName): Resolution
  /** Every listed offer, for `/v1/models` and `auto`. */
  candidates(): readonly Candidate[]
  /** The snapshot id that new prices carry. */
  readonly snapshot: string
}
