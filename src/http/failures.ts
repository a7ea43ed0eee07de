import type { ServerResponse } from 'node:http'
import { asGatewayError, type EncodeError, failureBody, failureHeaders } from '../error-view.ts'
import type { GatewayError } from '../errors.ts'

/** OpenAI's envelope, which our own endpoints use too. */
export const envelope: EncodeError = ({ message, type, param, code, metadata }) => ({
  error: { message, type, param: param ?? null, code, metadata },
})

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
