import type { ChatMessage, ChatPart, ChatToolCall } from '../../contract/chat.ts'
import { type Located, partsOf, readConversation, type Turn } from '../conversation.ts'
import { type Media, mediaTypeOf, readFile, readUrl } from '../media.ts'
import { parseArguments, parsedObject } from '../tool-arguments.ts'
import { unsayable } from '../unsayable.ts'
import { LOST_SIGNATURE, signatureOf, signaturesOfText, signedParts } from './signatures.ts'

export type Part = Readonly<Record<string, unknown>>
type Names = ReadonlyMap<string, string>

/** `systemInstruction` and `contents`: https://ai.google.dev/api/caching#Content */
export function encodeContents(messages: readonly ChatMessage[]): { systemInstruction?: object; contents: object[] } {
  const { instructions, turns } = readConversation(messages)
  const names = new Map(messages.flatMap(({ tool_calls = [] }) => tool_calls.map((call) => [call.id, call.function.name])))
  const system = instructions.flatMap(encodeParts)
  const contents = turns.map((turn) => encodeTurn(turn, names)).filter(({ parts }) => parts.length > 0)
  return { ...(system.length > 0 ? { systemInstruction: { parts: system } } : {}), contents }
}

function encodeTurn({ role, messages }: Turn, names: Names): { role: string; parts: Part[] } {
  if (role === 'assistant') return { role: 'model', parts: messages.flatMap(encodeModel) }
  const encode = (located: Located): Part[] => (located.message.role === 'tool' ? [encodeResult(located, names)] : encodeParts(located))
  return { role: 'user', parts: messages.flatMap(encode) }
}

/** Signatures go back on the parts they came with; thoughts themselves need not come back. */
function encodeModel(located: Located): Part[] {
  const { message, at } = located
  const spoken = signedParts(encodeParts(located), signaturesOfText(message))
  return [...spoken, ...(message.tool_calls ?? []).map((call, index) => encodeCall(call, { message, at: `${at}.tool_calls.${index}` }))]
}

function encodeCall(call: ChatToolCall, { message, at }: Located): Part {
  const isFirst = call === message.tool_calls?.[0]
  const functionCall = { id: call.id, name: call.function.name, args: parseArguments(call, at) }
  return { functionCall, thoughtSignature: signatureOf(call, message) ?? (isFirst ? LOST_SIGNATURE : undefined) }
}

function encodeResult(located: Located, names: Names): Part {
  const { message, at } = located
  const { tool_call_id: id = '' } = message
  const name = names.get(id) ?? message.name
  if (name === undefined) throw unsayable(`${at}.tool_call_id`, 'answers no tool call of this chat.')
  const parts = encodeParts(located)
  const written = parts.map(({ text }) => (typeof text === 'string' ? text : '')).join('')
  const media = parts.filter((part) => part.text === undefined)
  const response = message.is_error === true ? { error: written } : (parsedObject(written) ?? { output: written })
  return { functionResponse: { id: id || undefined, name, response, ...(media.length > 0 ? { parts: media } : {}) } }
}

function encodeParts({ message, at }: Located): Part[] {
  return partsOf(message)
    .map((part, index) => encodePart(part, `${at}.content.${index}`))
    .filter(({ text }) => text !== '')
}

function encodePart(part: ChatPart, at: string): Part {
  switch (part.type) {
    case 'text':
      return { text: part.text }
    case 'refusal':
      return { text: part.refusal }
    case 'image_url':
      return encodeMedia(readUrl(part.image_url.url, at))
    case 'input_audio':
      return { inlineData: { mimeType: `audio/${part.input_audio.format}`, data: part.input_audio.data } }
    case 'file':
      // A file of Google's own Files API is named by its address.
      return encodeMedia(
        part.file.file_data === undefined && part.file.file_id ? readUrl(part.file.file_id, `${at}.file.file_id`) : readFile(part, at),
      )
  }
}

export function encodeMedia(media: Media): Part {
  if ('url' in media) return { fileData: { fileUri: media.url, mimeType: mediaTypeOf(media.url) } }
  return { inlineData: { mimeType: media.mediaType, data: media.base64 } }
}
