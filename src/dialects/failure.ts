import type { ProviderFailure } from '../contract/dialect.ts'
import { GatewayError } from '../errors.ts'
import { entryOf, type Fields, fields, list, word } from './fields.ts'

/**
 * The failure inside an error body or error event. Shapes cross between dialects (a proxy in front answers in its own), so one reader
 * knows them all: OpenAI's `{error: {…}}`, Anthropic's and Google's (also as a list of one), the flat `{message, type, code}`, xAI's
 * `{code, error: "…"}`, FastAPI's `{detail}`, Cloudflare's `{success, errors}`, MiniMax's `{base_resp}`.
 */
export function readFailure(body: unknown): ProviderFailure | undefined {
  const answer = fields(Array.isArray(body) ? body[0] : body)
  return ofError(answer) ?? ofBaseResp(answer) ?? ofChoice(answer) ?? (isAnswer(answer) ? undefined : ofFlat(answer))
}

/** For what is no answer though its status was 200: what the provider said instead, or that it said nothing known. */
export function failed(body: unknown): GatewayError {
  const failure = readFailure(body)
  return failure === undefined ? unreadable() : refused(failure)
}

/** An error inside an answer or stream of status 200, in the provider's words. */
export function refused(failure: ProviderFailure): GatewayError {
  const { message, type, code, param } = failure
  return new GatewayError('upstream_error', message, { type, shownCode: code, param })
}

export function unreadable(cause?: unknown): GatewayError {
  return new GatewayError(
    'upstream_protocol_error',
    'The provider answered with something that is no answer of its API: try again, or check its base URL.',
    { cause },
  )
}

function ofError(answer: Fields): ProviderFailure | undefined {
  const { error } = answer
  // Every event of every stream is looked at, and hardly one is an error.
  if (error === undefined || error === null) return undefined
  if (typeof error === 'string' && error !== '') return failure({ message: error, code: answer.code, type: answer.type })
  const inner = fields(error)
  const message = word(inner.message) ?? word(inner.code) ?? word(inner.type)
  if (message === undefined) return undefined
  const retryAfter = retryDelayOf(inner)
  const status =
    statusOf(inner.code) ?? statusOf(inner.status_code) ?? (answer.type === 'error' ? entryOf(STATUSES, inner.type) : undefined)
  return {
    ...failure({ message, type: inner.type ?? inner.status, code: reasonOf(inner) ?? inner.code, param: inner.param }),
    ...(status !== undefined && { status }),
    ...(retryAfter !== undefined && { retryAfter }),
  }
}

/** Anthropic's types, for an error inside a stream: https://platform.claude.com/docs/en/api/errors */
const STATUSES: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
}

/** Google and some aggregators number their errors as HTTP does, as Groq does those inside a stream. */
function statusOf(code: unknown): number | undefined {
  return typeof code === 'number' && code >= 400 && code <= 599 ? code : undefined
}

/** Google tells in the body: a protobuf duration (`37.9s`) in the detail that is a `google.rpc.RetryInfo`. */
function retryDelayOf(error: Fields): number | undefined {
  const info = list(error.details).find((detail) => fields(detail)['@type'] === 'type.googleapis.com/google.rpc.RetryInfo')
  const seconds = /^(\d+(?:\.\d+)?)s$/.exec(word(fields(info).retryDelay) ?? '')?.[1]
  return seconds === undefined ? undefined : Number(seconds)
}

/** Google's reason (`API_KEY_INVALID`) tells more than its status word, and Anthropic's `error_code` more than its type. */
function reasonOf(error: Fields): string | undefined {
  const reason = list(error.details).map((detail) => word(fields(detail).reason))
  return reason.find((found) => found !== undefined) ?? word(fields(error.details).error_code) ?? word(error.status)
}

function ofBaseResp(answer: Fields): ProviderFailure | undefined {
  if (answer.base_resp === undefined) return undefined
  const { status_code: code, status_msg: message } = fields(answer.base_resp)
  if (typeof code !== 'number' || code === 0) return undefined
  return failure({ message: word(message) ?? `The provider answered with status_code ${code}.`, code })
}

function ofChoice(answer: Fields): ProviderFailure | undefined {
  const found = list(answer.choices).find((choice) => word(fields(fields(choice).error).message) !== undefined)
  return found === undefined ? undefined : ofError(fields(found))
}

const ANSWERS = ['choices', 'candidates', 'content', 'usageMetadata', 'promptFeedback']

function isAnswer(answer: Fields): boolean {
  return ANSWERS.some((key) => Object.hasOwn(answer, key))
}

function ofFlat(answer: Fields): ProviderFailure | undefined {
  const first = fields(list(answer.errors)[0] ?? list(answer.detail)[0])
  const message = word(answer.message) ?? word(answer.detail) ?? word(first.message) ?? word(first.msg)
  if (message === undefined) return undefined
  return failure({ message, type: answer.type ?? answer.error_type, code: answer.code ?? first.code, param: answer.param })
}

function failure(said: { message: string; type?: unknown; code?: unknown; param?: unknown }): ProviderFailure {
  return { message: said.message, type: word(said.type), code: codeOf(said.code), param: word(said.param) }
}

function codeOf(code: unknown): string | undefined {
  return typeof code === 'number' ? String(code) : word(code)
}
