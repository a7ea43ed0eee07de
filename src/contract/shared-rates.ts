import type { TenantId } from './ids.ts'
import type { RateLimits } from './plan.ts'

export type RateLimit = keyof RateLimits

/** Whom a limit is of: a tenant over all its keys, one of these, or a plan over all its tenants. */
export interface SharedMeter {
  readonly of: 'tenant' | 'key' | 'plan'
  readonly id: string
  readonly limits: RateLimits
}

/** One request, before everything that it must fit. */
export interface SharedAsk {
  readonly tenant: TenantId
  readonly meters: readonly SharedMeter[]
  readonly tokens: number
}

/** What all replicas together have counted. */
export interface SharedCount {
  readonly requests: number
  readonly tokens: number
  /** Milliseconds until nothing is counted any more. */
  readonly resetMs: number
}

export interface SharedRefusal {
  readonly meter: SharedMeter
  readonly limit: RateLimit
  readonly used: number
  /** Milliseconds until it fits; nobody knows of requests at a time. */
  readonly waitMs: number
  readonly count: SharedCount
}

/** A request's place among those of all replicas. */
export interface SharedPlace {
  /** Of each meter that was asked for, in that order and with this request. */
  readonly counts: readonly SharedCount[]
  /** It is over and used more or fewer tokens than were foreseen. */
  settle(unforeseen: number): void
  /** It came to nothing. */
  release(): void
}

/** The limits of all replicas together. */
export interface SharedRates {
  /** Whether they can be asked now. While they cannot, each replica keeps to its share. */
  readonly usable: boolean
  readonly replicas: number
  /** Decides and takes in one step; a refusal takes nothing. Undefined: it could not be told in time. */
  take(ask: SharedAsk): Promise<SharedPlace | SharedRefusal | undefined>
}
