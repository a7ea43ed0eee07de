import { z } from 'zod'
import type { ChatMessage, ChatRequest } from '../../contract/chat.ts'
import type { EncodeContext } from '../../contract/dialect.ts'
import { takes } from '../../contract/params.ts'
import type { Quirks } from '../../contract/quirks.ts'
import { GatewayError } from '../../errors.ts'
import { entryOf, fields } from '../fields.ts'

/** Checks what translation relies on and lets everything else through. Throws `invalid_value` that names the parameter. */
export function decodeRequest(body: unknown): ChatRequest {
  const parsed = chatRequest.safeParse(body)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const param = issue?.path.map(String).join('.') || undefined
  throw new GatewayError('invalid_value', `${param ?? 'The body'}: ${issue?.message ?? 'is not a chat request'}.`, { param })
}

/** The same request in this provider's variety of the format. */
export function encodeRequest(chat: ChatRequest, { stream, quirks }: EncodeContext): object {
  const taken = Object.entries(chat).filter(([name]) => takes(quirks, name))
  const { max_tokens, max_completion_tokens, reasoning_effort, stream_options, ...rest } = Object.fromEntries(taken)
  const tokens = quirks.maxTokensField
  return {
    ...rest,
    messages: chat.messages.map((message) => encodeMessage(message, quirks)),
    ...(tokens === undefined ? { max_tokens, max_completion_tokens } : { [tokens]: max_completion_tokens ?? max_tokens }),
    ...(typeof reasoning_effort === 'string' ? encodeEffort(reasoning_effort, quirks) : {}),
    ...(stream && quirks.usageInStreaming !== false ? { stream_options: { ...fields(stream_options), include_usage: true } } : {}),
  }
}

function encodeMessage(message: ChatMessage, quirks: Quirks): ChatMessage {
  if (message.role === 'developer' && quirks.supportsDeveloperRole === false) return { ...message, role: 'system' }
  if (message.role !== 'assistant') return message
  const owed: Partial<ChatMessage> = {}
  if (quirks.requiresNonNullAssistantContent) owed.content = message.content ?? ''
  if (quirks.requiresReasoningContent && message.tool_calls?.length) owed.reasoning_content = message.reasoning_content ?? ''
  return { ...message, ...owed }
}

function encodeEffort(
  asked: string,
  { reasoningEfforts = {}, thinkingFormat = 'reasoning_effort', supportsReasoningEffort }: Quirks,
): object {
  const effort = entryOf(reasoningEfforts, asked) ?? asked
  if (supportsReasoningEffort === false && thinkingFormat === 'reasoning_effort') return {}
  return THINKING[thinkingFormat](effort, effort !== 'none')
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
  chat_template_kwargs: (_, on) => ({ chat_template_kwargs: { enable_thinking: on } }),
}

/** Clients write null for what they do not say. */
const absentIfNull = <Schema extends z.ZodType>(schema: Schema) => schema.nullish().transform((value) => value ?? undefined)

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

const reasoningDetail = z.looseObject({
  type: z.enum(['reasoning.text', 'reasoning.summary', 'reasoning.encrypted']),
  text: absentIfNull(z.string()),
  data: absentIfNull(z.string()),
  signature: z.string().nullish(),
  id: z.string().nullish(),
  format: absentIfNull(z.string()),
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
