import type { ParamFate } from '../../contract/dialect.ts'
import { upstreamParams } from '../openai-chat/params.ts'

const MAPPED = new Set([
  'frequency_penalty',
  'logit_bias',
  'logprobs',
  'max_completion_tokens',
  'max_tokens',
  'messages',
  'model',
  'n',
  'presence_penalty',
  'seed',
  'stop',
  'stream',
  'stream_options',
  'temperature',
  'top_logprobs',
  'top_p',
  'user',
])

/** A model that only continues a text cannot do these; what else is left out changes no answer. */
const REFUSED = new Set([
  'audio',
  'function_call',
  'functions',
  'modalities',
  'response_format',
  'tool_choice',
  'tools',
  'web_search_options',
])

/** What the completions of old can say of each hub parameter: https://platform.openai.com/docs/api-reference/completions/create */
export const params: Readonly<Record<string, ParamFate>> = Object.fromEntries(
  Object.entries(upstreamParams).map(([name, fate]) => [name, fateOf(name, fate)]),
)

function fateOf(name: string, fate: ParamFate): ParamFate {
  if (MAPPED.has(name)) return 'mapped'
  return REFUSED.has(name) || fate === 'refused' ? 'refused' : 'dropped'
}
