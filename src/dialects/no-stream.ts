import type { Step, StreamEnding } from '../contract/dialect.ts'

/** For families whose answers come whole, or as events that only their own clients read. */
export const noStream = (): Step<never, never> => ({ push: () => [], end: () => [] })

export const noEnding: StreamEnding = { isTerminal: () => false, isFinish: () => false }

/** Nothing but the model is edited in a body of these families. */
export const modelEdited = { model: true, usage: false, maxTokens: false } as const
