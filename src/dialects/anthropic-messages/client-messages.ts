import type { ChatMessage, ChatPart, ChatToolCall, ReasoningDetail } from '../../contract/chat.ts'
import type { Fields } from '../fields.ts'
import { unpackDetails } from '../packed-details.ts'
import type { AnsweredBlock, PartBlock, SaidBlock } from './client-blocks.ts'
import { ownOfBlock } from './own.ts'
import { decodeThought } from './thoughts.ts'

export function decodeInstructions(blocks: readonly PartBlock[]): ChatMessage[] {
  return blocks.length === 0 ? [] : [{ role: 'system', content: contentOf(blocks) }]
}

/** A user's turn: each result a message of its own, then what else was said. */
export function decodeSaid(blocks: readonly SaidBlock[]): ChatMessage[] {
  const results = blocks.flatMap((block) => (block.type === 'tool_result' ? [decodeResult(block)] : []))
  const spoken = blocks.flatMap((block) => (block.type === 'tool_result' ? [] : [block]))
  return spoken.length === 0 && results.length > 0 ? results : [...results, { role: 'user', content: contentOf(spoken) }]
}

function decodeResult({ tool_use_id, content = [], is_error, ...rest }: Extract<SaidBlock, { type: 'tool_result' }>): ChatMessage {
  return {
    role: 'tool',
    tool_call_id: tool_use_id,
    content: contentOf(content),
    ...(is_error === true ? { is_error } : {}),
    ...ownOfBlock(rest),
  }
}

/** An earlier answer of the model, thoughts included, with the place of each among its blocks. */
export function decodeAnswered(blocks: readonly AnsweredBlock[]): ChatMessage {
  const details: ReasoningDetail[] = []
  for (const [place, block] of blocks.entries()) details.push(...detailsIn(block, details.length, place))
  const thought = blocks.flatMap((block) => (block.type === 'thinking' ? [block.thinking] : [])).join('')
  const calls = blocks.flatMap((block) => (block.type === 'tool_use' ? [decodeCall(block)] : []))
  const words = blocks.flatMap((block) => (block.type === 'text' ? [block] : []))
  return {
    role: 'assistant',
    content: words.length === 0 ? null : contentOf(words),
    ...(thought === '' ? {} : { reasoning_content: thought }),
    ...(details.length > 0 ? { reasoning_details: details } : {}),
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  }
}

function detailsIn(block: AnsweredBlock, index: number, place: number): ReasoningDetail[] {
  const foreign = block.type === 'redacted_thinking' ? unpackDetails(block.data) : undefined
  if (foreign !== undefined) return foreign
  const detail = decodeThought(block, index, place)
  // An unsigned thought came from a provider that has no marks: its words are in `reasoning_content`.
  return detail === undefined || (detail.type === 'reasoning.text' && !detail.signature) ? [] : [detail]
}

function decodeCall({ id, name, input, ...rest }: Extract<AnsweredBlock, { type: 'tool_use' }>): ChatToolCall {
  return { id, type: 'function', function: { name, arguments: JSON.stringify(input ?? {}) }, ...ownOfBlock(rest) }
}

/** One plain text as the string it is, and nothing as an empty one. */
function contentOf(blocks: readonly PartBlock[]): string | ChatPart[] {
  const parts = blocks.flatMap(decodePart)
  const [first = { type: 'text', text: '' }] = parts
  return parts.length <= 1 && first.type === 'text' && Object.keys(first).length === 2 ? first.text : parts
}

function decodePart(block: PartBlock): ChatPart[] {
  const own = ownOfBlock(block)
  if (block.type === 'text') return [{ type: 'text', text: block.text, ...own }]
  const { source } = block
  if (source.type === 'content') return source.content.flatMap(decodePart)
  if (source.type === 'file') return [{ type: 'file', file: { file_id: source.file_id, ...titleOf(block) }, ...own }]
  const url = urlOf(source)
  if (block.type === 'image') return [{ type: 'image_url', image_url: { url }, ...own }]
  return [{ type: 'file', file: { file_data: url, ...titleOf(block) }, ...own }]
}

function titleOf({ title }: Fields): { filename?: string } {
  return typeof title === 'string' ? { filename: title } : {}
}

type Source = { type: 'url'; url: string } | { type: 'text'; data: string } | { type: 'base64'; media_type: string; data: string }

function urlOf(source: Source): string {
  if (source.type === 'url') return source.url
  if (source.type === 'text') return `data:text/plain;base64,${Buffer.from(source.data).toString('base64')}`
  return `data:${source.media_type};base64,${source.data}`
}
