import { type Headroom, type Left, shareOf } from '../contract/headroom.ts'
import type { UpstreamHeaders } from '../contract/upstream.ts'
import { windowOf } from './retry-after.ts'

/**
 * What a provider's headers say is left of its rate limits; undefined where they do not say.
 * https://platform.openai.com/docs/guides/rate-limits and https://docs.claude.com/en/api/rate-limits
 */
export function headroomOf(headers: UpstreamHeaders, now: number): Headroom | undefined {
  const requests = scarcest(REQUESTS, headers, now)
  const tokens = scarcest(TOKENS, headers, now)
  return requests || tokens ? { requests, tokens } : undefined
}

/** The headers of one window. */
interface Window {
  readonly limit: string
  readonly remaining: string
  readonly reset: string
}

const openai = (what: string): Window => ({
  limit: `x-ratelimit-limit-${what}`,
  remaining: `x-ratelimit-remaining-${what}`,
  reset: `x-ratelimit-reset-${what}`,
})
const anthropic = (what: string): Window => ({
  limit: `anthropic-ratelimit-${what}-limit`,
  remaining: `anthropic-ratelimit-${what}-remaining`,
  reset: `anthropic-ratelimit-${what}-reset`,
})

const REQUESTS = [openai('requests'), anthropic('requests')]
const TOKENS = [openai('tokens'), anthropic('tokens'), anthropic('input-tokens'), anthropic('output-tokens')]

function scarcest(windows: readonly Window[], headers: UpstreamHeaders, now: number): Left | undefined {
  let least: Left | undefined
  for (const window of windows) {
    const left = headers[window.remaining] === undefined ? undefined : leftOf(window, headers, now)
    if (left && (!least || shareOf(left) < shareOf(least))) least = left
  }
  return least
}

function leftOf(window: Window, headers: UpstreamHeaders, now: number): Left | undefined {
  const limit = Number(headers[window.limit])
  const remaining = Number(headers[window.remaining])
  if (!(limit > 0 && remaining >= 0)) return undefined
  const reset = windowOf(headers[window.reset] ?? '', Date.parse(headers['date'] ?? '') || now)
  return { limit, remaining, resetMs: reset === undefined ? undefined : Math.max(0, reset * 1_000) }
}
