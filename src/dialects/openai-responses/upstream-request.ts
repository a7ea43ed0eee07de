import type { ChatRequest } from '../../contract/chat.ts'
import type { EncodeContext } from '../../contract/dialect.ts'
import { takes } from '../../contract/params.ts'
import { type Fields, fields, list } from '../fields.ts'
import { effortOf, readThinkingAsked } from '../thinking-asked.ts'
import { encodeReasoning } from './reasoning.ts'
import { encodeToolChoice, encodeTools } from './tools.ts'
import { encodeInput } from './upstream-input.ts'

/** Nothing is stored at the provider unless the client asks for it: what the next request needs travels through the client. */
export function encodeRequest(chat: ChatRequest, context: EncodeContext): object {
  return {
    model: chat.model,
    ...encodeInput(chat),
    ...encodeSettings(chat, context),
    store: takes(context.quirks, 'store') ? chat.store === true : undefined,
    stream: context.stream || undefined,
  }
}

/** Everything but what is said and how it is sent. */
export function encodeSettings(chat: ChatRequest, context: EncodeContext): Fields {
  const { quirks } = context
  const given = (name: string): unknown => (takes(quirks, name) ? (chat[name] ?? undefined) : undefined)
  return {
    ...Object.fromEntries(SAME.map((name) => [name, given(name)])),
    context_management: given('compaction'),
    max_output_tokens: given('max_completion_tokens') ?? given('max_tokens'),
    tools: encodeTools(chat),
    tool_choice: encodeToolChoice(chat),
    text: encodeText(given('response_format'), given('verbosity')),
    reasoning: encodeThinking(chat, context),
    include: takes(quirks, 'include') ? encodeInclude(chat, context) : undefined,
  }
}

/** Said under one name here and in the hub. */
const SAME = [
  'background',
  'client_metadata',
  'conversation',
  'max_tool_calls',
  'metadata',
  'moderation',
  'parallel_tool_calls',
  'previous_response_id',
  'prompt',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'safety_identifier',
  'service_tier',
  'temperature',
  'top_logprobs',
  'top_p',
  'truncation',
  'user',
]

function encodeText(response_format: unknown, verbosity: unknown): object | undefined {
  const { type, json_schema } = fields(response_format)
  const format = type === 'json_schema' ? { type, name: 'answer', ...fields(json_schema) } : type === undefined ? undefined : { type }
  return format === undefined && verbosity === undefined ? undefined : { format, verbosity }
}

/** Whoever asks for thinking in a way that shows it elsewhere is shown a summary here; an effort alone asks for none. */
function encodeThinking(chat: ChatRequest, { quirks }: EncodeContext): object | undefined {
  const { reasoning_summary, reasoning_context: context, reasoning_mode: mode } = chat
  const asked = takes(quirks, 'reasoning_effort') ? readThinkingAsked(chat, quirks) : undefined
  const shown = asked !== undefined && !asked.off && !asked.hidden && (chat.reasoning ?? chat.thinking ?? null) !== null
  const summary = reasoning_summary ?? (shown ? 'auto' : undefined)
  const effort = asked?.off ? 'none' : asked && effortOf(asked)
  const told = { effort, summary, context, mode }
  return Object.values(told).every((value) => value === undefined) ? undefined : told
}

/** Models that do not reason refuse to be asked for their encrypted thoughts, so where that is not known the request itself must tell. */
function encodeInclude(chat: ChatRequest, { reasons, quirks }: EncodeContext): unknown[] | undefined {
  const asked = readThinkingAsked(chat, quirks)
  const echoed = chat.messages.some(({ reasoning_details }) => encodeReasoning(reasoning_details).length > 0)
  const include = [
    ...((reasons ?? ((asked !== undefined && !asked.off) || echoed)) ? [ENCRYPTED_REASONING] : []),
    ...(chat.logprobs === true ? [LOGPROBS] : []),
    ...list(chat.include),
  ]
  return include.length > 0 ? include : undefined
}

export const ENCRYPTED_REASONING = 'reasoning.encrypted_content'
export const LOGPROBS = 'message.output_text.logprobs'
