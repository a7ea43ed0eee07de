// The table of failures: what may have happened at the provider, and so who may be asked next.

import type { Ailment } from '../contract/trouble.ts'
import type { ErrorCode, GatewayError } from '../errors.ts'

/** An attempt that brought nothing to the client: why, and whether its request may have reached the provider. */
export interface Failure {
  readonly error: GatewayError
  readonly sent: boolean
}

/** What a failure means for what comes next. */
export interface Meaning {
  /**
   * `again`: surely nothing was done, so any offer may be tried. `when allowed`: it may have been processed and billed, so only a client that
   * can bear it twice has it tried again. `other key`: the provider did nothing, and it is this key's affair.
   */
  readonly next: 'again' | 'when allowed' | 'other key'
  readonly ailment: Ailment
}

const DOWN: Meaning = { next: 'again', ailment: 'outage' }
const UNSURE: Meaning = { next: 'when allowed', ailment: 'outage' }
const BUSY: Meaning = { next: 'again', ailment: 'busy' }
const KEY: Meaning = { next: 'other key', ailment: 'key' }

/** Not a byte left: refused, not found in DNS, no TLS, no connection in time. */
const UNSENT: { readonly [Code in ErrorCode]?: Meaning } = {
  upstream_unreachable: DOWN,
  upstream_timeout: DOWN,
}

const SENT: { readonly [Code in ErrorCode]?: Meaning } = {
  upstream_disconnected: UNSURE,
  upstream_timeout: UNSURE,
  upstream_protocol_error: UNSURE,
  credential_invalid: KEY,
  credential_exhausted: KEY,
}

/** By the provider's own status: 429, 503 and 529 say that the request was not taken; of the other failures nobody knows. */
const ANSWERED: Readonly<Record<number, Meaning>> = {
  408: UNSURE,
  429: BUSY,
  500: UNSURE,
  502: UNSURE,
  503: DOWN,
  504: UNSURE,
  529: DOWN,
}

/** Undefined: trying again would bring the same, or is nobody's to try. */
export function meaningOf({ error, sent }: Failure): Meaning | undefined {
  // A prompt that is too long or unwelcome is that with every offer of the model.
  if (error.details.kind) return undefined
  if (!sent) return UNSENT[error.code]
  return error.code === 'upstream_error' ? ANSWERED[error.status] : SENT[error.code]
}

/** What the failure says of the offer, sent or not; undefined where it says nothing against it. */
export function ailmentOf(error: GatewayError): Ailment | undefined {
  return (meaningOf({ error, sent: true }) ?? UNSENT[error.code])?.ailment
}
