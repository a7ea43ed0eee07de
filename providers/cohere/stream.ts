import type { ChatChunk, ChatChunkChoice, ChatDelta } from '../../src/contract/chat.ts'
import type { DecodeContext, SseEvent, Step, Usage } from '../../src/contract/dialect.ts'
import { encodeUsage } from '../../src/dialects/chat-usage.ts'
import { parseEvent } from '../../src/dialects/event.ts'
import { refused } from '../../src/dialects/failure.ts'
import { count, entryOf, type Fields, fields, word } from '../../src/dialects/fields.ts'
import { readCohereFailure, readFinish } from './finish.ts'
import { decodeLogprobs } from './logprobs.ts'
import { readUsage } from './usage.ts'

/** https://docs.cohere.com/docs/streaming */
export function decodeStream(context: DecodeContext): Step<SseEvent, ChatChunk> {
  const state: State = { context, id: context.requestId, calls: new Map(), bare: undefined, finish: undefined, usage: undefined }
  return {
    push(event) {
      if (event.data === DONE) return []
      const payload = fields(parseEvent(event))
      const failure = readCohereFailure(payload)
      if (failure !== undefined) throw refused(failure)
      const delta = entryOf(on, payload.type)?.(state, payload)
      return delta === undefined ? [] : [chunkOf(state, [{ index: 0, delta, finish_reason: null, ...logprobsOf(payload) }])]
    },
    end() {
      const finish_reason = readFinish(state.finish)
      const finish = { index: 0, delta: {}, finish_reason, native_finish_reason: word(state.finish) }
      const chunks = finish_reason === null ? [] : [chunkOf(state, [finish])]
      return state.usage === undefined ? chunks : [...chunks, { ...chunkOf(state, []), usage: encodeUsage(state.usage) }]
    },
  }
}

export const DONE = '[DONE]'

interface State {
  readonly context: DecodeContext
  id: string
  /** The chat's index of each call. */
  readonly calls: Map<number, number>
  /** The call whose arguments have not begun. */
  bare: number | undefined
  finish: unknown
  usage: Usage | undefined
}

type Told = ChatDelta | undefined

/** Events that are not listed (`content-end`, `citation-end`, `debug`, later ones) say nothing. */
const on: Readonly<Record<string, (state: State, event: Fields) => Told>> = {
  'message-start'(state, event) {
    state.id = word(event.id) ?? state.id
    return { role: 'assistant', content: '' }
  },
  'content-start': said,
  'content-delta': said,
  'tool-plan-delta'(_, event) {
    const plan = word(messageOf(event).tool_plan)
    return plan === undefined ? undefined : { content: plan }
  },
  'tool-call-start'(state, event) {
    const { id, function: called } = fields(messageOf(event).tool_calls)
    const { name, arguments: args } = fields(called)
    const index = state.calls.size
    state.calls.set(placeOf(event), index)
    state.bare = word(args) === undefined ? index : undefined
    return { tool_calls: [{ index, id: word(id), type: 'function', function: { name: word(name), arguments: word(args) ?? '' } }] }
  },
  'tool-call-delta'(state, event) {
    const index = state.calls.get(placeOf(event))
    const piece = word(fields(fields(messageOf(event).tool_calls).function).arguments)
    if (index === undefined || piece === undefined) return undefined
    state.bare = undefined
    return { tool_calls: [{ index, function: { arguments: piece } }] }
  },
  'tool-call-end'(state, event) {
    const index = state.calls.get(placeOf(event))
    if (index === undefined || index !== state.bare) return undefined
    // A call without arguments has none here, but clients parse what they are given as JSON.
    return { tool_calls: [{ index, function: { arguments: '{}' } }] }
  },
  'citation-start'(_, event) {
    const { citations } = messageOf(event)
    return Object.keys(fields(citations)).length === 0 ? undefined : { citations: [citations] }
  },
  'message-end'(state, event) {
    state.finish = fields(event.delta).finish_reason
    state.usage = readUsage(event)
    return undefined
  },
}

function said(_: State, event: Fields): Told {
  const { text, thinking } = fields(messageOf(event).content)
  const told: ChatDelta = {}
  if (word(thinking) !== undefined) told.reasoning_content = word(thinking)
  if (word(text) !== undefined) told.content = word(text)
  return Object.keys(told).length === 0 ? undefined : told
}

function messageOf(event: Fields): Fields {
  return fields(fields(event.delta).message)
}

function placeOf(event: Fields): number {
  return count(event.index) ?? 0
}

/** Of a delta's one piece of text. */
function logprobsOf({ logprobs }: Fields): { logprobs?: object } {
  const told = decodeLogprobs(logprobs === undefined ? undefined : [logprobs].flat())
  return told === undefined ? {} : { logprobs: told }
}

function chunkOf({ id, context }: State, choices: ChatChunkChoice[]): ChatChunk {
  return { id, object: 'chat.completion.chunk', created: context.created, model: context.model, choices }
}
