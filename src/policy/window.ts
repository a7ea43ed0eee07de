const SPAN = 60_000

/** What was counted within one second. */
export interface Bucket {
  readonly second: number
  amount: number
  /** Milliseconds: when the last of it was counted. */
  last: number
}

/**
 * A sum over the last 60 seconds. What is counted shares a bucket with the rest of its second and leaves with the last of it, so no 60
 * seconds ever hold more than was allowed; at most 61 buckets are kept.
 */
export class SlidingWindow {
  readonly #buckets: Bucket[] = []
  #total = 0

  total(now: number): number {
    this.#forget(now)
    return this.#total
  }

  add(amount: number, now: number): Bucket {
    this.#forget(now)
    const second = Math.floor(now / 1_000)
    let bucket = this.#buckets.at(-1)
    // A clock that steps back counts into the latest second.
    if (!bucket || bucket.second < second) this.#buckets.push((bucket = { second, amount: 0, last: now }))
    bucket.amount += amount
    bucket.last = Math.max(bucket.last, now)
    this.#total += amount
    return bucket
  }

  /** Gives back what was counted into a bucket; nothing, where that has left the window. */
  remove(amount: number, bucket: Bucket, now: number): void {
    this.#forget(now)
    if (!this.#buckets.includes(bucket)) return
    bucket.amount -= amount
    this.#total -= amount
  }

  /** Milliseconds until `amount` more fits under `limit`. */
  wait(amount: number, limit: number, now: number): number {
    let total = this.total(now)
    for (const bucket of this.#buckets) {
      if (total + amount <= limit) return 0
      total -= bucket.amount
      if (total + amount <= limit) return bucket.last + SPAN - now
    }
    return 0
  }

  /** Milliseconds until nothing is counted any more. */
  reset(now: number): number {
    this.#forget(now)
    const latest = this.#buckets.at(-1)
    return latest && this.#total > 0 ? latest.last + SPAN - now : 0
  }

  isEmpty(now: number): boolean {
    this.#forget(now)
    return this.#buckets.length === 0
  }

  #forget(now: number): void {
    if ((this.#buckets.at(-1)?.last ?? 0) > now) this.#comeBack(now)
    let oldest = this.#buckets[0]
    while (oldest && oldest.last <= now - SPAN) {
      this.#total -= oldest.amount
      this.#buckets.shift()
      oldest = this.#buckets[0]
    }
  }

  /** A clock that steps back leaves nothing in the future, which would count for as long as the step was. */
  #comeBack(now: number): void {
    for (const bucket of this.#buckets) bucket.last = Math.min(bucket.last, now)
  }
}
