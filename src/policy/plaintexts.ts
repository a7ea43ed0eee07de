/** How long an opened secret may be kept, in milliseconds. */
const KEPT = 60_000

/** Opened secrets of the last minute, so that a busy key is not decrypted on every request and an idle one is not held open. */
export class Plaintexts<Opened> {
  readonly #now: () => number
  /** Oldest first, since every entry lives equally long. */
  readonly #opened = new Map<object, { readonly opened: Opened; readonly until: number }>()

  constructor(now: () => number) {
    this.#now = now
  }

  /** What is sealed in `owner`, opened anew where it is not held. */
  of(owner: object, open: () => Opened): Opened {
    this.sweep()
    const held = this.#opened.get(owner)
    if (held) return held.opened
    const opened = open()
    this.#opened.set(owner, { opened, until: this.#now() + KEPT })
    return opened
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
