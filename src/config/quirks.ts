import { z } from 'zod'
import type { ModelQuirks, Quirks } from '../contract/quirks.ts'

const text = z.string().min(1)
const flag = z.boolean()

/** `quirks` of an entry in `providers.yaml`, in the contract's spelling; a quirk that is added there is asked for here by the compiler. */
export const quirks = z
  .strictObject({
    maxTokensField: z.enum(['max_tokens', 'max_completion_tokens', 'either']),
    seedField: z.literal('random_seed'),
    unsupportedParams: z.array(text),
    usageInStreaming: flag,
    errorIn200: z.enum(['error', 'base_resp']),
    usageExcludesReasoning: flag,
    usageInChoice: flag,
    usageUnderXGroq: flag,
    billsAbandoned: flag,
    thinkTagsInContent: flag,
    supportsDeveloperRole: flag,
    supportsReasoningEffort: flag,
    reasoningEfforts: z.record(text, text),
    thinkingFormat: z.enum([
      ...(['reasoning_effort', 'reasoning.effort', 'reasoning.enabled', 'thinking', 'thinking.type'] as const),
      ...(['thinking.type+reasoning_effort', 'enable_thinking', 'prompt_mode', 'chat_template_kwargs'] as const),
    ]),
    thinkingBy: z.enum(['effort', 'budget']),
    thinkingTokenBudgetField: z.enum(['thinking_token_budget', 'thinking_budget', 'thinking_budget_tokens']),
    requiresReasoningContent: flag,
    thinkingInContent: flag,
    supportsReasoningDetails: flag,
    callIdLength: z.coerce.number().int().positive(),
    prefixesAnswer: flag,
    requiresNonNullAssistantContent: flag,
    supportsCacheControl: flag,
    supportsStrictTools: flag,
    supportsTemperature: flag,
    temperatureRange: z.tuple([z.coerce.number(), z.coerce.number()]),
    toolChoiceModes: z.array(text),
    jsonModes: z.array(z.enum(['json_object', 'json_schema'])),
  } satisfies Record<keyof Quirks, z.ZodType>)
  .partial()

/** `model_quirks`, read like the patterns of a plan. */
export const modelQuirks = z.array(z.strictObject({ models: z.array(text).min(1), quirks }) satisfies z.ZodType<ModelQuirks>)
