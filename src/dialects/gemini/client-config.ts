import type { ChatRequest } from '../../contract/chat.ts'
import type { Fields } from '../fields.ts'
import type { GenerationConfig } from './client-body.ts'
import { decodeSchema } from './schema.ts'

/** `generationConfig` in the hub's words; what the hub has none for (`speechConfig`, `mediaResolution`) stays together under its name. */
export function decodeConfig(config: GenerationConfig): Partial<ChatRequest> {
  const { temperature, topP, topK, maxOutputTokens, candidateCount, stopSequences, seed, presencePenalty, frequencyPenalty, ...others } =
    config
  const { responseLogprobs, logprobs, responseModalities, responseMimeType, responseSchema, responseJsonSchema, thinkingConfig, ...rest } =
    others
  return told({
    temperature,
    top_p: topP,
    top_k: topK,
    max_tokens: maxOutputTokens,
    n: candidateCount,
    stop: stopSequences?.length ? stopSequences : undefined,
    seed,
    presence_penalty: presencePenalty,
    frequency_penalty: frequencyPenalty,
    logprobs: responseLogprobs,
    top_logprobs: logprobs,
    modalities: decodeModalities(responseModalities),
    response_format: decodeFormat({ responseMimeType, schema: responseJsonSchema ?? (responseSchema && decodeSchema(responseSchema)) }),
    reasoning: thinkingConfig === undefined ? undefined : decodeThinking(thinkingConfig),
    generation_config: Object.keys(rest).length > 0 ? rest : undefined,
  })
}

/** Words are what is answered anyway. */
function decodeModalities(modalities: readonly string[] | undefined): string[] | undefined {
  const asked = modalities?.map((modality) => modality.toLowerCase())
  return asked === undefined || asked.every((modality) => modality === 'text') ? undefined : asked
}

function decodeFormat({ responseMimeType, schema }: { responseMimeType: string | undefined; schema: unknown }): object | undefined {
  if (responseMimeType !== 'application/json') return undefined
  return schema ? { type: 'json_schema', json_schema: { name: 'answer', schema } } : { type: 'json_object' }
}

/** Thoughts are left out of an answer unless they are asked for. A budget of 0 is none, and of -1 the model's own choice. */
function decodeThinking({
  includeThoughts = false,
  thinkingBudget,
  thinkingLevel,
}: NonNullable<GenerationConfig['thinkingConfig']>): Fields {
  const enabled = thinkingBudget === undefined ? undefined : thinkingBudget !== 0
  const max_tokens = thinkingBudget !== undefined && thinkingBudget > 0 ? thinkingBudget : undefined
  return told({ exclude: !includeThoughts, enabled, max_tokens, effort: thinkingLevel?.toLowerCase() })
}

function told(values: Fields): Fields {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}
