import type { Hold } from '../contract/gateway.ts'
import type { SharedPlace } from '../contract/shared-rates.ts'
import type { Crowd } from './crowd.ts'
import type { Meter } from './meters.ts'
import type { Bucket } from './window.ts'

interface Where {
  readonly now: () => number
  readonly crowd: Crowd
}

/** An admitted request's place in its windows, from admission to its end. */
export class Place implements Hold {
  readonly #now: () => number
  readonly #crowd: Crowd
  readonly #tokens: number
  readonly #seats: readonly { meter: Meter; request: Bucket; tokens: Bucket }[]
  #shared: SharedPlace | undefined
  #over = false

  constructor(meters: readonly Meter[], tokens: number, { now, crowd }: Where) {
    const at = now()
    this.#now = now
    this.#crowd = crowd
    crowd.running++
    this.#tokens = tokens
    this.#seats = meters.map((meter) => {
      meter.running++
      return { meter, request: meter.requests.add(1, at), tokens: meter.tokens.add(tokens, at) }
    })
  }

  /** All replicas count it, too. */
  share(shared: SharedPlace): void {
    this.#shared = shared
  }

  settle(used: number | undefined): void {
    if (this.#ends()) return
    const now = this.#now()
    const unforeseen = (used ?? this.#tokens) - this.#tokens
    for (const { meter, tokens } of this.#seats) {
      meter.running--
      if (unforeseen > 0) meter.tokens.add(unforeseen, now)
      else meter.tokens.remove(-unforeseen, tokens, now)
      if (this.#shared) meter.correct(0, unforeseen)
    }
    this.#shared?.settle(unforeseen)
  }

  release(): void {
    if (this.#ends()) return
    const now = this.#now()
    for (const { meter, request, tokens } of this.#seats) {
      meter.running--
      meter.requests.remove(1, request, now)
      meter.tokens.remove(this.#tokens, tokens, now)
      if (this.#shared) meter.correct(-1, -this.#tokens)
    }
    this.#shared?.release()
  }

  /** True from the second time on. */
  #ends(): boolean {
    const over = this.#over
    if (!over) this.#crowd.running--
    this.#over = true
    return over
  }
}
