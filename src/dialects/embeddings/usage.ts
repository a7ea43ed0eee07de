import type { Usage } from '../../contract/dialect.ts'
import { count, fields } from '../fields.ts'

/** `usage` of embeddings and rankings in OpenAI's shape: what was read, and a known nothing that was generated. */
export function readUsage(payload: unknown): Usage | undefined {
  const raw = fields(fields(payload).usage)
  const input = count(raw.prompt_tokens) ?? count(raw.total_tokens)
  if (input === undefined) return undefined
  return { input, output: 0, providerCost: count(raw.cost) ?? count(fields(raw.cost).total_cost), raw }
}
