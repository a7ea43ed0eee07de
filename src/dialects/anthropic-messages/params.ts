import type { ParamFate } from '../../contract/dialect.ts'
import { anthropicParams, cohereParams, geminiParams, mapped, mistralParams, openaiParams, responsesParams } from '../foreign-params.ts'

/** What Anthropic's Messages API can say of each hub parameter: https://platform.claude.com/docs/en/api/messages */
export const params: Readonly<Record<string, ParamFate>> = {
  ...cohereParams,
  ...geminiParams,
  ...mistralParams,
  ...openaiParams,
  ...responsesParams,
  ...mapped(anthropicParams),

  cache_control: 'mapped',
  max_completion_tokens: 'mapped',
  max_tokens: 'mapped',
  messages: 'mapped',
  'messages.cache_control': 'mapped',
  'messages.content.cache_control': 'mapped',
  model: 'mapped',
  parallel_tool_calls: 'mapped',
  reasoning: 'mapped',
  reasoning_effort: 'mapped',
  response_format: 'mapped',
  safety_identifier: 'mapped',
  stop: 'mapped',
  stream: 'mapped',
  // Usage always comes; the client's side of the gateway decides whether it is shown.
  stream_options: 'mapped',
  temperature: 'mapped',
  thinking: 'mapped',
  tool_choice: 'mapped',
  tools: 'mapped',
  'tools.cache_control': 'mapped',
  'tools.function.strict': 'mapped',
  top_k: 'mapped',
  top_p: 'mapped',
  user: 'mapped',

  // Without these the answer would be another thing than the one asked for.
  logprobs: 'refused',
  modalities: 'refused',
  n: 'refused',
  top_logprobs: 'refused',

  frequency_penalty: 'dropped',
  metadata: 'dropped',
  presence_penalty: 'dropped',
  seed: 'dropped',
  service_tier: 'dropped',
  'messages.content.image_url.detail': 'dropped',
  'messages.reasoning_content': 'dropped',
}
