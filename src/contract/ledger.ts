import type { Price } from './catalog.ts'
import type { Usage } from './dialect.ts'
import type { KeyId, TenantId } from './ids.ts'
import type { Draw, Held, Move, Overdraft, Taken } from './meter.ts'
import type { FallbackKind } from './plan.ts'

/** `reserved` is the only state that is not terminal. */
export type AttemptState = 'reserved' | 'settled' | 'estimated' | 'released'

export interface AttemptId {
  readonly requestId: string
  /** 1 for the first attempt of a request. */
  readonly attempt: number
}

/** What is known before a byte goes to the provider. */
export interface AttemptStart extends AttemptId {
  readonly tenant: TenantId
  readonly key: KeyId
  readonly tags: readonly string[]
  readonly user: string | undefined
  readonly endpoint: string
  readonly stream: boolean
  readonly plan: string
  readonly provider: string
  readonly wireModel: string
  readonly model: string | undefined
  readonly source: 'tenant' | 'platform' | 'none'
  readonly via: string | undefined
  readonly fingerprint: string | undefined
  /** It was one of several keys in one place. */
  readonly pooled?: true
  /** Why it is not the model that was asked for. */
  readonly fallback?: FallbackKind
  /** The answer was there already: of which request it is, and the nano-dollars that making it anew would have cost; null is unknown. */
  readonly cached?: { readonly from: string; readonly saved: number | null }
  readonly price: Price | undefined
  /** The configuration's hash. */
  readonly config: string
  readonly inputTokens: number
  readonly maxOutput: number | undefined
  /** How many answers to one prompt; absent: one. */
  readonly choices?: number
  /** Milliseconds since the epoch. */
  readonly at: number
  /** What it holds of budgets and meters; absent where none counts it. */
  readonly held?: readonly Held[]
}

/** How an attempt ended. Exactly one is accepted; later ones are ignored. */
export interface Outcome {
  readonly state: Exclude<AttemptState, 'reserved'>
  /** The provider's usage, or what was seen of it. */
  readonly usage: Usage | undefined
  readonly status: number
  /** The error's code, where it failed. */
  readonly code?: string
  readonly finish?: string
  readonly providerRequestId?: string
  readonly responseId?: string
  /** Output tokens seen, counted from the stream, for an estimate where usage never came. */
  readonly outputSeen?: number
  /** Its process died before anybody saw how it ended: the most that it may have come to is taken. */
  readonly unseen?: true
  /** Milliseconds from `at`: to the provider's headers, to the first byte of the answer, to the end. */
  readonly timings: { readonly headers?: number; readonly firstByte?: number; readonly total: number }
}

/** What an attempt cost, in nano-dollars; null is unknown, never zero. */
export interface Booked {
  readonly cost: number | null
  readonly charge: number | null
}

export interface Ticket {
  /** Resolves when the row is durable. The first call counts; further ones resolve with the first one's result. */
  settle(outcome: Outcome): Promise<Booked>
}

export interface Ledger {
  /** Resolves when the attempt is durably noted, so that bytes may go to the provider. */
  open(start: AttemptStart): Promise<Ticket>
  /** The same, with all that it may take of its meters; or with why these did not let it in, and nothing was noted. */
  open(start: AttemptStart, draws: readonly Draw[] | undefined): Promise<Ticket | Overdraft>
  /** Resolves when everything settled so far is durable. */
  flush(): Promise<void>
}

/** One line of a price: quantity times rate, in pico-dollars. */
export interface PriceLine {
  readonly what: string
  readonly quantity: number
  readonly rate: number
}

/** What an outcome costs, and the lines that add up to it. */
export interface Priced extends Booked {
  readonly lines: readonly PriceLine[]
  /** The provider's numbers contradict each other: parts larger than their whole were cut to it. */
  readonly suspect?: boolean
}

/** A row of `attempts` as it is stored and reported. */
export interface AttemptRow extends Priced {
  readonly start: AttemptStart
  readonly state: AttemptState
  readonly outcome: Outcome | undefined
  /** Of a reserved one that is to be let in: what it asks of its meters. */
  readonly draws?: readonly Draw[]
  /** Of one that has ended. */
  readonly taken?: readonly Taken[]
}

/** What became of a batch. */
export interface Written {
  /** A reserved row that exists already, a terminal one whose attempt is not open. */
  readonly refused: readonly AttemptRow[]
  /** Reserved rows for which a meter had no room: they were not written. */
  readonly overdrawn: ReadonlyMap<AttemptRow, Overdraft>
  /** What each reserved row with draws holds. */
  readonly held: ReadonlyMap<AttemptRow, readonly Held[]>
  /** Every balance that was looked at. */
  readonly moves: readonly Move[]
}

/** A place for ends while the store cannot write them, set aside before: a process that dies leaves them to `open` of the next. */
export interface Spare {
  /** Durable when it returns; throws where it cannot be. */
  keep(ends: readonly AttemptRow[]): void
  /** All that was kept is in the books. */
  clear(): void
}
