// A provider's refusal in the gateway's words: whose fault it is, and whether trying again can help.

import { says, saysBadKey } from '../contract/bad-key.ts'
import type { Offer } from '../contract/decision.ts'
import type { ProviderFailure } from '../contract/dialect.ts'
import type { Secret } from '../contract/secret.ts'
import type { UpstreamHeaders } from '../contract/upstream.ts'
import { type ErrorCode, type ErrorDetails, GatewayError } from '../errors.ts'
import { redact, redactBytes } from '../wire/redact.ts'
import { retryAfterOf } from './retry-after.ts'

/** An answer that is not the one asked for: an error status, or an error inside a 200. */
export interface Refusal {
  readonly offer: Offer
  /** Already one of the statuses an error has; an error inside a 200 comes as 502 unless its words tell better. */
  readonly status: number
  readonly headers: UpstreamHeaders
  readonly failure: ProviderFailure | undefined
  readonly body: Buffer
  /** Both sides speak one dialect and the body is its error envelope, so its bytes may pass. */
  readonly sameDialect: boolean
  /** A provider's own API was asked, so its error passes whatever it looks like. */
  readonly carried?: boolean
  readonly secrets: readonly Secret[]
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** The error a client gets for a provider's refusal; the provider's words are redacted of every secret in play. */
export function failureOf(refusal: Refusal): GatewayError {
  const { offer, headers } = refusal
  const { code, status, retry, advice } = classify(refusal)
  const body = redactBytes(refusal.body, refusal.secrets)
  const failure = refusal.failure && redacted(refusal.failure, refusal.secrets)
  const said = failure?.message ? failure.message : `${offer.provider.name} answered ${refusal.status}`
  const retryAfter = retryAfterOf({ status: refusal.status, headers, told: failure?.retryAfter, now: refusal.now })
  const passed = code === 'upstream_error' && (refusal.carried || (refusal.sameDialect && isOwn(refusal)))
  const type = refusal.carried ? headers['content-type'] : undefined
  const kind = kindOf(refusal)
  const details: ErrorDetails = {
    status,
    retry,
    ...(kind && { kind }),
    ...(code === 'credential_invalid' && offer.credential.source === 'platform' && { origin: 'platform' as const }),
    ...(code === 'credential_exhausted' && offer.credential.source === 'platform' && { origin: 'platform' as const }),
    ...(code === 'upstream_error' && failure?.type !== undefined && { type: failure.type }),
    ...(code === 'upstream_error' && failure?.code !== undefined && { shownCode: failure.code }),
    ...(failure?.param !== undefined && { param: failure.param }),
    ...(retryAfter !== undefined && { retryAfter }),
    ...(passed && { body }),
    ...(passed && type !== undefined && { headers: { 'content-type': type } }),
    metadata: {
      provider: offer.provider.id,
      upstream: { status: refusal.status, body: body.subarray(0, SHOWN).toString() },
    },
  }
  return new GatewayError(code, advice ? `${said} ${advice}` : said, details)
}

/** Bytes, cut after redaction, so that no half of a secret is left. */
const SHOWN = 4096

function redacted(failure: ProviderFailure, secrets: readonly Secret[]): ProviderFailure {
  const clean = (text: string | undefined) => (text === undefined ? undefined : redact(text, secrets))
  const { message, type, code, param, ...told } = failure
  return { ...told, message: redact(message, secrets), type: clean(type), code: clean(code), param: clean(param) }
}

/** A provider may answer in another shape than its dialect's. */
function isOwn({ offer: { provider }, body }: Refusal): boolean {
  try {
    const parsed: unknown = JSON.parse(body.toString())
    return provider.dialect.isOwnError?.(parsed) ?? isEnvelope(parsed)
  } catch {
    return false
  }
}

/** How OpenAI, Anthropic and Google all write an error. */
const isEnvelope = (body: unknown): boolean => typeof Object(Object(body).error).message === 'string'

function kindOf({ offer: { provider }, status, failure }: Refusal): ErrorDetails['kind'] {
  if (says(provider.tooLong, status, failure)) return 'context'
  return says(provider.refuses, status, failure) ? 'refusal' : undefined
}

interface Classified {
  readonly code: ErrorCode
  readonly status: number
  readonly retry: boolean
  readonly advice?: string
}

/** Exact statuses and the provider's own codes only: words are never searched. */
function classify({ offer, status, failure, headers }: Refusal): Classified {
  const { provider, credential } = offer
  const code = failure?.code ?? failure?.type
  const platform = credential.source === 'platform'
  if (saysBadKey(provider, status, failure)) {
    const advice = platform
      ? `(${provider.name} refuses the platform's key.)`
      : `(${provider.name} refuses the stored key ${credential.settingKey}: store a good one.)`
    return { code: 'credential_invalid', status: platform ? 503 : 403, retry: false, advice }
  }
  if (status === 402 || (status === 429 && code === 'insufficient_quota')) {
    return { code: 'credential_exhausted', status: 402, retry: false, advice: `(The ${provider.name} account that pays is empty.)` }
  }
  if (status === 403) return { code: 'upstream_permission_denied', status, retry: false }
  if (offer.model && isGone(status, failure)) return { code: 'upstream_model_gone', status: 502, retry: false }
  return { code: 'upstream_error', status, retry: RETRYABLE.has(status) || headers['x-should-retry'] === 'true' }
}

/** How providers say that they have no such model. One that no catalogue lists is the caller's affair, and stays the provider's 404. */
const GONE: Readonly<Record<number, ReadonlySet<string>>> = {
  400: new Set(['invalid_model']),
  404: new Set(['model_not_found', 'not_found_error', 'NOT_FOUND', 'ResourceNotFoundException', 'Some requested entity was not found']),
}

function isGone(status: number, failure: ProviderFailure | undefined): boolean {
  return [failure?.code, failure?.type].some((word) => word !== undefined && GONE[status]?.has(word))
}

/** Statuses that say the request was not processed and may be later. */
const RETRYABLE: ReadonlySet<number> = new Set([408, 409, 429, 500, 502, 503, 504, 529])
