import type { Usage } from '../../contract/dialect.ts'
import { count, fields, list, sum, text } from '../fields.ts'

/**
 * `usageMetadata`, cumulative in every event of a stream. Thoughts are counted beside the candidates and cached tokens within the prompt.
 * https://ai.google.dev/api/generate-content#UsageMetadata
 */
export function readUsage(payload: unknown): Usage | undefined {
  const raw = fields(fields(payload).usageMetadata)
  const prompt = count(raw.promptTokenCount)
  const input = sum(prompt, count(raw.toolUsePromptTokenCount))
  const reasoning = count(raw.thoughtsTokenCount)
  const output = sum(count(raw.candidatesTokenCount), reasoning) ?? difference(count(raw.totalTokenCount), input)
  if (input === undefined && output === undefined) return undefined
  return {
    input,
    output,
    cacheRead: count(raw.cachedContentTokenCount),
    reasoning,
    audioInput: audioOf(raw.promptTokensDetails),
    audioOutput: audioOf(raw.candidatesTokensDetails),
    serviceTier: text(raw.serviceTier),
    raw,
  }
}

function audioOf(details: unknown): number | undefined {
  return count(fields(list(details).find((detail) => fields(detail).modality === 'AUDIO')).tokenCount)
}

/** A total that was told without its parts: JSON from Google leaves zeros out. */
function difference(total: number | undefined, part: number | undefined): number | undefined {
  return total === undefined || part === undefined ? undefined : count(total - part)
}
