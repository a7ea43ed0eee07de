import { Roster, type Seated } from '../contract/roster.ts'
import type { UpstreamRequest } from '../contract/upstream.ts'

/** The stretch an exchange is in, each with its own deadline; `total` runs over all of them. */
export type Phase = 'connect' | 'sending' | 'firstByte' | 'progress'
export type Deadline = Phase | 'total'

/** How often deadlines are looked at, in milliseconds: one is met up to twice this after its time, never before. */
const TICK = 100

export interface Watched extends Seated {
  check(now: number): void
}

/** One coarse ticker over all open exchanges: a timer per request and per event would cost more than the events. */
export class Watch {
  readonly now: () => number
  readonly #open = new Roster<Watched>()
  #ticker: NodeJS.Timeout | undefined

  constructor(now: () => number) {
    this.now = now
  }

  add(watched: Watched): void {
    this.#open.add(watched)
    this.#ticker ??= setInterval(() => this.#tick(), TICK).unref()
  }

  delete(watched: Watched): void {
    this.#open.delete(watched)
  }

  #tick(): void {
    const now = this.now()
    for (const watched of this.#open) watched.check(now)
    if (this.#open.size > 0) return
    clearInterval(this.#ticker)
    this.#ticker = undefined
  }
}

/** The deadlines of one exchange. Events only set flags; the ticker reads the time. */
export class Stopwatch {
  phase: Phase = 'connect'
  readonly #limits: Readonly<Record<Phase, number>>
  readonly #endsAt: number
  #since: number
  #moved = false
  #paused = false

  constructor(request: UpstreamRequest, now: number) {
    this.#limits = limitsOf(request)
    this.#endsAt = now + request.deadlines.total
    this.#since = now
  }

  enter(phase: Phase): void {
    this.phase = phase
    this.#moved = true
  }

  moved(): void {
    this.#moved = true
  }

  /** A paused answer waits for our reader, so its silence is not the provider's. */
  pause(paused: boolean): void {
    this.#paused = paused
    this.#moved = true
  }

  /** The deadline that has passed, if one has. */
  expired(now: number): Deadline | undefined {
    if (now >= this.#endsAt) return 'total'
    if (this.#moved || (this.#paused && this.phase === 'progress')) {
      this.#moved = false
      this.#since = now
      return undefined
    }
    return now - this.#since >= this.#limits[this.phase] ? this.phase : undefined
  }
}

/** Milliseconds allowed: an answer that is not streamed is thought out whole before its first byte. */
export function limitOf(deadline: Deadline, request: UpstreamRequest): number {
  return deadline === 'total' ? request.deadlines.total : limitsOf(request)[deadline]
}

function limitsOf({ deadlines, stream }: UpstreamRequest): Readonly<Record<Phase, number>> {
  const { connect, firstByte, firstByteUnstreamed, progress } = deadlines
  // A body that comes in pieces is taken in pieces: each is waited for as an answer is.
  return { connect, sending: firstByte, firstByte: stream ? firstByte : firstByteUnstreamed, progress }
}
