// A provider's own account of what it bills, beside the books. Amounts are pico-dollars.

/** What is billed. `tool`: what a provider does at its own side, such as searches and storage. `all`: something else, or the account does not tell. */
export type Billed = 'input' | 'cacheRead' | 'cacheWrite' | 'output' | 'tool' | 'all'

/** One line of a provider's account. */
export interface Claim {
  /** `2026-10-05`, UTC. */
  readonly day: string
  /** As `canonical` writes it; undefined where the account names none. */
  readonly model: string | undefined
  readonly what: Billed
  /** Of service; empty for the usual one. */
  readonly tier: string
  /** Undefined: the account counts and tells no amounts. */
  readonly amount: bigint | undefined
  readonly quantity: number | undefined
  readonly requests: number | undefined
  /** The key and project that it is billed to, by id and by name, as far as the account tells. */
  readonly accounts: readonly string[]
  /** Amounts are whole multiples of this. */
  readonly grain: bigint
}

/** How a provider's accounts are read. */
export interface Billing {
  /** Undefined where the text is no account that is known. Throws `invalid_value` where it is one that cannot be used. */
  read(text: string): readonly Claim[] | undefined
  /** One name for all that a provider bills as one model: a wire name, a dated one, one for people. */
  canonical(model: string): string
}
