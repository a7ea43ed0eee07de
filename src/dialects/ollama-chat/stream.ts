import type { ChatChunk, ChatChunkChoice, ChatDelta } from '../../contract/chat.ts'
import type { DecodeContext, SseEvent, Step } from '../../contract/dialect.ts'
import { encodeUsage } from '../chat-usage.ts'
import { parseEvent } from '../event.ts'
import { readFailure, refused } from '../failure.ts'
import { type Fields, fields, word } from '../fields.ts'
import { logprobsOf, readFinish, readMessage } from './answer.ts'
import { readUsage } from './usage.ts'

/** Every line is an answer with what is new; the last one also tells why it ended and what was counted. */
export function decodeStream(context: DecodeContext): Step<SseEvent, ChatChunk> {
  const state: State = { context, model: '', begun: false, calls: 0, last: {} }
  return {
    push(event) {
      const line = fields(parseEvent(event))
      const failure = readFailure(line)
      if (failure !== undefined) throw refused(failure)
      state.model ||= word(line.model) ?? ''
      if (line.done === true) state.last = line
      const delta = deltaOf(state, line)
      return delta === undefined ? [] : [chunkOf(state, [{ index: 0, delta, finish_reason: null, ...told(line) }])]
    },
    end() {
      const finish_reason = readFinish(state.last, state.calls > 0)
      const finish = { index: 0, delta: {}, finish_reason, native_finish_reason: word(state.last.done_reason) }
      const chunks = finish_reason === null ? [] : [chunkOf(state, [finish])]
      const usage = encodeUsage(readUsage(state.last))
      return usage === undefined ? chunks : [...chunks, { ...chunkOf(state, []), usage }]
    },
  }
}

interface State {
  readonly context: DecodeContext
  model: string
  begun: boolean
  calls: number
  last: Fields
}

function deltaOf(state: State, line: Fields): ChatDelta | undefined {
  const { content, thinking, calls } = readMessage(line, `call_${state.context.requestId}`, state.calls)
  const delta: ChatDelta = state.begun ? {} : { role: 'assistant', content: '' }
  state.begun = true
  if (content !== undefined) delta.content = content
  if (thinking !== undefined) delta.reasoning_content = thinking
  if (calls.length > 0) delta.tool_calls = calls.map((call) => ({ index: state.calls++, ...call }))
  return Object.keys(delta).length === 0 ? undefined : delta
}

function told(line: Fields): { logprobs?: object } {
  const logprobs = logprobsOf(line)
  return logprobs === undefined ? {} : { logprobs }
}

function chunkOf({ context, model }: State, choices: ChatChunkChoice[]): ChatChunk {
  const { requestId: id, created } = context
  return { id, object: 'chat.completion.chunk', created, model: model || context.model, choices }
}
