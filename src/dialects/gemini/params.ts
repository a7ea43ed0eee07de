import type { ParamFate } from '../../contract/dialect.ts'
import { anthropicParams, cohereParams, geminiParams, mapped, mistralParams, openaiParams, responsesParams } from '../foreign-params.ts'

/** What Gemini's generateContent can say of each hub parameter: https://ai.google.dev/api/generate-content */
export const params: Readonly<Record<string, ParamFate>> = {
  ...anthropicParams,
  ...cohereParams,
  ...mistralParams,
  ...openaiParams,
  ...responsesParams,
  ...mapped(geminiParams),

  frequency_penalty: 'mapped',
  logprobs: 'mapped',
  max_completion_tokens: 'mapped',
  max_tokens: 'mapped',
  messages: 'mapped',
  'messages.is_error': 'mapped',
  modalities: 'mapped',
  // The path says these two.
  model: 'mapped',
  stream: 'mapped',
  n: 'mapped',
  presence_penalty: 'mapped',
  reasoning: 'mapped',
  reasoning_effort: 'mapped',
  response_format: 'mapped',
  seed: 'mapped',
  stop: 'mapped',
  // Usage always comes; the client's side of the gateway decides whether it is shown.
  stream_options: 'mapped',
  temperature: 'mapped',
  thinking: 'mapped',
  tool_choice: 'mapped',
  tools: 'mapped',
  top_k: 'mapped',
  top_logprobs: 'mapped',
  top_p: 'mapped',

  cache_control: 'dropped',
  metadata: 'dropped',
  parallel_tool_calls: 'dropped',
  safety_identifier: 'dropped',
  service_tier: 'dropped',
  user: 'dropped',
  'messages.cache_control': 'dropped',
  'messages.content.cache_control': 'dropped',
  'messages.content.image_url.detail': 'dropped',
  'messages.reasoning_content': 'dropped',
  'tools.cache_control': 'dropped',
  'tools.function.strict': 'dropped',
}
