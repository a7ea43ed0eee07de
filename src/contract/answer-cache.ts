import type { Copy } from './copy.ts'
import type { TenantId } from './ids.ts'

/** For how long an answer serves equal requests, in milliseconds. */
export interface CacheRule {
  readonly ttl: number
}

/** An answer that serves equal requests of its tenant. */
export interface CachedAnswer {
  readonly copy: Copy
  /** Who made it: it serves only those who may still be given this. */
  readonly provider: string
  readonly wireModel: string
  /** When it was made. Milliseconds since the epoch. */
  readonly at: number
  /** What making it cost, in nano-dollars; null is unknown. */
  readonly cost: number | null
}

/** Where an answer lies: no tenant finds another's. */
export interface CachePlace {
  readonly tenant: TenantId
  /** Of all that is asked. */
  readonly digest: string
}

/** Answers that may be given again for a while. It may forget any of them at any time. */
export interface AnswerCache {
  get(place: CachePlace): Promise<CachedAnswer | undefined>
  /** `ttl` in milliseconds. */
  put(place: CachePlace, answer: CachedAnswer, ttl: number): void
  /** The tenant is gone, or, where none is named, any may be. */
  drop(tenant?: TenantId): void
}
