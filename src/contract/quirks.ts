/**
 * How a provider departs from its dialect. Absent means: as the dialect says. On the byte lane only the marked ones act, as top-level
 * edits that are named to the client; the others guide translation and reading.
 */
export interface Quirks {
  /** byte lane: the other name is renamed to this one; `either` is taken as it comes. */
  readonly maxTokensField?: 'max_tokens' | 'max_completion_tokens' | 'either'
  /** byte lane: `seed` is renamed to this. */
  readonly seedField?: 'random_seed'
  /** byte lane: top-level parameters this provider is known to refuse; dropped and named. */
  readonly unsupportedParams?: readonly string[]
  /** byte lane: false where `stream_options.include_usage` is refused, so usage cannot be asked for in a stream. */
  readonly usageInStreaming?: boolean
  /** Where an answer of status 200 may hold an error: OpenAI's `error`, or MiniMax's `base_resp.status_code`. */
  readonly errorIn200?: 'error' | 'base_resp'
  /** `completion_tokens` lacks `reasoning_tokens`: they are added when the books are written. */
  readonly usageExcludesReasoning?: boolean
  /** Usage may stand in `choices[0].usage`. */
  readonly usageInChoice?: boolean
  /** Usage may stand in `x_groq.usage`. */
  readonly usageUnderXGroq?: boolean
  /**
   * What was asked is worked out and billed to the end, though the connection is closed: it is read on, within bounds, for its usage.
   * For most who have it the source is https://openrouter.ai/docs/api-reference/streaming, under "Stream Cancellation".
   */
  readonly billsAbandoned?: boolean
  /** Reasoning comes as `<think>…</think>` inside `content`. */
  readonly thinkTagsInContent?: boolean
  readonly supportsDeveloperRole?: boolean
  readonly supportsReasoningEffort?: boolean
  readonly reasoningEfforts?: Readonly<Record<string, string>>
  /** Which field says how hard to think, named as on the wire. Absent: `reasoning_effort`, as OpenAI has it. */
  readonly thinkingFormat?:
    | 'reasoning_effort'
    | 'reasoning.effort'
    | 'reasoning.enabled'
    | 'thinking'
    | 'thinking.type'
    | 'thinking.type+reasoning_effort'
    | 'enable_thinking'
    | 'prompt_mode'
    | 'chat_template_kwargs'
  /** Anthropic and Gemini: whether thinking is asked for by effort or by a token budget. Absent: effort for Anthropic, budget for Gemini. */
  readonly thinkingBy?: 'effort' | 'budget'
  readonly thinkingTokenBudgetField?: 'thinking_token_budget' | 'thinking_budget' | 'thinking_budget_tokens'
  /** Assistant turns with tool calls must bring their `reasoning_content` back. */
  readonly requiresReasoningContent?: boolean
  /** Takes thoughts back as `thinking` parts of `content`. */
  readonly thinkingInContent?: boolean
  /** Takes `reasoning_details` back as it gave them; others may refuse a field they do not know. */
  readonly supportsReasoningDetails?: boolean
  /** Ids of calls are so many letters and digits: others are told by one that is made of them. */
  readonly callIdLength?: number
  /** An answer that the client has begun, as the last message, is marked `prefix: true`. */
  readonly prefixesAnswer?: boolean
  readonly requiresNonNullAssistantContent?: boolean
  /** Content parts may carry `cache_control` marks. */
  readonly supportsCacheControl?: boolean
  /** False: tools are told without `strict`. */
  readonly supportsStrictTools?: boolean
  /** byte lane: false drops and names `temperature`, `top_p` and `top_k`. */
  readonly supportsTemperature?: boolean
  /** Others are told as the nearest within it. */
  readonly temperatureRange?: readonly [number, number]
  /** `auto`, `none`, `required`, or `function` for one by name. */
  readonly toolChoiceModes?: readonly string[]
  readonly jsonModes?: readonly ('json_object' | 'json_schema')[]
}

/**
 * What differs for some of a provider's models: `models` are exact wire names or globs with `*` for any characters, `!` excludes, case
 * counts. The quirks stand in place of the provider's; of several rows that match, a later one in place of an earlier. A model that no row
 * knows has the provider's.
 */
export interface ModelQuirks {
  readonly models: readonly string[]
  readonly quirks: Quirks
}
