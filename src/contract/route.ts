/** For which requests a candidate is meant: all that is given must hold, and of a list any entry will do. Case counts. */
export interface RouteCondition {
  /** Slugs or ids. */
  readonly tenants?: readonly string[]
  readonly plans?: readonly string[]
  /** By lower-case name. */
  readonly headers?: Readonly<Record<string, readonly string[]>>
  /** Of the body's `metadata`. */
  readonly metadata?: Readonly<Record<string, readonly string[]>>
  /** Of the estimated prompt; `below` is excluded. */
  readonly inputTokens?: { readonly from?: number; readonly below?: number }
}

/** What conditions and draws go by besides model and size: only what some route of the operator's asks for is read at all. */
export interface Traits {
  readonly headers: Readonly<Record<string, string>>
  readonly metadata: Readonly<Record<string, string>>
  /** Stands for the conversation, the same for each of its requests; a hash that tells nothing else. */
  readonly session: string | undefined
  /** Of this request alone. */
  readonly seed: string
}

/** The traits that a route reads. */
export interface TraitNames {
  readonly headers: readonly string[]
  readonly metadata: readonly string[]
  readonly session: boolean
}
