import type { CacheRule } from './answer-cache.ts'
import type { ListedOffer, ModelNames, Price } from './catalog.ts'
import type { PlanId } from './ids.ts'
import type { MeterRule, MeterSource, Period } from './meter.ts'
import type { Endpoint } from './provider.ts'

export type { ModelNames } from './catalog.ts'
export type { Period } from './meter.ts'

/** A number, or null for unlimited (written `none`). */
export type Limit = number | null

/** Requests and tokens a minute, and requests at a time; absent is unlimited, as null is. */
export interface RateLimits {
  readonly rpm?: Limit
  readonly tpm?: Limit
  readonly concurrency?: Limit
}

/** Why a model cannot serve: its providers are out, the prompt does not fit, it will not say such things, or the budget is spent. */
export type FallbackKind = 'outage' | 'context' | 'refusal' | 'budget'

/** What is asked instead, and who may pay for it: the tenant alone, or the platform too. */
export interface Fallback {
  readonly on: FallbackKind
  /** A model or route. */
  readonly to: string
  readonly pay: 'tenant' | 'platform'
}

/** A plan as written, complete: every key was given or inherited. */
export interface Plan {
  readonly id: PlanId
  readonly was: readonly string[]
  readonly models: readonly string[]
  readonly endpoints: readonly string[]
  readonly providers: readonly string[]
  readonly byok: { readonly allowed: boolean; readonly models: 'any' | 'plan'; readonly providers: readonly string[] }
  readonly platform_keys: 'never' | 'on_missing' | 'on_outage'
  /** Whose key reaches a provider's own API: whatever one key pays for there lies in one account, in sight of all who come with that key. */
  readonly passthrough: 'own_keys' | 'any_keys'
  readonly limits: { readonly rpm: Limit; readonly tpm: Limit; readonly concurrency: Limit }
  /** Of all its tenants together; what is absent is unlimited, and so is all of it where it is null. */
  readonly plan_limits: RateLimits | null
  /** Nano-dollars of platform money; null is unlimited, 0 is nothing. */
  readonly budget: { readonly nano: number; readonly per: Period } | null
  readonly meters: readonly MeterSource[]
  readonly unpriced: 'refuse' | 'allow'
  readonly failover: { readonly other_provider: boolean }
  readonly fallback: readonly Fallback[]
  readonly expose: 'none' | 'basic' | 'full'
  readonly enforcement: 'on' | 'observe'
  readonly priority: number
  readonly on_revoke: 'cut' | 'finish'
  /** For how long an answer serves equal requests; null: not at all. */
  readonly cache: CacheRule | null
}

export type PlanKey = Exclude<keyof Plan, 'id' | 'was'>

/** A plan with the place where each value was written, e.g. `plans.yaml:14 team.models`. */
export interface PlanSource extends Plan {
  readonly writtenAt: Readonly<Record<PlanKey, string>>
}

/** Some of a plan's values; `byok`, `limits` and `failover` may be given in part, the rest is the plan's they are laid over. */
export type PlanChange = { readonly [K in PlanKey]?: K extends 'byok' | 'limits' | 'failover' ? Partial<Plan[K]> : Plan[K] }

/** `change` laid over `base`. */
export function layOver<Base extends PlanChange>(base: Base, change: PlanChange): Base & PlanChange {
  return {
    ...base,
    ...change,
    ...(change.byok && { byok: { ...base.byok, ...change.byok } }),
    ...(change.limits && { limits: { ...base.limits, ...change.limits } }),
    ...(change.failover && { failover: { ...base.failover, ...change.failover } }),
  }
}

/** What a tenant carries in place of its plan's own values; absent = the plan's, null = unlimited. */
export interface Overrides {
  readonly values: PlanChange
  /** By `provider/wire-model`: what it costs this tenant, in place of what any list says. */
  readonly prices?: Readonly<Record<string, { readonly pico: NonNullable<ListedOffer['price']> }>>
  /** IANA name; where this tenant's days, weeks and months begin. */
  readonly timezone?: string
  /** ISO 8601: its billing cycles begin on this day of each month; on that of its creation where not given. */
  readonly cycle_from?: string
  readonly expires_at?: string
  readonly reason?: string
}

/** A plan made ready for judging: lists are compiled once, so that a decision allocates nothing. */
export interface PlanRules extends Plan {
  allowsModel(names: ModelNames): boolean
  allowsEndpoint(endpoint: Endpoint): boolean
  allowsProvider(provider: string): boolean
  allowsOwnKeyFor(provider: string): boolean
  /** What it counts by: its budget, and those of its meters that no other one leads to. */
  readonly metering: readonly MeterRule[]
  /** Some meter counts users or tags apart. */
  readonly tellsApart: boolean
  /** The tenant's own, by `provider/wire-model`; undefined for nearly all tenants. */
  readonly prices?: ReadonlyMap<string, Price> | undefined
  /** Where the value of a key was written: `plans.yaml:14 team.models`, or `override of tenant brennan: models`. */
  rule(key: PlanKey): string
}
