import type { ChatRequest } from '../contract/chat.ts'
import type { Quirks } from '../contract/quirks.ts'
import { count, entryOf, type Fields, fields, word } from './fields.ts'

/** How a client asked for thinking: `reasoning_effort` (OpenAI), `reasoning` (OpenRouter) or `thinking` (Anthropic and its followers). */
export interface ThinkingAsked {
  readonly off: boolean
  /** In the provider's own words, where its quirks map them. */
  readonly effort: string | undefined
  /** Tokens. */
  readonly budget: number | undefined
  /** The thoughts themselves are not wanted in the answer. */
  readonly hidden: boolean
}

/** Undefined where the client said nothing, so that the model's own default holds. */
export function readThinkingAsked(chat: ChatRequest, quirks: Quirks): ThinkingAsked | undefined {
  const reasoning = fields(chat.reasoning)
  const thinking = fields(chat.thinking)
  const asked = word(chat.reasoning_effort) ?? word(reasoning.effort)
  if (asked === undefined && !says(reasoning) && !says(thinking)) return undefined
  return {
    off: asked === 'none' || reasoning.enabled === false || thinking.type === 'disabled',
    effort: asked === undefined ? undefined : (entryOf(quirks.reasoningEfforts ?? {}, asked) ?? asked),
    budget: count(reasoning.max_tokens) ?? count(thinking.budget_tokens),
    hidden: reasoning.exclude === true || thinking.display === 'omitted',
  }
}

/** Tokens for an effort, where a model takes only a budget; as Google maps them: https://ai.google.dev/gemini-api/docs/openai#thinking */
export function budgetOf({ budget, effort }: ThinkingAsked): number | undefined {
  return budget ?? entryOf(BUDGETS, effort)
}

const BUDGETS: Readonly<Record<string, number>> = { minimal: 1024, low: 1024, medium: 8192, high: 24_576, xhigh: 24_576, max: 24_576 }

/** An effort for a budget, where a model takes only an effort: the least whose own budget is as large. */
export function effortOf({ effort, budget }: ThinkingAsked): string | undefined {
  if (effort !== undefined || budget === undefined) return effort
  return ['low', 'medium'].find((name) => (entryOf(BUDGETS, name) ?? 0) >= budget) ?? 'high'
}

function says(object: Fields): boolean {
  return Object.keys(object).length > 0
}
