import type { Glanced, Step, StreamEnding } from '../contract/dialect.ts'

/** For families whose answers come whole, or as events that only their own clients read. */
export const noStream = (): Step<never, never> => ({ push: () => [], end: () => [] })

export const noEnding: StreamEnding = { isTerminal: () => false, isFinish: () => false }

/** Nothing but the model is edited in a body of these families. */
export const modelEdited = { model: true, usage: false, maxTokens: false } as const

/** What no body of these families tells of itself; each adds what its own does. */
export const untold = {
  model: undefined,
  stream: undefined,
  maxOutput: undefined,
  tools: false,
  jsonSchema: false,
  user: undefined,
} as const satisfies Glanced
