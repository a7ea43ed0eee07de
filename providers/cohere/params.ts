import type { ParamFate } from '../../src/contract/dialect.ts'
import {
  anthropicParams,
  cohereParams,
  geminiParams,
  mapped,
  mistralParams,
  openaiParams,
  responsesParams,
} from '../../src/dialects/foreign-params.ts'

/** What Cohere's chat can say of each hub parameter: https://docs.cohere.com/reference/chat */
export const params: Readonly<Record<string, ParamFate>> = {
  ...anthropicParams,
  ...geminiParams,
  ...mistralParams,
  ...openaiParams,
  ...responsesParams,
  ...mapped(cohereParams),

  frequency_penalty: 'mapped',
  logprobs: 'mapped',
  max_completion_tokens: 'mapped',
  max_tokens: 'mapped',
  messages: 'mapped',
  'messages.content.image_url.detail': 'mapped',
  'messages.reasoning_content': 'mapped',
  model: 'mapped',
  presence_penalty: 'mapped',
  reasoning: 'mapped',
  reasoning_effort: 'mapped',
  response_format: 'mapped',
  seed: 'mapped',
  stop: 'mapped',
  stream: 'mapped',
  // Usage always comes; the client's side of the gateway decides whether it is shown.
  stream_options: 'mapped',
  temperature: 'mapped',
  thinking: 'mapped',
  tool_choice: 'mapped',
  tools: 'mapped',
  'tools.function.strict': 'mapped',
  top_k: 'mapped',
  top_p: 'mapped',

  // Without these the answer would be another thing than the one asked for.
  modalities: 'refused',
  n: 'refused',
  top_logprobs: 'refused',

  cache_control: 'dropped',
  metadata: 'dropped',
  parallel_tool_calls: 'dropped',
  safety_identifier: 'dropped',
  service_tier: 'dropped',
  user: 'dropped',
  'messages.cache_control': 'dropped',
  'messages.content.cache_control': 'dropped',
  'tools.cache_control': 'dropped',
}
