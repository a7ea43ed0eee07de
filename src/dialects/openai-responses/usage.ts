import type { ChatUsage } from '../../contract/chat.ts'
import type { Usage } from '../../contract/dialect.ts'
import { count, fields, text } from '../fields.ts'

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

/** A chat's usage as the Responses API tells it; null where nothing was told, as in an answer that has only begun. */
export function encodeUsage(usage: ChatUsage | null | undefined): object | null {
  if (usage === undefined || usage === null) return null
  const { cached_tokens, cache_write_tokens } = usage.prompt_tokens_details ?? {}
  const { reasoning_tokens } = usage.completion_tokens_details ?? {}
  return {
    input_tokens: usage.prompt_tokens,
    input_tokens_details: told({ cached_tokens, cache_write_tokens }),
    output_tokens: usage.completion_tokens,
    output_tokens_details: told({ reasoning_tokens }),
    total_tokens: usage.total_tokens,
  }
}

function told<Details extends object>(details: Details): Details | undefined {
  return Object.values(details).some((value) => value !== undefined) ? details : undefined
}
