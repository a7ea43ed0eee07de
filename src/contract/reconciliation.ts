import type { Billing, Claim } from './billing.ts'
import type { AttemptRow } from './ledger.ts'

/** Why account and books differ. */
export const CAUSES = [
  'outside',
  'server_side_tools',
  'service_tier',
  'cached_rate',
  'price',
  'unpriced',
  'drained',
  'estimated',
  'time_zone',
  'rounding',
] as const

export type Cause = (typeof CAUSES)[number]

/** A part of the difference that a cause explains: positive where more is billed than booked. */
export interface Explained {
  readonly cause: Cause
  readonly model: string | undefined
  readonly amount: bigint
  /** Days on which it was found. */
  readonly days: number
  readonly accounts: readonly string[]
}

/** A part of the difference that nothing explains, by day and model. */
export interface Unexplained {
  readonly day: string
  readonly model: string | undefined
  readonly billed: bigint
  readonly booked: bigint
  readonly amount: bigint
}

/** `billed` less `booked` is what all that is explained and unexplained add up to, exactly. */
export interface Reconciliation {
  readonly billed: bigint
  readonly booked: bigint
  /** Attempts of the books that were set against the account. */
  readonly attempts: number
  readonly explained: readonly Explained[]
  readonly unexplained: readonly Unexplained[]
  /** Counted by the account without an amount, at a price that the books do not tell either: in no sum. */
  readonly unvalued: readonly Pick<Claim, 'day' | 'model' | 'what' | 'quantity'>[]
}

export interface ReconcileInput {
  readonly claims: readonly Claim[]
  /** Days of UTC: from the first to before the last. */
  readonly from: string
  readonly to: string
  readonly canonical: Billing['canonical']
  /** Keys and projects that the gateway uses; where given, all else is traffic of others. */
  readonly own: readonly string[]
}

/** Takes attempts that the platform paid one provider for, those of the days before and after too, in any order. */
export interface Reconciler {
  add(row: AttemptRow): void
  result(): Reconciliation
}
