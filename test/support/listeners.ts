import { cohereChat } from '../../providers/cohere/chat.ts'
import type { IngressDialect, SseEvent } from '../../src/contract/dialect.ts'
import { anthropicMessages } from '../../src/dialects/anthropic-messages.ts'
import { gemini } from '../../src/dialects/gemini.ts'
import { openaiChat } from '../../src/dialects/openai-chat.ts'
import { openaiResponses } from '../../src/dialects/openai-responses.ts'
import { assembled } from '../contract/dialects/anthropic-stream.ts'
import type { Any } from '../contract/dialects/words.ts'
import type { Called } from './voices.ts'

// Clients of each protocol: how they put a stream together, and how they hand an answer back with what came of its calls.

export interface Listener {
  readonly dialect: IngressDialect
  /** The whole answer that a stream makes up. */
  heard(events: readonly SseEvent[]): Any
  /** The next request: a question, the answer to it as it came, and what came of its calls. */
  next(answer: Any, calls: readonly Called[]): object
}

const QUESTION = 'What do you see?'
const MORE = 'Go on.'

const payloads = (events: readonly SseEvent[]): Any[] => events.filter(({ data }) => data !== '[DONE]').map(({ data }) => JSON.parse(data))
const toolMessages = (calls: readonly Called[]) => calls.map(({ id, result }) => ({ role: 'tool', tool_call_id: id, content: result }))
const goOn = (results: readonly object[], more: object): readonly object[] => (results.length > 0 ? results : [more])
const user = { role: 'user', content: QUESTION }
const userMore = { role: 'user', content: MORE }

export const listeners: readonly Listener[] = [
  {
    dialect: openaiChat,
    heard: (events) => ({ choices: [{ message: messageOf(payloads(events)) }] }),
    next: ({ choices }, calls) => ({ model: 'm', messages: [user, choices[0].message, ...goOn(toolMessages(calls), userMore)] }),
  },
  {
    dialect: anthropicMessages,
    heard: (events) => ({ content: JSON.parse(`[${assembled(events).join(',')}]`) }),
    next: ({ content }, calls) => {
      const results = calls.map(({ id, result }) => ({ type: 'tool_result', tool_use_id: id, content: result }))
      const turn = { role: 'user', content: goOn(results, { type: 'text', text: MORE }) }
      return { model: 'm', max_tokens: 9, messages: [user, { role: 'assistant', content }, turn] }
    },
  },
  {
    dialect: gemini,
    heard: (events) => ({
      candidates: [{ content: { role: 'model', parts: payloads(events).flatMap(({ candidates }) => candidates[0].content.parts) } }],
    }),
    next: ({ candidates }, calls) => {
      const results = calls.map(({ id, name, result: output }) => ({ functionResponse: { id, name, response: { output } } }))
      return {
        contents: [
          { role: 'user', parts: [{ text: QUESTION }] },
          candidates[0].content,
          { role: 'user', parts: goOn(results, { text: MORE }) },
        ],
      }
    },
  },
  {
    dialect: openaiResponses,
    heard: (events) => payloads(events).at(-1).response,
    next: ({ output }, calls) => {
      const results = calls.map(({ id, result }) => ({ type: 'function_call_output', call_id: id, output: result }))
      return { model: 'm', store: false, input: [user, ...output, ...goOn(results, userMore)] }
    },
  },
  {
    dialect: cohereChat,
    heard: (events) => ({ message: cohereMessageOf(payloads(events)) }),
    next: ({ message }, calls) => ({ model: 'm', messages: [user, message, ...goOn(toolMessages(calls), userMore)] }),
  },
]

function messageOf(chunks: readonly Any[]): Any {
  const deltas = chunks.flatMap(({ choices }) => choices).map(({ delta }) => delta)
  const joined = (field: string): string => deltas.map((delta) => delta[field] ?? '').join('')
  const details = deltas.flatMap(({ reasoning_details = [] }) => reasoning_details)
  const calls: Any[] = []
  for (const { index, function: called, ...call } of deltas.flatMap(({ tool_calls = [] }) => tool_calls)) {
    calls[index] ??= { ...call, function: { name: called.name, arguments: '' } }
    calls[index].function.arguments += called.arguments ?? ''
  }
  return {
    ...{ role: 'assistant', content: joined('content'), reasoning_content: joined('reasoning_content'), reasoning_details: details },
    ...(calls.length > 0 && { tool_calls: calls }),
  }
}

function cohereMessageOf(events: readonly Any[]): Any {
  const content: Any[] = []
  const tool_calls: Any[] = []
  for (const { type, index, delta } of events) {
    const said = delta?.message
    if (type === 'content-start') content[index] = { ...said.content }
    else if (type === 'content-delta') for (const [field, piece] of Object.entries(said.content)) content[index][field] += piece
    else if (type === 'tool-call-start') tool_calls[index] = said.tool_calls
    else if (type === 'tool-call-delta') tool_calls[index].function.arguments += said.tool_calls.function.arguments
  }
  return { role: 'assistant', content, ...(tool_calls.length > 0 && { tool_calls }) }
}
