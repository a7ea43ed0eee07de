import type { Failing } from '../contract/health.ts'
import type { Trouble } from '../contract/trouble.ts'

const SECOND = 1_000
/** Failures count for so long, in milliseconds as all times here. */
const WINDOW = 10 * SECOND
const IN_A_ROW = 5
const OF_AT_LEAST = 20
const SHARE = 0.4
/** How long a breaker is open the first time; each time that finding out fails it is this much longer. */
const OPEN = 30 * SECOND
const LONGEST = 300 * SECOND
/** One request finds out; another may, where it has not come back after so long. */
const TRYING = 10 * SECOND
/** Patience with a provider that asks for it and does not say how much. */
const COOL = 5 * SECOND
/** A key that is refused, or whose account is empty, rests for a minute; whether it is bad is for the health of keys to say. */
const KEY_REST = 60 * SECOND

/** The state of one offer that has failed: closed, open until a time, or half open while one request finds out. */
export class Breaker {
  #failing: Failing
  #failedAt: number
  /** Passed over until then. */
  #until = 0
  /** How often in a row it was found down; 0: closed. */
  #rounds = 0
  #tryingUntil = 0
  #calls = 0
  #failures = 0
  #inARow = 0
  #countedSince: number

  constructor(failing: Failing, now: number) {
    this.#failing = failing
    this.#failedAt = now
    this.#countedSince = now
  }

  get failing(): Failing {
    return this.#failing
  }

  get failedAt(): number {
    return this.#failedAt
  }

  get isDown(): boolean {
    return this.#rounds > 0
  }

  isTrying(now: number): boolean {
    return this.#tryingUntil > now
  }

  trouble(now: number): Trouble | undefined {
    const until = Math.max(this.#until, this.#tryingUntil)
    return until > now ? { ailment: this.#failing.ailment, until, code: this.#failing.code } : undefined
  }

  /** A request goes to the offer. */
  enter(now: number): void {
    if (this.isDown && this.#until <= now) this.#tryingUntil = now + TRYING
  }

  succeeded(now: number): void {
    this.#count(now)
    this.#inARow = 0
    // An answer to what was sent before it was found down says nothing about now.
    if (!this.isDown || this.#until > now) return
    this.#rounds = 0
    this.#tryingUntil = 0
    this.#restart(now)
  }

  /** `jitter` from 0 to 1, so that many gateways do not all find out at once. */
  failed(failing: Failing, now: number, jitter: number): void {
    this.#failing = failing
    this.#failedAt = now
    if (failing.ailment === 'outage') this.#countFailure(now, jitter)
    const patience = failing.retryAfter === undefined ? REST[failing.ailment] : failing.retryAfter * SECOND
    this.#until = Math.max(this.#until, now + patience)
  }

  #countFailure(now: number, jitter: number): void {
    this.#count(now)
    this.#failures++
    this.#inARow++
    // Requests that were under way when it was found down find out nothing new.
    if (this.isDown ? this.#until > now : !this.#isTooMuch()) return
    this.#rounds++
    this.#tryingUntil = 0
    this.#until = now + Math.min(LONGEST, OPEN * this.#rounds) * (1 + jitter / 5)
    this.#restart(now)
  }

  #isTooMuch(): boolean {
    return this.#inARow >= IN_A_ROW || (this.#calls >= OF_AT_LEAST && this.#failures >= this.#calls * SHARE)
  }

  #count(now: number): void {
    if (now - this.#countedSince > WINDOW) this.#restart(now)
    this.#calls++
  }

  #restart(now: number): void {
    this.#countedSince = now
    this.#calls = 0
    this.#failures = 0
    this.#inARow = 0
  }
}

const REST = { outage: 0, busy: COOL, key: KEY_REST } as const
