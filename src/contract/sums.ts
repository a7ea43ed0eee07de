import type { Slug, TenantId } from './ids.ts'

/** What one of several keys was used for. */
export interface KeySum {
  /** Whose requests they were; with a platform's key, of each tenant by itself. */
  readonly tenant: TenantId
  readonly provider: string
  readonly source: string
  readonly fingerprint: string
  readonly requests: number
  readonly cost: bigint
  readonly charge: bigint
  readonly unpriced: number
}

export interface UsageSum {
  readonly tenant: TenantId
  readonly slug: Slug | undefined
  readonly provider: string
  readonly wireModel: string
  readonly source: string
  /** `2026-08-01` */
  readonly day: string
  /** Attempts that a provider processed, and answers that were there already: released attempts are in no sum. */
  readonly requests: number
  readonly input: number
  readonly output: number
  readonly cost: bigint
  readonly charge: bigint
  /** Attempts whose price is unknown: neither cost nor charge holds them. */
  readonly unpriced: number
  /** Of the requests, those that an answer was there for already, and the nano-dollars that it saved. */
  readonly cached: number
  readonly saved: bigint
}
