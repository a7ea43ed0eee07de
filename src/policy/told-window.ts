import type { Left } from '../contract/headroom.ts'

/** Milliseconds. What was told holds no longer, and no shorter where it was not told how long. */
const LONGEST = 60_000
/** Milliseconds after which a request surely is in what a provider says, though its own answer takes longer. */
const LAG = 2_000

/**
 * A provider's window as it was last told of. What it can do in a minute is what we had used of it and what was left: as our use leaves the
 * minute, there is room again, whether the provider counts so itself or fills a bucket.
 */
export class ToldWindow {
  #limit = 0
  #capacity = 0
  /** Milliseconds since the epoch, both. */
  #until = 0
  #toldOf = 0
  /** Taken so lately that a provider may not have counted it in what it says. */
  readonly #lately: { readonly at: number; readonly amount: number }[] = []

  /** `sentAt`: when the request left in whose answer this was told. Answers may come in another order. */
  hear({ limit, remaining, resetMs = LONGEST }: Left, { used, sentAt, now }: { used: number; sentAt: number; now: number }): void {
    if (sentAt < this.#toldOf) return
    this.#toldOf = sentAt
    const uncounted = this.#lately.reduce((sum, { at, amount }) => (at > sentAt && at > now - LAG ? sum + amount : sum), 0)
    this.#limit = limit
    // Our seconds leave the minute whole, so that what the provider has freed already may be in both.
    this.#capacity = Math.max(0, Math.min(limit, used + remaining - uncounted))
    this.#until = now + Math.min(resetMs, LONGEST)
  }

  /** Nothing more is taken for so many milliseconds, and then what leaves the minute. */
  spent(waitMs: number, used: number, now: number): void {
    this.#toldOf = now
    this.#limit = this.#limit || Math.max(1, used)
    this.#capacity = Math.min(this.#limit, used)
    this.#until = now + Math.min(waitMs, LONGEST) + LONGEST
  }

  take(amount: number, now: number): void {
    while (this.#lately[0] && this.#lately[0].at <= now - LAG) this.#lately.shift()
    this.#lately.push({ at: now, amount })
  }

  /** What it can do in this minute; undefined while enough of it is left, or nothing is known. */
  scarce(used: number, below: number, now: number): number | undefined {
    return now < this.#until && this.#capacity - used < this.#limit * below ? this.#capacity : undefined
  }

  isOver(now: number): boolean {
    return now >= this.#until
  }
}
