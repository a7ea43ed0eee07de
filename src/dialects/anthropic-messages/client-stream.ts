import type { ChatChunk, ChatChunkChoice, ChatDelta, ChatToolCallDelta, ChatUsage, ReasoningDetail } from '../../contract/chat.ts'
import type { SseEvent, Step } from '../../contract/dialect.ts'
import { type CallsInTurn, callsInTurn } from '../calls-in-turn.ts'
import { packDetails } from '../packed-details.ts'
import { continues, GrowingDetails, isMark } from '../reasoning-details.ts'
import { encodeStop, isOwn } from './answer.ts'
import type { Block } from './block.ts'
import { encodeUsage } from './client-usage.ts'

/** An answer as a stream of blocks, one open at a time: https://platform.claude.com/docs/en/build-with-claude/streaming */
export function encodeStream(): Step<ChatChunk, SseEvent> {
  const state: State = {
    events: [],
    begun: false,
    blocks: 0,
    open: undefined,
    calls: callsInTurn(),
    placeOfCall: new Map(),
    foreign: new GrowingDetails(),
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

interface State {
  events: SseEvent[]
  begun: boolean
  /** How many blocks were opened. */
  blocks: number
  open: Open | undefined
  readonly calls: CallsInTurn
  /** The block of each call. */
  readonly placeOfCall: Map<number, number>
  /** Marks of other providers, packed into one block as soon as something else is said. */
  readonly foreign: GrowingDetails
  stopped: ChatChunkChoice | undefined
  refusal: string
  usage: ChatUsage | undefined
}

interface Open {
  readonly type: string
  /** The reasoning detail that a thinking block tells. */
  readonly detail: ReasoningDetail | undefined
}

function begin(state: State, { id, model }: ChatChunk): void {
  if (state.begun) return
  state.begun = true
  // Clients demand numbers here and take those of `message_delta` in their place: usage is known only at the end.
  const usage = { input_tokens: 0, output_tokens: 0 }
  const message = { id, type: 'message', role: 'assistant', model, content: [], stop_reason: null, stop_sequence: null, usage }
  emit(state, 'message_start', { message })
}

function say(state: State, choice: ChatChunkChoice): void {
  const { reasoning_details, reasoning_content, content, tool_calls, refusal }: ChatDelta = choice.delta
  const own = reasoning_details?.filter(isOwn) ?? []
  if (reasoning_details !== undefined) state.foreign.add(reasoning_details.filter((detail) => !isOwn(detail)))
  for (const detail of own) sayThought(state, detail)
  if (reasoning_content && own.length === 0) sayPiece(state, 'thinking', reasoning_content)
  if (content) sayPiece(state, 'text', content)
  for (const call of tool_calls ?? []) for (const piece of state.calls.push(call)) sayCall(state, piece)
  state.refusal += refusal ?? ''
  if (choice.finish_reason !== null) state.stopped = choice
}

function sayThought(state: State, detail: ReasoningDetail): void {
  const { type, text, signature, data } = detail
  if (type === 'reasoning.encrypted') {
    if (data !== undefined) sayWhole(state, { type: 'redacted_thinking', data })
    return
  }
  if (!continues(state.open?.detail, detail)) open(state, { type: 'thinking', thinking: '', signature: '' }, detail)
  if (text) emitDelta(state, { type: 'thinking_delta', thinking: text })
  if (signature) emitDelta(state, { type: 'signature_delta', signature })
}

function sayPiece(state: State, type: 'text' | 'thinking', piece: string): void {
  if (state.open?.type !== type) open(state, type === 'text' ? { type, text: '' } : { type, thinking: '', signature: '' })
  emitDelta(state, { type: `${type}_delta`, [type]: piece })
}

function sayCall(state: State, { index, id, function: called }: ChatToolCallDelta): void {
  if (!state.placeOfCall.has(index)) {
    open(state, { type: 'tool_use', id: id ?? '', name: called?.name ?? '', input: {} })
    state.placeOfCall.set(index, state.blocks - 1)
  }
  const delta = { type: 'input_json_delta', partial_json: called?.arguments ?? '' }
  if (delta.partial_json !== '') emit(state, 'content_block_delta', { index: state.placeOfCall.get(index), delta })
}

function sayWhole(state: State, block: Block): void {
  open(state, block)
  close(state)
}

function open(state: State, content_block: Block, detail?: ReasoningDetail): void {
  close(state)
  packForeign(state, content_block)
  emit(state, 'content_block_start', { index: state.blocks++, content_block })
  state.open = { type: content_block.type, detail }
}

/** Other providers' marks stand before the words and calls that follow from them, and after the thoughts they belong to. */
function packForeign(state: State, next?: Block): void {
  if (next?.type === 'thinking' || state.foreign.isEmpty) return
  const marks = state.foreign.take().filter(isMark)
  if (marks.length > 0) sayWhole(state, { type: 'redacted_thinking', data: packDetails(marks) })
}

function close(state: State): void {
  if (state.open === undefined) return
  emit(state, 'content_block_stop', { index: state.blocks - 1 })
  state.open = undefined
}

function finish(state: State, stopped: ChatChunkChoice): void {
  for (const piece of state.calls.end()) sayCall(state, piece)
  close(state)
  packForeign(state)
  // A number is demanded here, too: 0 says that the provider told none.
  const usage = { output_tokens: 0, ...told(encodeUsage(state.usage)) }
  emit(state, 'message_delta', { delta: encodeStop({ ...stopped, message: { refusal: state.refusal } }), usage })
  emit(state, 'message_stop', {})
}

function told(counts: object): object {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== undefined))
}

function emitDelta(state: State, delta: object): void {
  emit(state, 'content_block_delta', { index: state.blocks - 1, delta })
}

function emit(state: State, type: string, fields: object): void {
  state.events.push({ event: type, data: JSON.stringify({ type, ...fields }) })
}

function taken(state: State): SseEvent[] {
  const { events } = state
  state.events = []
  return events
}
