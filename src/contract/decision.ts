import type { Parts } from './auth.ts'
import type { Caller, GatewayKey, Tenant } from './caller.ts'
import type { Candidate, ModelNames, OwnName, Preference, Resolution } from './catalog.ts'
import type { CredentialWay } from './credential-schema.ts'
import type { Family } from './family.ts'
import type { SettingKey } from './ids.ts'
import type { Kept } from './kept.ts'
import type { PlanRules } from './plan.ts'
import type { KeyShare } from './pool.ts'
import type { Endpoint, Provider } from './provider.ts'
import type { Ranked, Ranking, Score } from './ranking.ts'
import type { Traits } from './route.ts'
import type { Secret } from './secret.ts'
import type { Trouble } from './trouble.ts'

/** What a request asks for: all that judging needs, read from the body in one scan. */
export interface Ask {
  readonly endpoint: Endpoint
  /** The family of dialects it is asked in; absent: chat. */
  readonly family?: Family
  readonly model: string
  /** Asked of this very provider in its own words: no alias, route or other provider's offer comes into it. */
  readonly at?: OwnName
  /** What it goes on from, or is about. */
  readonly kept?: Kept
  /** The answer shall be ready later, for whoever asks for it then. */
  readonly background?: true
  readonly stream: boolean
  readonly needs: { readonly [capability in 'tools' | 'vision' | 'audio' | 'files' | 'json_schema']?: boolean }
  /** The most output tokens the client allows, where it said so. */
  readonly maxOutput?: number
  /** How many answers to one prompt; absent: one. Each may be as long as `maxOutput`. */
  readonly choices?: number
  /** A usual estimate of the prompt, in tokens, for limits and reservations. */
  readonly inputTokens: number
  /** Tokens the prompt certainly has, so that only what cannot fit is refused. */
  readonly leastTokens: number
  /** What the route that is asked for goes by. */
  readonly traits?: Traits
  /** Who of the tenant's people asks and what for, where its plan counts them apart. */
  readonly by?: { readonly user: string | undefined; readonly tags: readonly string[] }
  /** `x-tollgate-pay: tenant`. */
  readonly pay?: 'tenant'
}

/** Where a key was looked for, in order. */
export interface LookedFor {
  readonly setting_key: SettingKey
  readonly via: Via
  readonly found: boolean
  /** Why a row that is there does not count, or what is odd about it. */
  readonly note?: string
}

export type Via = 'canonical' | 'alias' | 'legacy' | 'shared' | 'platform'

/** A stored or configured key as judging sees it; only the sender asks it for its secret. */
export interface Credential {
  readonly source: 'tenant' | 'platform' | 'none'
  readonly settingKey: SettingKey | undefined
  readonly via: Via | undefined
  readonly last4: string | undefined
  /** Eight hex digits that tell two keys apart and nothing more. */
  readonly fingerprint: string | undefined
  readonly state: 'usable' | 'unreadable' | 'invalid'
  /** For an unreadable or invalid key: what is wrong, in words for an operator. */
  readonly trouble?: string
  /** Where it leads: a region, a tenant's own endpoint, and whatever else of its parts is no secret. */
  readonly fields?: Placement
  /** How it proves itself, where the provider's credentials have several parts. */
  readonly way?: CredentialWay
  /** The key itself; undefined for `none`. Of several parts, the one that tells it apart. Throws `credential_unreadable` where it cannot be opened. */
  secret(): Secret | undefined
  /** All of its parts, where it has several. Throws as `secret` does. */
  parts?(): Parts
  /** Its part in a pool of keys. */
  readonly share?: KeyShare
  /** True where the pool keeps it for this model, among others. */
  serves?(names: ModelNames): boolean
  /** The keys that this one stands for: where it pays, one of them does. */
  readonly pool?: readonly Credential[]
}

/** Each key by itself. */
export const keysOf = (credential: Credential): readonly Credential[] => credential.pool ?? [credential]

export interface Placement {
  readonly region?: string
  readonly endpoint?: string
  readonly [part: string]: string | undefined
}

/** Every secret of a credential, for the redactor. */
export function secretsOf({ secret, parts, fields = {} }: Credential): readonly Secret[] {
  if (!parts) {
    const only = secret()
    return only ? [only] : []
  }
  return Object.entries(parts()).flatMap(([name, part]) => (Object.hasOwn(fields, name) ? [] : [part]))
}

/** The walk's result for one tenant and provider. */
export interface Walk {
  readonly lookedFor: readonly LookedFor[]
  readonly tenant: Credential | undefined
  readonly platform: Credential | undefined
}

export interface Offer extends Candidate {
  readonly credential: Credential
  /** Where the key was looked for. */
  readonly walk: Walk
  /** What would have refused this offer under `enforcement: on`. */
  readonly observed: Rejection | undefined
  /** Where candidates were ranked. */
  readonly score?: Score
}

export type Stage = 'model' | 'plan' | 'credential' | 'capability' | 'price' | 'health' | 'limits'

/** One candidate that one payer could not be served with. Codes and data only; `explain.ts` makes sentences of them. */
export interface Rejection {
  readonly candidate: Candidate | undefined
  readonly payer: 'tenant' | 'platform' | 'none'
  readonly stage: Stage
  readonly code: DecisionCode
  readonly rule?: string
  /** Where candidates were ranked. */
  readonly score?: Score
  readonly lookedFor?: readonly LookedFor[]
  /** The capability, limit, plan or state that the code speaks of. */
  readonly detail?: Readonly<Record<string, unknown>>
}

export type DecisionCode =
  | 'model_not_found'
  | 'route_condition_unmet'
  | 'response_not_found'
  | 'unsupported_parameter'
  | 'plan_unknown'
  | 'model_not_in_plan'
  | 'endpoint_not_in_plan'
  | 'provider_not_in_plan'
  | 'byok_not_in_plan'
  | 'credential_missing'
  | 'credential_unreadable'
  | 'credential_invalid'
  | 'capability_missing'
  | 'context_too_long'
  | 'price_unknown'
  | 'provider_unavailable'
  | 'provider_disabled'
  | 'rate_limit_exceeded'
  | 'concurrency_limit_exceeded'
  | 'budget_exceeded'
  | 'request_exceeds_limit'

export interface Decision {
  readonly offers: readonly Offer[]
  readonly rejected: readonly Rejection[]
  readonly resolution: Resolution
  readonly plan: PlanRules | undefined
  /** Candidates that stand behind enough offers, or lack a key for sure, and were not looked at. 0 where nothing is offered. */
  readonly unjudged: number
  /** Where candidates were ranked. */
  readonly ranking?: Ranking
}

/** All that a decision may look at. Every method is synchronous and reads memory only. */
export interface Snapshot {
  /** The hash of the configuration this snapshot stands for. */
  readonly config: string
  /** Undefined: no file defines the tenant's plan. */
  planOf(tenant: Tenant): PlanRules | undefined
  resolve(model: string): Resolution
  /** One provider's own name for a model; no candidates: there is no such provider. */
  at(name: OwnName): Resolution
  candidates(): readonly Candidate[]
  /** Candidates as they stand for this request. */
  rank(candidates: readonly Candidate[], preference: Preference, ask: Ask): Ranked
  /** What the gateway key itself narrows; undefined where it narrows nothing. */
  narrowed(key: GatewayKey): Narrowing | undefined
  walk(tenant: Tenant, provider: Provider): Walk
  /** Why a provider cannot be called now with this credential; undefined when it can. */
  trouble(
    provider: Provider,
    credential: Credential,
  ): { code: 'provider_unavailable' | 'provider_disabled'; until?: string; reason?: string } | undefined
  /** Why an offer is passed over while another may stand in for it; undefined for nearly all. */
  ailing(offer: Offer): Trouble | undefined
  /** What the limits of one key, or those who share it, say to one more request; undefined when they admit it. */
  keyLimits(key: Keyed, by: KeyUser): LimitRefusal | undefined
  /** What the limits say to one more request, whoever pays; undefined when they admit it. */
  limits(request: { caller: Caller; plan: PlanRules; ask: Ask }): LimitRefusal | undefined
  /** What budgets and meters say to one more request, by what this process knows is spent; the books have the last word. Undefined: it fits. */
  meters(request: Metered): LimitRefusal | undefined
}

/** A request to a candidate, with the credential that would pay. */
export interface Metered {
  readonly caller: Caller
  readonly plan: PlanRules
  readonly ask: Ask
  readonly offer: Pick<Candidate, 'names' | 'price'> & { readonly credential: Credential }
}

/** A key as it is asked for one model. */
export type Keyed = Pick<Offer, 'credential' | 'wireModel'>

/** Who would use it, and for what. */
export interface KeyUser {
  readonly caller: Caller
  readonly plan: PlanRules
  readonly ask: Ask
}

export interface Narrowing {
  allowsModel(names: ModelNames): boolean
  allowsEndpoint(endpoint: Endpoint): boolean
}

export interface LimitRefusal {
  readonly code: 'rate_limit_exceeded' | 'concurrency_limit_exceeded' | 'budget_exceeded' | 'request_exceeds_limit'
  readonly limit: string
  /** Whose, where it is not the tenant's: its gateway key's, its plan's over all tenants, or a provider key's of the platform's. */
  readonly of?: 'key' | 'plan' | 'provider_key'
  /** Of a provider key. */
  readonly last4?: string
  /** Where the plan says so, if not under `limits` or `plan_limits`. */
  readonly key?: 'budget' | 'meters'
  /** The model that the plan has in place of what is used up. */
  readonly instead?: string
  /** Little is left of it, and this tenant has had its share. */
  readonly scarce?: true
  readonly allowed: number | string
  readonly used: number | string
  /** Of a budget or meter: what is left of it. */
  readonly left?: string
  /** The most that this request may come to, where that is more than is left. A cheaper offer may fit. */
  readonly needs?: string
  /** When it begins anew, ISO 8601. */
  readonly renews?: string
  /** Seconds until it may be tried again. */
  readonly retryAfter?: number
}
