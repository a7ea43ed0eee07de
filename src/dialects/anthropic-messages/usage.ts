import type { Usage } from '../../contract/dialect.ts'
import { count, fields, sum, text } from '../fields.ts'

/**
 * Usage of an answer, of `message_start` or of `message_delta`. `input_tokens` leaves out what was read from or written to the cache, so
 * all three add up to the prompt. https://platform.claude.com/docs/en/build-with-claude/prompt-caching
 */
export function readUsage(payload: unknown): Usage | undefined {
  const event = fields(payload)
  const raw = fields(event.usage ?? fields(event.message).usage)
  if (Object.keys(raw).length === 0) return undefined
  const cacheRead = count(raw.cache_read_input_tokens)
  const cacheWrite = count(raw.cache_creation_input_tokens)
  return {
    input: count(raw.input_tokens) === undefined ? undefined : sum(count(raw.input_tokens), cacheRead, cacheWrite),
    output: count(raw.output_tokens),
    cacheRead,
    cacheWrite,
    cacheWrite1h: count(fields(raw.cache_creation).ephemeral_1h_input_tokens),
    reasoning: count(fields(raw.output_tokens_details).thinking_tokens),
    searches: count(fields(raw.server_tool_use).web_search_requests),
    serviceTier: text(raw.service_tier),
    raw,
  }
}
