import type { Usage } from '../../src/contract/dialect.ts'
import type { Quirks } from '../../src/contract/quirks.ts'
import { count, fields, list, sum, word } from '../../src/dialects/fields.ts'

/**
 * `usage` of an answer or of the `metadata` event. `inputTokens` leaves out what was read from or written to the cache.
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_TokenUsage.html
 */
export function readUsage(payload: unknown): Usage | undefined {
  const { usage, serviceTier } = fields(payload)
  const raw = fields(usage)
  const input = count(raw.inputTokens)
  const output = count(raw.outputTokens)
  if (input === undefined && output === undefined) return undefined
  const cacheRead = count(raw.cacheReadInputTokens)
  const cacheWrite = count(raw.cacheWriteInputTokens)
  return {
    input: input === undefined ? undefined : sum(input, cacheRead, cacheWrite),
    output,
    cacheRead,
    cacheWrite,
    cacheWrite1h: writtenForAnHour(raw.cacheDetails),
    serviceTier: word(fields(serviceTier).type),
    raw,
  }
}

function writtenForAnHour(details: unknown): number | undefined {
  return sum(...list(details).map((detail) => (fields(detail).ttl === '1h' ? count(fields(detail).inputTokens) : undefined)))
}

/** What the answer's headers count, for models whose body tells nothing. */
export function readHeaders(_payload: unknown, _quirks?: Quirks, headers: Readonly<Record<string, string>> = {}): Usage | undefined {
  const told = headers['x-amzn-bedrock-input-token-count']
  return told !== undefined && /^\d+$/.test(told) ? { input: Number(told), output: 0, raw: { inputTokenCount: Number(told) } } : undefined
}
