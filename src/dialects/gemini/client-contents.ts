import type { ChatMessage, ChatPart, ChatToolCall, ReasoningDetail } from '../../contract/chat.ts'
import { fields } from '../fields.ts'
import { unpackDetails } from '../packed-details.ts'
import { parsedObject } from '../tool-arguments.ts'
import type { Content, Media, Part } from './client-body.ts'
import { decodeSignature, extraContentOf } from './signatures.ts'

export function decodeContents({ systemInstruction, contents }: { systemInstruction?: Content; contents: Content[] }): ChatMessage[] {
  const calls = callIds()
  const instruction = decodeSpoken(systemInstruction?.parts ?? [])
  const system: ChatMessage[] = instruction.length === 0 ? [] : [{ role: 'system', content: contentOf(instruction) }]
  return [...system, ...contents.flatMap((content) => decodeContent(content, calls))]
}

function decodeContent({ role, parts = [] }: Content, calls: CallIds): ChatMessage[] {
  if (role === 'model') return [decodeAnswer(parts, calls)]
  const results = parts.flatMap((part) => (part.functionResponse === undefined ? [] : [decodeResult(part.functionResponse, calls)]))
  const spoken = decodeSpoken(parts)
  return spoken.length === 0 ? results : [...results, { role: 'user', content: contentOf(spoken) }]
}

/** Which result answers which call. */
interface CallIds {
  call(id: string | undefined, name: string): string
  result(id: string | undefined, name: string): string
}

/** Ids may be missing: then a result answers the first call of its name that has none yet. */
function callIds(): CallIds {
  const unanswered: { id: string; name: string }[] = []
  let made = 0
  return {
    call(id = `call_${made++}`, name) {
      unanswered.push({ id, name })
      return id
    },
    result(id, name) {
      const at = unanswered.findIndex((call) => (id === undefined ? call.name === name : call.id === id))
      const [answered] = at < 0 ? [] : unanswered.splice(at, 1)
      return id ?? answered?.id ?? `call_${made++}`
    },
  }
}

function decodeResult({ id, name, response, parts = [] }: NonNullable<Part['functionResponse']>, calls: CallIds): ChatMessage {
  const { words, failed } = readResponse(response)
  const media = parts.flatMap(decodeMedia)
  return {
    role: 'tool',
    tool_call_id: calls.result(id, name),
    content: media.length === 0 ? words : [{ type: 'text', text: words }, ...media],
    ...(failed ? { is_error: true } : {}),
  }
}

/** `output` and `error` are the API's own keys for a result in words; any other object is the result itself. */
function readResponse(response: unknown): { words: string; failed: boolean } {
  const { output, error, ...rest } = fields(response)
  const alone = Object.keys(rest).length === 0
  if (alone && typeof error === 'string' && output === undefined) return { words: error, failed: true }
  if (alone && typeof output === 'string' && error === undefined && parsedObject(output) === undefined)
    return { words: output, failed: false }
  return { words: JSON.stringify(response ?? {}), failed: false }
}

/** An earlier answer of the model, with the signatures that it must get back. */
function decodeAnswer(parts: readonly Part[], calls: CallIds): ChatMessage {
  const details: ReasoningDetail[] = []
  const tool_calls: ChatToolCall[] = []
  for (const { functionCall, thoughtSignature } of parts) {
    const foreign = thoughtSignature === undefined ? undefined : unpackDetails(thoughtSignature)
    const signature = foreign === undefined ? thoughtSignature : undefined
    const call = functionCall === undefined ? undefined : decodeCall(functionCall, signature, calls)
    if (call !== undefined) tool_calls.push(call)
    details.push(...(foreign ?? (signature === undefined ? [] : [decodeSignature(signature, details.length, call?.id)])))
  }
  const thought = parts.map(({ thought, text = '' }) => (thought === true ? text : '')).join('')
  const spoken = decodeSpoken(parts)
  return {
    role: 'assistant',
    content: spoken.length === 0 ? null : contentOf(spoken),
    ...(thought === '' ? {} : { reasoning_content: thought }),
    ...(details.length > 0 ? { reasoning_details: details } : {}),
    ...(tool_calls.length > 0 ? { tool_calls } : {}),
  }
}

function decodeCall({ id, name, args }: NonNullable<Part['functionCall']>, signature: string | undefined, calls: CallIds): ChatToolCall {
  return {
    id: calls.call(id, name),
    type: 'function',
    function: { name, arguments: JSON.stringify(args ?? {}) },
    ...(signature === undefined ? {} : extraContentOf(signature)),
  }
}

function decodeSpoken(parts: readonly Part[]): ChatPart[] {
  return parts.flatMap((part): ChatPart[] => {
    if (part.thought === true) return []
    return part.text ? [{ type: 'text', text: part.text }] : decodeMedia(part)
  })
}

function decodeMedia({ inlineData, fileData }: Media): ChatPart[] {
  if (inlineData !== undefined) return [decodeInline(inlineData)]
  if (fileData === undefined) return []
  const { fileUri, mimeType = '' } = fileData
  return [mimeType.startsWith('image/') ? { type: 'image_url', image_url: { url: fileUri } } : { type: 'file', file: { file_id: fileUri } }]
}

function decodeInline({ mimeType = 'application/octet-stream', data, displayName }: NonNullable<Media['inlineData']>): ChatPart {
  const url = `data:${mimeType};base64,${data}`
  const audio = AUDIO.exec(mimeType)?.[1]
  if (audio !== undefined) return { type: 'input_audio', input_audio: { data, format: audio } }
  if (mimeType.startsWith('image/')) return { type: 'image_url', image_url: { url } }
  return { type: 'file', file: { file_data: url, ...(displayName === undefined ? {} : { filename: displayName }) } }
}

const AUDIO = /^audio\/([a-z0-9.+-]+)$/

/** Words alone as one string: they come in as many parts as the stream had that told them. */
function contentOf(parts: readonly ChatPart[]): string | ChatPart[] {
  const words = parts.flatMap((part) => (part.type === 'text' ? [part.text] : []))
  return words.length === parts.length ? words.join('') : [...parts]
}
