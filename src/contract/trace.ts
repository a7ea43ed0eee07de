import type { Caller } from './caller.ts'
import type { Ask, Decision } from './decision.ts'

/** A request as it was decided, and what became of it. Never what was said in it, and never a key. */
export interface Trace {
  readonly requestId: string
  readonly caller: Caller
  readonly ask: Ask
  readonly decision: Decision
  /** The configuration's hash. */
  readonly config: string
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** One attempt, as it ended. */
export interface TracedAttempt {
  readonly attempt: number
  readonly provider: string
  readonly wireModel: string
  readonly source: 'tenant' | 'platform' | 'none'
  readonly via: string | undefined
  readonly fingerprint: string | undefined
  readonly code: string
  readonly status: number
  /** Milliseconds. */
  readonly firstByteMs: number | undefined
  readonly totalMs: number
}

export interface FoundTrace extends Trace {
  /** Those that have ended. */
  readonly attempts: readonly TracedAttempt[]
}

/** Every request's decision, kept by reference for a bounded time and size and told when somebody asks. */
export interface Traces {
  keep(trace: Trace): void
  /** Undefined where it was never here, or is no longer. */
  find(requestId: string): FoundTrace | undefined
}
