import type { ErrorView, SseEvent } from '../../src/contract/dialect.ts'
import { fields, text } from '../../src/dialects/fields.ts'

/** `{id, message, error_type}` as Cohere sends it, with what else we know beside them: https://docs.cohere.com/reference/errors */
export function encodeError({ message, code, param, requestId, metadata }: ErrorView): object {
  return { id: requestId, message, error_type: code, ...(param === undefined ? {} : { param }), metadata }
}

/** The end of a message that failed, in the place where an answer's end is. */
export function encodeStreamError({ message, code, requestId }: ErrorView): SseEvent {
  const delta = { finish_reason: 'ERROR', error: message, error_type: code }
  return { event: 'message-end', data: JSON.stringify({ id: requestId, type: 'message-end', delta }) }
}

/** Of a body, or of a stream's last event. */
export function isOwnError(body: unknown): boolean {
  const { message, type } = fields(body)
  return type === 'message-end' || text(message) !== undefined
}
