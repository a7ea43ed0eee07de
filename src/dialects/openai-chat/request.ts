import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { ChatRequest } from '../../contract/chat.ts'
import type { EncodeContext } from '../../contract/dialect.ts'
import { notUnderstood, takes } from '../../contract/params.ts'
import type { Quirks } from '../../contract/quirks.ts'
import { absentIfNull, accept } from '../accept.ts'
import { entryOf, fields } from '../fields.ts'
import { reasoningDetail } from '../reasoning-details.ts'
import { effortOf, readThinkingAsked } from '../thinking-asked.ts'
import { unsayable } from '../unsayable.ts'
import { without } from '../without.ts'
import { encodeChoice, encodeFormat, within } from './lacks.ts'
import { encodeMessages } from './messages.ts'
import { onlyWith, upstreamParams } from './params.ts'

/** Checks what translation relies on and lets everything else through. Throws `invalid_value` that names the parameter. */
export function decodeRequest(body: unknown): ChatRequest {
  return accept(chatRequest, body, 'a chat request')
}

/** The same request in this provider's variety of the format. */
export function encodeRequest(chat: ChatRequest, { stream, reasons, quirks }: EncodeContext): object {
  const unstrict = quirks.supportsStrictTools === false ? ['tools.function.strict'] : []
  const plain = without(chat, [...DROPPED, ...unstrict, ...notUnderstood({ params: upstreamParams, onlyWith }, quirks)])
  const taken = Object.entries(plain).filter(([name]) => takes(quirks, name))
  const { max_tokens, max_completion_tokens, seed, temperature, response_format, ...others } = Object.fromEntries(taken)
  const { reasoning_effort, reasoning, thinking, stream_options, user, ...rest } = others
  const { maxTokensField: tokens = 'either', seedField = 'seed', temperatureRange } = quirks
  return {
    ...rest,
    messages: encodeMessages(plain.messages, quirks),
    ...encodeTools(plain, quirks),
    ...(tokens === 'either' ? { max_tokens, max_completion_tokens } : { [tokens]: max_completion_tokens ?? max_tokens }),
    [seedField]: seed,
    temperature: within(temperature, temperatureRange),
    response_format: encodeFormat(response_format, quirks),
    // A model that is known not to reason answers 400 when it is asked how hard it should.
    ...(reasons === false ? {} : encodeThinking({ ...plain, reasoning_effort, reasoning, thinking }, quirks)),
    ...(user === undefined ? {} : { user: encodeUser(user) }),
    // Not every protocol says so in its body: Google's has it in the path.
    ...(stream ? { stream } : {}),
    ...(stream && quirks.usageInStreaming !== false ? { stream_options: { ...fields(stream_options), include_usage: true } } : {}),
  }
}

const DROPPED = Object.keys(upstreamParams).filter((name) => upstreamParams[name] === 'dropped')

function encodeTools({ tools = [], tool_choice }: ChatRequest, quirks: Quirks): object {
  const foreign = tools.findIndex(({ type }) => type !== 'function' && type !== 'custom')
  if (foreign >= 0) throw unsayable(`tools.${foreign}.type`, 'only tools of type function can be translated for this model.')
  const chosen = encodeChoice(tools, tool_choice, quirks)
  return chosen.tools?.length ? chosen : NO_TOOLS
}

/** Without tools there is nothing to choose, and saying so is an error. */
const NO_TOOLS = { tools: undefined, tool_choice: undefined, parallel_tool_calls: undefined }

function encodeThinking(chat: ChatRequest, quirks: Quirks): object {
  const { reasoningEfforts = {}, thinkingFormat = 'reasoning_effort', supportsReasoningEffort, thinkingTokenBudgetField } = quirks
  const asked = readThinkingAsked(chat, {})
  if (asked === undefined || (supportsReasoningEffort === false && thinkingFormat === 'reasoning_effort')) return {}
  const named = asked.off ? 'none' : effortOf(asked)
  // A model that may think as it likes is told nothing.
  if (named === undefined) return {}
  const effort = entryOf(reasoningEfforts, named) ?? named
  const budget =
    asked.off || asked.budget === undefined || thinkingTokenBudgetField === undefined ? {} : { [thinkingTokenBudgetField]: asked.budget }
  return { ...THINKING[thinkingFormat](effort, effort !== 'none'), ...budget }
}

/** OpenAI takes no longer one, and some clients put a whole session into it. */
function encodeUser(user: unknown): unknown {
  return typeof user === 'string' && user.length > 64 ? createHash('sha256').update(user).digest('hex') : user
}

const THINKING: Record<NonNullable<Quirks['thinkingFormat']>, (effort: string, on: boolean) => object> = {
  reasoning_effort: (effort) => ({ reasoning_effort: effort }),
  'reasoning.effort': (effort) => ({ reasoning: { effort } }),
  'reasoning.enabled': (_, enabled) => ({ reasoning: { enabled } }),
  thinking: (effort) => ({ thinking: effort }),
  'thinking.type': (_, on) => ({ thinking: { type: on ? 'enabled' : 'disabled' } }),
  'thinking.type+reasoning_effort': (effort, on) => ({
    thinking: { type: on ? 'enabled' : 'disabled' },
    ...(on ? { reasoning_effort: effort } : {}),
  }),
  enable_thinking: (_, on) => ({ enable_thinking: on }),
  prompt_mode: (_, on) => (on ? { prompt_mode: 'reasoning' } : {}),
  chat_template_kwargs: (_, on) => ({ chat_template_kwargs: { enable_thinking: on } }),
}

const part = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('text'), text: z.string() }),
  z.looseObject({ type: z.literal('image_url'), image_url: z.looseObject({ url: z.string(), detail: z.string().optional() }) }),
  z.looseObject({ type: z.literal('input_audio'), input_audio: z.looseObject({ data: z.string(), format: z.string() }) }),
  z.looseObject({
    type: z.literal('file'),
    file: z.looseObject({ filename: z.string().optional(), file_data: z.string().optional(), file_id: z.string().optional() }),
  }),
  z.looseObject({ type: z.literal('refusal'), refusal: z.string() }),
])

const toolCall = z.looseObject({
  id: z.string(),
  type: z.literal('function'),
  function: z.looseObject({ name: z.string(), arguments: z.string() }),
  extra_content: absentIfNull(z.record(z.string(), z.unknown())),
})

const message = z.looseObject({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool', 'function']),
  content: z
    .union([z.string(), z.array(part)], 'must be a string or a list of text, image_url, input_audio, file or refusal parts')
    .nullish(),
  name: z.string().optional(),
  tool_calls: absentIfNull(z.array(toolCall)),
  tool_call_id: z.string().optional(),
  refusal: z.string().nullish(),
  reasoning_content: z.string().nullish(),
  reasoning_details: absentIfNull(z.array(reasoningDetail)),
})

const tool = z.looseObject({
  type: z.string(),
  function: z
    .looseObject({
      name: z.string(),
      description: z.string().optional(),
      parameters: z.unknown().optional(),
      strict: z.boolean().nullish(),
    })
    .optional(),
})

const toolChoice = z.union(
  [z.enum(['none', 'auto', 'required']), z.looseObject({ type: z.string(), function: z.looseObject({ name: z.string() }).optional() })],
  'must be none, auto, required or one function',
)

const chatRequest = z.looseObject({
  model: z.string(),
  messages: z.array(message),
  stream: absentIfNull(z.boolean()),
  tools: absentIfNull(z.array(tool)),
  tool_choice: absentIfNull(toolChoice),
})
