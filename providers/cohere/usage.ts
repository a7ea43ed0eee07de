import type { Usage } from '../../src/contract/dialect.ts'
import { count, fields } from '../../src/dialects/fields.ts'

/**
 * `usage` of an answer, or of the event that ends a stream. What is billed leaves out what Cohere itself put into the prompt, so it is told
 * beside what was read. https://docs.cohere.com/reference/chat
 */
export function readUsage(payload: unknown): Usage | undefined {
  const answer = fields(payload)
  const raw = fields(answer.usage ?? fields(answer.delta).usage)
  const tokens = fields(raw.tokens)
  const units = fields(raw.billed_units)
  const billed = { input: count(units.input_tokens), output: count(units.output_tokens) }
  const input = count(tokens.input_tokens) ?? billed.input
  const output = count(tokens.output_tokens) ?? billed.output
  if (input === undefined && output === undefined) return undefined
  return {
    input,
    output,
    cacheRead: count(raw.cached_tokens),
    reasoning: count(tokens.reasoning_tokens),
    searches: count(units.search_units),
    ...(billed.input === undefined && billed.output === undefined ? {} : { billed }),
    raw,
  }
}
