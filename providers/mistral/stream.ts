import type { ChatChunk, ChatChunkChoice, ChatToolCall, ChatToolCallDelta, ChatUsage, ReasoningDetail } from '../../src/contract/chat.ts'
import type { SseEvent, Step } from '../../src/contract/dialect.ts'
import { marksOf, thoughtOf } from './thoughts.ts'

/** Words and thoughts as they come; calls are whole, and stand with the finish and the usage in the last chunk. */
export function encodeStream(): Step<ChatChunk, SseEvent> {
  const state: State = { head: undefined, choices: new Map(), usage: undefined }
  return {
    push({ choices, usage, ...head }) {
      state.head = head
      state.usage = usage ?? state.usage
      return choices.flatMap((choice) => say(state, choice))
    },
    end() {
      const finished = [...state.choices.values()].flatMap(finish)
      // Without a finish reason the answer is not whole, and its end is not for us to invent.
      return finished.length === 0 ? [] : [eventOf(state, finished, { usage: state.usage }), { data: '[DONE]' }]
    },
  }
}

interface State {
  head: Omit<ChatChunk, 'choices' | 'usage'> | undefined
  readonly choices: Map<number, Choice>
  usage: ChatUsage | undefined
}

interface Choice {
  readonly index: number
  begun: boolean
  details: ReasoningDetail[]
  readonly calls: Map<number, ChatToolCall>
  finish: ChatChunkChoice['finish_reason']
}

function say(state: State, { index, delta, finish_reason }: ChatChunkChoice): SseEvent[] {
  const choice = choiceAt(state, index)
  const { reasoning_content, reasoning_details = [], content, refusal, tool_calls = [] } = delta
  choice.details.push(...reasoning_details)
  choice.finish = finish_reason ?? choice.finish
  for (const call of tool_calls) gather(choice.calls, call)
  const words = (content ?? '') + (refusal ?? '')
  return [
    ...(reasoning_content ? [deltaOf(state, choice, [thoughtOf(reasoning_content)])] : []),
    ...(words === '' ? [] : [...marks(state, choice), deltaOf(state, choice, words)]),
  ]
}

/** The marks of thoughts stand before what follows from them. */
function marks(state: State, choice: Choice): SseEvent[] {
  const [mark] = marksOf(choice.details)
  choice.details = []
  return mark === undefined ? [] : [deltaOf(state, choice, [mark])]
}

function gather(calls: Map<number, ChatToolCall>, { index, id = '', function: called }: ChatToolCallDelta): void {
  const known = calls.get(index)?.function ?? { name: called?.name ?? '', arguments: '' }
  calls.set(index, {
    id: calls.get(index)?.id ?? id,
    type: 'function',
    function: { ...known, arguments: known.arguments + (called?.arguments ?? '') },
  })
}

function finish({ index, finish: finish_reason, calls, details }: Choice): object[] {
  if (finish_reason === null) return []
  const tool_calls = calls.size === 0 ? null : [...calls].map(([index, call]) => ({ index, ...call }))
  const [mark] = marksOf(details)
  return [{ index, delta: { content: mark === undefined ? '' : [mark], tool_calls }, finish_reason }]
}

function choiceAt({ choices }: State, index: number): Choice {
  const known = choices.get(index)
  if (known !== undefined) return known
  const fresh: Choice = { index, begun: false, details: [], calls: new Map(), finish: null }
  choices.set(index, fresh)
  return fresh
}

function deltaOf(state: State, choice: Choice, content: string | object[]): SseEvent {
  const delta = choice.begun ? { content } : { role: 'assistant', content }
  choice.begun = true
  return eventOf(state, [{ index: choice.index, delta, finish_reason: null }])
}

function eventOf({ head }: State, choices: readonly object[], more: object = {}): SseEvent {
  return { data: JSON.stringify({ ...head, choices, ...more }) }
}
