import type { ModelNames } from './catalog.ts'
import type { PlanId } from './ids.ts'
import type { Endpoint } from './provider.ts'

export type { ModelNames } from './catalog.ts'

/** A number, or null for unlimited (written `none`). */
export type Limit = number | null

export type Period = 'hour' | 'day' | 'week' | 'month' | 'total'

/** A plan as written, complete: every key was given or inherited. */
export interface Plan {
  readonly id: PlanId
  readonly was: readonly string[]
  readonly models: readonly string[]
  readonly endpoints: readonly string[]
  readonly providers: readonly string[]
  readonly byok: { readonly allowed: boolean; readonly models: 'any' | 'plan'; readonly providers: readonly string[] }
  readonly platform_keys: 'never' | 'on_missing' | 'on_outage'
  readonly limits: { readonly rpm: Limit; readonly tpm: Limit; readonly concurrency: Limit }
  /** Nano-dollars of platform money; null is unlimited, 0 is nothing. */
  readonly budget: { readonly nano: number; readonly per: Period } | null
  readonly meters: readonly unknown[]
  readonly unpriced: 'refuse' | 'allow'
  readonly failover: { readonly other_provider: boolean }
  readonly fallback: readonly unknown[]
  readonly expose: 'none' | 'basic' | 'full'
  readonly enforcement: 'on' | 'observe'
  readonly priority: number
  readonly on_revoke: 'cut' | 'finish'
}

export type PlanKey = Exclude<keyof Plan, 'id' | 'was'>

/** What a tenant carries in place of its plan's own values; absent = the plan's, null = unlimited. */
export interface Overrides {
  readonly values: Partial<Pick<Plan, PlanKey>>
  readonly expires_at?: string
  readonly reason?: string
}

/** A plan made ready for judging: lists are compiled once, so that a decision allocates nothing. */
export interface PlanRules extends Plan {
  allowsModel(names: ModelNames): boolean
  allowsEndpoint(endpoint: Endpoint): boolean
  allowsProvider(provider: string): boolean
  allowsOwnKeyFor(provider: string): boolean
  /** Where the value of a key was written: `plans.yaml:14 team.models`, or `override of tenant brennan: models`. */
  rule(key: PlanKey): string
}
