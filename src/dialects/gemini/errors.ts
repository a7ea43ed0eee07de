import type { ErrorView, SseEvent } from '../../contract/dialect.ts'

/** The word that goes with a status: https://cloud.google.com/apis/design/errors#handling_errors */
const WORDS: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  402: 'FAILED_PRECONDITION',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  408: 'DEADLINE_EXCEEDED',
  409: 'ABORTED',
  429: 'RESOURCE_EXHAUSTED',
  499: 'CANCELLED',
  501: 'UNIMPLEMENTED',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
  529: 'UNAVAILABLE',
}

/** `ErrorInfo` is where Google's errors have room for a reason and, as text, whatever else is known. */
export function encodeError({ status: code, code: reason, message, param, metadata }: ErrorView): object {
  const known = Object.entries({ ...(param === undefined ? {} : { param }), ...metadata }).filter(([, value]) => value !== undefined)
  const told = known.map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)])
  const info = { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain: 'tollgate', metadata: Object.fromEntries(told) }
  return { error: { code, message, status: WORDS[code] ?? (code >= 500 ? 'INTERNAL' : 'INVALID_ARGUMENT'), details: [info] } }
}

export function encodeStreamError(failure: ErrorView): SseEvent {
  return { data: JSON.stringify(encodeError(failure)) }
}
