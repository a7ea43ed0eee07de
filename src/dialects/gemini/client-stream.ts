import type { ChatChunk, ChatChunkChoice, ChatMessage, ChatToolCall, ChatToolCallDelta, ChatUsage } from '../../contract/chat.ts'
import type { SseEvent, Step, StreamContext } from '../../contract/dialect.ts'
import { GrowingText } from '../growing-text.ts'
import { GrowingDetails } from '../reasoning-details.ts'
import { encodeCandidate, encodeParts, encodeUsage } from './answer.ts'
import { isOwn } from './signatures.ts'

/**
 * Every event is a whole response with what is new, the last one also with the finish reasons and all usage. Words are said as they come;
 * arguments come in pieces but are said as one object, so calls wait for the end.
 */
export function encodeStream(context: StreamContext): Step<ChatChunk, SseEvent> {
  const state: State = { id: context.requestId, model: context.model, usage: undefined, candidates: new Map() }
  return {
    push({ id, model, usage, choices }) {
      state.id = id
      state.model = model
      state.usage = usage ?? state.usage
      const candidates = choices
        .map((choice) => say(candidateAt(state, choice.index), choice))
        .filter((candidate) => candidate !== undefined)
      return candidates.length === 0 ? [] : [eventOf(state, { candidates })]
    },
    end() {
      const stopped = [...state.candidates.values()].filter(({ choice }) => choice !== undefined)
      // Without a finish reason the answer is not whole, and its end is not for us to invent.
      if (stopped.length === 0) return []
      return [eventOf(state, { candidates: stopped.map(finish), usageMetadata: encodeUsage(state.usage) })]
    },
  }
}

interface State {
  id: string
  model: string
  usage: ChatUsage | undefined
  readonly candidates: Map<number, Candidate>
}

interface Call extends Pick<ChatToolCall, 'id'> {
  readonly name: string
  readonly written: GrowingText
  extra_content: ChatToolCallDelta['extra_content']
}

interface Candidate {
  readonly index: number
  readonly calls: Map<number, Call>
  /** Marks of calls, and of other providers. */
  readonly marks: GrowingDetails
  refusal: string
  /** What told the finish reason. */
  choice: ChatChunkChoice | undefined
}

function candidateAt({ candidates }: State, index: number): Candidate {
  const known = candidates.get(index)
  if (known !== undefined) return known
  const fresh = { index, calls: new Map(), marks: new GrowingDetails(), refusal: '', choice: undefined }
  candidates.set(index, fresh)
  return fresh
}

function say(candidate: Candidate, choice: ChatChunkChoice): object | undefined {
  const { tool_calls = [], reasoning_details = [], refusal, content, reasoning_content, images } = choice.delta
  const saidNow = reasoning_details.filter((detail) => isOwn(detail) && !detail.id)
  if (reasoning_details.length > 0) candidate.marks.add(reasoning_details.filter((detail) => !saidNow.includes(detail)))
  for (const delta of tool_calls) gather(candidate.calls, delta)
  if (refusal) candidate.refusal += refusal
  if (choice.finish_reason !== null) candidate.choice = choice
  const parts = encodeParts({ content, reasoning_content, images, reasoning_details: saidNow })
  const isSilent = parts.length === 0 && !choice.logprobs
  return isSilent ? undefined : encodeCandidate({ index: choice.index, finish_reason: null, logprobs: choice.logprobs }, parts)
}

function gather(calls: Map<number, Call>, { index, id = '', function: called, extra_content }: ChatToolCallDelta): void {
  const known = calls.get(index)
  const call = known ?? { id, name: called?.name ?? '', written: new GrowingText(), extra_content: undefined }
  if (known === undefined) calls.set(index, call)
  call.written.add(called?.arguments ?? '')
  call.extra_content = extra_content ?? call.extra_content
}

function whole({ id, name, written, extra_content }: Call): ChatToolCall {
  const call: ChatToolCall = { id, type: 'function', function: { name, arguments: written.toString() } }
  return extra_content === undefined ? call : { ...call, extra_content }
}

function finish({ index, calls, marks, refusal, choice }: Candidate): object {
  const message: Partial<ChatMessage> = { tool_calls: [...calls.values()].map(whole), reasoning_details: marks.take(), refusal }
  const { finish_reason = null, native_finish_reason } = choice ?? {}
  const told = native_finish_reason === undefined ? {} : { native_finish_reason }
  return encodeCandidate({ index, finish_reason, ...told, message }, encodeParts(message))
}

function eventOf({ id, model }: State, rest: object): SseEvent {
  return { data: JSON.stringify({ ...rest, modelVersion: model, responseId: id }) }
}
