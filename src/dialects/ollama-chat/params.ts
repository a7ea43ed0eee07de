import type { ParamFate } from '../../contract/dialect.ts'
import { anthropicParams, cohereParams, geminiParams, mistralParams, openaiParams, responsesParams } from '../foreign-params.ts'

/** What Ollama's own chat can say of each hub parameter: https://docs.ollama.com/api/chat */
export const params: Readonly<Record<string, ParamFate>> = {
  ...anthropicParams,
  ...cohereParams,
  ...geminiParams,
  ...mistralParams,
  ...openaiParams,
  ...responsesParams,

  frequency_penalty: 'mapped',
  keep_alive: 'mapped',
  logprobs: 'mapped',
  max_completion_tokens: 'mapped',
  max_tokens: 'mapped',
  messages: 'mapped',
  'messages.reasoning_content': 'mapped',
  model: 'mapped',
  options: 'mapped',
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
  tools: 'mapped',
  top_k: 'mapped',
  top_logprobs: 'mapped',
  top_p: 'mapped',

  // Without these the answer would be another thing than the one asked for.
  modalities: 'refused',
  n: 'refused',

  cache_control: 'dropped',
  metadata: 'dropped',
  parallel_tool_calls: 'dropped',
  safety_identifier: 'dropped',
  service_tier: 'dropped',
  // No model can be made to call; one that shall not, or shall call none but one, is offered no other tool.
  tool_choice: 'dropped',
  user: 'dropped',
  'messages.cache_control': 'dropped',
  'messages.content.cache_control': 'dropped',
  'messages.content.image_url.detail': 'dropped',
  'tools.cache_control': 'dropped',
  'tools.function.strict': 'dropped',
}
