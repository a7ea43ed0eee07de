import type { SharedCount } from '../contract/shared-rates.ts'
import { SlidingWindow } from './window.ts'

/** What one tenant, or one gateway key, does at present. */
export class Meter {
  readonly requests = new SlidingWindow()
  readonly tokens = new SlidingWindow()
  /** Requests that have not ended. */
  running = 0
  /** What the plan counts beside others', where a process has more to do than it can. */
  weight = 1
  /** What all replicas had counted when they were last asked, and when nothing of that counts any more. */
  told: { readonly requests: number; readonly tokens: number; readonly until: number } | undefined

  isIdle(now: number): boolean {
    return this.running === 0 && this.requests.isEmpty(now) && this.tokens.isEmpty(now)
  }

  learn(count: SharedCount | undefined, now: number): void {
    if (count && count.resetMs > 0) this.told = { requests: count.requests, tokens: count.tokens, until: now + count.resetMs }
  }

  /** This process corrects what it told the others. */
  correct(requests: number, tokens: number): void {
    if (this.told) this.told = { ...this.told, requests: this.told.requests + requests, tokens: this.told.tokens + tokens }
  }
}

/** Meters by id. The idle ones are dropped as new ones come: each newcomer has two of the oldest looked at, so at most half are idle. */
export class Meters<Id> {
  readonly #now: () => number
  readonly #byId = new Map<Id, Meter>()

  constructor(now: () => number) {
    this.#now = now
  }

  values(): Iterable<Meter> {
    return this.#byId.values()
  }

  get size(): number {
    return this.#byId.size
  }

  get(id: Id): Meter | undefined {
    return this.#byId.get(id)
  }

  open(id: Id): Meter {
    let meter = this.#byId.get(id)
    if (!meter) {
      this.#makeRoom()
      this.#byId.set(id, (meter = new Meter()))
    }
    return meter
  }

  #makeRoom(): void {
    const now = this.#now()
    const oldest = this.#byId.entries()
    for (let looks = 0; looks < 2; looks++) {
      const { value: entry } = oldest.next()
      if (!entry) return
      const [id, meter] = entry
      this.#byId.delete(id)
      // A busy one goes to the end, so that every one has its turn.
      if (!meter.isIdle(now)) this.#byId.set(id, meter)
    }
  }
}
