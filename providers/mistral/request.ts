import { z } from 'zod'
import type { ChatRequest } from '../../src/contract/chat.ts'
import { absentIfNull, accept } from '../../src/dialects/accept.ts'
import { openaiChat } from '../../src/dialects/openai-chat.ts'
import { unpackDetails } from '../../src/dialects/packed-details.ts'
import { told } from '../../src/dialects/told.ts'

/** What a client of Mistral's asks, in the words of all clients of chat. Throws `invalid_value` that names the field. */
export function decodeRequest(body: unknown): ChatRequest {
  const { messages, tool_choice, random_seed: seed, prompt_mode, ...rest } = accept(mistralRequest, body, 'a chat request')
  return openaiChat.decodeRequest({
    ...rest,
    ...told({ seed, tool_choice: tool_choice === 'any' ? 'required' : tool_choice }),
    ...(prompt_mode === 'reasoning' ? { reasoning: { enabled: true } } : {}),
    messages: messages.map(decodeMessage),
  })
}

const thinkingPart = z.looseObject({
  type: z.literal('thinking'),
  thinking: z.array(z.looseObject({ text: z.string().optional() })),
  signature: absentIfNull(z.string()),
})
const otherPart = z.looseObject({ type: z.string() })
const part = z.union([thinkingPart, otherPart])

const toolCall = z.looseObject({
  id: z.string(),
  function: z.looseObject({ name: z.string(), arguments: z.union([z.string(), z.looseObject({})]) }),
})

const message = z.looseObject({
  role: z.string(),
  content: z.union([z.string(), z.array(part)]).nullish(),
  tool_calls: absentIfNull(z.array(toolCall)),
})

const mistralRequest = z.looseObject({
  messages: z.array(message),
  tool_choice: z.unknown().optional(),
  random_seed: absentIfNull(z.int()),
  prompt_mode: absentIfNull(z.string()),
})

type Message = z.output<typeof message>
type Part = z.output<typeof otherPart>

function decodeMessage({ content, tool_calls, ...rest }: Message): object {
  const parts = Array.isArray(content) ? content : []
  const thoughts = parts.filter((part): part is z.output<typeof thinkingPart> => part.type === 'thinking')
  const thought = thoughts.flatMap(({ thinking }) => thinking.map(({ text = '' }) => text)).join('')
  const details = thoughts.flatMap(({ signature }) => (signature === undefined ? [] : (unpackDetails(signature) ?? [])))
  return {
    ...rest,
    content: Array.isArray(content) ? parts.filter(({ type }) => type !== 'thinking').map(decodePart) : content,
    ...(thought === '' ? {} : { reasoning_content: thought }),
    ...(details.length > 0 ? { reasoning_details: details } : {}),
    ...(tool_calls?.length ? { tool_calls: tool_calls.map(decodeCall) } : {}),
  }
}

/** An address alone stands for the object that holds it. */
function decodePart(part: Part): object {
  if (part.type === 'image_url' && typeof part.image_url === 'string') return { type: part.type, image_url: { url: part.image_url } }
  if (part.type === 'document_url') return { type: 'file', file: told({ file_data: part.document_url, filename: part.document_name }) }
  return part
}

function decodeCall({ id, function: { name, arguments: args } }: z.output<typeof toolCall>): object {
  return { id, type: 'function', function: { name, arguments: typeof args === 'string' ? args : JSON.stringify(args) } }
}
