// When a provider says it may be asked again, in any of the forms that providers use.

import type { UpstreamHeaders } from '../contract/upstream.ts'

export interface Refused {
  readonly status: number
  readonly headers: UpstreamHeaders
  /** Seconds, where the body tells. */
  readonly told: number | undefined
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** Whole seconds between 1 and 3600; undefined where nothing was said, or nonsense. What speaks of this refusal beats what counts windows. */
export function retryAfterOf({ status, headers, told, now }: Refused): number | undefined {
  const at = Date.parse(headers['date'] ?? '') || now
  const wait =
    inMilliseconds(headers['retry-after-ms']) ??
    waitOf(headers['retry-after'], at) ??
    told ??
    (status === 429 ? resetOf(headers, at) : undefined)
  return wait === undefined ? undefined : Math.min(3600, Math.max(1, Math.ceil(wait)))
}

function inMilliseconds(text: string | undefined): number | undefined {
  return text !== undefined && NUMBER.test(text) ? Number(text) / 1000 : undefined
}

/** Seconds, from seconds, a date (RFC 9110 10.2.3), or a moment that has its zone. */
function waitOf(text: string | undefined, at: number): number | undefined {
  if (text === undefined) return undefined
  if (NUMBER.test(text)) return Number(text)
  const seconds = DATE.test(text) ? (Date.parse(text) - at) / 1000 : Number.NaN
  return Number.isFinite(seconds) ? seconds : undefined
}

/**
 * The windows that a provider counts in: `x-ratelimit-reset-requests: 6m0s` as OpenAI has it, seconds, the epoch in seconds or milliseconds,
 * or Anthropic's moments. Those that are used up tell; where none is known to be, the shortest does.
 */
function resetOf(headers: UpstreamHeaders, at: number): number | undefined {
  const windows: { wait: number; spent: boolean }[] = []
  for (const name in headers) {
    const remaining = remainingOf(name)
    const wait = remaining === undefined ? undefined : windowOf(headers[name] ?? '', at)
    if (remaining !== undefined && wait !== undefined && wait > 0) windows.push({ wait, spent: Number(headers[remaining] ?? 1) <= 0 })
  }
  const spent = windows.filter((window) => window.spent)
  if (spent.length > 0) return Math.max(...spent.map(({ wait }) => wait))
  return windows.length > 0 ? Math.min(...windows.map(({ wait }) => wait)) : undefined
}

/** The header that says what is left of the window whose end this one names; undefined where it names none. */
function remainingOf(name: string): string | undefined {
  if (/^x-ratelimit-reset(?:-|$)/.test(name)) return name.replace('-reset', '-remaining')
  return /^anthropic-ratelimit-[a-z-]+-reset$/.test(name) ? name.replace(/reset$/, 'remaining') : undefined
}

/** Seconds. A number so large that it counts from the epoch is a moment. */
export function windowOf(text: string, at: number): number | undefined {
  if (NUMBER.test(text)) {
    const number = Number(text)
    if (number > 1e12) return (number - at) / 1000
    return number > 1e9 ? number - at / 1000 : number
  }
  return durationOf(text) ?? waitOf(text, at)
}

function durationOf(text: string): number | undefined {
  const [whole, hours = 0, minutes = 0, seconds = 0, milliseconds = 0] = DURATION.exec(text) ?? []
  return whole ? Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds) + Number(milliseconds) / 1000 : undefined
}

/** `Sun, 06 Nov 1994 08:49:37 GMT`, or `1994-11-06T08:49:37Z`: JavaScript would see a date in nearly anything. */
const DATE = /^(?:[A-Z][a-z]+,? |\d{4}-\d\d-\d\dT)/
const NUMBER = /^\d+(?:\.\d+)?$/
const DURATION = /^(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?$/
