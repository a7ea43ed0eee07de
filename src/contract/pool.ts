import type { Parts } from './auth.ts'
import type { Decimal } from './meter.ts'
import type { Period } from './plan.ts'

/** One key's part in a pool, as it was written. */
export interface KeyShare {
  /** How often it is used beside the others, whose weights say the same of them. */
  readonly weight: number
  /** Tiers, exact ids and globs as in a plan; undefined: all. */
  readonly models?: readonly string[]
  readonly limits?: KeyLimits
}

/** What may be asked with one key: requests and tokens a minute, requests at a time, and what may be spent with it. */
export interface KeyLimits {
  readonly rpm?: number
  readonly tpm?: number
  readonly concurrency?: number
  readonly budget?: KeyBudget
}

/** As it was written, so that none passes through a float before it is nano-dollars. */
export interface KeyBudget {
  readonly usd: Decimal
  readonly per: Period
}

/** One of several keys that lie in one place. */
export interface PooledKey {
  readonly parts: Parts
  readonly share: KeyShare
}
