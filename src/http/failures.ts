import type { ServerResponse } from 'node:http'
import type { ErrorView } from '../contract/dialect.ts'
import { asGatewayError, viewOf } from '../error-view.ts'
import type { GatewayError } from '../errors.ts'
import { withoutGatewayKeys } from '../wire/gateway-keys.ts'

/** How one protocol writes an error. */
export type EncodeError = (view: ErrorView) => object

/** OpenAI's envelope, which our own endpoints use too. */
export const envelope: EncodeError = ({ message, type, param, code, metadata }) => ({
  error: { message, type, param: param ?? null, code, metadata },
})

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

/** Writes a failure where nothing was written yet; a response that began is cut, so that it is not taken for whole. */
export function sendFailure(
  response: ServerResponse,
  thrown: unknown,
  { encode, requestId }: { encode: EncodeError; requestId: string },
): GatewayError {
  const error = asGatewayError(thrown)
  if (response.headersSent) response.destroy()
  else if (!response.destroyed) {
    const body = failureBody(error, encode, requestId)
    response.writeHead(error.status, { ...failureHeaders(error, requestId), 'content-length': Buffer.byteLength(body) })
    response.end(body)
  }
  return error
}

/** Names failures and hears of them. */
export interface FailureDesk {
  readonly newRequestId: () => string
  readonly onFailure: (error: GatewayError, requestId: string) => void
}

/** The answer of our own endpoints to anything thrown. */
export function failed(thrown: unknown, { newRequestId, onFailure }: FailureDesk): Response {
  const error = asGatewayError(thrown)
  const requestId = newRequestId()
  onFailure(error, requestId)
  return new Response(failureBody(error, envelope, requestId).toString(), {
    status: error.status,
    headers: failureHeaders(error, requestId),
  })
}
