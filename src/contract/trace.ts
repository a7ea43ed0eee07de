import type { Caller } from './caller.ts'
import type { Ask, Decision } from './decision.ts'

/** A request as it was decided; what became of it stands in the books. Never what was said in it, and never a key. */
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

/** Every request's decision, kept by reference for a bounded time and size and told when somebody asks. */
export interface Traces {
  keep(trace: Trace): void
  /** Undefined where it was never here, or is no longer. */
  find(requestId: string): Trace | undefined
}
