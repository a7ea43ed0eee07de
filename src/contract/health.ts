import type { Offer } from './decision.ts'
import type { KeyId, ProviderId, SettingKey, TenantId } from './ids.ts'
import type { Provider } from './provider.ts'
import type { Ailment, Trouble } from './trouble.ts'

/** A failed attempt as health hears of it. */
export interface Failing {
  readonly ailment: Ailment
  readonly code: string
  /** Seconds, where the provider said when to come back. */
  readonly retryAfter?: number | undefined
  readonly tenant: TenantId | undefined
}

/** Health of offers, learnt from their own traffic: what the decision reads, and what attempts report. */
export interface OfferHealth {
  /** Undefined for nearly all offers, at the cost of a look. */
  trouble(offer: Offer): Trouble | undefined
  /** A request is about to go to the offer: where its trouble is over, this is the one that finds out. */
  enter(offer: Offer): void
  succeeded(offer: Offer): void
  failed(offer: Offer, failing: Failing): void
  /** What was found out lately, worst first; a provider and key of which nothing is told have shown no trouble. */
  report(): readonly KeyReport[]
}

/** How one provider has served one key of late. */
export interface KeyReport {
  readonly provider: ProviderId
  readonly source: 'tenant' | 'platform' | 'none'
  readonly tenant: TenantId | undefined
  readonly settingKey: SettingKey | undefined
  readonly last4: string | undefined
  readonly fingerprint: string | undefined
  /** `down`: passed over; `trying`: a request is finding out; `cooling`: asked for patience; `failing`: served, and not always well. */
  readonly state: 'down' | 'trying' | 'cooling' | 'failing'
  /** Wire models that are in this state. */
  readonly models: readonly string[]
  /** The latest failure. */
  readonly code: string
  /** Milliseconds since the epoch. */
  readonly failedAt: number
  readonly until: number | undefined
}

/** How many requests may be on a further attempt at a time, so that an outage is not answered with a storm. */
export interface RetryBudget {
  /** A request began; it counts until `leave`. */
  enter(): void
  leave(): void
  /** Waits a moment for its turn; undefined where that did not come. What it gives is called once, when the provider has answered. */
  take(): Promise<(() => void) | undefined>
}

/** Health of keys, as the sender reports it and the walk reads it. */
export interface KeyHealth {
  isInvalid(key: KeyRef): boolean
  /** The provider's words that made the key invalid; undefined while it is not. */
  words(key: KeyRef): string | undefined
  /** The provider's own words were those for a bad key. */
  refused(key: KeyRef, words: string): void
  accepted(key: KeyRef): void
}

export interface KeyRef {
  readonly provider: Provider
  readonly tenant: TenantId | undefined
  readonly fingerprint: string
  readonly gatewayKey?: KeyId
}
