import type { ChatChunk, ChatDelta } from '../../src/contract/chat.ts'
import type { DecodeContext, SseEvent, Step, Usage } from '../../src/contract/dialect.ts'
import { encodeUsage } from '../../src/dialects/chat-usage.ts'
import { parseEvent } from '../../src/dialects/event.ts'
import { failed } from '../../src/dialects/failure.ts'
import { count, entryOf, type Fields, fields, word } from '../../src/dialects/fields.ts'
import { isForClient, readFinish } from './response.ts'
import { decodeThought } from './thoughts.ts'
import { readUsage } from './usage.ts'

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html */
export function decodeStream(context: DecodeContext): Step<SseEvent, ChatChunk> {
  const state: State = { context, calls: 0, thoughts: 0, places: new Map(), bare: undefined, stopReason: undefined, usage: undefined }
  return {
    push(event) {
      const payload = fields(parseEvent(event))
      const delta = entryOf(on, event.event)?.(state, payload)
      return delta === undefined ? [] : [chunkOf(context, delta)]
    },
    end: () => [...finish(state), ...usageOf(state)],
  }
}

interface State {
  readonly context: DecodeContext
  calls: number
  thoughts: number
  /** What a block's index stands for in the chat: the index of its call, or of its reasoning detail. */
  readonly places: Map<number, number>
  /** The place of an open call whose arguments have not begun. */
  bare: number | undefined
  stopReason: string | undefined
  usage: Usage | undefined
}

type Told = ChatDelta | undefined

/** Events that are not listed say nothing. */
const on: Readonly<Record<string, (state: State, event: Fields) => Told>> = {
  messageStart: () => ({ role: 'assistant', content: '' }),
  contentBlockStart(state, event) {
    const call = fields(fields(event.start).toolUse)
    return isForClient(call) ? openCall(state, call, placeOf(event)) : undefined
  },
  contentBlockDelta(state, event) {
    const delta = fields(event.delta)
    const [kind = ''] = Object.keys(delta)
    return entryOf(saying, kind)?.(state, delta[kind], placeOf(event))
  },
  contentBlockStop(state, event) {
    const place = placeOf(event)
    const index = state.places.get(place)
    if (place !== state.bare || index === undefined) return undefined
    // A call without arguments has none here, but clients parse what they are given as JSON.
    return { tool_calls: [{ index, function: { arguments: '{}' } }] }
  },
  messageStop(state, event) {
    state.stopReason = word(event.stopReason)
    return undefined
  },
  metadata(state, event) {
    state.usage = readUsage(event)
    return undefined
  },
  // Of a proxy in between: Bedrock itself tells of failures by its framing.
  error(_, event) {
    throw failed(event)
  },
}

function openCall(state: State, { toolUseId, name }: Fields, place: number): Told {
  const index = state.calls++
  state.places.set(place, index)
  state.bare = place
  return { tool_calls: [{ index, id: word(toolUseId), type: 'function', function: { name: word(name), arguments: '' } }] }
}

const saying: Readonly<Record<string, (state: State, said: unknown, place: number) => Told>> = {
  text(_, said) {
    const words = word(said)
    return words === undefined ? undefined : { content: words }
  },
  toolUse(state, said, place) {
    const index = state.places.get(place)
    const piece = word(fields(said).input)
    // Pieces of a block that was not opened belong to a tool that runs at the provider.
    if (index === undefined || piece === undefined) return undefined
    state.bare = undefined
    return { tool_calls: [{ index, function: { arguments: piece } }] }
  },
  reasoningContent: think,
}

/** No event opens a thought: its first piece does. */
function think(state: State, said: unknown, place: number): Told {
  const { text, signature, redactedContent } = fields(said)
  const index = state.places.get(place) ?? state.thoughts++
  state.places.set(place, index)
  const piece = redactedContent === undefined ? { reasoningText: { text, signature } } : { redactedContent }
  const detail = decodeThought(piece, { index, place, model: state.context.model })
  return { ...(word(text) && { reasoning_content: word(text) }), reasoning_details: [detail] }
}

function placeOf(event: Fields): number {
  return count(event.contentBlockIndex) ?? 0
}

function finish({ context, stopReason }: State): ChatChunk[] {
  const finish_reason = readFinish(stopReason)
  if (finish_reason === null) return []
  return [{ ...chunkOf(context, {}), choices: [{ index: 0, delta: {}, finish_reason, native_finish_reason: stopReason }] }]
}

function usageOf({ context, usage }: State): ChatChunk[] {
  return usage === undefined ? [] : [{ ...chunkOf(context, {}), choices: [], usage: encodeUsage(usage) }]
}

function chunkOf({ requestId, created, model }: DecodeContext, delta: ChatDelta): ChatChunk {
  return { id: requestId, object: 'chat.completion.chunk', created, model, choices: [{ index: 0, delta, finish_reason: null }] }
}
