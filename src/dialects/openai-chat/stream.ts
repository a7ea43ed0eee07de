import type { ChatChunk, ChatChunkChoice, ChatDelta, FinishReason } from '../../contract/chat.ts'
import type { DecodeContext, SseEvent, Step, StreamContext, Usage } from '../../contract/dialect.ts'
import { mergeUsage } from '../../contract/usage.ts'
import { encodeUsage } from '../chat-usage.ts'
import { parseEvent } from '../event.ts'
import { readFailure, refused } from '../failure.ts'
import { count, type Fields, fields, list, word } from '../fields.ts'
import { type Calls, callsOf } from './calls.ts'
import { readFinish, readSaid, type Said } from './message.ts'
import { thinkTags } from './think-tags.ts'
import { readUsage } from './usage.ts'

export function encodeStream({ includeUsage }: StreamContext): Step<ChatChunk, SseEvent> {
  return {
    push: (chunk) => (chunk.choices.length === 0 && !includeUsage ? [] : [{ data: JSON.stringify(chunk) }]),
    end: () => [{ data: '[DONE]' }],
  }
}

/**
 * Chunks evened out: one id, a role once, each call's id and name once under an index of its own. What providers repeat (finish
 * reasons, cumulative usage) is held and said once, by `end()`.
 */
export function decodeStream(context: DecodeContext): Step<SseEvent, ChatChunk> {
  const { push, end } = decodeChunks(context)
  return { push: (event) => (event.data === '[DONE]' ? [] : push(fields(parseEvent(event)))), end }
}

/** The same for events that are parsed already. */
export function decodeChunks(context: DecodeContext): Step<Fields, ChatChunk> {
  const state: State = { id: '', created: 0, model: '', usage: undefined, choices: new Map() }
  return {
    push(payload) {
      const failure = readFailure(payload)
      if (failure !== undefined) throw refused(failure)
      note(state, payload, context)
      const choices: ChatChunkChoice[] = []
      for (const value of list(payload.choices)) {
        const choice = decodeChoice(state, fields(value), context)
        if (choice !== undefined) choices.push(choice)
      }
      return choices.length === 0 ? [] : [chunkOf(state, context, choices)]
    },
    end() {
      const finishes = [...state.choices.values()].flatMap(finish)
      const chunks = finishes.map((choice) => chunkOf(state, context, [choice]))
      return state.usage === undefined ? chunks : [...chunks, { ...chunkOf(state, context, []), usage: encodeUsage(state.usage) }]
    },
  }
}

interface State {
  id: string
  created: number
  model: string
  usage: Usage | undefined
  readonly choices: Map<number, ChoiceState>
}

interface ChoiceState {
  readonly index: number
  begun: boolean
  finish: unknown
  native: unknown
  readonly calls: Calls
  readonly tags: ReturnType<typeof thinkTags> | undefined
}

function note(state: State, payload: Fields, { quirks }: DecodeContext): void {
  state.id ||= word(payload.id) ?? ''
  state.model ||= word(payload.model) ?? ''
  state.created ||= count(payload.created) ?? 0
  state.usage = mergeUsage(state.usage, readUsage(payload, quirks))
}

function decodeChoice(state: State, value: Fields, context: DecodeContext): ChatChunkChoice | undefined {
  const choice = choiceAt(state, count(value.index) ?? 0, context)
  choice.finish = word(value.finish_reason) ?? choice.finish
  choice.native = word(value.native_finish_reason) ?? choice.native
  const delta = decodeDelta(choice, fields(value.delta))
  if (delta === undefined) return undefined
  const told: ChatChunkChoice = { index: choice.index, delta, finish_reason: null }
  return value.logprobs === undefined || value.logprobs === null ? told : { ...told, logprobs: value.logprobs }
}

function choiceAt(state: State, index: number, { quirks, requestId }: DecodeContext): ChoiceState {
  const known = state.choices.get(index)
  if (known !== undefined) return known
  const tags = quirks.thinkTagsInContent ? thinkTags() : undefined
  const fresh = { index, begun: false, finish: undefined, native: undefined, calls: callsOf(`call_${requestId}_${index}`), tags }
  state.choices.set(index, fresh)
  return fresh
}

function decodeDelta(choice: ChoiceState, delta: Fields): ChatDelta | undefined {
  const told: ChatDelta = choice.begun ? {} : { role: 'assistant', content: '' }
  choice.begun = true
  const said = readSaid(delta)
  speak(told, choice.tags === undefined || said.content === undefined ? said : { ...said, ...choice.tags.push(said.content) })
  const refusal = word(delta.refusal)
  if (refusal !== undefined) told.refusal = refusal
  const calls = list(delta.tool_calls)
  if (calls.length > 0) told.tool_calls = calls.map(choice.calls.read)
  for (const name of Object.keys(delta)) if (!EVENED.has(name) && says(delta[name])) told[name] = delta[name]
  return Object.keys(told).length === 0 ? undefined : told
}

/** What is said above in one way; everything else (`audio`, `annotations`, `reasoning_details`, …) passes as it is. */
const EVENED = new Set(['role', 'content', 'refusal', 'tool_calls', 'reasoning', 'reasoning_content', 'reasoning_text'])

function says(value: unknown): boolean {
  return value !== null && value !== '' && !(Array.isArray(value) && value.length === 0)
}

function speak(told: ChatDelta, { content, reasoning }: Said): void {
  if (content) told.content = content
  if (reasoning) told.reasoning_content = reasoning
}

function finish(choice: ChoiceState): ChatChunkChoice[] {
  const finish_reason: FinishReason | null = readFinish(choice.finish, choice.calls.count > 0)
  const delta: ChatDelta = {}
  if (choice.tags !== undefined) speak(delta, choice.tags.end())
  if (finish_reason === null && Object.keys(delta).length === 0) return []
  return [{ index: choice.index, delta, finish_reason, native_finish_reason: word(choice.native) ?? word(choice.finish) }]
}

function chunkOf(state: State, context: DecodeContext, choices: ChatChunkChoice[]): ChatChunk {
  return {
    id: state.id || context.requestId,
    object: 'chat.completion.chunk',
    created: state.created || context.created,
    model: state.model || context.model,
    choices,
  }
}
