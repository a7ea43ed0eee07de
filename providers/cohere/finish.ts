import type { FinishReason } from '../../src/contract/chat.ts'
import type { ProviderFailure } from '../../src/contract/dialect.ts'
import { readFailure } from '../../src/dialects/failure.ts'
import { entryOf, fields, word } from '../../src/dialects/fields.ts'

const FINISHES: Readonly<Record<string, FinishReason>> = {
  COMPLETE: 'stop',
  STOP_SEQUENCE: 'stop',
  MAX_TOKENS: 'length',
  TOOL_CALL: 'tool_calls',
}

/** With these an answer is not whole, though its status is 200. */
const FAILURES: Readonly<Record<string, string>> = {
  ERROR: 'The model failed in the middle of its answer: ask again.',
  TIMEOUT: 'The model ran out of time in the middle of its answer: ask again, or for less.',
}

/** A reason that nobody has told us of yet still ended the answer; `native_finish_reason` names it. */
export function readFinish(reason: unknown): FinishReason | null {
  const native = word(reason)
  return native === undefined ? null : (entryOf(FINISHES, native) ?? 'stop')
}

const WORDS: Readonly<Record<FinishReason, string>> = {
  stop: 'COMPLETE',
  length: 'MAX_TOKENS',
  tool_calls: 'TOOL_CALL',
  function_call: 'TOOL_CALL',
  // There is no word for what was withheld, and it is not complete.
  content_filter: 'ERROR',
}

interface Finished {
  readonly finish_reason: FinishReason | null
  readonly native_finish_reason?: string | undefined
}

/** Why the answer ended: the provider's own word where this API has it, too. A refusal in words is told whatever the reason. */
export function encodeFinish({ finish_reason, native_finish_reason: native }: Finished, refusal: string): object {
  if (refusal !== '') return { finish_reason: WORDS.content_filter, error: refusal }
  if (finish_reason === null) return {}
  return { finish_reason: native !== undefined && entryOf(FINISHES, native) === finish_reason ? native : WORDS[finish_reason] }
}

/** The failure of a body, of an answer that broke off, or of a stream's last event. */
export function readCohereFailure(body: unknown): ProviderFailure | undefined {
  const answer = fields(body)
  const ended = answer.finish_reason === undefined ? fields(answer.delta) : answer
  const otherwise = entryOf(FAILURES, ended.finish_reason)
  if (otherwise === undefined) return readFailure(body)
  return { message: word(ended.error) ?? otherwise, type: word(ended.error_type) ?? word(ended.finish_reason) }
}
