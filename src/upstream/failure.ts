import { errors } from 'undici'
import type { UpstreamRequest } from '../contract/upstream.ts'
import { type ErrorCode, GatewayError } from '../errors.ts'
import { type Deadline, limitOf } from './deadlines.ts'

/** What went wrong on the way to a provider, in our words. What undici says may quote headers, so it is only ever the cause. */
export function failureOf(error: Error, request: UpstreamRequest, sent: boolean): GatewayError {
  if (error instanceof GatewayError) return error
  const reason = reasonOf(error)
  if (reason === undefined) return ownFault(error, request)
  if (reason === 'UND_ERR_CONNECT_TIMEOUT') return timedOut('connect', request, error)
  // The parser's error quotes the provider's bytes, which may quote our headers.
  const cause = bytesIn(error) === undefined ? error : new Error(error.message)
  const { code, say } = KNOWN[reason] ?? (sent ? LOST : UNREACHABLE)
  return new GatewayError(code, say(request.provider.name, reason), { cause, metadata: { reason } })
}

/** A deadline that passed: before anything was sent the same request may be tried again. */
export function timedOut(deadline: Deadline, request: UpstreamRequest, cause?: Error): GatewayError {
  const limit = limitOf(deadline, request)
  return new GatewayError('upstream_timeout', LATE[deadline](request.provider.name, `${limit / 1000} s`), {
    retry: deadline === 'connect',
    metadata: { deadline, limit_ms: limit },
    cause,
  })
}

/** The provider's answer is not one that can be believed. */
export function brokenAnswer(request: UpstreamRequest, what: string, cause?: Error): GatewayError {
  const message = `${request.provider.name} ${what}. Check that its base URL leads to the provider's API.`
  return new GatewayError('upstream_protocol_error', message, { cause })
}

interface Meaning {
  readonly code: ErrorCode
  readonly say: (name: string, reason: string) => string
}

const UNREACHABLE: Meaning = {
  code: 'upstream_unreachable',
  say: (name, reason) => `${name} could not be reached (${reason}). Nothing was sent; try again, or check the provider's base URL.`,
}

const LOST: Meaning = {
  code: 'upstream_disconnected',
  say: (name, reason) => `${name} broke the connection before its answer was complete (${reason}). It may have processed the request.`,
}

const BAD_HTTP: Meaning = {
  code: 'upstream_protocol_error',
  say: (name, reason) => `${name} answered with malformed HTTP (${reason}). Check that its base URL leads to the provider's API.`,
}

const BAD_REQUEST: Meaning = {
  code: 'invalid_header',
  say: (name) =>
    `The request to ${name} holds a character HTTP does not allow, most likely inside its key. Store the key again, without it.`,
}

const CLOSING: Meaning = {
  code: 'draining',
  say: (name) => `The gateway is shutting down and let go of its connections to ${name}. Try again.`,
}

const KNOWN: Readonly<Record<string, Meaning>> = {
  UND_ERR_INVALID_ARG: BAD_REQUEST,
  UND_ERR_NOT_SUPPORTED: BAD_REQUEST,
  UND_ERR_DESTROYED: CLOSING,
  UND_ERR_CLOSED: CLOSING,
  UND_ERR_HEADERS_OVERFLOW: {
    code: 'upstream_protocol_error',
    say: (name) => `${name} sent more response headers than a provider has reason to. Check that its base URL leads to the provider's API.`,
  },
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: {
    code: 'upstream_protocol_error',
    say: (name) =>
      `${name} sent an answer of another length than it announced. Nothing can be told from it; it may have processed the request.`,
  },
  HTTP_PARSER: BAD_HTTP,
}

const LATE: Readonly<Record<Deadline, (name: string, limit: string) => string>> = {
  connect: (name, limit) => `${name} took no connection within ${limit} (deadline "connect"). Nothing was sent; try again.`,
  sending: (name, limit) =>
    `${name} stopped reading the request, or its sender writing it, for ${limit} (deadline "first byte"). It was not sent whole; try again.`,
  firstByte: (name, limit) =>
    `${name} did not begin to answer within ${limit} (deadline "first byte"). It may have processed the request; allow slow models more in models.yaml.`,
  progress: (name, limit) =>
    `${name} went silent: its answer did not move forward within ${limit} (deadline "progress"). It may have processed the request.`,
  total: (name, limit) => `${name} did not finish its answer within ${limit} (deadline "total"). Ask for less, or stream.`,
}

/** Errors of undici and of the system carry a code; one without was thrown by whoever listens. */
function ownFault(cause: Error, { provider }: UpstreamRequest): GatewayError {
  const message = `The gateway failed while reading ${provider.name}'s answer. The fault is its own; report it with this request's id.`
  return new GatewayError('internal_error', message, { cause })
}

/** A stable word for what happened. */
function reasonOf(error: Error): string | undefined {
  // The parser reports a socket that ends inside a chunked answer too, with no bytes to complain of: there the HTTP was fine.
  if (error instanceof errors.HTTPParserError) return bytesIn(error) === '' ? 'EOF' : 'HTTP_PARSER'
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

function bytesIn(error: Error): unknown {
  return 'data' in error ? error.data : undefined
}
