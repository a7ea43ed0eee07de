import { z } from 'zod'
import type { ChatMessage, ChatPart, ChatToolCall, ReasoningDetail } from '../../contract/chat.ts'
import { absentIfNull } from '../accept.ts'
import { type Fields, fields } from '../fields.ts'
import { unpackDetails } from '../packed-details.ts'
import { content } from './client-content.ts'
import { wrapInput } from './freeform.ts'
import { decodeReasoning, PARAGRAPH, thoughtsIn } from './reasoning.ts'

/**
 * The items of `input` as messages: what an assistant thought, said and called between two turns of others is one message. Traces of tools
 * that ran at a provider are kept apart. https://platform.openai.com/docs/api-reference/responses/create#responses-create-input
 */
export function decodeInput(items: readonly InputItem[]): { messages: ChatMessage[]; hosted_items?: Fields[] } {
  const turns: Turns = { messages: [], hosted: [], assistant: undefined, items: 0 }
  for (const item of items) decodeItem(turns, item)
  return turns.hosted.length > 0 ? { messages: turns.messages, hosted_items: turns.hosted } : { messages: turns.messages }
}

interface Turns {
  readonly messages: ChatMessage[]
  readonly hosted: Fields[]
  /** The message that the assistant's next item belongs to. */
  assistant: ChatMessage | undefined
  /** Items in that message. */
  items: number
}

function decodeItem(turns: Turns, item: InputItem): void {
  switch (item.type) {
    case 'message':
      if (item.role === 'assistant') decodeSpoken(turns, item.content)
      else turn(turns, { role: item.role, content: contentOf(item.content) })
      break
    case 'reasoning':
      decodeThoughts(turns, item)
      break
    case 'function_call':
      decodeCall(turns, item, item.arguments)
      break
    case 'custom_tool_call':
      decodeCall(turns, item, wrapInput(item.input))
      break
    case 'function_call_output':
    case 'custom_tool_call_output':
      turn(turns, { role: 'tool', tool_call_id: item.call_id, content: contentOf(item.output) })
      break
    default:
      turns.hosted.push(item)
  }
}

function turn(turns: Turns, message: ChatMessage): void {
  turns.messages.push(message)
  turns.assistant = undefined
}

function assistantOf(turns: Turns): ChatMessage {
  if (turns.assistant !== undefined) return turns.assistant
  const fresh: ChatMessage = { role: 'assistant', content: null }
  turns.messages.push(fresh)
  turns.items = 0
  return (turns.assistant = fresh)
}

function decodeSpoken(turns: Turns, parts: readonly ChatPart[]): void {
  const message = assistantOf(turns)
  const { content } = message
  const before = typeof content === 'string' ? [{ type: 'text', text: content } as const] : (content ?? [])
  if (before.length === 0) turns.items++
  message.content = contentOf([...before, ...parts])
}

function decodeThoughts(turns: Turns, item: Extract<InputItem, { type: 'reasoning' }>): void {
  const message = assistantOf(turns)
  const { reasoning_details: known = [], reasoning_content: thought } = message
  const said = thoughtsIn(item)
  const place = turns.items++
  const details: ReasoningDetail[] = unpackDetails(item.encrypted_content ?? '') ?? decodeReasoning(item, { index: known.length, place })
  if (details.length > 0) message.reasoning_details = [...known, ...details]
  if (said !== undefined) message.reasoning_content = thought ? thought + PARAGRAPH + said : said
}

function decodeCall(turns: Turns, { call_id: id, name }: { call_id: string; name: string }, written: string): void {
  const message = assistantOf(turns)
  const call: ChatToolCall = { id, type: 'function', function: { name, arguments: written } }
  message.tool_calls = [...(message.tool_calls ?? []), call]
  turns.items++
}

/** Words alone are told as a string, which every provider takes. */
function contentOf(parts: readonly ChatPart[]): string | ChatPart[] {
  const [first, ...others] = parts
  if (first === undefined) return ''
  const isPlain = first.type === 'text' && Object.keys(first).length === 2
  return isPlain && others.length === 0 ? first.text : [...parts]
}

/** What a tool left behind that ran at the provider: nothing that the next turn could not do without. */
const TRACES = [
  'additional_tools',
  'code_interpreter_call',
  'file_search_call',
  'image_generation_call',
  'mcp_call',
  'mcp_list_tools',
  'tool_search_call',
  'tool_search_output',
  'web_search_call',
] as const

const word = absentIfNull(z.string())
const parts = absentIfNull(z.array(z.unknown()))

const typedItem = z.discriminatedUnion(
  'type',
  [
    z.object({ type: z.literal('message'), role: z.enum(['user', 'assistant', 'system', 'developer']), content }),
    z.object({ type: z.literal('reasoning'), id: word, summary: parts, content: parts, encrypted_content: word }),
    z.object({ type: z.literal('function_call'), call_id: z.string(), name: z.string(), arguments: z.string() }),
    z.object({ type: z.literal('custom_tool_call'), call_id: z.string(), name: z.string(), input: z.string() }),
    z.object({ type: z.enum(['function_call_output', 'custom_tool_call_output']), call_id: z.string(), output: content }),
    z.looseObject({ type: z.enum(TRACES) }),
  ],
  'points to, or needs, what another provider keeps or runs: send messages, reasoning, and calls of functions or custom tools with their outputs (store: false)',
)

/** A message need not say that it is one. */
export const inputItem = z.preprocess((value) => {
  const item = fields(value)
  return item.type === undefined && item.role !== undefined ? { ...item, type: 'message' } : value
}, typedItem)

type InputItem = z.output<typeof typedItem>
