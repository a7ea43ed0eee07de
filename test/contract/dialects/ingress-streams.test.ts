import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ChatChunk, ChatDelta, ChatUsage, FinishReason } from '../../../src/contract/chat.ts'
import type { ErrorView, IngressDialect, SseEvent } from '../../../src/contract/dialect.ts'
import { anthropicMessages } from '../../../src/dialects/anthropic-messages.ts'
import { callsInTurn } from '../../../src/dialects/calls-in-turn.ts'
import { gemini } from '../../../src/dialects/gemini.ts'
import { openaiCompletions } from '../../../src/dialects/openai-completions.ts'
import { assembled } from './anthropic-stream.ts'
import type { Any } from './words.ts'

// How answers, ends and failures look in the protocols of other clients.

const HEAD = { id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'm' } as const
const asking = { requestId: 'r', created: 1, model: 'm', includeUsage: true }

const said = (delta: ChatDelta): ChatChunk => ({ ...HEAD, choices: [{ index: 0, delta, finish_reason: null }] })
const ended = (finish_reason: FinishReason, native_finish_reason?: string): ChatChunk => ({
  ...HEAD,
  choices: [{ index: 0, delta: {}, finish_reason, ...(native_finish_reason && { native_finish_reason }) }],
})
const used = (usage: ChatUsage): ChatChunk => ({ ...HEAD, choices: [], usage })
const call = (index: number, written: string, id?: string): ChatDelta => ({
  tool_calls: [{ index, ...(id && { id, type: 'function' as const }), function: { ...(id && { name: `f_${id}` }), arguments: written } }],
})

function eventsOf(dialect: IngressDialect, chunks: readonly ChatChunk[]): SseEvent[] {
  const encoder = dialect.encodeStream(asking)
  return [...chunks.flatMap((chunk) => encoder.push(chunk)), ...encoder.end()]
}

const payloads = (events: readonly SseEvent[]): Any[] => events.filter(({ data }) => data !== '[DONE]').map(({ data }) => JSON.parse(data))

describe('a stream of Messages', () => {
  const claude = (...chunks: ChatChunk[]): SseEvent[] => eventsOf(anthropicMessages, chunks)

  it('opens one block at a time and counts them', () => {
    const events = claude(
      said({ role: 'assistant', content: '' }),
      said({ reasoning_content: 'Hm' }),
      said({ reasoning_content: '.' }),
      said({ content: 'I ' }),
      said({ content: 'look.' }),
      said(call(0, '', 'a')),
      said(call(0, '{"x":')),
      said(call(0, '1}')),
      said(call(1, '{}', 'b')),
      said({ content: 'Done.' }),
      ended('tool_calls'),
      used({ prompt_tokens: 9, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 4, cache_write_tokens: 2 } }),
    )
    expect(assembled(events)).toEqual([
      '{"type":"thinking","thinking":"Hm.","signature":""}',
      '{"type":"text","text":"I look."}',
      '{"type":"tool_use","id":"a","name":"f_a","input":{"x":1}}',
      '{"type":"tool_use","id":"b","name":"f_b","input":{}}',
      '{"type":"text","text":"Done."}',
    ])
    expect(payloads(events).at(-2)).toEqual({
      type: 'message_delta',
      delta: { stop_reason: 'tool_use', stop_sequence: null, stop_details: null },
      usage: { input_tokens: 3, output_tokens: 5, cache_read_input_tokens: 4, cache_creation_input_tokens: 2 },
    })
    expect(events[0]).toMatchObject({ event: 'message_start' })
  })

  it('tells of signed thoughts apart, and of what only another provider can read', () => {
    const detail = (rest: object) => ({ type: 'reasoning.text' as const, ...rest })
    const events = claude(
      said({ reasoning_details: [detail({ index: 0, id: 'block_0', text: '', format: 'anthropic-claude-v1' })] }),
      said({ reasoning_content: 'One.', reasoning_details: [detail({ index: 0, text: 'One.' })] }),
      said({ reasoning_details: [detail({ index: 0, signature: 's1' })] }),
      said({ reasoning_details: [detail({ index: 1, id: 'block_1', text: 'Two.', format: 'anthropic-claude-v1' })] }),
      said({ reasoning_details: [{ type: 'reasoning.encrypted', data: 'enc', format: 'google-gemini-v1' }] }),
      said({ content: 'Yes.' }),
      ended('stop'),
    )
    const blocks = assembled(events).map((block) => JSON.parse(block))
    expect(blocks.map(({ type, thinking, signature, text }) => [type, thinking ?? text, signature])).toEqual([
      ['thinking', 'One.', 's1'],
      ['thinking', 'Two.', ''],
      ['redacted_thinking', undefined, undefined],
      ['text', 'Yes.', undefined],
    ])
  })

  it('is the same however the pieces of parallel calls are mixed', () => {
    const written = fc.dictionary(fc.string(), fc.jsonValue()).map((args) => JSON.stringify(args))
    const mixed = fc.array(fc.tuple(written, fc.array(fc.nat(9), { maxLength: 5 })), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(mixed, fc.array(fc.nat(99), { minLength: 60, maxLength: 60 }), (calls, order) => {
        const queues = calls.map(([args, cuts], index) =>
          piecesOf(args, cuts).map((piece, at) => call(index, piece, at === 0 ? `c${index}` : undefined)),
        )
        const chunks: ChatChunk[] = []
        // A call begins in its turn; after that its pieces come in any order among the others'.
        for (const queue of queues) chunks.push(said(queue.shift()!))
        for (const pick of order) {
          const open = queues.filter((queue) => queue.length > 0)
          const next = open[pick % Math.max(open.length, 1)]?.shift()
          if (next) chunks.push(said(next))
        }
        for (const queue of queues) chunks.push(...queue.map(said))
        const expected = calls.map(([args], index) => `{"type":"tool_use","id":"c${index}","name":"f_c${index}","input":${args}}`)
        expect(assembled(claude(...chunks, ended('tool_calls')))).toEqual(expected)
      }),
    )
  })

  it('is left open where the provider gave no finish reason', () => {
    expect(claude(said({ content: 'a' })).map(({ event }) => event)).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
    ])
  })

  it.for([
    ['stop', undefined, 'end_turn'],
    ['stop', 'pause_turn', 'pause_turn'],
    ['stop', 'STOP', 'end_turn'],
    ['length', 'model_context_window_exceeded', 'model_context_window_exceeded'],
    ['length', undefined, 'max_tokens'],
    ['tool_calls', 'stop', 'tool_use'],
    ['content_filter', 'SAFETY', 'refusal'],
    ['stop', 'max_tokens', 'end_turn'],
  ] as const)('ends for its reason: %s %s', ([finish, native, expected]) => {
    const [delta] = payloads(claude(said({ content: 'a' }), ended(finish, native))).slice(-2)
    expect(delta.delta.stop_reason).toBe(expected)
  })

  it('says why the model declined', () => {
    const [delta] = payloads(claude(said({ refusal: 'I ' }), said({ refusal: 'will not.' }), ended('stop'))).slice(-2)
    expect(delta.delta).toEqual({
      stop_reason: 'refusal',
      stop_sequence: null,
      stop_details: { type: 'refusal', category: null, explanation: 'I will not.' },
    })
  })

  it('puts arguments that were cut off into an object', () => {
    const message = {
      role: 'assistant' as const,
      tool_calls: [{ id: 'a', type: 'function' as const, function: { name: 'f', arguments: '{"x":' } }],
    }
    const answer: Any = anthropicMessages.encodeResponse({
      ...HEAD,
      object: 'chat.completion',
      choices: [{ index: 0, message, finish_reason: 'length' }],
    })
    expect(answer).toMatchObject({ content: [{ input: { INVALID_JSON: '{"x":' } }], stop_reason: 'max_tokens' })
  })
})

describe('a stream of generateContent', () => {
  const google = (...chunks: ChatChunk[]): Any[] => payloads(eventsOf(gemini, chunks))

  it('says words as they come and calls whole at the end, with the finish and all usage', () => {
    const events = google(
      said({ role: 'assistant', content: '' }),
      said({ reasoning_content: 'Hm.' }),
      said({ content: 'Look' }),
      said(call(0, '{"x":', 'a')),
      said(call(1, '{}', 'b')),
      said(call(0, '1}')),
      ended('tool_calls'),
      used({
        prompt_tokens: 9,
        completion_tokens: 5,
        total_tokens: 14,
        prompt_tokens_details: { cached_tokens: 4 },
        completion_tokens_details: { reasoning_tokens: 2 },
      }),
    )
    const about = { modelVersion: 'm', responseId: 'c1' }
    const candidate = (part: object) => ({ candidates: [{ content: { role: 'model', parts: [part] }, index: 0 }], ...about })
    expect(events).toEqual([
      candidate({ text: 'Hm.', thought: true }),
      candidate({ text: 'Look' }),
      {
        candidates: [
          {
            content: {
              role: 'model',
              parts: [{ functionCall: { id: 'a', name: 'f_a', args: { x: 1 } } }, { functionCall: { id: 'b', name: 'f_b', args: {} } }],
            },
            finishReason: 'STOP',
            index: 0,
          },
        ],
        usageMetadata: {
          promptTokenCount: 9,
          cachedContentTokenCount: 4,
          candidatesTokenCount: 3,
          thoughtsTokenCount: 2,
          totalTokenCount: 14,
        },
        ...about,
      },
    ])
  })

  it('ends with a part, because clients take content without one for broken', () => {
    expect(google(said({ content: 'a' }), ended('stop')).at(-1).candidates[0]).toEqual({
      content: { role: 'model', parts: [{ text: '' }] },
      finishReason: 'STOP',
      index: 0,
    })
  })

  it('is left open where the provider gave no finish reason', () => {
    expect(google(said({ content: 'a' })).length).toBe(1)
  })

  it('keeps candidates apart', () => {
    const choices = [0, 1].map((index) => ({ index, delta: { content: `${index}` }, finish_reason: null }))
    const finishes = [0, 1].map((index) => ({ index, delta: {}, finish_reason: 'stop' as const }))
    const events = google({ ...HEAD, choices }, { ...HEAD, choices: finishes })
    expect(
      events.flatMap(({ candidates }) => candidates.map((one: Any) => [one.index, one.content.parts[0].text, one.finishReason])),
    ).toEqual([
      [0, '0', undefined],
      [1, '1', undefined],
      [0, '', 'STOP'],
      [1, '', 'STOP'],
    ])
  })

  it.for([
    ['stop', 'OTHER', 'OTHER'],
    ['stop', 'end_turn', 'STOP'],
    ['length', undefined, 'MAX_TOKENS'],
    ['content_filter', 'RECITATION', 'RECITATION'],
    ['content_filter', 'refusal', 'SAFETY'],
    ['tool_calls', 'STOP', 'STOP'],
  ] as const)('ends for its reason: %s %s', ([finish, native, expected]) => {
    expect(google(said({ content: 'a' }), ended(finish, native)).at(-1).candidates[0].finishReason).toBe(expected)
  })

  it('shows pictures and log probabilities', () => {
    const images = [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }]
    const token = { token: 'a', logprob: -0.5, bytes: null }
    const logprobs = { content: [{ ...token, top_logprobs: [token] }], refusal: null }
    const chunk: ChatChunk = { ...HEAD, choices: [{ index: 0, delta: { content: 'a', images }, finish_reason: null, logprobs }] }
    const chosen = { token: 'a', logProbability: -0.5 }
    expect(google(chunk)[0].candidates[0]).toMatchObject({
      content: { parts: [{ text: 'a' }, { inlineData: { mimeType: 'image/png', data: 'AAAA' } }] },
      logprobsResult: { chosenCandidates: [chosen], topCandidates: [{ candidates: [chosen] }] },
    })
  })
})

describe('a stream of completions', () => {
  it('is text, with the usage where it was asked for, and ends', () => {
    const token = { token: 'On', logprob: -0.5, bytes: null }
    const logprobs = { content: [{ ...token, top_logprobs: [token] }], refusal: null }
    const chunks = [
      said({ role: 'assistant', content: '' }),
      { ...HEAD, choices: [{ index: 0, delta: { content: 'On' }, finish_reason: null, logprobs }] },
    ]
    const events = eventsOf(openaiCompletions, [...chunks, said({ content: 'ce' }), ended('stop'), used({ prompt_tokens: 1 })])
    const about = { id: 'c1', object: 'text_completion', created: 1, model: 'm' }
    const lists = { tokens: ['On'], token_logprobs: [-0.5], top_logprobs: [{ On: -0.5 }], text_offset: [0] }
    expect(payloads(events)).toEqual([
      { ...about, choices: [{ index: 0, text: 'On', finish_reason: null, logprobs: lists }] },
      { ...about, choices: [{ index: 0, text: 'ce', finish_reason: null, logprobs: null }] },
      { ...about, choices: [{ index: 0, text: '', finish_reason: 'stop', logprobs: null }] },
      { ...about, choices: [], usage: { prompt_tokens: 1 } },
    ])
    expect(events.at(-1)).toEqual({ data: '[DONE]' })
  })
})

describe('calls in turn', () => {
  it('waits for the end where a call never becomes whole', () => {
    const calls = callsInTurn()
    const deltas = [call(0, '', 'a'), call(1, '{}', 'b'), call(2, '{}', 'c')].flatMap(({ tool_calls }) => tool_calls ?? [])
    expect(deltas.flatMap((delta) => calls.push(delta)).map(({ index }) => index)).toEqual([0])
    expect(calls.end().map(({ index }) => index)).toEqual([1, 2])
  })
})

describe('failures', () => {
  const view: ErrorView = {
    status: 403,
    code: 'model_not_in_plan',
    type: 'permission_error',
    message: 'Ask for another model.',
    param: 'model',
    requestId: 'r1',
    metadata: { request_id: 'r1', counts: { plan: 2 } },
  }

  it('are told to clients of Messages in Anthropic’s shape', () => {
    const details = { error_code: 'model_not_in_plan', param: 'model', request_id: 'r1', counts: { plan: 2 } }
    const body = { type: 'error', error: { type: 'permission_error', message: 'Ask for another model.', details }, request_id: 'r1' }
    expect(anthropicMessages.encodeError(view)).toEqual(body)
    const { event, data } = anthropicMessages.encodeStreamError(view)
    expect([event, JSON.parse(data)]).toEqual(['error', body])
  })

  it.for([
    [400, 'invalid_request_error', 'INVALID_ARGUMENT'],
    [401, 'authentication_error', 'UNAUTHENTICATED'],
    [402, 'billing_error', 'FAILED_PRECONDITION'],
    [403, 'permission_error', 'PERMISSION_DENIED'],
    [404, 'not_found_error', 'NOT_FOUND'],
    [413, 'request_too_large', 'INVALID_ARGUMENT'],
    [422, 'invalid_request_error', 'INVALID_ARGUMENT'],
    [429, 'rate_limit_error', 'RESOURCE_EXHAUSTED'],
    [500, 'api_error', 'INTERNAL'],
    [503, 'api_error', 'UNAVAILABLE'],
    [504, 'timeout_error', 'DEADLINE_EXCEEDED'],
    [529, 'overloaded_error', 'UNAVAILABLE'],
  ] as const)('of status %i have the type of their protocol', ([status, type, word]) => {
    const [theirs, googles]: Any[] = [anthropicMessages, gemini].map((dialect) => dialect.encodeError({ ...view, status }))
    expect([theirs.error.type, googles.error.code, googles.error.status]).toEqual([type, status, word])
  })

  it('are told to Google’s clients in Google’s shape', () => {
    const metadata = { param: 'model', request_id: 'r1', counts: '{"plan":2}' }
    const info = { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'model_not_in_plan', domain: 'tollgate', metadata }
    const body = { error: { code: 403, message: 'Ask for another model.', status: 'PERMISSION_DENIED', details: [info] } }
    expect(gemini.encodeError(view)).toEqual(body)
    expect(JSON.parse(gemini.encodeStreamError(view).data)).toEqual(body)
  })

  it('are read by our own readers with their code', () => {
    for (const dialect of [anthropicMessages, gemini]) {
      expect(dialect.decodeError(dialect.encodeError(view))).toMatchObject({ message: 'Ask for another model.', code: 'model_not_in_plan' })
    }
  })
})

/** A text in pieces of the given sizes, and its rest. */
function piecesOf(text: string, sizes: readonly number[]): string[] {
  const pieces = sizes.map((size) => {
    const piece = text.slice(0, size)
    text = text.slice(size)
    return piece
  })
  return [...pieces, text]
}
