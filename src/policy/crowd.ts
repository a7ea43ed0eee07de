import { fairLevel } from './fair-level.ts'

/** How much one process takes on at a time. */
export interface Capacity {
  /** Requests that run. */
  readonly running: number
  /** It cannot keep up with what it has. */
  readonly slow: () => boolean
}

/** What one tenant has running, and what its plan counts beside the others'. */
interface Member {
  readonly running: number
  readonly weight: number
}

/** What is shared: the rest is for whoever comes next. */
const SHARED = 0.9
/** A tenant that has fewer running is not why a process is slow. */
const FEW = 32
/** Milliseconds between two looks at all tenants. */
const LOOK = 100

/** All requests that run in this process. Where they are as many as it can bear, who has more than its share of them waits, and nobody else. */
export class Crowd {
  running = 0
  readonly #capacity: Capacity
  readonly #now: () => number
  #level = { at: Number.NEGATIVE_INFINITY, is: 0 }

  constructor(capacity: Capacity, now: () => number) {
    this.#capacity = capacity
    this.#now = now
  }

  get isFull(): boolean {
    return this.running >= this.#capacity.running || this.#capacity.slow()
  }

  /** Whether one more of this tenant's would be too many while the process is full. */
  isTooMany({ running, weight }: Member, all: Iterable<Member>): boolean {
    const counts = this.running >= this.#capacity.running ? running > 0 : running >= FEW
    return counts && running + 1 > this.#levelOf(all) * weight
  }

  #levelOf(all: Iterable<Member>): number {
    const now = this.#now()
    if (Math.abs(now - this.#level.at) < LOOK) return this.#level.is
    const uses = [...all].filter(({ running }) => running > 0).map(({ running: used, weight }) => ({ used, weight }))
    this.#level = { at: now, is: fairLevel(Math.min(this.running, this.#capacity.running) * SHARED, uses) }
    return this.#level.is
  }
}
