import type { ParamFate, UpstreamDialect } from '../../contract/dialect.ts'
import { anthropicParams, cohereParams, geminiParams, mistralParams, responsesParams } from '../foreign-params.ts'

/** Every parameter of https://platform.openai.com/docs/api-reference/chat/create: the hub's own, so each passes as it is. */
export const params: Readonly<Record<string, ParamFate>> = {
  audio: 'mapped',
  frequency_penalty: 'mapped',
  function_call: 'mapped',
  functions: 'mapped',
  logit_bias: 'mapped',
  logprobs: 'mapped',
  max_completion_tokens: 'mapped',
  max_tokens: 'mapped',
  messages: 'mapped',
  metadata: 'mapped',
  modalities: 'mapped',
  model: 'mapped',
  moderation: 'mapped',
  n: 'mapped',
  parallel_tool_calls: 'mapped',
  prediction: 'mapped',
  presence_penalty: 'mapped',
  prompt_cache_key: 'mapped',
  prompt_cache_options: 'mapped',
  prompt_cache_retention: 'mapped',
  reasoning_effort: 'mapped',
  response_format: 'mapped',
  safety_identifier: 'mapped',
  seed: 'mapped',
  service_tier: 'mapped',
  stop: 'mapped',
  store: 'mapped',
  stream: 'mapped',
  stream_options: 'mapped',
  temperature: 'mapped',
  tool_choice: 'mapped',
  tools: 'mapped',
  top_logprobs: 'mapped',
  top_p: 'mapped',
  user: 'mapped',
  verbosity: 'mapped',
  web_search_options: 'mapped',
}

/** With what clients of other dialects ask for. */
export const upstreamParams: Readonly<Record<string, ParamFate>> = {
  ...params,
  ...anthropicParams,
  ...cohereParams,
  ...geminiParams,
  ...mistralParams,
  ...responsesParams,
  reasoning: 'mapped',
  thinking: 'mapped',
  top_k: 'dropped',
}

/** Fields outside OpenAI's own API, which strict providers answer with 400. */
export const onlyWith = {
  cache_control: ['supportsCacheControl'],
  'messages.cache_control': ['supportsCacheControl'],
  'messages.content.cache_control': ['supportsCacheControl'],
  'messages.reasoning_content': ['requiresReasoningContent', 'thinkingInContent'],
  'messages.reasoning_details': ['supportsReasoningDetails'],
  'messages.tool_calls.extra_content': ['supportsReasoningDetails'],
  'tools.cache_control': ['supportsCacheControl'],
} as const satisfies UpstreamDialect['onlyWith']
