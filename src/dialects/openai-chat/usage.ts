import type { Usage } from '../../contract/dialect.ts'
import type { Quirks } from '../../contract/quirks.ts'
import { count, type Fields, fields, list, sum, text } from '../fields.ts'

/** `usage` of an answer or chunk, wherever this provider puts it. */
export function readUsage(payload: unknown, quirks: Quirks = {}): Usage | undefined {
  const answer = fields(payload)
  const raw = usageObject(answer, quirks)
  if (raw === undefined) return undefined
  const prompt = fields(raw.prompt_tokens_details)
  const completion = fields(raw.completion_tokens_details)
  const reasoning = count(completion.reasoning_tokens) ?? count(raw.reasoning_tokens)
  const output = count(raw.completion_tokens)
  return {
    input: count(raw.prompt_tokens),
    output: quirks.usageExcludesReasoning && output !== undefined ? sum(output, reasoning) : output,
    cacheRead: count(prompt.cached_tokens) ?? count(raw.cached_tokens) ?? count(raw.prompt_cache_hit_tokens),
    cacheWrite: count(prompt.cache_write_tokens) ?? count(prompt.cache_creation_input_tokens) ?? count(prompt.cache_creation_tokens),
    reasoning,
    audioInput: count(prompt.audio_tokens),
    audioOutput: count(completion.audio_tokens),
    searches: count(raw.num_search_queries),
    serviceTier: text(answer.service_tier),
    providerCost: count(raw.cost) ?? count(fields(raw.cost).total_cost),
    raw,
  }
}

function usageObject(answer: Fields, quirks: Quirks): Fields | undefined {
  return (
    filled(answer.usage) ??
    (quirks.usageUnderXGroq ? filled(fields(answer.x_groq).usage) : undefined) ??
    (quirks.usageInChoice ? filled(fields(list(answer.choices)[0]).usage) : undefined)
  )
}

function filled(usage: unknown): Fields | undefined {
  const told = fields(usage)
  return Object.keys(told).length > 0 ? told : undefined
}
