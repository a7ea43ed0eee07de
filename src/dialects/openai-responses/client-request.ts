import { z } from 'zod'
import type { ChatMessage, ChatRequest } from '../../contract/chat.ts'
import { GatewayError } from '../../errors.ts'
import { absentIfNull, accept } from '../accept.ts'
import { told } from '../told.ts'
import { decodeInput, inputItem } from './client-input.ts'
import { decodeToolChoice, decodeTools } from './tools.ts'
import { ENCRYPTED_REASONING, LOGPROBS } from './upstream-request.ts'

/**
 * A request of https://platform.openai.com/docs/api-reference/responses/create in the hub's words. What those have no word for travels
 * under its own name (`reasoning.context` as `reasoning_context`), so that a dialect without it can drop or refuse it by name. Throws
 * `unsupported_parameter` for `store: true`.
 */
export function decodeRequest(body: unknown): ChatRequest {
  const asked = accept(responsesRequest, body, 'a request of the Responses API')
  const { input, instructions, tools, tool_choice, text, reasoning, max_output_tokens, include, context_management, ...same } = asked
  if (same['store'] === true) throw cannotStore()
  const { messages, hosted_items } = decodeInput(input)
  const { format, verbosity } = text ?? {}
  return told<ChatRequest>({
    ...same,
    messages: [...openedBy(instructions), ...messages],
    ...decodeTools(tools),
    tool_choice: tool_choice === undefined ? undefined : decodeToolChoice(tool_choice),
    response_format: format && decodeFormat(format),
    verbosity,
    ...Object.fromEntries(Object.entries(reasoning ?? {}).map(([name, value]) => [`reasoning_${name}`, value])),
    max_completion_tokens: max_output_tokens,
    ...decodeInclude(include, same.top_logprobs),
    compaction: context_management,
    hosted_items,
  })
}

/** To store is to promise that the next request may go on from here, which only the API that the client speaks can keep. */
function cannotStore(): GatewayError {
  const sentence =
    'store: only a provider of the Responses API keeps an answer to go on from. Leave it out, or ask a model of such a provider.'
  return new GatewayError('unsupported_parameter', sentence, { param: 'store' })
}

function openedBy(instructions: string | undefined): ChatMessage[] {
  return instructions === undefined || instructions === '' ? [] : [{ role: 'system', content: instructions }]
}

function decodeFormat({ type, ...schema }: Format): object {
  return type === 'json_schema' ? { type, json_schema: schema } : { type }
}

/** What the answer holds wherever it can is not asked for again. */
function decodeInclude(include: readonly string[] = [], top_logprobs: unknown): Partial<ChatRequest> {
  const top = Number(top_logprobs ?? 0)
  const rest = include.filter((name) => name !== ENCRYPTED_REASONING && name !== LOGPROBS)
  return {
    include: rest.length > 0 ? rest : undefined,
    logprobs: include.includes(LOGPROBS) || top > 0 || undefined,
    top_logprobs: top || undefined,
  }
}

const format = z.looseObject({ type: z.string() })
type Format = z.output<typeof format>

const word = absentIfNull(z.string())

const responsesRequest = z.looseObject({
  model: z.string(),
  input: z.preprocess(
    (value) => (typeof value === 'string' ? [{ type: 'message', role: 'user', content: value }] : (value ?? [])),
    z.array(inputItem, 'must be a string or a list of items'),
  ),
  instructions: word,
  stream: absentIfNull(z.boolean()),
  tools: absentIfNull(z.array(z.looseObject({ type: z.string(), name: z.string().optional(), description: word }))),
  tool_choice: absentIfNull(z.union([z.string(), z.looseObject({ type: z.string() })], 'must be none, auto, required or one tool')),
  text: absentIfNull(z.looseObject({ format: absentIfNull(format), verbosity: word })),
  reasoning: absentIfNull(z.record(z.string(), z.unknown())),
  max_output_tokens: absentIfNull(z.number()),
  include: absentIfNull(z.array(z.string())),
  context_management: z.unknown().optional(),
})
