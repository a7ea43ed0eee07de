// What an answer's headers say: who served, whose key paid, what was changed, what is left.

import type { Decision, Offer } from './contract/decision.ts'
import type { Admission } from './contract/gateway.ts'
import type { Booked } from './contract/ledger.ts'
import type { Secret } from './contract/secret.ts'
import type { UpstreamHeaders } from './contract/upstream.ts'
import { keySource } from './explain/explain.ts'
import { redact } from './wire/redact.ts'

export type Headers = Record<string, string>

/** Headers that every answer to this decision carries, good or bad. */
export function decisionHeaders(decision: Decision, config: string): Headers {
  const { deprecated, route, warning, redirected } = decision.resolution
  const headers: Headers = { 'x-tollgate-config': config }
  if (deprecated) headers['x-tollgate-deprecated'] = headerText(`${deprecated.legacy} -> ${deprecated.canonical}`)
  if (route) headers['x-tollgate-route'] = headerText(route)
  if (redirected) headers['x-tollgate-redirected'] = headerText(`${redirected.from} -> ${redirected.to}`)
  if (warning) headers['x-tollgate-warning'] = headerText(warning)
  return headers
}

/** Headers of a refusal: what is left of the limits is told by it, too. */
export function refusedHeaders(decision: Decision, config: string, standing: LimitStanding | undefined): Headers {
  const headers = decisionHeaders(decision, config)
  if (standing) limitHeaders(standing, headers)
  return headers
}

export type LimitStanding = ReturnType<Admission['standing']>

export interface Served {
  readonly offer: Offer
  readonly attempt: number
  readonly changed: readonly string[]
  /** What a provider's header must not give away. */
  readonly secrets: readonly Secret[]
}

/** Adds the headers of an attempt that a provider answered, well or not. */
export function servedHeaders({ offer, attempt, changed, secrets }: Served, upstream: UpstreamHeaders, headers: Headers): void {
  headers['x-tollgate-provider'] = offer.provider.id
  headers['x-tollgate-model'] = headerText(offer.wireModel)
  headers['x-tollgate-key-source'] = keySource(offer.credential)
  headers['x-tollgate-attempts'] = String(attempt)
  passOn(upstream, secrets, headers)
  const id = upstreamRequestId(upstream)
  if (id !== undefined) headers['x-tollgate-upstream-request-id'] = headerText(redact(id, secrets))
  if (changed.length > 0) headers['x-tollgate-params-dropped'] = headerText(changed.join(', '))
  if (offer.observed) headers['x-tollgate-would-refuse'] = offer.observed.code
}

/** OpenAI's forms: counts, and the time to a full window as `1s`, `6m0s` or `120ms`. Ours win over the provider's, which move aside. */
export function limitHeaders(standing: LimitStanding, headers: Headers): void {
  const { requests, tokens } = standing
  if (requests) {
    say(headers, 'x-ratelimit-limit-requests', String(requests.limit))
    say(headers, 'x-ratelimit-remaining-requests', String(requests.remaining))
    say(headers, 'x-ratelimit-reset-requests', duration(requests.resetMs))
  }
  if (tokens) {
    say(headers, 'x-ratelimit-limit-tokens', String(tokens.limit))
    say(headers, 'x-ratelimit-remaining-tokens', String(tokens.remaining))
    say(headers, 'x-ratelimit-reset-tokens', duration(tokens.resetMs))
  }
}

function say(headers: Headers, name: string, value: string): void {
  const theirs = headers[name]
  if (theirs !== undefined) headers[name.replace('x-', 'x-tollgate-upstream-')] = theirs
  headers[name] = value
}

/** A plain decimal in US dollars; absent where unknown. */
export function chargeUsd({ charge }: Booked): string | undefined {
  if (charge === null) return undefined
  const digits = String(charge).padStart(10, '0')
  return `${digits.slice(0, -9)}.${digits.slice(-9)}`.replace(/\.?0+$/, '')
}

export function upstreamRequestId(upstream: UpstreamHeaders): string | undefined {
  const known = REQUEST_IDS.find((name) => upstream[name] !== undefined)
  return known && upstream[known]
}

const REQUEST_IDS = ['x-request-id', 'request-id', 'x-goog-request-id', 'x-amzn-requestid', 'cf-ray']

/** Only what is listed crosses: a provider's cookies, cross-origin and transport headers mean nothing here. */
const PASSED: ReadonlySet<string> = new Set(['openai-processing-ms', 'openai-version', 'openai-model'])
const PASSED_FAMILIES = ['x-ratelimit-', 'anthropic-ratelimit-']

function passOn(upstream: UpstreamHeaders, secrets: readonly Secret[], headers: Headers): void {
  for (const name in upstream) {
    const value = upstream[name]
    if (value === undefined || !(PASSED.has(name) || PASSED_FAMILIES.some((family) => name.startsWith(family)))) continue
    headers[name] = headerText(redact(value, secrets))
  }
}

function duration(ms: number): string {
  if (ms < 1000) return `${Math.ceil(ms)}ms`
  const seconds = Math.ceil(ms / 1000)
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`
}

/** Names of models and parameters may hold any character and be of any length; a header may not (RFC 9110 5.5). */
function headerText(text: string): string {
  const plain = PLAIN.test(text) ? text : text.replace(/[^\x20-\x24\x26-\x7e]+/g, (odd) => encodeURIComponent(odd.toWellFormed()))
  return plain.length <= LONGEST ? plain : `${plain.slice(0, LONGEST)}...`
}

const PLAIN = /^[\x20-\x7e]*$/
const LONGEST = 1024
