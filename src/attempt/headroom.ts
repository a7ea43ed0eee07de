import type { UpstreamHeaders } from '../contract/upstream.ts'

/**
 * What a provider says is left of its rate limits, as a share of the scarcest, 0 to 1; undefined where it does not say.
 * https://platform.openai.com/docs/guides/rate-limits and https://docs.claude.com/en/api/rate-limits
 */
export function headroomOf(headers: UpstreamHeaders): number | undefined {
  let least: number | undefined
  for (const [limit, remaining] of PAIRS) {
    const share = Number(headers[remaining]) / Number(headers[limit])
    if (share >= 0 && share < (least ?? 2)) least = Math.min(1, share)
  }
  return least
}

const PAIRS = [
  ...['requests', 'tokens'].map((what) => [`x-ratelimit-limit-${what}`, `x-ratelimit-remaining-${what}`] as const),
  ...['requests', 'tokens', 'input-tokens', 'output-tokens'].map(
    (what) => [`anthropic-ratelimit-${what}-limit`, `anthropic-ratelimit-${what}-remaining`] as const,
  ),
]
