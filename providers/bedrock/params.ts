import type { ParamFate } from '../../src/contract/dialect.ts'
import {
  anthropicParams,
  cohereParams,
  geminiParams,
  mistralParams,
  openaiParams,
  responsesParams,
} from '../../src/dialects/foreign-params.ts'

/** What Converse can say of each hub parameter: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html */
export const params: Readonly<Record<string, ParamFate>> = {
  ...anthropicParams,
  ...cohereParams,
  ...geminiParams,
  ...mistralParams,
  ...openaiParams,
  ...responsesParams,

  anthropic_beta: 'mapped',
  cache_control: 'mapped',
  max_completion_tokens: 'mapped',
  max_tokens: 'mapped',
  messages: 'mapped',
  'messages.cache_control': 'mapped',
  'messages.content.cache_control': 'mapped',
  'messages.content.citations': 'mapped',
  'messages.content.context': 'mapped',
  'messages.is_error': 'mapped',
  metadata: 'mapped',
  // The path says these two.
  model: 'mapped',
  stream: 'mapped',
  reasoning: 'mapped',
  reasoning_effort: 'mapped',
  response_format: 'mapped',
  service_tier: 'mapped',
  stop: 'mapped',
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

  // Under Converse's own names, for clients that know them.
  additionalModelRequestFields: 'mapped',
  additionalModelResponseFieldPaths: 'mapped',
  guardrailConfig: 'mapped',
  performanceConfig: 'mapped',
  promptVariables: 'mapped',
  requestMetadata: 'mapped',

  // Without these the answer would be another thing than the one asked for.
  logprobs: 'refused',
  modalities: 'refused',
  n: 'refused',
  top_logprobs: 'refused',

  frequency_penalty: 'dropped',
  parallel_tool_calls: 'dropped',
  presence_penalty: 'dropped',
  safety_identifier: 'dropped',
  seed: 'dropped',
  user: 'dropped',
  'messages.content.image_url.detail': 'dropped',
  'messages.reasoning_content': 'dropped',
}
