import type { Secret } from '../contract/secret.ts'

/** How long an opened secret may be kept, in milliseconds. */
const KEPT = 60_000

/** Opened secrets of the last minute, so that a busy key is not decrypted on every request and an idle one is not held open. */
export class Plaintexts {
  readonly #now: () => number
  /** Oldest first, since every entry lives equally long. */
  readonly #opened = new Map<object, { readonly secret: Secret; readonly until: number }>()

  constructor(now: () => number) {
    this.#now = now
  }

  /** The secret of `owner`, opened anew where it is not held. */
  of(owner: object, open: () => Secret): Secret {
    this.sweep()
    const held = this.#opened.get(owner)
    if (held) return held.secret
    const secret = open()
    this.#opened.set(owner, { secret, until: this.#now() + KEPT })
    return secret
  }

  /** Lets go of all that is older than a minute. */
  sweep(): void {
    const now = this.#now()
    for (const [owner, { until }] of this.#opened) {
      if (until > now) return
      this.#opened.delete(owner)
    }
  }
}
