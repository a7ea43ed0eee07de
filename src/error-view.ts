import type { ErrorView } from './contract/dialect.ts'
import { GatewayError } from './errors.ts'

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
