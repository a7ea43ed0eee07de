import type { ChatChunk, ChatDelta } from '../../contract/chat.ts'
import type { DecodeContext, SseEvent, Step, Usage } from '../../contract/dialect.ts'
import { mergeUsage } from '../../contract/usage.ts'
import { encodeUsage } from '../chat-usage.ts'
import { parseEvent } from '../event.ts'
import { failed } from '../failure.ts'
import { count, entryOf, type Fields, fields, word } from '../fields.ts'
import { readFinish, refusalOf } from './response.ts'
import { decodeThought } from './thoughts.ts'
import { readUsage } from './usage.ts'

/** https://platform.claude.com/docs/en/build-with-claude/streaming */
export function decodeStream(context: DecodeContext): Step<SseEvent, ChatChunk> {
  const state: State = {
    id: context.requestId,
    created: context.created,
    model: context.model,
    calls: 0,
    thoughts: 0,
    places: new Map(),
    bare: undefined,
    stopped: undefined,
    usage: undefined,
  }
  return {
    push(event) {
      const payload = fields(parseEvent(event))
      const delta = entryOf(on, payload.type ?? event.event ?? 'error')?.(state, payload)
      return delta === undefined ? [] : [chunkOf(state, delta)]
    },
    end: () => [...finish(state), ...usageOf(state)],
  }
}

interface State {
  id: string
  readonly created: number
  model: string
  calls: number
  thoughts: number
  /** What a block's index stands for in the chat: the index of its call, or of its reasoning detail. */
  readonly places: Map<number, number>
  /** The place of an open call whose arguments have not begun. */
  bare: number | undefined
  stopped: Fields | undefined
  usage: Usage | undefined
}

type Told = ChatDelta | undefined

/** Events that are not listed (`ping`, `message_stop`, later ones) say nothing. */
const on: Readonly<Record<string, (state: State, event: Fields) => Told>> = {
  message_start(state, event) {
    const message = fields(event.message)
    state.id = word(message.id) ?? state.id
    state.model = word(message.model) ?? state.model
    state.usage = readUsage(event)
    return { role: 'assistant', content: '' }
  },
  content_block_start(state, event) {
    const block = fields(event.content_block)
    return entryOf(opening, block.type)?.(state, block, placeOf(event))
  },
  content_block_delta(state, event) {
    const delta = fields(event.delta)
    const index = state.places.get(placeOf(event))
    if (delta.type === 'text_delta') return spoken('content', delta.text)
    // Pieces of a block that was not opened belong to a tool that runs at the provider.
    return index === undefined ? undefined : entryOf(saying, delta.type)?.(state, delta, index)
  },
  content_block_stop(state, event) {
    const place = placeOf(event)
    const index = state.places.get(place)
    if (place !== state.bare || index === undefined) return undefined
    // A call without arguments has none here, but clients parse what they are given as JSON.
    return { tool_calls: [{ index, function: { arguments: '{}' } }] }
  },
  message_delta(state, event) {
    state.stopped = { ...state.stopped, ...fields(event.delta) }
    state.usage = mergeUsage(state.usage, readUsage(event))
    return undefined
  },
  error(_, event) {
    throw failed(event)
  },
}

/** How a block begins. What it holds already is said at once: some servers send whole blocks and no deltas. */
const opening: Readonly<Record<string, (state: State, block: Fields, place: number) => Told>> = {
  text: (_, block) => spoken('content', block.text),
  thinking: openThought,
  redacted_thinking: openThought,
  tool_use(state, block, place) {
    const index = state.calls++
    state.places.set(place, index)
    const begun = Object.keys(fields(block.input)).length > 0 ? JSON.stringify(block.input) : ''
    state.bare = begun === '' ? place : undefined
    return { tool_calls: [{ index, id: word(block.id), type: 'function', function: { name: word(block.name), arguments: begun } }] }
  },
}

function openThought(state: State, block: Fields, place: number): Told {
  const index = state.thoughts++
  state.places.set(place, index)
  const detail = decodeThought(block, index, place)
  return { ...spoken('reasoning_content', block.thinking), ...(detail === undefined ? {} : { reasoning_details: [detail] }) }
}

const saying: Readonly<Record<string, (state: State, delta: Fields, index: number) => Told>> = {
  input_json_delta(state, delta, index) {
    const piece = word(delta.partial_json)
    if (piece === undefined) return undefined
    state.bare = undefined
    return { tool_calls: [{ index, function: { arguments: piece } }] }
  },
  thinking_delta(_, delta, index) {
    const text = word(delta.thinking)
    return text === undefined ? undefined : { reasoning_content: text, reasoning_details: [{ type: 'reasoning.text', index, text }] }
  },
  signature_delta: (_, delta, index) => ({ reasoning_details: [{ type: 'reasoning.text', index, signature: word(delta.signature) }] }),
}

function spoken(field: 'content' | 'reasoning_content', value: unknown): Told {
  const said = word(value)
  return said === undefined ? undefined : { [field]: said }
}

function placeOf(event: Fields): number {
  return count(event.index) ?? 0
}

function finish(state: State): ChatChunk[] {
  const stopped = fields(state.stopped)
  const finish_reason = readFinish(stopped.stop_reason)
  if (finish_reason === null) return []
  const choice = { index: 0, delta: refusalOf(stopped), finish_reason, native_finish_reason: word(stopped.stop_reason) }
  return [{ ...chunkOf(state, {}), choices: [choice] }]
}

function usageOf(state: State): ChatChunk[] {
  return state.usage === undefined ? [] : [{ ...chunkOf(state, {}), choices: [], usage: encodeUsage(state.usage) }]
}

function chunkOf({ id, created, model }: State, delta: ChatDelta): ChatChunk {
  return { id, object: 'chat.completion.chunk', created, model, choices: [{ index: 0, delta, finish_reason: null }] }
}
