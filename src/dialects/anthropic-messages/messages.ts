import type { ChatMessage, ChatPart } from '../../contract/chat.ts'
import { type Located, partsOf, readConversation, type Turn } from '../conversation.ts'
import { interleave } from '../interleave.ts'
import { type Media, readFile, readUrl } from '../media.ts'
import { parseArguments } from '../tool-arguments.ts'
import { unsayable } from '../unsayable.ts'
import type { Block } from './block.ts'
import { ownOfBlock } from './own.ts'
import { encodeThoughts } from './thoughts.ts'

/** `system` and `messages`: https://platform.claude.com/docs/en/api/messages */
export function encodeMessages(messages: readonly ChatMessage[]): { system?: Block[]; messages: object[] } {
  const { instructions, turns } = readConversation(messages)
  const system = instructions.flatMap((located) => marked(located, encodeParts(located)))
  const encoded = turns.map(encodeTurn).filter(({ content }) => content.length > 0)
  return { ...(system.length > 0 ? { system } : {}), messages: encoded }
}

function encodeTurn({ role, messages }: Turn): { role: string; content: Block[] } {
  if (role === 'assistant') return { role, content: messages.flatMap((located) => marked(located, encodeAssistant(located))) }
  const blocks = messages.flatMap((located) =>
    marked(located, located.message.role === 'tool' ? encodeResult(located) : encodeParts(located)),
  )
  // Results must come before anything else the user says.
  const isResult = ({ type }: Block): boolean => type === 'tool_result'
  return { role, content: [...blocks.filter(isResult), ...blocks.filter((block) => !isResult(block))] }
}

/** A cache mark on a message means: up to its end. */
function marked({ message: { cache_control } }: Located, blocks: Block[]): Block[] {
  const last = blocks.at(-1)
  return cache_control === undefined || last === undefined ? blocks : [...blocks.slice(0, -1), { ...last, cache_control }]
}

function encodeAssistant({ message, at }: Located): Block[] {
  const said = partsOf(message).map((part, index) => encodePart(part, `${at}.content.${index}`))
  const calls = (message.tool_calls ?? []).map((call, index) => ({
    type: 'tool_use',
    id: idOf(call.id),
    name: call.function.name,
    input: parseArguments(call, `${at}.tool_calls.${index}`),
  }))
  return interleave(encodeThoughts(message.reasoning_details), [...said, ...calls]).filter(isSaid)
}

function encodeResult(located: Located): Block[] {
  const { message, at } = located
  if (message.tool_call_id === undefined) throw unsayable(`${at}.tool_call_id`, 'is missing.')
  const content = typeof message.content === 'string' ? message.content : encodeParts(located)
  return [{ type: 'tool_result', tool_use_id: idOf(message.tool_call_id), content, is_error: message.is_error }]
}

/** Other providers' ids (`functions.look:0`) hold characters that this API refuses. */
function idOf(id: string): string {
  return id.replace(/[^A-Za-z0-9_-]/g, '_')
}

function encodeParts({ message, at }: Located): Block[] {
  return partsOf(message)
    .map((part, index) => encodePart(part, `${at}.content.${index}`))
    .filter(isSaid)
}

/** Blank text is refused by the API, and says nothing. */
function isSaid(block: Block): boolean {
  return block.type !== 'text' || (typeof block.text === 'string' && block.text.trim() !== '')
}

function encodePart(part: ChatPart, at: string): Block {
  const own = ownOfBlock(part)
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text, ...own }
    case 'refusal':
      return { type: 'text', text: part.refusal }
    case 'image_url':
      return { type: 'image', source: encodeSource(readUrl(part.image_url.url, at)), ...own }
    case 'file':
      return encodeFile(part, at)
    default:
      throw unsayable(at, `this model takes no ${String(part.type)}.`)
  }
}

function encodeFile(part: Extract<ChatPart, { type: 'file' }>, at: string): Block {
  const own = ownOfBlock(part)
  const { file_id, file_data, filename: title } = part.file
  if (file_data === undefined && file_id !== undefined) return { type: 'document', source: { type: 'file', file_id }, title, ...own }
  const media = readFile(part, at)
  if ('mediaType' in media && media.mediaType.startsWith('image/')) return { type: 'image', source: encodeSource(media), ...own }
  return { type: 'document', source: encodeSource(media), title, ...own }
}

function encodeSource(media: Media): object {
  if ('url' in media) return { type: 'url', url: media.url }
  const { mediaType, base64 } = media
  if (!mediaType.startsWith('text/')) return { type: 'base64', media_type: mediaType, data: base64 }
  return { type: 'text', media_type: 'text/plain', data: Buffer.from(base64, 'base64').toString() }
}
