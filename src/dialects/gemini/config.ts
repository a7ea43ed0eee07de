import type { ChatRequest } from '../../contract/chat.ts'
import { takes } from '../../contract/params.ts'
import type { Quirks } from '../../contract/quirks.ts'
import { entryOf, fields, list, text } from '../fields.ts'
import { readStops } from '../stop-sequences.ts'
import { budgetOf, readThinkingAsked, type ThinkingAsked } from '../thinking-asked.ts'
import { unsayable } from '../unsayable.ts'

/** `generationConfig`: https://ai.google.dev/api/generate-content#generationconfig */
export function encodeConfig(chat: ChatRequest, quirks: Quirks): object {
  const given = (name: string): unknown => (takes(quirks, name) ? (chat[name] ?? undefined) : undefined)
  return {
    temperature: given('temperature'),
    topP: given('top_p'),
    topK: given('top_k'),
    maxOutputTokens: given('max_completion_tokens') ?? given('max_tokens'),
    candidateCount: given('n'),
    stopSequences: readStops(given('stop')),
    seed: given('seed'),
    presencePenalty: given('presence_penalty'),
    frequencyPenalty: given('frequency_penalty'),
    responseLogprobs: given('logprobs'),
    logprobs: given('top_logprobs'),
    responseModalities: encodeModalities(given('modalities')),
    ...encodeFormat(chat.response_format),
    thinkingConfig: encodeThinking(readThinkingAsked(chat, quirks), quirks),
  }
}

function encodeModalities(modalities: unknown): string[] | undefined {
  if (modalities === undefined) return undefined
  const asked = list(modalities).map((modality) => text(modality)?.toUpperCase() ?? '')
  if (asked.some((modality) => modality !== 'TEXT' && modality !== 'IMAGE'))
    throw unsayable('modalities', 'only text and image can be translated for this model.')
  return asked
}

function encodeFormat(format: unknown): { responseMimeType?: string; responseJsonSchema?: unknown } {
  const { type, json_schema } = fields(format)
  if (type === undefined || type === 'text') return {}
  if (type === 'json_object') return { responseMimeType: 'application/json' }
  if (type !== 'json_schema') throw unsayable('response_format.type', 'is none of text, json_object and json_schema.')
  const { schema } = fields(json_schema)
  if (schema === undefined) throw unsayable('response_format.json_schema.schema', 'is missing.')
  return { responseMimeType: 'application/json', responseJsonSchema: schema }
}

/** A budget is taken by every model that thinks, a level by newer ones only. https://ai.google.dev/gemini-api/docs/thinking */
function encodeThinking(asked: ThinkingAsked | undefined, { thinkingBy = 'budget', reasoningEfforts = {} }: Quirks): object | undefined {
  if (asked === undefined) return undefined
  if (asked.off) return thinkingBy === 'budget' ? { thinkingBudget: 0 } : { thinkingLevel: LEVELS[reasoningEfforts.minimal ?? 'minimal'] }
  const includeThoughts = !asked.hidden
  if (thinkingBy === 'effort' && asked.budget === undefined) return { includeThoughts, thinkingLevel: entryOf(LEVELS, asked.effort) }
  return { includeThoughts, thinkingBudget: budgetOf(asked) ?? DYNAMIC }
}

/** As much as the model finds right. */
const DYNAMIC = -1

const LEVELS: Readonly<Record<string, string>> = {
  minimal: 'MINIMAL',
  low: 'LOW',
  medium: 'MEDIUM',
  high: 'HIGH',
  xhigh: 'HIGH',
  max: 'HIGH',
}
