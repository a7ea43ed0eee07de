import type { ModelQuirks } from '../../contract/quirks.ts'

/** What differs between Geminis: https://ai.google.dev/gemini-api/docs/thinking#levels-budgets */
export const geminiModels: readonly ModelQuirks[] = [
  { models: ['gemini-3*', 'gemini-4*'], quirks: { thinkingBy: 'effort' } },
  { models: ['gemini-3*-pro-*', 'gemini-3.7-*', 'gemini-3.8-*', 'gemini-4*'], quirks: { reasoningEfforts: { minimal: 'low' } } },
]
