import { z } from 'zod'
import type { ChatRequest, ChatTool } from '../../src/contract/chat.ts'
import { absentIfNull, accept } from '../../src/dialects/accept.ts'
import { told } from '../../src/dialects/told.ts'
import { decodeMessage, message } from './client-messages.ts'

/**
 * What a client of this API asks, in the hub's words; what the hub has none for (`documents`, `safety_mode`, …) travels under its own name.
 * Throws `invalid_value` that names the field.
 */
export function decodeRequest(body: unknown): ChatRequest {
  const { model, messages, tools, tool_choice, strict_tools, response_format, stop_sequences, thinking, p, k, ...rest } = accept(
    chatRequest,
    body,
    'a chat request',
  )
  return {
    ...told(rest),
    model,
    messages: messages.map(decodeMessage),
    ...(tools?.length ? { tools: tools.map((tool) => decodeTool(tool, strict_tools)) } : {}),
    ...told({ tool_choice: tool_choice && CHOICES[tool_choice], top_p: p, top_k: k }),
    ...(stop_sequences?.length ? { stop: stop_sequences } : {}),
    ...decodeFormat(response_format),
    ...decodeThinking(thinking),
  }
}

const CHOICES = { REQUIRED: 'required', NONE: 'none' } as const

function decodeTool({ function: declared, ...rest }: z.output<typeof tool>, strict: boolean | undefined): ChatTool {
  return { ...rest, function: strict ? { ...declared, strict } : declared }
}

/** The older of two names for a schema is still in use. */
function decodeFormat(format: z.output<typeof responseFormat> | undefined): Partial<ChatRequest> {
  if (format === undefined || format.type === 'text') return {}
  const schema = format.json_schema ?? format.schema
  if (schema === undefined) return { response_format: { type: format.type } }
  return { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema, strict: true } } }
}

function decodeThinking(asked: z.output<typeof thinking> | undefined): Partial<ChatRequest> {
  if (asked === undefined) return {}
  const { type, token_budget } = asked
  if (type === 'disabled') return { thinking: { type } }
  return token_budget === undefined ? { reasoning: { enabled: true } } : { thinking: { type, budget_tokens: token_budget } }
}

const tool = z.looseObject({
  type: z.literal('function'),
  function: z.looseObject({ name: z.string(), description: z.string().optional(), parameters: z.unknown().optional() }),
})

const schema = absentIfNull(z.record(z.string(), z.unknown()))
const responseFormat = z.looseObject({ type: z.enum(['text', 'json_object']), json_schema: schema, schema })
const thinking = z.looseObject({ type: z.enum(['enabled', 'disabled']), token_budget: absentIfNull(z.int().nonnegative()) })

const chatRequest = z.looseObject({
  model: z.string(),
  messages: z.array(message),
  stream: absentIfNull(z.boolean()),
  tools: absentIfNull(z.array(tool)),
  tool_choice: absentIfNull(z.enum(['REQUIRED', 'NONE'])),
  strict_tools: absentIfNull(z.boolean()),
  response_format: absentIfNull(responseFormat),
  stop_sequences: absentIfNull(z.array(z.string())),
  thinking: absentIfNull(thinking),
  p: absentIfNull(z.number()),
  k: absentIfNull(z.number()),
})
