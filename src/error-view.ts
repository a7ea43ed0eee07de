import type { ErrorView } from './contract/dialect.ts'
import { GatewayError } from './errors.ts'
import { withoutGatewayKeys } from './wire/gateway-keys.ts'

/** A failure as dialects render it: the code a client knows, and under `metadata` whom it concerns. */
export function viewOf(error: GatewayError, requestId: string): ErrorView {
  const { shownCode, param, metadata } = error.details
  return {
    status: error.status,
    code: shownCode ?? error.code,
    type: error.type,
    message: error.message,
    ...(param !== undefined && { param }),
    requestId,
    metadata: { request_id: requestId, origin: error.origin, ...(shownCode !== undefined && { code: error.code }), ...metadata },
  }
}

/** Any thrown thing as an error that may be shown: what is not ours tells nothing of the inside. */
export function asGatewayError(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error
  return new GatewayError('internal_error', 'The gateway failed at this request. Its log has the reason under the request id.', {
    cause: error,
  })
}

/** How one protocol writes an error. */
export type EncodeError = (view: ErrorView) => object

/** Headers that tell whose fault it is and whether trying again can help. */
export function failureHeaders(error: GatewayError, requestId: string): Record<string, string> {
  const { retryAfter, headers } = error.details
  return {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    ...headers,
    'x-request-id': requestId,
    'x-tollgate-error-origin': error.origin,
    ...(!error.retry && { 'x-should-retry': 'false' }),
    ...(retryAfter !== undefined && { 'retry-after': String(Math.ceil(retryAfter)) }),
  }
}

export function failureBody(error: GatewayError, encode: EncodeError, requestId: string): Buffer | string {
  return error.details.body ?? withoutGatewayKeys(JSON.stringify(encode(viewOf(error, requestId))))
}
