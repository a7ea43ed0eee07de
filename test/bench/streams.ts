// One answer of so many pieces of text, streamed as a provider of each dialect would.

import { event } from '../support/event-stream.ts'

/** Pieces of text in a stream. */
export const PIECES = 100
/** So many times its pieces are in a stream that is sent all at once. */
export const BURST = 20

/** What comes before the pieces, the pieces, and what ends the stream: frames as they are sent. */
export interface Stream {
  readonly mediaType?: string
  readonly head: readonly Frame[]
  readonly pieces: readonly Frame[]
  readonly tail: readonly Frame[]
}

type Frame = string | Buffer

const words = Array.from({ length: PIECES }, (_, at) => ` word${at}`)
const text = words.join('')

const chunk = { id: 'chatcmpl-bench', created: 1_790_000_000, model: 'gpt-5-mini-2025-08-07', system_fingerprint: null }
const chatUsage = { prompt_tokens: 215, completion_tokens: PIECES, total_tokens: 215 + PIECES }

function chat(): Stream {
  const object = 'chat.completion.chunk'
  const said = (delta: object, finish_reason: string | null = null) =>
    sse({ ...chunk, object, choices: [{ index: 0, delta, logprobs: null, finish_reason }], usage: null })
  return {
    head: [said({ role: 'assistant', content: '', refusal: null })],
    pieces: words.map((content) => said({ content })),
    tail: [said({}, 'stop'), sse({ ...chunk, object, choices: [], usage: chatUsage }), 'data: [DONE]\n\n'],
  }
}

function completions(): Stream {
  const object = 'text_completion'
  const said = (piece: string, finish_reason: string | null = null) =>
    sse({ ...chunk, object, choices: [{ index: 0, text: piece, logprobs: null, finish_reason }], usage: null })
  return {
    head: [],
    pieces: words.map((piece) => said(piece)),
    tail: [said('', 'stop'), sse({ ...chunk, object, choices: [], usage: chatUsage }), 'data: [DONE]\n\n'],
  }
}

function messages(): Stream {
  const usage = { input_tokens: 215, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 1 }
  const about = { id: 'msg_bench', type: 'message', role: 'assistant', model: 'claude-sonnet-4-5', content: [] }
  return {
    head: [
      named({ type: 'message_start', message: { ...about, stop_reason: null, stop_sequence: null, usage } }),
      named({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
    ],
    pieces: words.map((piece) => named({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: piece } })),
    tail: [
      named({ type: 'content_block_stop', index: 0 }),
      named({ type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: PIECES } }),
      named({ type: 'message_stop' }),
    ],
  }
}

function generate(): Stream {
  const counts = (candidatesTokenCount: number) => ({
    usageMetadata: { promptTokenCount: 215, candidatesTokenCount, totalTokenCount: 215 + candidatesTokenCount },
  })
  const said = (piece: string, rest: object) =>
    sse({ candidates: [{ content: { parts: [{ text: piece }], role: 'model' }, index: 0, ...rest }], ...counts(PIECES), ...about })
  const about = { modelVersion: 'gemini-2.5-flash', responseId: 'bench' }
  return { head: [], pieces: words.map((piece) => said(piece, {})), tail: [said('', { finishReason: 'STOP' })] }
}

function responses(): Stream {
  const at = { item_id: 'msg_bench', output_index: 0 }
  const part = (said: string) => ({ type: 'output_text', annotations: [], logprobs: [], text: said })
  const item = (status: string, content: readonly object[]) => ({ id: at.item_id, type: 'message', status, role: 'assistant', content })
  const response = (status: string, rest: object) => ({
    ...{ id: 'resp_bench', object: 'response', created_at: 1_790_000_000, status, error: null, model: 'gpt-5-mini-2025-08-07' },
    ...rest,
  })
  const usage = { input_tokens: 215, output_tokens: PIECES, total_tokens: 215 + PIECES }
  const whole = item('completed', [part(text)])
  const numbered = (events: readonly Typed[], first: number) =>
    events.map((event, after) => named({ ...event, sequence_number: first + after }))
  const head = [
    { type: 'response.created', response: response('in_progress', { output: [] }) },
    { type: 'response.output_item.added', output_index: 0, item: item('in_progress', []) },
    { type: 'response.content_part.added', ...at, content_index: 0, part: part('') },
  ]
  const pieces = words.map((delta) => ({ type: 'response.output_text.delta', ...at, content_index: 0, delta, logprobs: [] }))
  const tail = [
    { type: 'response.output_text.done', ...at, content_index: 0, text, logprobs: [] },
    { type: 'response.content_part.done', ...at, content_index: 0, part: part(text) },
    { type: 'response.output_item.done', output_index: 0, item: whole },
    { type: 'response.completed', response: response('completed', { output: [whole], usage }) },
  ]
  return { head: numbered(head, 0), pieces: numbered(pieces, 3), tail: numbered(tail, 3 + PIECES) }
}

function cohere(): Stream {
  const content = (type: string, said: object) => named({ type, index: 0, delta: { message: { content: said } } })
  const message = { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] }
  const counts = { input_tokens: 215, output_tokens: PIECES }
  return {
    head: [named({ type: 'message-start', id: 'c-bench', delta: { message } }), content('content-start', { type: 'text', text: '' })],
    pieces: words.map((piece) => content('content-delta', { text: piece })),
    tail: [
      named({ type: 'content-end', index: 0 }),
      named({ type: 'message-end', delta: { finish_reason: 'COMPLETE', usage: { billed_units: counts, tokens: counts } } }),
      'data: [DONE]\n\n',
    ],
  }
}

function ollama(): Stream {
  const line = (content: string, rest: object) =>
    `${JSON.stringify({ model: 'llama3.2', created_at: '2026-11-23T00:00:00.000000Z', message: { role: 'assistant', content }, ...rest })}\n`
  return {
    mediaType: 'application/x-ndjson',
    head: [],
    pieces: words.map((piece) => line(piece, { done: false })),
    tail: [line('', { done: true, done_reason: 'stop', prompt_eval_count: 215, eval_count: PIECES })],
  }
}

function converse(): Stream {
  const at = { contentBlockIndex: 0, p: 'abcdefghijklmnop' }
  const usage = { inputTokens: 215, outputTokens: PIECES, totalTokens: 215 + PIECES }
  return {
    mediaType: 'application/vnd.amazon.eventstream',
    head: [event('messageStart', { role: 'assistant', p: 'abc' })],
    pieces: words.map((piece) => event('contentBlockDelta', { ...at, delta: { text: piece } })),
    tail: [
      event('contentBlockStop', at),
      event('messageStop', { stopReason: 'end_turn', p: 'abc' }),
      event('metadata', { usage, metrics: { latencyMs: 400 }, p: 'abc' }),
    ],
  }
}

interface Typed {
  readonly type: string
  readonly [field: string]: unknown
}

const sse = (data: object): string => `data: ${JSON.stringify(data)}\n\n`

const named = (event: Typed): string => `event: ${event.type}\n${sse(event)}`

/** By the dialect that a provider speaks. */
export const STREAMS: Readonly<Record<string, Stream>> = {
  'anthropic-messages': messages(),
  'bedrock-converse': converse(),
  'cohere-chat': cohere(),
  gemini: generate(),
  'ollama-chat': ollama(),
  'openai-chat': chat(),
  'openai-completions': completions(),
  'openai-responses': responses(),
}
