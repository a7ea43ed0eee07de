import { describe, expect, it } from 'vitest'
import { retryAfterOf } from '../../src/attempt/retry-after.ts'
import { readFailure } from '../../src/dialects/failure.ts'

const NOW = Date.UTC(2026, 0, 1, 12, 0, 0)
const wait = (headers: Record<string, string>, more: { status?: number; told?: number } = {}) =>
  retryAfterOf({ status: 429, told: undefined, now: NOW, headers, ...more })

describe('when a provider may be asked again', () => {
  it.each<[name: string, headers: Record<string, string>, seconds: number | undefined]>([
    ['seconds', { 'retry-after': '7' }, 7],
    ['a part of a second', { 'retry-after': '0.2' }, 1],
    ['milliseconds', { 'retry-after-ms': '2500', 'retry-after': '9' }, 3],
    ['a date, by the clock of its sender', { 'retry-after': 'Thu, 01 Jan 2026 12:00:30 GMT', date: 'Thu, 01 Jan 2026 12:00:10 GMT' }, 20],
    ['a date, by our clock', { 'retry-after': 'Thu, 01 Jan 2026 12:00:30 GMT' }, 30],
    ['a date that is past', { 'retry-after': 'Thu, 01 Jan 2026 11:00:30 GMT' }, 1],
    ['a moment', { 'retry-after': '2026-01-01T12:00:45Z' }, 45],
    ['a billion seconds', { 'retry-after': '1000000000' }, 3600],
    ['a negative number', { 'retry-after': '-5' }, undefined],
    ['nonsense', { 'retry-after': 'soon' }, undefined],
    ['nothing', {}, undefined],
    ['a window as OpenAI writes it', { 'x-ratelimit-reset-requests': '6m0s' }, 360],
    ['a window of hours and parts', { 'x-ratelimit-reset-tokens': '1h2m3.5s' }, 3600],
    ['a window in milliseconds', { 'x-ratelimit-reset-tokens': '120ms' }, 1],
    ['a window in seconds', { 'x-ratelimit-reset-tokens-minute': '15.44' }, 16],
    ['a window by the epoch in milliseconds', { 'x-ratelimit-reset': String(NOW + 40_000) }, 40],
    ['a window by the epoch in seconds', { 'x-ratelimit-reset': String(NOW / 1000 + 50) }, 50],
    ['a window as Anthropic writes it', { 'anthropic-ratelimit-requests-reset': '2026-01-01T12:01:00Z' }, 60],
    [
      'the window that is used up',
      {
        'x-ratelimit-remaining-requests': '0',
        'x-ratelimit-reset-requests': '50s',
        'x-ratelimit-remaining-tokens': '1000',
        'x-ratelimit-reset-tokens': '2s',
      },
      50,
    ],
    [
      'the shortest window, where none is known to be used up',
      { 'x-ratelimit-reset-requests': '50s', 'x-ratelimit-reset-tokens': '2s' },
      2,
    ],
    ['what speaks of this refusal before any window', { 'retry-after': '3', 'x-ratelimit-reset-requests': '50s' }, 3],
  ])('%s', (_, headers, seconds) => {
    expect(wait(headers)).toBe(seconds)
  })

  it('is told by windows only where the status is 429', () => {
    expect(wait({ 'x-ratelimit-reset-requests': '50s' }, { status: 500 })).toBeUndefined()
  })

  it('stands in the body of Google', () => {
    const failure = readFailure({
      error: {
        code: 429,
        message: 'Quota exceeded.',
        status: 'RESOURCE_EXHAUSTED',
        details: [
          { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [] },
          { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '37.906927s' },
        ],
      },
    })
    expect(wait({}, { told: failure?.retryAfter ?? 0 })).toBe(38)
  })
})
