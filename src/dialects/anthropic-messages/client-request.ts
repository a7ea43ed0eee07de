import { z } from 'zod'
import type { ChatMessage, ChatRequest, ChatTool } from '../../contract/chat.ts'
import { absentIfNull, accept } from '../accept.ts'
import { answered, instructions, said } from './client-blocks.ts'
import { decodeAnswered, decodeInstructions, decodeSaid } from './client-messages.ts'
import { ownOfTool } from './own.ts'
import { OWN_TOOL } from './tools.ts'

/**
 * What a client of this API asks, in the hub's words; what the hub has none for (`container`, `mcp_servers`, betas) travels under its own
 * name. Throws `invalid_value` that names the field.
 */
export function decodeRequest(body: unknown): ChatRequest {
  const { system, messages, tools, tool_choice, stop_sequences, output_config, output_format, metadata, service_tier, ...rest } = accept(
    messagesRequest,
    body,
    'a Messages request',
  )
  const { anthropic_version: _version, ...open } = rest
  return {
    ...open,
    messages: [...decodeInstructions(system ?? []), ...messages.flatMap(decodeMessage)],
    ...(tools === undefined ? {} : { tools: tools.map(decodeTool) }),
    ...decodeToolChoice(tool_choice),
    ...(stop_sequences?.length ? { stop: stop_sequences } : {}),
    ...(output_config?.effort === undefined ? {} : { reasoning_effort: output_config.effort }),
    ...decodeFormat(output_config?.format ?? output_format),
    ...(metadata?.user_id === undefined ? {} : { user: metadata.user_id }),
    ...(service_tier === undefined ? {} : { service_tier: service_tier === 'standard_only' ? 'default' : service_tier }),
  }
}

type Message = z.output<typeof message>

function decodeMessage(message: Message): ChatMessage[] {
  if (message.role === 'system') return decodeInstructions(message.content)
  return message.role === 'user' ? decodeSaid(message.content) : [decodeAnswered(message.content)]
}

/** Tools that run at the provider keep their own shape, which only this API takes back. */
function decodeTool({ type, ...tool }: z.output<typeof toolSchema>): ChatTool {
  if (type !== undefined && type !== 'custom') return { ...tool, type }
  const { name, description, input_schema: parameters, strict, cache_control } = tool
  return {
    type: 'function',
    function: {
      name,
      ...(description === undefined ? {} : { description }),
      parameters,
      ...(strict === undefined ? {} : { strict }),
    },
    ...(cache_control === undefined ? {} : { cache_control }),
    ...ownOfTool(tool),
  }
}

function decodeToolChoice(choice: z.output<typeof toolChoice> | undefined): Partial<ChatRequest> {
  if (choice === undefined) return {}
  const parallel = choice.disable_parallel_tool_use === true ? { parallel_tool_calls: false } : {}
  if (choice.type === 'tool') return { tool_choice: { type: 'function', function: { name: choice.name } }, ...parallel }
  return { tool_choice: choice.type === 'any' ? 'required' : choice.type, ...parallel }
}

/** The answer is held to the schema, as OpenAI's `strict` has it. */
function decodeFormat(format: z.output<typeof jsonFormat> | undefined): Partial<ChatRequest> {
  if (format === undefined) return {}
  return { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: format.schema, strict: true } } }
}

const message = z.discriminatedUnion('role', [
  z.object({ role: z.literal('user'), content: said }),
  z.object({ role: z.literal('assistant'), content: answered }),
  z.object({ role: z.literal('system'), content: instructions }),
])

const toolSchema = z
  .looseObject({
    type: absentIfNull(z.string()),
    name: z.string(),
    description: absentIfNull(z.string()),
    input_schema: z.unknown().optional(),
    strict: absentIfNull(z.boolean()),
    cache_control: absentIfNull(z.unknown()),
  })
  .refine(({ type }) => type === undefined || type === 'custom' || OWN_TOOL.test(type), {
    path: ['type'],
    message: 'is neither custom nor a tool of this API',
  })

const toolChoice = z.discriminatedUnion('type', [
  z.object({ type: z.enum(['auto', 'any', 'none']), disable_parallel_tool_use: absentIfNull(z.boolean()) }),
  z.object({ type: z.literal('tool'), name: z.string(), disable_parallel_tool_use: absentIfNull(z.boolean()) }),
])

const jsonFormat = z.object({ type: z.literal('json_schema'), schema: z.unknown() })

const messagesRequest = z.looseObject({
  model: z.string(),
  messages: z.array(message),
  system: absentIfNull(instructions),
  stream: absentIfNull(z.boolean()),
  tools: absentIfNull(z.array(toolSchema)),
  tool_choice: absentIfNull(toolChoice),
  stop_sequences: absentIfNull(z.array(z.string())),
  output_config: absentIfNull(z.object({ effort: absentIfNull(z.string()), format: absentIfNull(jsonFormat) })),
  output_format: absentIfNull(jsonFormat),
  metadata: absentIfNull(z.object({ user_id: absentIfNull(z.string()) })),
  service_tier: absentIfNull(z.string()),
})
