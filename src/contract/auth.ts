import type { Secret } from './secret.ts'

/** A credential's parts by name; a plain key is the one part `key`. Some are no secrets, and all are treated as such until they are read. */
export type Parts = Readonly<Record<string, Secret>>

/** How a request proves whose it is: by a header that carries a secret, or by a signature over the finished request. */
export type Auth = HeaderAuth | SignedAuth

export interface HeaderAuth {
  readonly header: string
  readonly prefix: string
  /** The part that is sent; `key` where absent. */
  readonly part?: string
}

export interface SignedAuth {
  /** Headers to be added to those of the request, as the last thing before it is sent. Pure. */
  sign(request: Signable, parts: Parts, now: number): Readonly<Record<string, string>>
}

/** A request as it will be sent: whatever is changed after it was signed breaks the signature. */
export interface Signable {
  readonly method: string
  /** Scheme, host, path and query; path and query percent-encoded. */
  readonly url: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  /** One body, in pieces. */
  readonly body: readonly Buffer[]
}

/**
 * An exchange of long-lived parts for short-lived ones, e.g. of a signed assertion for a bearer token. Pure but for the one request,
 * which the gateway sends, shares and remembers; see `Tokens`.
 */
export interface Mint {
  /** From the provider's data or the operator, with `{part}` for parts of a closed shape: what a tenant stores must not choose a host. */
  readonly url: string
  ask(parts: Parts, at: { readonly url: string; readonly now: number }): MintRequest
  /** Undefined: the body is no answer of this kind. */
  read(body: string, now: number): Minted | undefined
  /** The service's own words, where they say that the parts themselves are bad. */
  refusal(status: number, body: string): string | undefined
}

export interface MintRequest {
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Buffer
}

export interface Minted {
  /** Laid over the credential's own. */
  readonly parts: Parts
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}
