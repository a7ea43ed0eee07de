import type { ParamFate } from '../contract/dialect.ts'

/** What only Anthropic's clients can ask for, and what becomes of it elsewhere: https://platform.claude.com/docs/en/api/messages */
export const anthropicParams: Readonly<Record<string, ParamFate>> = {
  // Without these the answer would be another thing than the one asked for, or be made somewhere else.
  container: 'refused',
  inference_geo: 'refused',
  mcp_servers: 'refused',

  anthropic_beta: 'dropped',
  context_management: 'dropped',
  diagnostics: 'dropped',
  speed: 'dropped',
  user_profile_id: 'dropped',
  workspace_id: 'dropped',
  'messages.content.citations': 'dropped',
  'messages.content.context': 'dropped',
  'messages.is_error': 'dropped',
  'tools.allowed_callers': 'dropped',
  'tools.defer_loading': 'dropped',
  'tools.eager_input_streaming': 'dropped',
  'tools.input_examples': 'dropped',
}

/** What only Google's clients can ask for, and what becomes of it elsewhere: https://ai.google.dev/api/generate-content */
export const geminiParams: Readonly<Record<string, ParamFate>> = {
  // Holds a part of the conversation, which other providers cannot read.
  cached_content: 'refused',

  generation_config: 'dropped',
  labels: 'dropped',
  safety_settings: 'dropped',
}

/** What only clients of the Responses API can ask for, and what becomes of it elsewhere: https://platform.openai.com/docs/api-reference/responses */
export const responsesParams: Readonly<Record<string, ParamFate>> = {
  // What was said before, and where the answer is left, one provider alone knows.
  background: 'refused',
  conversation: 'refused',
  previous_response_id: 'refused',
  prompt: 'refused',

  client_metadata: 'dropped',
  compaction: 'dropped',
  hosted_items: 'dropped',
  hosted_tools: 'dropped',
  include: 'dropped',
  max_tool_calls: 'dropped',
  reasoning_context: 'dropped',
  reasoning_mode: 'dropped',
  reasoning_summary: 'dropped',
  truncation: 'dropped',
  'tools.freeform': 'dropped',
}

/** What only Cohere's clients can ask for, and what becomes of it elsewhere: https://docs.cohere.com/reference/chat */
export const cohereParams: Readonly<Record<string, ParamFate>> = {
  // Holds a part of what the answer is made of, and cites.
  documents: 'refused',

  citation_options: 'dropped',
  priority: 'dropped',
  safety_mode: 'dropped',
  'messages.citations': 'dropped',
}

/** What only Mistral's clients can ask for, and what becomes of it elsewhere: https://docs.mistral.ai/api */
export const mistralParams: Readonly<Record<string, ParamFate>> = {
  guardrails: 'dropped',
  safe_prompt: 'dropped',
  'messages.prefix': 'dropped',
}

/** What only OpenAI's own models and platform do of the hub's parameters, and what becomes of it elsewhere: https://platform.openai.com/docs/api-reference/chat */
export const openaiParams: Readonly<Record<string, ParamFate>> = {
  // Without these the answer would be another thing than the one asked for.
  audio: 'refused',
  function_call: 'refused',
  functions: 'refused',
  web_search_options: 'refused',
  'messages.function_call': 'refused',

  logit_bias: 'dropped',
  moderation: 'dropped',
  prediction: 'dropped',
  prompt_cache_key: 'dropped',
  prompt_cache_options: 'dropped',
  prompt_cache_retention: 'dropped',
  store: 'dropped',
  verbosity: 'dropped',
  'messages.audio': 'dropped',
  'messages.name': 'dropped',
}

/** The same parameters where they are at home. */
export function mapped(params: Readonly<Record<string, ParamFate>>): Readonly<Record<string, ParamFate>> {
  return Object.fromEntries(Object.keys(params).map((name) => [name, 'mapped']))
}
