import type { ChatMessage, ChatPart, ChatRequest, ChatToolCall } from '../../contract/chat.ts'
import { type Located, partsOf } from '../conversation.ts'
import type { Fields } from '../fields.ts'
import { interleave } from '../interleave.ts'
import { unsayable } from '../unsayable.ts'
import { freeformNames, unwrapInput } from './freeform.ts'
import { encodeReasoning } from './reasoning.ts'

/** `instructions` and `input`: https://platform.openai.com/docs/api-reference/responses/create#responses-create-input */
export function encodeInput(chat: ChatRequest): { instructions?: string; input: Fields[] } {
  const freeform = freeformNames(chat)
  const written = new Set(chat.messages.flatMap(({ tool_calls = [] }) => tool_calls.filter(isFreeform(freeform)).map(({ id }) => id)))
  const instructions = instructionsOf(chat.messages)
  const located = chat.messages.map((message, index) => ({ message, at: `messages.${index}` }))
  const rest = instructions === undefined ? located : located.slice(1)
  const input = rest.flatMap((one) => encodeMessage(one, { freeform, written }))
  return instructions === undefined ? { input } : { instructions, input }
}

interface Freeform {
  /** Names of tools. */
  readonly freeform: ReadonlySet<string>
  /** Ids of calls of such tools. */
  readonly written: ReadonlySet<string>
}

const isFreeform = (names: ReadonlySet<string>) => (call: ChatToolCall) => names.has(call.function.name)

/** What a system message says that opens the chat; all later ones stay where they were said. */
export function instructionsOf(messages: readonly ChatMessage[]): string | undefined {
  const [first, ...rest] = messages
  return first?.role === 'system' && typeof first.content === 'string' && rest.length > 0 ? first.content : undefined
}

function encodeMessage(located: Located, freeform: Freeform): Fields[] {
  const { message, at } = located
  if (message.role === 'function') throw unsayable(at, 'messages of role function are not translated: use tools and role tool.')
  if (message.role === 'assistant') return encodeAssistant(located, freeform)
  if (message.role === 'tool') return [encodeResult(located, freeform)]
  return [{ role: message.role, content: encodeContent(located) }]
}

function encodeAssistant({ message, at }: Located, { freeform }: Freeform): Fields[] {
  const content = partsOf(message)
    .map((part, index) => encodeSpoken(part, `${at}.content.${index}`))
    .filter(({ text }) => text !== '')
  const calls = (message.tool_calls ?? []).map((call) => (isFreeform(freeform)(call) ? encodeWritten(call) : encodeCall(call)))
  const said = content.length > 0 ? [{ role: 'assistant', content }, ...calls] : calls
  return interleave(encodeReasoning(message.reasoning_details), said)
}

function encodeSpoken(part: ChatPart, at: string): Fields {
  if (part.type === 'text') return { type: 'output_text', text: part.text }
  if (part.type === 'refusal') return { type: 'refusal', refusal: part.refusal }
  throw unsayable(at, `an assistant of this API says no ${part.type}.`)
}

function encodeCall({ id, function: { name, arguments: written } }: ChatToolCall): Fields {
  return { type: 'function_call', call_id: id, name, arguments: written }
}

function encodeWritten({ id, function: { name, arguments: written } }: ChatToolCall): Fields {
  return { type: 'custom_tool_call', call_id: id, name, input: unwrapInput(written) }
}

function encodeResult(located: Located, { written }: Freeform): Fields {
  const { message, at } = located
  const { tool_call_id: call_id } = message
  if (call_id === undefined) throw unsayable(`${at}.tool_call_id`, 'is missing.')
  return { type: written.has(call_id) ? 'custom_tool_call_output' : 'function_call_output', call_id, output: encodeContent(located) }
}

function encodeContent({ message, at }: Located): string | Fields[] {
  if (typeof message.content === 'string') return message.content
  return partsOf(message).map((part, index) => encodePart(part, `${at}.content.${index}`))
}

function encodePart(part: ChatPart, at: string): Fields {
  const { prompt_cache_breakpoint } = part
  switch (part.type) {
    case 'text':
      return { type: 'input_text', text: part.text, prompt_cache_breakpoint }
    case 'refusal':
      return { type: 'input_text', text: part.refusal }
    case 'image_url':
      return { type: 'input_image', image_url: part.image_url.url, detail: part.image_url.detail, prompt_cache_breakpoint }
    case 'file':
      return { type: 'input_file', ...encodeFile(part.file), prompt_cache_breakpoint }
    default:
      throw unsayable(at, `this model takes no ${part.type}.`)
  }
}

function encodeFile({ file_id, file_data, filename }: Extract<ChatPart, { type: 'file' }>['file']): Fields {
  return /^https?:\/\//i.test(file_data ?? '') ? { file_url: file_data } : { file_id, file_data, filename }
}
