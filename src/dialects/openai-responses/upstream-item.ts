import type { ChatRequest, ChatToolCall, ReasoningDetail } from '../../contract/chat.ts'
import { entryOf, type Fields, fields, list, text, word } from '../fields.ts'
import { decodeAnnotation } from './annotations.ts'
import { freeformNames, wrapInput } from './freeform.ts'
import { decodeReasoning, thoughtsIn } from './reasoning.ts'

/** What one item of an answer says. */
export interface Told {
  content?: string
  refusal?: string
  reasoning_content?: string
  reasoning_details?: ReasoningDetail[]
  tool_calls?: ChatToolCall[]
  annotations?: Fields[]
  /** Pictures the model made. */
  images?: object[]
}

/** What was counted of one answer so far. */
export interface Counted {
  calls: number
  details: number
  /** Items that come back with the next request; all words are one of them. */
  items: number
  spoken: boolean
  /** The client's tools of free text; undefined where the request is not known. */
  readonly freeform: ReadonlySet<string> | undefined
}

export function countedFor(request: ChatRequest | undefined): Counted {
  return { calls: 0, details: 0, items: 0, spoken: false, freeform: request && freeformNames(request) }
}

/** A whole item. Those of tools that run at the provider say nothing: the client neither asked for them nor can answer them. */
export function decodeItem(item: Fields, counted: Counted): Told {
  return entryOf(items, item.type)?.(item, counted) ?? {}
}

const items: Readonly<Record<string, (item: Fields, counted: Counted) => Told>> = {
  message(item, counted) {
    countWords(counted)
    return decodeWords(item)
  },
  reasoning: (item, counted) => ({ ...optional('reasoning_content', thoughtsIn(item)), ...decodeMarks(item, counted) }),
  function_call: (item, counted) => ({ tool_calls: [decodeCall(item, text(item.arguments) ?? '', counted)] }),
  custom_tool_call: (item, counted) =>
    isTheirs(item, counted) ? {} : { tool_calls: [decodeCall(item, wrapInput(text(item.input) ?? ''), counted)] },
  image_generation_call: ({ result }) => (word(result) === undefined ? {} : { images: [imageOf(result)] }),
}

export function countWords(counted: Counted): void {
  if (!counted.spoken) counted.items++
  counted.spoken = true
}

function decodeWords({ content }: Fields): Told {
  const parts = list(content).map(fields)
  const said = parts.map((part) => (part.type === 'output_text' || part.type === 'input_text' ? (text(part.text) ?? '') : ''))
  const refused = parts.map((part) => text(part.refusal) ?? '')
  const annotations = parts.flatMap((part) => list(part.annotations).map(decodeAnnotation))
  return {
    ...optional('content', word(said.join(''))),
    ...optional('refusal', word(refused.join(''))),
    ...(annotations.length > 0 ? { annotations } : {}),
  }
}

/** What must come back of a reasoning item. */
export function decodeMarks(item: Fields, counted: Counted): Told {
  const reasoning_details = decodeReasoning(item, { index: counted.details, place: counted.items++ })
  counted.details += reasoning_details.length
  return reasoning_details.length > 0 ? { reasoning_details } : {}
}

export function decodeCall({ call_id, id, name }: Fields, written: string, counted: Counted): ChatToolCall {
  counted.calls++
  counted.items++
  return { id: word(call_id) ?? word(id) ?? '', type: 'function', function: { name: text(name) ?? '', arguments: written } }
}

/** A call of free text for which the client has no tool was made and answered at the provider. */
export function isTheirs({ type, name }: Fields, { freeform }: Counted): boolean {
  return type === 'custom_tool_call' && freeform !== undefined && !freeform.has(text(name) ?? '')
}

function imageOf(base64: unknown): object {
  return { type: 'image_url', image_url: { url: `data:image/png;base64,${base64}` } }
}

function optional(name: keyof Told, value: string | undefined): Told {
  return value === undefined ? {} : { [name]: value }
}
