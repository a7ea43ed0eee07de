import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { failureHeaders, viewOf } from '../error-view.ts'
import { GatewayError } from '../errors.ts'
import { envelope, type FailureDesk } from './failures.ts'
import { mayTakeItsTime } from './node.ts'

/** Answers what is no HTTP, too large a head, or too slow, before there is a request that a route could answer; then closes. */
export function refuseMalformed(cause: Error, socket: Duplex, { newRequestId, onFailure }: FailureDesk): void {
  // Node says so once a request, and leaves the socket to us.
  if (isSlow(cause) && mayTakeItsTime(socket)) return
  const error = meaningOf(cause)
  // On a socket that has carried answers one may be under way, and a word in its middle would be taken for a part of it.
  const fresh = 'bytesWritten' in socket && socket.bytesWritten === 0
  if (!fresh || !socket.writable || !error) {
    socket.destroy()
    return
  }
  const requestId = newRequestId()
  onFailure(error, requestId)
  const body = JSON.stringify(envelope(viewOf(error, requestId)))
  const headers = { ...failureHeaders(error, requestId), connection: 'close', 'content-length': Buffer.byteLength(body) }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  socket.end([`HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? ''}`, ...lines, '', body].join('\r\n'))
}

const isSlow = (cause: Error): boolean => 'code' in cause && cause.code === 'ERR_HTTP_REQUEST_TIMEOUT'

/** Undefined where the peer has gone. */
function meaningOf(cause: Error): GatewayError | undefined {
  const reason = 'code' in cause ? cause.code : undefined
  if (reason === 'ECONNRESET' || reason === 'EPIPE') return undefined
  if (reason === 'HPE_HEADER_OVERFLOW')
    return new GatewayError('invalid_header', 'The headers are larger than the gateway takes: send fewer, or raise sizes.header_block.', {
      status: 431,
      cause,
    })
  if (isSlow(cause))
    return new GatewayError('request_timeout', 'The request did not arrive whole in time: send it faster, or in smaller parts.', { cause })
  return new GatewayError('invalid_header', 'This is not a well-formed HTTP/1.1 request: check the client or the proxy in between.', {
    cause,
  })
}
