import type { ChatPart, ChatRequest } from '../../src/contract/chat.ts'
import { type Located, partsOf, readConversation, type Turn } from '../../src/dialects/conversation.ts'
import { interleave } from '../../src/dialects/interleave.ts'
import { parseArguments } from '../../src/dialects/tool-arguments.ts'
import { unsayable } from '../../src/dialects/unsayable.ts'
import { type Mark, marked, noCache } from './cache.ts'
import { encodeAudio, encodeFile, encodePicture, type Naming, naming } from './media.ts'
import { encodeThoughts } from './thoughts.ts'

type Block = object

interface Writing {
  readonly model: string
  readonly mark: Mark
  readonly named: Naming
}

/** `system` and `messages`: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Message.html */
export function encodeMessages({ messages, model, cache_control }: ChatRequest, mark: Mark): { system?: Block[]; messages: object[] } {
  const writing: Writing = { model, mark, named: naming() }
  const { instructions, turns } = readConversation(messages)
  const system = instructions.flatMap((located) => markedAtEnd(located, writing, encodeInstruction(located, writing)))
  const encoded = turns.map((turn) => encodeTurn(turn, writing)).filter(({ content }) => content.length > 0)
  const last = encoded.at(-1)
  // A mark on the whole request keeps all of it.
  if (last) last.content = marked(last.content, mark(cache_control))
  return { ...(system.length > 0 ? { system } : {}), messages: encoded }
}

function encodeTurn({ role, messages }: Turn, writing: Writing): { role: string; content: Block[] } {
  if (role === 'assistant')
    return { role, content: messages.flatMap((located) => markedAtEnd(located, writing, encodeAssistant(located, writing))) }
  const results = messages.filter(({ message }) => message.role === 'tool')
  const said = messages.filter(({ message }) => message.role !== 'tool')
  // Results must come before anything else the user says.
  return {
    role,
    content: [
      ...results.flatMap((located) => markedAtEnd(located, writing, [encodeResult(located, writing)])),
      ...said.flatMap((located) => markedAtEnd(located, writing, encodeParts(located, writing).flat())),
    ],
  }
}

/** A cache mark on a message means: up to its end. Inside a result there is no place for one, so it stands behind the result. */
function markedAtEnd({ message }: Located, { mark }: Writing, blocks: Block[]): Block[] {
  const inResult = message.role === 'tool' ? partsOf(message).findLast(({ cache_control }) => cache_control)?.cache_control : undefined
  return marked(blocks, mark(message.cache_control ?? inResult))
}

function encodeInstruction(located: Located, writing: Writing): Block[] {
  const other = partsOf(located.message).find(({ type }) => type !== 'text')
  if (other) throw unsayable(`${located.at}.content`, `instructions of this model are text, and hold no ${other.type}.`)
  return encodeParts(located, writing).flat()
}

function encodeAssistant(located: Located, writing: Writing): Block[] {
  const { message, at } = located
  const calls = (message.tool_calls ?? []).map((call, index) => [
    { toolUse: { toolUseId: idOf(call.id), name: call.function.name, input: parseArguments(call, `${at}.tool_calls.${index}`) } },
  ])
  const thoughts = encodeThoughts(message.reasoning_details, writing.model).map(({ block, place }) => ({ block: [block], place }))
  return interleave<Block[]>(thoughts, [...encodeParts(located, writing), ...calls]).flat()
}

function encodeResult(located: Located, writing: Writing): Block {
  const { message, at } = located
  if (message.tool_call_id === undefined) throw unsayable(`${at}.tool_call_id`, 'is missing.')
  const content = encodeParts(located, { ...writing, mark: noCache }).flat()
  return { toolResult: { toolUseId: idOf(message.tool_call_id), content, status: message.is_error === true ? 'error' : undefined } }
}

/** Other providers' ids (`functions.look:0`) hold characters that this API refuses, or are longer than it takes. */
function idOf(id: string): string {
  return id.replace(/[^A-Za-z0-9_-]/g, '_').slice(-64)
}

/** Each part's block, and the cache point behind it. */
function encodeParts({ message, at }: Located, { mark, named }: Writing): Block[][] {
  return partsOf(message).map((part, index) => {
    const block = isSaid(part) ? [encodePart(part, { at: `${at}.content.${index}`, named })] : []
    return marked(block, mark(part.cache_control))
  })
}

/** Blank text is refused by the API, and says nothing. */
function isSaid(part: ChatPart): boolean {
  return part.type !== 'text' || part.text.trim() !== ''
}

function encodePart(part: ChatPart, { at, named }: { at: string; named: Naming }): Block {
  switch (part.type) {
    case 'text':
      return { text: part.text }
    case 'refusal':
      return { text: part.refusal }
    case 'image_url':
      return encodePicture(part.image_url.url, { at, named })
    case 'input_audio':
      return encodeAudio(part.input_audio)
    case 'file':
      return encodeFile(part, { at, named })
    default:
      throw unsayable(at, 'this model takes no part of this type.')
  }
}
