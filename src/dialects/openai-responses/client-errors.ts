import type { ErrorView, SseEvent } from '../../contract/dialect.ts'
import { encodeError } from '../openai-chat/errors.ts'

/**
 * One frame that all clients understand: OpenAI's packages throw whatever event has an `error`, agents wait for `response.failed`.
 * How many frames went before is not known here, so its number is the largest that every client can hold.
 */
export function encodeStreamError(failure: ErrorView): SseEvent {
  const { code, message, requestId } = failure
  const type = 'response.failed'
  const response = { id: `resp_${requestId}`, object: 'response', status: 'failed', error: { code, message }, output: [] }
  return { event: type, data: JSON.stringify({ type, sequence_number: LAST, response, ...encodeError(failure) }) }
}

const LAST = 2_147_483_647
