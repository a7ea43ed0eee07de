import type { Exchange, UpstreamHeaders, UpstreamListener, UpstreamRequest } from '../contract/upstream.ts'
import { Stopwatch, type Watch, type Watched } from './deadlines.ts'
import { failureOf, timedOut } from './failure.ts'

/** An answer that is known before it is given. */
export interface Script {
  readonly status: number
  readonly headers: UpstreamHeaders
  readonly chunks: readonly Buffer[]
  /** Milliseconds before each chunk; absent, they follow as fast as they are taken. */
  readonly pace?: number
  /** What follows the last chunk instead of a clean end. */
  readonly end?: 'silence' | 'cut'
}

/** Runs something later, and returns how to call it off. */
export type After = (ms: number, run: () => void) => () => void

export interface Stage {
  readonly request: UpstreamRequest
  readonly listener: UpstreamListener
  readonly watch: Watch
  readonly after: After
}

/** An exchange without a socket, under the same deadlines as those with one. */
export class Playback implements Exchange, Watched {
  seat = -1
  readonly #script: Script
  readonly #stage: Stage
  readonly #stopwatch: Stopwatch
  #callOff: () => void
  #at = 0
  #open = true
  #paused = false

  constructor(script: Script, stage: Stage) {
    this.#script = script
    this.#stage = stage
    this.#stopwatch = new Stopwatch(stage.request, stage.watch.now())
    stage.watch.add(this)
    this.#callOff = stage.after(0, () => this.#begin())
  }

  pause(): void {
    this.#paused = true
    this.#stopwatch.pause(true)
    if (this.#began) this.#callOff()
  }

  resume(): void {
    if (!this.#open || !this.#paused) return
    this.#paused = false
    this.#stopwatch.pause(false)
    if (this.#began) this.#later()
  }

  progressed(): void {
    this.#stopwatch.moved()
  }

  cancel(): void {
    this.#open = false
    this.#stage.watch.delete(this)
    this.#callOff()
  }

  check(now: number): void {
    const deadline = this.#stopwatch.expired(now)
    if (deadline === undefined) return
    this.cancel()
    this.#stage.listener.onFail(timedOut(deadline, this.#stage.request), true)
  }

  get #began(): boolean {
    return this.#stopwatch.phase === 'progress'
  }

  #begin(): void {
    this.#stopwatch.enter('progress')
    this.#stage.listener.onHeaders(this.#script.status, this.#script.headers)
    if (this.#open && !this.#paused) this.#later()
  }

  #later(): void {
    this.#callOff = this.#stage.after(this.#script.pace ?? 0, () => this.#play())
  }

  #play(): void {
    do {
      const chunk = this.#script.chunks[this.#at]
      if (chunk === undefined) {
        this.#end()
        return
      }
      this.#at += 1
      this.#stage.listener.onData(chunk)
    } while (this.#open && !this.#paused && this.#script.pace === undefined)
    if (this.#open && !this.#paused) this.#later()
  }

  #end(): void {
    if (this.#script.end === 'silence') return
    this.cancel()
    const { listener, request } = this.#stage
    if (this.#script.end === 'cut') listener.onFail(failureOf(CUT, request, true), true)
    else listener.onEnd()
  }
}

const CUT = Object.assign(new Error('the script breaks off here'), { code: 'ECONNRESET' })
