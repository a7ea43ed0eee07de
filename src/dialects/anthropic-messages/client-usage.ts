import type { ChatUsage } from '../../contract/chat.ts'

/** Usage as this API counts: `input_tokens` without what was read from or written to the cache. A count that was not told is absent. */
export function encodeUsage(usage: ChatUsage | null | undefined): object {
  const { prompt_tokens, completion_tokens, prompt_tokens_details = {}, completion_tokens_details } = usage ?? {}
  const { cached_tokens, cache_write_tokens } = prompt_tokens_details
  const reasoning = completion_tokens_details?.reasoning_tokens
  return {
    input_tokens: prompt_tokens === undefined ? undefined : Math.max(prompt_tokens - (cached_tokens ?? 0) - (cache_write_tokens ?? 0), 0),
    output_tokens: completion_tokens,
    cache_read_input_tokens: cached_tokens,
    cache_creation_input_tokens: cache_write_tokens,
    output_tokens_details: reasoning === undefined ? undefined : { thinking_tokens: reasoning },
  }
}
