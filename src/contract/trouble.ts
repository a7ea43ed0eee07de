/**
 * What a failed attempt says about its offer. `outage`: the provider does not serve; `busy`: it asks for patience, and is well; `key`: it
 * does not take this key.
 */
export type Ailment = 'outage' | 'busy' | 'key'

/** Why an offer is passed over while another one may stand in for it. */
export interface Trouble {
  readonly ailment: Ailment
  /** Milliseconds since the epoch: it is tried again from then on. */
  readonly until: number
  /** The failure that it came from. */
  readonly code: string
}
