import type { ChatChunk, ChatDelta } from '../../contract/chat.ts'
import type { DecodeContext, SseEvent, Step } from '../../contract/dialect.ts'
import { encodeUsage } from '../chat-usage.ts'
import { parseEvent } from '../event.ts'
import { failed } from '../failure.ts'
import { count, entryOf, type Fields, fields, list, text, word } from '../fields.ts'
import { decodeAnnotation } from './annotations.ts'
import { wrapInput } from './freeform.ts'
import { PARAGRAPH } from './reasoning.ts'
import { type Counted, countedFor, countWords, decodeCall, decodeItem, decodeMarks, isTheirs, type Told } from './upstream-item.ts'
import { decodeFinish, serviceTierOf } from './upstream-response.ts'
import { readUsage } from './usage.ts'

/** https://platform.openai.com/docs/api-reference/responses-streaming */
export function decodeStream(context: DecodeContext): Step<SseEvent, ChatChunk> {
  const { requestId: id, created, model, request } = context
  const state: State = {
    id,
    created,
    model,
    counted: countedFor(request),
    items: new Map(),
    begun: false,
    part: undefined,
    answer: undefined,
  }
  return {
    push(event) {
      if (event.data === '[DONE]') return []
      const payload = fields(parseEvent(event))
      const delta = entryOf(on, payload.type ?? event.event ?? 'error')?.(state, payload)
      return delta === undefined ? [] : [chunkOf(state, [{ index: 0, delta, finish_reason: null, ...logprobsOf(payload) }])]
    },
    end: () => finish(state),
  }
}

interface State {
  id: string
  created: number
  model: string
  readonly counted: Counted
  /** Items by `output_index`: their ids are not the same in every event of every provider. */
  readonly items: Map<number, Item>
  begun: boolean
  /** The part of the thoughts that was told last. */
  part: string | undefined
  /** The answer as its last event tells it. */
  answer: Fields | undefined
}

interface Item {
  /** The index of the call that this item is. */
  readonly call: number | undefined
  readonly isFreeform: boolean
  said: boolean
}

type Delta = ChatDelta | undefined

/** Events that are not listed repeat what others said, or tell of tools that run at the provider. */
const on: Readonly<Record<string, (state: State, event: Fields) => Delta>> = {
  'response.created': begin,
  'response.in_progress': begin,
  'response.output_item.added': open,
  'response.output_text.delta': (state, event) => said(state, event, 'content'),
  'response.refusal.delta': (state, event) => said(state, event, 'refusal'),
  'response.reasoning_summary_text.delta': think,
  'response.reasoning_text.delta': think,
  'response.function_call_arguments.delta': write,
  'response.custom_tool_call_input.delta': write,
  'response.output_text.annotation.added': (_, { annotation }) => ({ annotations: [decodeAnnotation(annotation)] }),
  'response.output_item.done': close,
  'response.completed': end,
  'response.incomplete': end,
  'response.failed': (_, { response }) => fail({ error: fields(response).error }),
  error: (_, event) => fail(event),
}

function begin(state: State, { response }: Fields): Delta {
  const { id, created_at, model } = fields(response)
  state.id = word(id) ?? state.id
  state.created = count(created_at) ?? state.created
  state.model = word(model) ?? state.model
  if (state.begun) return undefined
  state.begun = true
  return { role: 'assistant', content: '' }
}

function open({ items, counted }: State, event: Fields): Delta {
  const item = fields(event.item)
  const isFreeform = item.type === 'custom_tool_call'
  const isCall = item.type === 'function_call' || (isFreeform && !isTheirs(item, counted))
  items.set(placeOf(event), { call: isCall ? counted.calls : undefined, isFreeform, said: false })
  if (item.type === 'message') countWords(counted)
  return isCall ? deltaOf({ tool_calls: [decodeCall(item, '', counted)] }, counted) : undefined
}

function said({ items }: State, event: Fields, field: 'content' | 'refusal' | 'reasoning_content'): Delta {
  const piece = word(event.delta)
  const item = items.get(placeOf(event))
  if (item !== undefined) item.said = true
  return piece === undefined ? undefined : { [field]: piece }
}

/** Parts of a summary, and items, are paragraphs. */
function think(state: State, event: Fields): Delta {
  const delta = said(state, event, 'reasoning_content')
  if (delta === undefined) return undefined
  const part = `${placeOf(event)}.${count(event.summary_index) ?? count(event.content_index) ?? 0}`
  const isNext = state.part !== undefined && state.part !== part
  state.part = part
  return isNext ? { reasoning_content: PARAGRAPH + delta.reasoning_content } : delta
}

/** A piece of a call's arguments; free text is told as the JSON of its one parameter. */
function write({ items }: State, event: Fields): Delta {
  const item = items.get(placeOf(event))
  const piece = text(event.delta) ?? ''
  if (item?.call === undefined || piece === '') return undefined
  const written = item.isFreeform ? `${item.said ? '' : INPUT_BEGINS}${JSON.stringify(piece).slice(1, -1)}` : piece
  item.said = true
  return { tool_calls: [{ index: item.call, function: { arguments: written } }] }
}

const INPUT_BEGINS = '{"input":"'
const INPUT_ENDS = '"}'

/** Some servers send whole items and no deltas. */
function close({ items, counted }: State, event: Fields): Delta {
  const item = fields(event.item)
  const known = items.get(placeOf(event))
  if (item.type === 'reasoning' && known?.said) return told(deltaOf(decodeMarks(item, counted), counted))
  if (known === undefined || (known.call === undefined && !known.said)) return told(deltaOf(decodeItem(item, counted), counted))
  if (known.call === undefined) return undefined
  const whole = known.isFreeform ? wrapInput(text(item.input) ?? '') : (text(item.arguments) ?? '')
  const rest = known.said ? (known.isFreeform ? INPUT_ENDS : '') : whole
  return rest === '' ? undefined : { tool_calls: [{ index: known.call, function: { arguments: rest } }] }
}

function deltaOf({ tool_calls, ...rest }: Told, { calls }: Counted): ChatDelta {
  if (tool_calls === undefined) return rest
  return { ...rest, tool_calls: tool_calls.map((call, at) => ({ index: calls - tool_calls.length + at, ...call })) }
}

function told(delta: ChatDelta): Delta {
  return Object.keys(delta).length > 0 ? delta : undefined
}

function end(state: State, { response }: Fields): Delta {
  state.answer = fields(response)
  return undefined
}

function fail(failure: Fields): never {
  throw failed(failure)
}

function placeOf(event: Fields): number {
  return count(event.output_index) ?? 0
}

function logprobsOf({ logprobs }: Fields): { logprobs?: object } {
  const content = list(logprobs)
  return content.length > 0 ? { logprobs: { content, refusal: null } } : {}
}

function finish(state: State): ChatChunk[] {
  const { answer, counted } = state
  if (answer === undefined) return []
  const { finish_reason, native_finish_reason } = decodeFinish(answer, counted.calls > 0)
  const last = chunkOf(state, [{ index: 0, delta: {}, finish_reason, ...(native_finish_reason && { native_finish_reason }) }])
  const usage = encodeUsage(readUsage(answer))
  const tier = serviceTierOf(answer)
  return [{ ...last, ...tier }, ...(usage === undefined ? [] : [{ ...chunkOf(state, []), ...tier, usage }])]
}

function chunkOf({ id, created, model }: State, choices: ChatChunk['choices']): ChatChunk {
  return { id, object: 'chat.completion.chunk', created, model, choices }
}
