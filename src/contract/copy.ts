import type { TenantId } from './ids.ts'

/** An answer as it was given, so that it can be given again. */
export interface Copy {
  /** Of the request that it was given to. */
  readonly requestId: string
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** The body as it was written: a whole answer's is one piece, a stream's are many. */
  readonly pieces: readonly Buffer[]
}

/** Requests that are answered once, however often they are sent. */
export interface Claims {
  /**
   * The key is this request's, in every process and durably; or what it was answered that had it first. Rejects with
   * `idempotency_key_reuse`, `request_in_progress` and `answer_not_kept`.
   */
  take(wanted: ClaimWanted): Promise<Claim | Copy>
}

export interface ClaimWanted {
  readonly tenant: TenantId
  /** As the client sent it. */
  readonly key: string
  /** Digest of all that is asked: another request under the same key is refused. */
  readonly asked: string
  readonly requestId: string
}

/** A key taken for one request. */
export interface Claim {
  /** Who comes again is told this; undefined: it was too large to be kept, and who comes again is told so. */
  answered(copy: Copy | undefined): Promise<void>
  /** The same where a provider may have worked for the request. Where none has, by the books, the key is free for another try. */
  failed(copy: Copy): Promise<void>
}

/** A claim as it is stored: by the SHA-256 of tenant and key, so that the table opens nothing to whoever reads it. */
export interface ClaimRow {
  readonly digest: Buffer
  readonly tenant: TenantId
  readonly asked: string
  readonly requestId: string
  /** Its process is alive until then, by its own last word. Milliseconds since the epoch. */
  readonly until: number
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/** A claim that stands. */
export interface StandingClaim extends ClaimRow {
  readonly state: 'running' | 'kept' | 'too large'
  /** The sealed copy, where it was kept. */
  readonly copy: string | undefined
}

/** Which idempotency keys are taken, by which requests, and what these were answered. */
export interface ClaimStore {
  /**
   * Undefined, and durable, where the key is now this request's: nobody had it, or whoever did no longer counts, or it was `insteadOf`
   * and had no answer yet. Else what stands.
   */
  take(claim: ClaimRow, insteadOf?: string): Promise<StandingClaim | undefined>
  /** What its request was answered; undefined: more than is kept. Nothing where the claim is another's by now. */
  keep(claim: ClaimRow, copy: string | undefined): Promise<void>
  /** The key is free again. Nothing where the claim is another's by now. */
  release(claim: ClaimRow): Promise<void>
  /** The process of these running claims is alive until then. */
  renew(claims: readonly ClaimRow[], until: number): Promise<void>
  /** Removes some that expired; how many. */
  sweep(): Promise<number>
}
