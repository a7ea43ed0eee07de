import type { ChatUsage } from '../../contract/chat.ts'
import { cut } from '../chat-usage.ts'

/**
 * Usage as this API counts: `input_tokens` without what was read from or written to the cache. A part larger than its whole is cut to it,
 * as in the books; a count that was not told is absent.
 */
export function encodeUsage(usage: ChatUsage | null | undefined): object {
  const { prompt_tokens: prompt, completion_tokens, prompt_tokens_details, completion_tokens_details } = usage ?? {}
  const read = cut(prompt_tokens_details?.cached_tokens, prompt)
  const written = cut(prompt_tokens_details?.cache_write_tokens, prompt === undefined ? undefined : prompt - (read ?? 0))
  const reasoning = completion_tokens_details?.reasoning_tokens
  return {
    input_tokens: prompt === undefined ? undefined : prompt - (read ?? 0) - (written ?? 0),
    output_tokens: completion_tokens,
    cache_read_input_tokens: read,
    cache_creation_input_tokens: written,
    output_tokens_details: reasoning === undefined ? undefined : { thinking_tokens: reasoning },
  }
}
