import type { ChatUsage } from '../../contract/chat.ts'
import type { Usage } from '../../contract/dialect.ts'
import { count, fields, sum, text } from '../fields.ts'

/** `usage` of an answer, or of the answer inside an event. */
export function readUsage(payload: unknown): Usage | undefined {
  const event = fields(payload)
  const answer = event.response === undefined ? event : fields(event.response)
  const raw = fields(answer.usage)
  if (Object.keys(raw).length === 0) return undefined
  const input = fields(raw.input_tokens_details)
  return {
    input: count(raw.input_tokens),
    output: count(raw.output_tokens),
    cacheRead: count(input.cached_tokens),
    cacheWrite: count(input.cache_write_tokens),
    reasoning: count(fields(raw.output_tokens_details).reasoning_tokens),
    searches: count(fields(fields(answer.tool_usage).web_search).num_requests),
    serviceTier: text(answer.service_tier),
    providerCost: count(raw.cost),
    raw,
  }
}

/**
 * A chat's usage as the Responses API tells it. Its clients need both sums wherever there is usage at all; one that was left out beside
 * the other is 0, because Google's JSON leaves zeros out.
 */
export function encodeUsage(usage: ChatUsage | undefined): object | undefined {
  const { prompt_tokens: input, completion_tokens: output } = usage ?? {}
  if (input === undefined && output === undefined) return undefined
  const { cached_tokens, cache_write_tokens } = usage?.prompt_tokens_details ?? {}
  const { reasoning_tokens } = usage?.completion_tokens_details ?? {}
  return {
    input_tokens: input ?? 0,
    input_tokens_details: cached_tokens === undefined ? undefined : { cached_tokens, cache_write_tokens },
    output_tokens: output ?? 0,
    output_tokens_details: reasoning_tokens === undefined ? undefined : { reasoning_tokens },
    total_tokens: sum(input, output),
  }
}
