import type { ChatChunk, ChatChunkChoice, ChatDelta } from '../../contract/chat.ts'
import type { DecodeContext, SseEvent, Step } from '../../contract/dialect.ts'
import { encodeUsage } from '../chat-usage.ts'
import { parseEvent } from '../event.ts'
import { readFailure, refused } from '../failure.ts'
import { count, type Fields, fields, list, word } from '../fields.ts'
import { type CandidateState, decodeParts, readBlock, readFinish } from './candidate.ts'
import { decodeLogprobs } from './logprobs.ts'
import { readUsage } from './usage.ts'

/** Every event is a whole response with what is new; finish reasons may be told again and are held until `end()`. */
export function decodeStream(context: DecodeContext): Step<SseEvent, ChatChunk> {
  const state: State = { id: '', model: '', usageMetadata: {}, blocked: undefined, candidates: new Map() }
  return {
    push(event) {
      const payload = fields(parseEvent(event))
      const failure = readFailure(payload)
      if (failure !== undefined) throw refused(failure)
      note(state, payload)
      const choices: ChatChunkChoice[] = []
      for (const value of list(payload.candidates)) {
        const choice = decodeCandidate(state, fields(value), context)
        if (choice !== undefined) choices.push(choice)
      }
      return choices.length === 0 ? [] : [chunkOf(state, context, choices)]
    },
    end() {
      const finishes = state.candidates.size === 0 ? refusal(state) : [...state.candidates.values()].flatMap(finish)
      const chunks = finishes.map((choice) => chunkOf(state, context, [choice]))
      const usage = encodeUsage(readUsage(state))
      return usage === undefined ? chunks : [...chunks, { ...chunkOf(state, context, []), usage }]
    },
  }
}

interface State {
  id: string
  model: string
  /** Cumulative in every event, so it is put together as it comes and read once. */
  readonly usageMetadata: Record<string, unknown>
  blocked: ReturnType<typeof readBlock>
  readonly candidates: Map<number, StreamedCandidate>
}

interface StreamedCandidate extends CandidateState {
  begun: boolean
  finish: string | undefined
}

function note(state: State, payload: Fields): void {
  state.id ||= word(payload.responseId) ?? ''
  state.model ||= word(payload.modelVersion) ?? ''
  Object.assign(state.usageMetadata, fields(payload.usageMetadata))
  state.blocked ??= readBlock(payload)
}

function decodeCandidate(state: State, value: Fields, { requestId }: DecodeContext): ChatChunkChoice | undefined {
  const candidate = candidateAt(state, count(value.index) ?? 0, requestId)
  candidate.finish = word(value.finishReason) ?? candidate.finish
  const delta = deltaOf(value, candidate)
  const logprobs = decodeLogprobs(value)
  if (logprobs === undefined && Object.keys(delta).length === 0) return undefined
  const told: ChatChunkChoice = { index: candidate.index, delta, finish_reason: null }
  return logprobs === undefined ? told : { ...told, logprobs }
}

function candidateAt(state: State, index: number, requestId: string): StreamedCandidate {
  const known = state.candidates.get(index)
  if (known !== undefined) return known
  const fresh = { index, requestId, calls: 0, details: 0, begun: false, finish: undefined }
  state.candidates.set(index, fresh)
  return fresh
}

function deltaOf(value: Fields, candidate: StreamedCandidate): ChatDelta {
  const first = candidate.calls
  const told = decodeParts(value, candidate)
  const calls = told.tool_calls && { tool_calls: told.tool_calls.map((call, index) => ({ index: first + index, ...call })) }
  const delta: ChatDelta = candidate.begun ? {} : { role: 'assistant', content: '' }
  candidate.begun = true
  return Object.assign(delta, told, calls)
}

function finish({ index, finish: native, calls }: StreamedCandidate): ChatChunkChoice[] {
  const finish_reason = readFinish(native, calls > 0)
  return finish_reason === null ? [] : [{ index, delta: {}, finish_reason, native_finish_reason: native }]
}

function refusal({ blocked }: State): ChatChunkChoice[] {
  if (blocked === undefined) return []
  const delta: ChatDelta = { role: 'assistant', content: null, refusal: blocked.refusal }
  return [{ index: 0, delta, finish_reason: 'content_filter', native_finish_reason: blocked.native }]
}

function chunkOf(state: State, context: DecodeContext, choices: ChatChunkChoice[]): ChatChunk {
  return {
    id: state.id || context.requestId,
    object: 'chat.completion.chunk',
    created: context.created,
    model: state.model || context.model,
    choices,
  }
}
