import type { ModelNames } from './catalog.ts'
import type { TenantId } from './ids.ts'
import type { Endpoint } from './provider.ts'

export type Count = 'requests' | 'tokens' | 'input' | 'output' | 'usd' | 'images' | 'seconds' | 'searches'

/** A decimal as it was written, so that none passes through a float before it is an integer. */
export type Decimal = number | string

export type Allowance = Decimal | 'none'

/** A meter as a plan has it (contract 9), checked, its amounts as they were written. */
export interface MeterSource {
  readonly name: string
  readonly count: Count
  /** How much one counts, by model; the first that matches. What matches none counts one, and what counts zero is not counted. */
  readonly weigh?: Readonly<Record<string, Decimal>> | undefined
  /** For all alike, or by user, key or tag, with `*` for the rest. */
  readonly allow: Allowance | Readonly<Record<string, Allowance>>
  /** `hour`, `day`, `week`, `month`, `total` by the calendar; `cycle` by the tenant's billing day; `minute`, `5h`, `30m`, `7d` from their first use on. */
  readonly per: string
  /** `tenant`, `user`, `key`, `plan` or `tag:x`. */
  readonly of?: string | undefined
  readonly payer?: 'tenant' | 'platform' | 'any' | undefined
  readonly models?: readonly string[] | undefined
  readonly endpoints?: readonly Endpoint[] | undefined
  readonly charge?: { readonly usd: Decimal } | { readonly percent: Decimal } | undefined
  readonly then?: 'refuse' | 'notify' | { readonly model: string } | { readonly meter: string } | undefined
  readonly at_percent?: readonly number[] | undefined
}

/** What a budget's period may be. */
export const PERIODS = ['hour', 'day', 'week', 'month', 'total'] as const
export type Period = (typeof PERIODS)[number]

/** How long a meter counts before it begins anew. `rolling`: from its first use on, for so many milliseconds. */
export type Span = { readonly kind: Period | 'cycle' } | { readonly kind: 'rolling'; readonly ms: number }

/** `tag`: what stands before the colon of a tag such as `department:sales`. */
export type MeterOf =
  | { readonly kind: 'tenant' | 'user' | 'key' | 'plan' | 'provider_key' }
  | { readonly kind: 'tag'; readonly tag: string }

/** A meter, or a budget, made ready for judging. Amounts are nano-dollars where `usd` is counted, thousandths of one elsewhere. */
export interface MeterRule {
  readonly name: string
  readonly count: Count
  readonly of: MeterOf
  readonly payer: 'tenant' | 'platform' | 'any'
  readonly span: Span
  /** As written, for sentences: `month`, `5h`. */
  readonly per: string
  /** What is done when nothing is left. */
  readonly atEnd: 'refuse' | 'notify' | { readonly model: string }
  /** Where what is beyond this one is counted. */
  readonly next: MeterRule | undefined
  readonly fee: Fee | undefined
  readonly percents: readonly number[]
  /** A new balance begins with what the sums have. */
  readonly seeded: boolean
  /** Null: as much as one likes. */
  allowFor(subject: string): number | null
  covers(names: ModelNames, endpoint: Endpoint): boolean
  /** Thousandths; 0 is not counted. */
  weightOf(names: ModelNames): number
}

/** An amount, as heavy as its model. `weight`: thousandths. */
export const weighed = (amount: number, weight: number): number => (weight === 1_000 ? amount : Math.round((amount * weight) / 1_000))

// How a meter stands in the books. Amounts are nano-dollars of what counts `usd`, else thousandths of what is counted.

export interface BalanceId {
  /** Empty where it is of several tenants together. */
  readonly owner: TenantId | ''
  readonly meter: string
  /** The user, key or tag that is counted apart; empty where the owner is counted as one. */
  readonly subject: string
  /** When its period began: milliseconds since the epoch. */
  readonly since: number
}

export interface Balance extends BalanceId {
  /** The most that running attempts may still take. */
  readonly held: number
  readonly spent: number
}

export interface KeptBalance extends Balance {
  /** What it began with. */
  readonly seeded: number
}

/** What the meter charges for what is taken: pico-dollars for one, or thousandths of a percent of its cost. */
export type Fee = { readonly pico: number } | { readonly percent: number }

/** A balance that may be drawn on. */
export interface Source extends BalanceId {
  /** When the period is over, in milliseconds; null: never. */
  readonly until: number | null
  /** It began with its first use: where one is running, that one is meant. */
  readonly rolls?: true
  /** Null: as much as one likes. */
  readonly allow: number | null
  readonly fee?: Fee
  /** A new one begins with what the tenant has spent of the platform's money in its period already. */
  readonly seeded?: true
}

/** What an attempt is counted by: the first source with room, and the next ones for what is beyond it. */
export interface Draw {
  readonly count: Count
  /** Thousandths. */
  readonly weight: number
  /** The most that it may come to; 0 where nobody can tell. */
  readonly bound: number
  readonly sources: readonly [Source, ...Source[]]
}

/** A draw that was let in. */
export interface Held {
  readonly count: Count
  readonly weight: number
  readonly shares: readonly [Share, ...Share[]]
}

export interface Share extends BalanceId {
  readonly held: number
  readonly fee?: Fee
}

/** What an ended attempt took in the end in place of what it held. */
export interface Taken extends BalanceId {
  readonly held: number
  readonly spent: number
  /** Nano-dollars, where the meter charges by itself; null: a share of a cost that nobody can tell. */
  readonly fee?: number | null
}

/** Why an attempt was not let in: there is too little left. */
export interface Overdraft {
  /** Which of its draws. */
  readonly draw: number
  /** Of the last source. */
  readonly spent: number
  readonly held: number
  /** Of all its sources. */
  readonly left: number
}

/** A balance after a transaction, and what was spent of it before. */
export interface Move extends Balance {
  readonly before: number
}
