import type { ChatChoice, ChatChunk, ChatDelta, ChatRequest, ChatResponse } from '../../contract/chat.ts'
import type { SseEvent, Step, StreamContext } from '../../contract/dialect.ts'
import { partsOf } from '../conversation.ts'
import type { Fields } from '../fields.ts'
import { end, take } from './answer.ts'
import { emptyAnswer } from './answer-state.ts'

/** Every event is numbered, and the last one holds the whole answer: https://platform.openai.com/docs/api-reference/responses-streaming */
export function encodeStream({ requestId: id, created, model, request }: StreamContext): Step<ChatChunk, SseEvent> {
  let told: SseEvent[] = []
  let sequence_number = 0
  const tell = (type: string, event: Fields): void => {
    told.push({ event: type, data: JSON.stringify({ type, sequence_number: sequence_number++, ...event }) })
  }
  const taken = (): SseEvent[] => {
    const events = told
    told = []
    return events
  }
  const answer = emptyAnswer({ id, created, model, tell }, request)
  return {
    push(chunk) {
      take(answer, chunk)
      return taken()
    },
    end() {
      end(answer)
      return taken()
    },
  }
}

/** A whole answer is what its stream would have ended in. */
export function encodeResponse(chat: ChatResponse, request?: ChatRequest): object {
  const { choices, id, created, model, ...rest } = chat
  const answer = emptyAnswer({ id, created, model, tell: () => undefined }, request)
  take(answer, { ...rest, id, created, model, object: 'chat.completion.chunk', choices: choices.map(wholeChoice) })
  return end(answer)
}

function wholeChoice({ message, ...ended }: ChatChoice): ChatChunk['choices'][number] {
  const { reasoning_content, reasoning_details, annotations, images, tool_calls } = message
  const said = partsOf(message)
  const delta: ChatDelta = {
    content: said.map((part) => (part.type === 'text' ? part.text : '')).join(''),
    refusal: said.map((part) => (part.type === 'refusal' ? part.refusal : '')).join(''),
    ...(reasoning_content ? { reasoning_content } : {}),
    ...(reasoning_details ? { reasoning_details } : {}),
    ...(tool_calls ? { tool_calls: tool_calls.map((call, index) => ({ index, ...call })) } : {}),
    ...{ annotations, images },
  }
  return { ...ended, delta }
}
