import { SlidingWindow } from './window.ts'

/** What one tenant, or one gateway key, does at present. */
export class Meter {
  readonly requests = new SlidingWindow()
  readonly tokens = new SlidingWindow()
  /** Requests that have not ended. */
  running = 0

  isIdle(now: number): boolean {
    return this.running === 0 && this.requests.isEmpty(now) && this.tokens.isEmpty(now)
  }
}

/** Meters by id. The idle ones are dropped as new ones come: each newcomer has two of the oldest looked at, so at most half are idle. */
export class Meters<Id> {
  readonly #now: () => number
  readonly #byId = new Map<Id, Meter>()

  constructor(now: () => number) {
    this.#now = now
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
