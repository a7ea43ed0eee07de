import type { ErrorView, SseEvent } from '../../contract/dialect.ts'

/** The `type` that goes with a status: https://platform.claude.com/docs/en/api/errors */
const TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  408: 'timeout_error',
  409: 'conflict_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
}

/** The SDK shows `details.error_code` as the error's code; what else we know stands beside it. */
export function encodeError({ status, code, message, param, requestId, metadata }: ErrorView): object {
  const type = TYPES[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error')
  const details = { error_code: code, ...(param === undefined ? {} : { param }), ...metadata }
  return { type: 'error', error: { type, message, details }, request_id: requestId }
}

export function encodeStreamError(failure: ErrorView): SseEvent {
  return { event: 'error', data: JSON.stringify(encodeError(failure)) }
}
