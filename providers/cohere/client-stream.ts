import type { ChatChunk, ChatChunkChoice, ChatToolCallDelta, ChatUsage } from '../../src/contract/chat.ts'
import type { SseEvent, Step } from '../../src/contract/dialect.ts'
import { type CallsInTurn, callsInTurn } from '../../src/dialects/calls-in-turn.ts'
import { list } from '../../src/dialects/fields.ts'
import { GrowingDetails } from '../../src/dialects/reasoning-details.ts'
import { encodeUsage, marks } from './client-answer.ts'
import { encodeFinish } from './finish.ts'
import { encodeLogprobs } from './logprobs.ts'
import { DONE } from './stream.ts'

/** An answer as events, one item or call open at a time: https://docs.cohere.com/docs/streaming */
export function encodeStream(): Step<ChatChunk, SseEvent> {
  const state: State = {
    events: [],
    id: undefined,
    items: 0,
    citations: 0,
    open: undefined,
    calls: callsInTurn(),
    begun: new Set(),
    details: new GrowingDetails(),
    stopped: undefined,
    refusal: '',
    usage: undefined,
  }
  return {
    push(chunk) {
      begin(state, chunk)
      state.usage = chunk.usage ?? state.usage
      for (const choice of chunk.choices) if (choice.index === 0) say(state, choice)
      return taken(state)
    },
    end() {
      // Without a finish reason the answer is not whole, and its end is not for us to invent.
      if (state.stopped !== undefined) finish(state, state.stopped)
      return taken(state)
    },
  }
}

type Kind = 'text' | 'thinking'

interface State {
  events: SseEvent[]
  id: string | undefined
  /** How many items of content were opened. */
  items: number
  citations: number
  open: { readonly end: 'content-end' | 'tool-call-end'; readonly index: number; readonly kind: Kind | undefined } | undefined
  readonly calls: CallsInTurn
  readonly begun: Set<number>
  readonly details: GrowingDetails
  stopped: ChatChunkChoice | undefined
  refusal: string
  usage: ChatUsage | undefined
}

function begin(state: State, { id }: ChatChunk): void {
  if (state.id !== undefined) return
  state.id = id
  const message = { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] }
  emit(state, 'message-start', { id, delta: { message } })
}

function say(state: State, choice: ChatChunkChoice): void {
  const { reasoning_content, reasoning_details = [], content, refusal, tool_calls = [], citations } = choice.delta
  state.details.add(reasoning_details)
  if (reasoning_content) sayPiece(state, 'thinking', { piece: reasoning_content })
  if (content) sayPiece(state, 'text', { piece: content, logprobs: encodeLogprobs(choice.logprobs)?.[0] })
  state.refusal += refusal ?? ''
  for (const citation of list(citations)) sayCitation(state, citation)
  for (const call of tool_calls) for (const piece of state.calls.push(call)) sayCall(state, piece)
  if (choice.finish_reason !== null) state.stopped = choice
}

function sayPiece(state: State, kind: Kind, { piece, logprobs }: { piece: string; logprobs?: object | undefined }): void {
  if (state.open?.kind !== kind) openItem(state, kind, { type: kind, [kind]: '' })
  emit(state, 'content-delta', { index: state.items - 1, delta: { message: { content: { [kind]: piece } } }, logprobs })
}

function sayCitation(state: State, citations: unknown): void {
  const index = state.citations++
  emit(state, 'citation-start', { index, delta: { message: { citations } } })
  emit(state, 'citation-end', { index })
}

function sayCall(state: State, { index, id, function: called }: ChatToolCallDelta): void {
  if (!state.begun.has(index)) {
    state.begun.add(index)
    close(state)
    sayMarks(state)
    const tool_calls = { id, type: 'function', function: { name: called?.name, arguments: '' } }
    emit(state, 'tool-call-start', { index, delta: { message: { tool_calls } } })
    state.open = { end: 'tool-call-end', index, kind: undefined }
  }
  const piece = called?.arguments
  if (piece) emit(state, 'tool-call-delta', { index, delta: { message: { tool_calls: { function: { arguments: piece } } } } })
}

function openItem(state: State, kind: Kind, content: object): void {
  close(state)
  if (kind === 'text') sayMarks(state)
  const index = state.items++
  emit(state, 'content-start', { index, delta: { message: { content } } })
  state.open = { end: 'content-end', index, kind }
}

/** The marks of thoughts stand before the words and calls that follow from them, and after the thoughts they belong to. */
function sayMarks(state: State): void {
  const [item] = marks(state.details.take())
  if (item === undefined) return
  openItem(state, 'thinking', item)
  close(state)
}

function close(state: State): void {
  if (state.open !== undefined) emit(state, state.open.end, { index: state.open.index })
  state.open = undefined
}

function finish(state: State, stopped: ChatChunkChoice): void {
  for (const piece of state.calls.end()) sayCall(state, piece)
  close(state)
  sayMarks(state)
  emit(state, 'message-end', { id: state.id, delta: { ...encodeFinish(stopped, state.refusal), usage: encodeUsage(state.usage) } })
  state.events.push({ data: DONE })
}

function emit(state: State, type: string, fields: object): void {
  state.events.push({ event: type, data: JSON.stringify({ type, ...fields }) })
}

function taken(state: State): SseEvent[] {
  const { events } = state
  state.events = []
  return events
}
