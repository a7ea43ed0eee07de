/** What was deleted from the books of one day (UTC). */
export interface SealedDay {
  /** `2026-08-01` */
  readonly day: string
  /** Attempts of every state. */
  readonly attempts: number
  /** Those that a provider processed, and what they add up to. */
  readonly requests: number
  readonly cost: bigint
  readonly charge: bigint
  readonly unpriced: number
}

/** Forgets rows, never sums. */
export interface RetentionStore {
  /**
   * Deletes the oldest ended attempts that began before a moment (milliseconds), `limit` at most, and adds what they were to the totals of
   * their days. Stops at what one of the `destinations` has yet to hear of. Resolves with how many are gone.
   */
  forget(query: { readonly before: number; readonly limit: number; readonly destinations: readonly string[] }): Promise<number>
  /** Makes hourly sums of days before a moment daily ones, `limit` at most. Resolves with how many are gone. */
  rollUp(query: { readonly before: number; readonly limit: number }): Promise<number>
}
