import type { ErrorView, SseEvent } from '../../contract/dialect.ts'

/** `{"error":{message,type,param,code}}` as OpenAI sends it, with `metadata` beside them. */
export function encodeError({ message, type, param = undefined, code, requestId, metadata }: ErrorView): object {
  return { error: { message, type, param: param ?? null, code, metadata: { request_id: requestId, ...metadata } } }
}

export function encodeStreamError(failure: ErrorView): SseEvent {
  return { data: JSON.stringify(encodeError(failure)) }
}
