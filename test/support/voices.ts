import type { SseEvent } from '../../src/contract/dialect.ts'
import type { Quirks } from '../../src/contract/quirks.ts'
import type { Any } from '../contract/dialects/words.ts'

// What providers of each dialect answer, and how they read it when it comes back with the next request: written by hand, without the code
// under test, for any words and calls.

/** One turn of a model. */
export interface Said {
  readonly thought: string
  /** What only its provider understands, and wants back. */
  readonly mark: string
  readonly text: string
  readonly calls: readonly Called[]
}

export interface Called {
  readonly id: string
  readonly name: string
  readonly args: object
  /** What the client finds. */
  readonly result: string
}

/** A model's turn and the results of its calls, as its provider reads them in a request. */
export interface Returned {
  readonly mark: string | undefined
  readonly text: string
  readonly calls: readonly { readonly id?: string; readonly name: string; readonly args: unknown }[]
  readonly results: readonly { readonly id?: string; readonly text: string }[]
}

export interface Voice {
  readonly dialect: string
  readonly quirks: Quirks
  /** What the format cannot carry: it is not looked for. */
  readonly lacks: readonly ('mark' | 'ids')[]
  whole(said: Said): object
  stream(said: Said): readonly SseEvent[]
  read(body: Any): Returned
}

const half = (text: string): string[] => {
  const letters = [...text]
  const middle = Math.ceil(letters.length / 2)
  return [letters.slice(0, middle).join(''), letters.slice(middle).join('')]
}

const written = ({ args }: Called): string => JSON.stringify(args)
const data = (payload: object): SseEvent => ({ data: JSON.stringify(payload) })
const named = (payload: { type: string; [field: string]: unknown }): SseEvent => ({ event: payload.type, data: JSON.stringify(payload) })
const textOf = (content: Any): string =>
  typeof content === 'string' ? content : (content ?? []).map(({ text = '' }: Any) => text).join('')
/** A result that is a JSON object may travel as that object. */
const resultOf = (response: Any): string =>
  typeof response === 'string' ? response : typeof response.output === 'string' ? response.output : JSON.stringify(response)

const chat: Voice = {
  dialect: 'openai-chat',
  quirks: { supportsReasoningDetails: true },
  lacks: [],
  whole: (said) => chatAnswer('message', { role: 'assistant', content: said.text, ...chatExtras(said, said.thought) }, finishOf(said)),
  stream: (said) => [
    data(chatAnswer('delta', { role: 'assistant', content: '' }, null)),
    ...half(said.thought).map((reasoning) => data(chatAnswer('delta', { reasoning }, null))),
    data(chatAnswer('delta', { reasoning_details: [chatMark(said)] }, null)),
    ...half(said.text).map((content) => data(chatAnswer('delta', { content }, null))),
    ...said.calls.flatMap((call, index) =>
      ['', ...half(written(call))].map((piece, at) => {
        const head = at === 0 ? { id: call.id, type: 'function' } : {}
        const called = at === 0 ? { name: call.name, arguments: piece } : { arguments: piece }
        return data(chatAnswer('delta', { tool_calls: [{ index, ...head, function: called }] }, null))
      }),
    ),
    data(chatAnswer('delta', {}, finishOf(said))),
  ],
  read: ({ messages }) => {
    const turn = messages.find(({ role }: Any) => role === 'assistant')
    return {
      mark: turn.reasoning_details?.[0]?.data,
      text: textOf(turn.content),
      calls: (turn.tool_calls ?? []).map((call: Any) => ({
        id: call.id,
        name: call.function.name,
        args: JSON.parse(call.function.arguments),
      })),
      results: toolResults(messages),
    }
  },
}

const finishOf = ({ calls }: Said): string => (calls.length > 0 ? 'tool_calls' : 'stop')
const chatMark = ({ mark }: Said) => ({ type: 'reasoning.encrypted', data: mark, format: 'mill-v1', index: 0 })
const chatAnswer = (said: 'message' | 'delta', what: object, finish_reason: string | null) => ({
  id: 'chatcmpl-1',
  choices: [{ index: 0, [said]: what, finish_reason }],
})

function chatExtras(said: Said, reasoning: string): object {
  const calls = said.calls.map((call) => ({ id: call.id, type: 'function', function: { name: call.name, arguments: written(call) } }))
  return { reasoning, reasoning_details: [chatMark(said)], ...(calls.length > 0 && { tool_calls: calls }) }
}

const toolResults = (messages: Any[]): Returned['results'] =>
  messages.filter(({ role }) => role === 'tool').map(({ tool_call_id: id, content }) => ({ id, text: textOf(content) }))

const messages: Voice = {
  dialect: 'anthropic-messages',
  quirks: {},
  lacks: [],
  whole: (said) => ({ type: 'message', role: 'assistant', content: blocksOf(said), stop_reason: stopOf(said) }),
  stream: (said) => [
    named({ type: 'message_start', message: { id: 'msg_1' } }),
    ...blocksOf(said).flatMap((block, index) => [
      named({ type: 'content_block_start', index, content_block: { ...block, ...EMPTY[block.type] } }),
      ...deltasOf(block).map((delta) => named({ type: 'content_block_delta', index, delta })),
      named({ type: 'content_block_stop', index }),
    ]),
    named({ type: 'message_delta', delta: { stop_reason: stopOf(said) } }),
  ],
  read: ({ messages: turns }) => {
    const blocks = turns.flatMap(({ content }: Any) => (typeof content === 'string' ? [] : content))
    const said = turns.find(({ role }: Any) => role === 'assistant').content
    return {
      mark: blocks.find(({ type }: Any) => type === 'thinking')?.signature,
      text: typeof said === 'string' ? said : textOf(said.filter(({ type }: Any) => type === 'text')),
      calls: blocks.filter(({ type }: Any) => type === 'tool_use').map(({ id, name, input }: Any) => ({ id, name, args: input })),
      results: blocks
        .filter(({ type }: Any) => type === 'tool_result')
        .map(({ tool_use_id: id, content }: Any) => ({ id, text: textOf(content) })),
    }
  },
}

const stopOf = ({ calls }: Said): string => (calls.length > 0 ? 'tool_use' : 'end_turn')
const EMPTY: Readonly<Record<string, object>> = {
  thinking: { thinking: '', signature: '' },
  text: { text: '' },
  tool_use: { input: {} },
}

function blocksOf({ thought, mark, text, calls }: Said): Any[] {
  return [
    { type: 'thinking', thinking: thought, signature: mark },
    { type: 'text', text },
    ...calls.map(({ id, name, args }) => ({ type: 'tool_use', id, name, input: args })),
  ]
}

function deltasOf(block: Any): object[] {
  if (block.type === 'text') return half(block.text).map((text) => ({ type: 'text_delta', text }))
  if (block.type === 'tool_use')
    return half(JSON.stringify(block.input)).map((partial_json) => ({ type: 'input_json_delta', partial_json }))
  const thoughts = half(block.thinking).map((thinking) => ({ type: 'thinking_delta', thinking }))
  return [...thoughts, { type: 'signature_delta', signature: block.signature }]
}

const gemini: Voice = {
  dialect: 'gemini',
  quirks: {},
  lacks: [],
  whole: (said) => candidate(partsOf(said), 'STOP'),
  stream: (said) => [...partsOf(said).map((part) => data(candidate([part]))), data(candidate([{ text: '' }], 'STOP'))],
  read: ({ contents }) => {
    const parts = contents.filter(({ role }: Any) => role === 'model').flatMap((content: Any) => content.parts)
    const answers = contents.filter(({ role }: Any) => role !== 'model').flatMap((content: Any) => content.parts)
    return {
      mark: parts.find(({ thoughtSignature }: Any) => thoughtSignature)?.thoughtSignature,
      text: textOf(parts.filter(({ thought }: Any) => !thought)),
      calls: parts.flatMap(({ functionCall }: Any) => functionCall ?? []),
      results: answers.flatMap(({ functionResponse: one }: Any) => (one ? [{ id: one.id, text: resultOf(one.response) }] : [])),
    }
  },
}

const candidate = (parts: readonly object[], finishReason?: string) => ({
  candidates: [{ index: 0, content: { role: 'model', parts }, ...(finishReason && { finishReason }) }],
})

/** The mark stands on the first call, else on the words. */
function partsOf({ thought, mark, text, calls }: Said): object[] {
  const marked = { thoughtSignature: mark }
  return [
    { text: thought, thought: true },
    { text, ...(calls.length === 0 && marked) },
    ...calls.map(({ id, name, args }, index) => ({ functionCall: { id, name, args }, ...(index === 0 && marked) })),
  ]
}

const responses: Voice = {
  dialect: 'openai-responses',
  quirks: {},
  lacks: [],
  whole: (said) => ({ id: 'resp_1', object: 'response', status: 'completed', output: itemsOf(said) }),
  stream: (said) => [
    named({ type: 'response.created', response: { id: 'resp_1', output: [] } }),
    ...itemsOf(said).flatMap((item, output_index) => [
      named({ type: 'response.output_item.added', output_index, item: { ...item, ...BEGUN[item.type] } }),
      ...writtenOf(item).map((event) => named({ ...event, output_index, item_id: item.id })),
      named({ type: 'response.output_item.done', output_index, item }),
    ]),
    named({ type: 'response.completed', response: { id: 'resp_1', status: 'completed', output: itemsOf(said) } }),
  ],
  read: ({ input }) => {
    const of = (kind: string) => input.filter(({ type }: Any) => type === kind)
    return {
      mark: of('reasoning')[0]?.encrypted_content,
      text: input
        .filter(({ role }: Any) => role === 'assistant')
        .map(({ content }: Any) => textOf(content))
        .join(''),
      calls: of('function_call').map(({ call_id: id, name, arguments: args }: Any) => ({ id, name, args: JSON.parse(args) })),
      results: of('function_call_output').map(({ call_id: id, output }: Any) => ({ id, text: textOf(output) })),
    }
  },
}

const BEGUN: Readonly<Record<string, object>> = {
  reasoning: { summary: [], encrypted_content: undefined },
  message: { content: [] },
  function_call: { arguments: '' },
}

function itemsOf({ thought, mark, text, calls }: Said): Any[] {
  return [
    { id: 'rs_1', type: 'reasoning', summary: [{ type: 'summary_text', text: thought }], encrypted_content: mark },
    { id: 'msg_1', type: 'message', role: 'assistant', content: [{ type: 'output_text', text, annotations: [] }] },
    ...calls.map((call) => ({ id: `fc_${call.id}`, type: 'function_call', call_id: call.id, name: call.name, arguments: written(call) })),
  ]
}

function writtenOf(item: Any): { type: string; [field: string]: unknown }[] {
  if (item.type === 'message')
    return half(item.content[0].text).map((delta) => ({ type: 'response.output_text.delta', content_index: 0, delta }))
  if (item.type === 'function_call') return half(item.arguments).map((delta) => ({ type: 'response.function_call_arguments.delta', delta }))
  return half(item.summary[0].text).map((delta) => ({ type: 'response.reasoning_summary_text.delta', summary_index: 0, delta }))
}

const cohere: Voice = {
  dialect: 'cohere-chat',
  quirks: {},
  lacks: ['mark'],
  whole: (said) => ({ id: 'c-1', message: { role: 'assistant', ...cohereMessage(said) }, finish_reason: cohereFinish(said) }),
  stream: (said) => [
    named({ type: 'message-start', id: 'c-1', delta: { message: { role: 'assistant' } } }),
    ...contents(said),
    ...said.calls.flatMap((call, index) => {
      const about = (type: string, tool_calls: object) => named({ type, index, delta: { message: { tool_calls } } })
      return [
        about('tool-call-start', { id: call.id, type: 'function', function: { name: call.name, arguments: '' } }),
        ...half(written(call)).map((piece) => about('tool-call-delta', { function: { arguments: piece } })),
        named({ type: 'tool-call-end', index }),
      ]
    }),
    named({ type: 'message-end', delta: { finish_reason: cohereFinish(said) } }),
  ],
  read: ({ messages: turns }) => {
    const { content, tool_plan = '', tool_calls = [] } = turns.find(({ role }: Any) => role === 'assistant')
    return {
      mark: undefined,
      text: tool_plan + textOf(content),
      calls: tool_calls.map((call: Any) => ({ id: call.id, name: call.function.name, args: JSON.parse(call.function.arguments) })),
      results: toolResults(turns),
    }
  },
}

const cohereFinish = ({ calls }: Said): string => (calls.length > 0 ? 'TOOL_CALL' : 'COMPLETE')

/** What is said before a call is its plan. */
function cohereMessage({ thought, text, calls }: Said): object {
  const tool_calls = calls.map((call) => ({ id: call.id, type: 'function', function: { name: call.name, arguments: written(call) } }))
  const thinking = { type: 'thinking', thinking: thought }
  return calls.length > 0 ? { content: [thinking], tool_plan: text, tool_calls } : { content: [thinking, { type: 'text', text }] }
}

function contents({ thought, text, calls }: Said): SseEvent[] {
  const block = (index: number, kind: 'thinking' | 'text', said: string) => {
    const about = (type: string, content: object) => named({ type, index, delta: { message: { content } } })
    return [
      about('content-start', { type: kind, [kind]: '' }),
      ...half(said).map((piece) => about('content-delta', { [kind]: piece })),
      named({ type: 'content-end', index }),
    ]
  }
  const plan = half(text).map((tool_plan) => named({ type: 'tool-plan-delta', delta: { message: { tool_plan } } }))
  return [...block(0, 'thinking', thought), ...(calls.length > 0 ? plan : block(1, 'text', text))]
}

const ollama: Voice = {
  dialect: 'ollama-chat',
  quirks: {},
  lacks: ['mark', 'ids'],
  whole: (said) => ollamaLine(ollamaMessage(said), true),
  stream: (said) => [
    ...half(said.thought).map((thinking) => data(ollamaLine({ content: '', thinking }, false))),
    ...half(said.text).map((content) => data(ollamaLine({ content }, false))),
    ...ollamaMessage(said).tool_calls.map((call) => data(ollamaLine({ content: '', tool_calls: [call] }, false))),
    data(ollamaLine({ content: '' }, true)),
  ],
  read: ({ messages: turns }) => {
    const { content, tool_calls = [] } = turns.find(({ role }: Any) => role === 'assistant')
    return {
      mark: undefined,
      text: textOf(content),
      calls: tool_calls.map(({ function: { name, arguments: args } }: Any) => ({ name, args })),
      results: toolResults(turns).map(({ text }) => ({ text })),
    }
  },
}

const ollamaLine = (message: object, done: boolean) => ({
  model: 'm',
  created_at: '2026-01-01T00:00:00Z',
  message: { role: 'assistant', ...message },
  done,
  ...(done && { done_reason: 'stop' }),
})

const ollamaMessage = ({ thought, text, calls }: Said) => ({
  content: text,
  thinking: thought,
  tool_calls: calls.map(({ id, name, args }) => ({ id, function: { name, arguments: args } })),
})

const converse: Voice = {
  dialect: 'bedrock-converse',
  quirks: {},
  lacks: [],
  whole: (said) => ({ output: { message: { role: 'assistant', content: converseBlocks(said) } }, stopReason: stopOf(said) }),
  stream: (said) => [
    event('messageStart', { role: 'assistant' }),
    ...converseBlocks(said).flatMap((block, contentBlockIndex) => [
      ...(block.toolUse
        ? [event('contentBlockStart', { contentBlockIndex, start: { toolUse: { ...block.toolUse, input: undefined } } })]
        : []),
      ...converseDeltas(block).map((delta) => event('contentBlockDelta', { contentBlockIndex, delta })),
      event('contentBlockStop', { contentBlockIndex }),
    ]),
    event('messageStop', { stopReason: stopOf(said) }),
  ],
  read: ({ messages: turns }) => {
    const blocks = turns.flatMap(({ content }: Any) => content)
    const own = turns.find(({ role }: Any) => role === 'assistant').content
    return {
      mark: blocks.find(({ reasoningContent }: Any) => reasoningContent)?.reasoningContent.reasoningText.signature,
      text: textOf(own),
      calls: blocks.flatMap(({ toolUse: call }: Any) => (call ? [{ id: call.toolUseId, name: call.name, args: call.input }] : [])),
      results: blocks.flatMap(({ toolResult: one }: Any) => (one ? [{ id: one.toolUseId, text: resultIn(one.content) }] : [])),
    }
  },
}

const event = (name: string, payload: object): SseEvent => ({ event: name, data: JSON.stringify(payload) })
const resultIn = (content: Any): string => content.map(({ text, json }: Any) => text ?? resultOf(json)).join('')

function converseBlocks({ thought, mark, text, calls }: Said): Any[] {
  return [
    { reasoningContent: { reasoningText: { text: thought, signature: mark } } },
    { text },
    ...calls.map(({ id, name, args }) => ({ toolUse: { toolUseId: id, name, input: args } })),
  ]
}

function converseDeltas({ text, toolUse, reasoningContent }: Any): object[] {
  if (toolUse) return half(JSON.stringify(toolUse.input)).map((input) => ({ toolUse: { input } }))
  if (text !== undefined) return half(text).map((piece) => ({ text: piece }))
  const { text: thought, signature } = reasoningContent.reasoningText
  return [...half(thought).map((piece) => ({ text: piece })), { signature }].map((said) => ({ reasoningContent: said }))
}

export const voices: readonly Voice[] = [chat, messages, gemini, responses, cohere, ollama, converse]
