import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ChatChunk } from '../../../src/contract/chat.ts'
import type { ErrorView, UpstreamDialect } from '../../../src/contract/dialect.ts'
import type { Quirks } from '../../../src/contract/quirks.ts'
import { mergeUsage } from '../../../src/contract/usage.ts'
import { anthropicMessages } from '../../../src/dialects/anthropic-messages.ts'
import { gemini } from '../../../src/dialects/gemini.ts'
import { thinkTags } from '../../../src/dialects/openai-chat/think-tags.ts'
import { openaiChat } from '../../../src/dialects/openai-chat.ts'
import { GatewayError } from '../../../src/errors.ts'
import { parseExact } from '../../../src/wire/exact-json.ts'
import { conversing } from '../../support/conversing.ts'
import { decoding } from './recordings.ts'
import { type Any, wordsOfChat, wordsOfChunks } from './words.ts'

const dialects = conversing

function chunksOf(dialect: UpstreamDialect, payloads: Any[], quirks: Quirks = {}): ChatChunk[] {
  const decoder = dialect.decodeStream(decoding({ quirks }))
  const told = payloads.map(({ $event: event, ...payload }) => ({ ...(event && { event }), data: JSON.stringify(payload) }))
  return [...told.flatMap((event) => decoder.push(event)), ...decoder.end()]
}

function failureOf(run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    return error instanceof GatewayError ? { code: error.code, message: error.message, ...error.details, cause: undefined } : error
  }
}

describe('finish reasons', () => {
  const anthropic = (stop_reason: string) => ({ content: [], stop_reason })
  const google = (finishReason: string) => ({ candidates: [{ finishReason }] })
  const openai = (finish_reason: string) => ({ choices: [{ index: 0, message: { content: '' }, finish_reason }] })

  it.for([
    [anthropicMessages, anthropic('end_turn'), 'stop'],
    [anthropicMessages, anthropic('stop_sequence'), 'stop'],
    [anthropicMessages, anthropic('pause_turn'), 'stop'],
    [anthropicMessages, anthropic('max_tokens'), 'length'],
    [anthropicMessages, anthropic('model_context_window_exceeded'), 'length'],
    [anthropicMessages, anthropic('tool_use'), 'tool_calls'],
    [anthropicMessages, anthropic('refusal'), 'content_filter'],
    [anthropicMessages, anthropic('constructor'), 'stop'],
    ...['SAFETY', 'RECITATION', 'LANGUAGE', 'BLOCKLIST', 'PROHIBITED_CONTENT', 'SPII', 'IMAGE_SAFETY'].map(
      (reason) => [gemini, google(reason), 'content_filter'] as const,
    ),
    ...['STOP', 'OTHER', 'MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL', 'NO_IMAGE'].map(
      (reason) => [gemini, google(reason), 'stop'] as const,
    ),
    [gemini, google('MAX_TOKENS'), 'length'],
    [openaiChat, openai('eos'), 'stop'],
    [openaiChat, openai('tool_call'), 'tool_calls'],
    [openaiChat, openai('sensitive'), 'content_filter'],
    [openaiChat, openai('max_tokens'), 'length'],
    [openaiChat, openai(''), null],
  ] as const)('%#', ([dialect, body, finish]) => {
    const [choice] = dialect.decodeResponse(body, decoding()).choices
    const native =
      Object.values(JSON.parse(JSON.stringify(body)).candidates?.[0] ?? {})[0] ??
      Object(body).stop_reason ??
      Object(body).choices?.[0].finish_reason
    expect([choice?.finish_reason, choice?.native_finish_reason ?? '']).toEqual([finish, native])
  })

  it.for(dialects)('are never invented: $id', (dialect) => {
    const cut: Record<string, Any[]> = {
      'openai-chat': [{ choices: [{ index: 0, delta: { content: 'a' }, finish_reason: null }] }],
      'anthropic-messages': [
        { type: 'message_start', message: {} },
        { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'a' } },
      ],
      'bedrock-converse': [{ $event: 'contentBlockDelta', contentBlockIndex: 0, delta: { text: 'a' } }],
      gemini: [{ candidates: [{ content: { parts: [{ text: 'a' }] } }] }],
      'openai-responses': [
        { type: 'response.created', response: { id: 'resp_1' } },
        { type: 'response.output_text.delta', output_index: 0, content_index: 0, delta: 'a' },
      ],
      'ollama-chat': [{ model: 'm', message: { role: 'assistant', content: 'a' }, done: false }],
      'cohere-chat': [
        { type: 'message-start', id: 'a1', delta: { message: { role: 'assistant' } } },
        { type: 'content-delta', index: 0, delta: { message: { content: { text: 'a' } } } },
      ],
    }
    const words = wordsOfChunks(chunksOf(dialect, cut[dialect.id] ?? []))
    expect([words.text, words.finish]).toEqual(['a', null])
  })
})

describe('refusals', () => {
  it('carry the provider’s explanation', () => {
    const body = { content: [], stop_reason: 'refusal', stop_details: { explanation: 'No.' } }
    expect(anthropicMessages.decodeResponse(body, decoding()).choices[0]).toMatchObject({
      message: { refusal: 'No.' },
      finish_reason: 'content_filter',
    })
    const blocked = { promptFeedback: { blockReason: 'SAFETY' } }
    expect(gemini.decodeResponse(blocked, decoding()).choices[0]).toMatchObject({
      message: { content: null, refusal: 'The prompt was blocked: SAFETY.' },
      finish_reason: 'content_filter',
    })
    expect(chunksOf(gemini, [blocked])).toMatchObject([
      { choices: [{ delta: { refusal: 'The prompt was blocked: SAFETY.' }, finish_reason: 'content_filter' }] },
    ])
  })
})

describe('several candidates, logprobs and pictures', () => {
  const candidate = (index: number, text: string) => ({ index, content: { parts: [{ text }] }, finishReason: 'STOP' })

  it('keep their index', () => {
    const body = { candidates: [candidate(0, 'a'), candidate(1, 'b')] }
    expect(gemini.decodeResponse(body, decoding()).choices.map(({ index, message }) => [index, message.content])).toEqual([
      [0, 'a'],
      [1, 'b'],
    ])
    const finishes = chunksOf(gemini, [body, body])
      .flatMap((chunk) => chunk.choices)
      .filter((choice) => choice.finish_reason)
    expect(finishes.map(({ index, finish_reason }) => [index, finish_reason])).toEqual([
      [0, 'stop'],
      [1, 'stop'],
    ])
  })

  it('cross from Gemini', () => {
    const logprobsResult = {
      chosenCandidates: [{ token: 'a', logProbability: -0.5 }],
      topCandidates: [{ candidates: [{ token: 'a', logProbability: -0.5 }] }],
    }
    const parts = [{ text: 'a' }, { inlineData: { mimeType: 'image/png', data: 'AAAA' } }]
    const token = { token: 'a', logprob: -0.5, bytes: null }
    const expected = { content: [{ ...token, top_logprobs: [token] }], refusal: null }
    const body = { candidates: [{ content: { parts }, logprobsResult }] }
    const images = [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }]
    expect(gemini.decodeResponse(body, decoding()).choices[0]).toMatchObject({ message: { images }, logprobs: expected })
    expect(chunksOf(gemini, [body])[0]?.choices[0]).toMatchObject({ delta: { images }, logprobs: expected })
  })
})

describe('usage', () => {
  it.for([
    [
      'of OpenAI',
      openaiChat,
      {
        usage: { prompt_tokens: 9, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 4, cache_write_tokens: 2 } },
        service_tier: 'flex',
      },
      {},
      { input: 9, output: 5, cacheRead: 4, cacheWrite: 2, serviceTier: 'flex' },
    ],
    [
      'without reasoning in it',
      openaiChat,
      { usage: { prompt_tokens: 9, completion_tokens: 5, completion_tokens_details: { reasoning_tokens: 30 } } },
      { usageExcludesReasoning: true },
      { input: 9, output: 35, reasoning: 30 },
    ],
    [
      'in a choice',
      openaiChat,
      { choices: [{ usage: { prompt_tokens: 1, cached_tokens: 1 } }] },
      { usageInChoice: true },
      { input: 1, cacheRead: 1 },
    ],
    ['under x_groq', openaiChat, { x_groq: { usage: { prompt_tokens: 2 } } }, { usageUnderXGroq: true }, { input: 2 }],
    ['with a cost', openaiChat, { usage: { prompt_tokens: 2, cost: 0.000_12 } }, {}, { input: 2, providerCost: 0.000_12 }],
    [
      'with a cost in parts',
      openaiChat,
      { usage: { cost: { total_cost: 0.006 }, num_search_queries: 3 } },
      {},
      { providerCost: 0.006, searches: 3 },
    ],
    ['that cannot be true', openaiChat, { usage: { prompt_tokens: -1, completion_tokens: 'many', cost: Number.NaN } }, {}, {}],
    [
      'of Anthropic',
      anthropicMessages,
      {
        usage: {
          input_tokens: 3,
          cache_read_input_tokens: 5,
          cache_creation_input_tokens: 7,
          cache_creation: { ephemeral_1h_input_tokens: 6 },
          output_tokens: 2,
        },
      },
      {},
      { input: 15, output: 2, cacheRead: 5, cacheWrite: 7, cacheWrite1h: 6 },
    ],
    [
      'of Gemini',
      gemini,
      {
        usageMetadata: {
          promptTokenCount: 9,
          toolUsePromptTokenCount: 1,
          cachedContentTokenCount: 4,
          candidatesTokenCount: 5,
          thoughtsTokenCount: 30,
          promptTokensDetails: [{ modality: 'AUDIO', tokenCount: 6 }],
        },
      },
      {},
      { input: 10, output: 35, cacheRead: 4, reasoning: 30, audioInput: 6 },
    ],
  ] as const)('%s', ([, dialect, payload, quirks, expected]) => {
    const { raw, ...usage } = dialect.readUsage(payload, quirks) ?? {}
    expect(JSON.parse(JSON.stringify(usage))).toEqual(expected)
    expect(raw).toBeTypeOf('object')
  })

  it('is none where a payload holds none, or where the quirk is not this provider’s', () => {
    expect(dialects.map((dialect) => dialect.readUsage({ choices: [{ usage: { prompt_tokens: 1 } }] }))).toEqual(
      dialects.map(() => undefined),
    )
    expect(dialects.map((dialect) => dialect.readUsage(null))).toEqual(dialects.map(() => undefined))
  })

  it('told in parts is put together, and what is told later counts', () => {
    const start = anthropicMessages.readUsage({
      type: 'message_start',
      message: { usage: { input_tokens: 3, cache_read_input_tokens: 5, output_tokens: 1 } },
    })
    const delta = anthropicMessages.readUsage({ type: 'message_delta', usage: { output_tokens: 40 } })
    const raw = { input_tokens: 3, cache_read_input_tokens: 5, output_tokens: 40 }
    expect(mergeUsage(start, delta)).toMatchObject({ input: 8, cacheRead: 5, output: 40, raw })
    expect([mergeUsage(undefined, delta), mergeUsage(start, undefined)]).toEqual([delta, start])
  })

  it('that was not told is absent from the chat’s', () => {
    const body = { content: [], stop_reason: 'end_turn', usage: { output_tokens: 4 } }
    expect(JSON.stringify(anthropicMessages.decodeResponse(body, decoding()).usage)).toBe('{"completion_tokens":4}')
  })
})

describe('errors', () => {
  it.for([
    ['OpenAI', { error: { message: 'a', type: 't', param: 'p', code: 'c' } }, { message: 'a', type: 't', param: 'p', code: 'c' }],
    ['a numeric code', { error: { message: 'a', code: 402 } }, { message: 'a', code: '402', status: 402 }],
    [
      'Anthropic',
      { type: 'error', error: { type: 'overloaded_error', message: 'a' } },
      { message: 'a', type: 'overloaded_error', status: 529 },
    ],
    [
      'Google',
      { error: { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'a' } },
      { message: 'a', type: 'RESOURCE_EXHAUSTED', code: 'RESOURCE_EXHAUSTED', status: 429 },
    ],
    [
      'Google in a list',
      [{ error: { code: 400, status: 'INVALID_ARGUMENT', message: 'a', details: [{ reason: 'API_KEY_INVALID' }] } }],
      { message: 'a', type: 'INVALID_ARGUMENT', code: 'API_KEY_INVALID', status: 400 },
    ],
    ['a bare string', { error: 'a', code: 'c' }, { message: 'a', code: 'c' }],
    ['flat', { message: 'a', type: 't', param: 'p', code: 'c' }, { message: 'a', type: 't', param: 'p', code: 'c' }],
    ['FastAPI', { detail: [{ loc: ['body'], msg: 'a' }] }, { message: 'a' }],
    ['FastAPI in words', { detail: 'a' }, { message: 'a' }],
    ['Cloudflare', { success: false, errors: [{ code: 7003, message: 'a' }] }, { message: 'a', code: '7003' }],
    ['MiniMax', { base_resp: { status_code: 1004, status_msg: 'a' }, choices: null }, { message: 'a', code: '1004' }],
    [
      'inside a choice',
      { choices: [{ error: { message: 'a', code: 502 }, finish_reason: 'error' }] },
      { message: 'a', code: '502', status: 502 },
    ],
  ] as const)('of the shape of %s are read', ([, body, expected]) => {
    for (const dialect of dialects) expect(JSON.parse(JSON.stringify(dialect.decodeError(body)))).toEqual(expected)
  })

  it.for([
    { choices: [], error: null },
    { base_resp: { status_code: 0 }, choices: [{}] },
    { type: 'message_start', message: { content: [] } },
    { type: 'ping' },
    'words',
    null,
    [],
  ])('are not read into %j', (body) => {
    expect(dialects.map((dialect) => dialect.decodeError(body))).toEqual(dialects.map(() => undefined))
  })

  it.for(dialects)('that come with status 200 are thrown, whole or in a stream: $id', (dialect) => {
    const body = { type: 'error', error: { message: 'The mill is busy.', type: 'overloaded_error' } }
    const expected = { code: 'upstream_error', message: 'The mill is busy.', type: 'overloaded_error' }
    expect(failureOf(() => dialect.decodeResponse(body, decoding()))).toMatchObject(expected)
    expect(failureOf(() => dialect.decodeStream(decoding()).push({ event: 'error', data: JSON.stringify(body) }))).toMatchObject(expected)
  })

  it.for(dialects)('are made of what is no answer at all: $id', (dialect) => {
    for (const body of [null, 'Bad gateway', [], {}, { choices: 'x' }]) {
      expect(failureOf(() => dialect.decodeResponse(body, decoding()))).toMatchObject({ code: 'upstream_protocol_error' })
    }
    expect(failureOf(() => dialect.decodeStream(decoding()).push({ data: '{"cut":' }))).toMatchObject({ code: 'upstream_protocol_error' })
  })

  it.for(dialects)('are the only thing that strange events bring about: $id', (dialect) => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), (payloads) => {
        const decoder = dialect.decodeStream(decoding())
        for (const payload of payloads) failureOf(() => decoder.push({ data: JSON.stringify(payload) }))
        expect(Array.isArray(decoder.end())).toBe(true)
      }),
    )
  })
})

describe('streamed calls of OpenAI’s followers', () => {
  const call = (name: string, rest: object = {}) => ({ function: { name, arguments: '{}' }, ...rest })

  it.for([
    [
      'without index and id',
      [[call('a'), call('b')]],
      [
        ['call_req-1_0_0', 'a'],
        ['call_req-1_0_1', 'b'],
      ],
    ],
    [
      'all at index 0',
      [[call('a', { index: 0, id: 'x' })], [call('b', { index: 0, id: 'y' })]],
      [
        ['x', 'a'],
        ['y', 'b'],
      ],
    ],
    ['with Google’s marks', [[call('a', { id: 'x', extra_content: { google: { thought_signature: 's' } } })]], [['x', 'a']]],
  ] as const)('%s are told apart', ([, deltas, expected]) => {
    const chunks = chunksOf(
      openaiChat,
      deltas.map((tool_calls) => ({ choices: [{ delta: { tool_calls } }] })),
    )
    const calls = chunks.flatMap((chunk) => chunk.choices[0]?.delta.tool_calls ?? [])
    expect(calls.map(({ id, function: called }) => [id, called?.name])).toEqual(expected)
    expect(calls.map(({ index }) => index)).toEqual(expected.map((_, index) => index))
  })
})

describe('the end of a stream', () => {
  it.for([
    [openaiChat, { data: '[DONE]' }, [true, false]],
    [openaiChat, { data: '{"choices":[{"finish_reason": "stop"}]}' }, [false, true]],
    [openaiChat, { data: '{"choices":[{"finish_reason":null,"delta":{"content":"[DONE]"}}]}' }, [false, false]],
    [openaiChat, { data: '{"choices":[{"delta":{"content":"\\"finish_reason\\":\\"stop\\""},"finish_reason":null}]}' }, [false, false]],
    [anthropicMessages, { event: 'message_stop', data: '{"type":"message_stop"}' }, [true, false]],
    [anthropicMessages, { data: '{"type": "message_stop"   }' }, [true, false]],
    [anthropicMessages, { event: 'message_delta', data: '{"delta":{"stop_reason":"end_turn"}}' }, [false, true]],
    [anthropicMessages, { event: 'message_start', data: '{"message":{"stop_reason":null}}' }, [false, false]],
    [anthropicMessages, { event: 'content_block_delta', data: '{"delta":{"text":"message_stop"}}' }, [false, false]],
    [gemini, { data: '{"candidates":[{"finishReason": "STOP"}]}' }, [false, true]],
    [gemini, { data: '{"promptFeedback":{"blockReason":"SAFETY"}}' }, [false, true]],
    [gemini, { data: '{"candidates":[{"content":{}}]}' }, [false, false]],
  ] as const)('%#', ([{ ending }, event, expected]) => {
    expect([ending.isTerminal(event), ending.isFinish(event)]).toEqual(expected)
  })
})

describe('reasoning in think tags', () => {
  const quirks = { thinkTagsInContent: true }

  it('is told apart, wherever the stream was cut', () => {
    const content = '<think>One < two.\n</think>\n\nYes, <b>two</b>.<think>Hm</think>'
    const whole = wordsOfChat(openaiChat.decodeResponse({ choices: [{ message: { content } }] }, decoding({ quirks })))
    expect([whole.reasoning, whole.text]).toEqual(['One < two.\nHm', '\n\nYes, <b>two</b>.'])
    for (let size = 1; size <= content.length; size++) {
      const pieces = Array.from({ length: Math.ceil(content.length / size) }, (_, at) => content.slice(at * size, (at + 1) * size))
      const payloads = pieces.map((piece) => ({ choices: [{ index: 0, delta: { content: piece } }] }))
      const { text, reasoning } = wordsOfChunks(chunksOf(openaiChat, payloads, quirks))
      expect({ size, text, reasoning }).toEqual({ size, text: whole.text, reasoning: whole.reasoning })
    }
  })

  it('loses no character of what is no tag', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('<', 't', '<th', 'ink', 'x', '</', '>', ' ')), (pieces) => {
        const text = pieces.join('')
        fc.pre(!text.includes('<think>'))
        const tags = thinkTags()
        expect([...pieces.map(tags.push), tags.end()].map((said) => said.content ?? '').join('')).toBe(text)
      }),
    )
  })
})

describe('the client’s side of OpenAI chat', () => {
  const context = { requestId: 'r', created: 1, model: 'm' }
  const chunk: ChatChunk = {
    id: 'c',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [{ index: 0, delta: { content: 'a' }, finish_reason: null }],
  }
  const usage: ChatChunk = { ...chunk, choices: [], usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } }
  const failure: ErrorView = {
    status: 429,
    code: 'rate_limit_exceeded',
    type: 'rate_limit_error',
    message: 'Slow down.',
    requestId: 'r',
    metadata: { plan: 'free' },
  }

  it('shows the last usage chunk only where it was asked for', () => {
    for (const includeUsage of [true, false]) {
      const encoder = openaiChat.encodeStream({ ...context, includeUsage })
      const events = [...encoder.push(chunk), ...encoder.push(usage), ...encoder.end()].map(({ data }) => data)
      expect(events).toEqual([JSON.stringify(chunk), ...(includeUsage ? [JSON.stringify(usage)] : []), '[DONE]'])
    }
  })

  it('tells errors in OpenAI’s envelope, whole or as a frame', () => {
    const error = {
      message: 'Slow down.',
      type: 'rate_limit_error',
      param: null,
      code: 'rate_limit_exceeded',
      metadata: { request_id: 'r', plan: 'free' },
    }
    expect(openaiChat.encodeError(failure)).toEqual({ error })
    expect(JSON.parse(openaiChat.encodeStreamError({ ...failure, param: 'x' }).data)).toEqual({ error: { ...error, param: 'x' } })
  })
})

describe('exact JSON', () => {
  it.for(['{"a":12345678901234567890,"b":[1.50,-0.123456789012345678901]}', '{"a":1}', '[1e400]'])('keeps the digits of %s', (text) => {
    const kept = JSON.stringify(parseExact(text))
    expect(kept).toBe(text === '[1e400]' ? '[null]' : text.replace('1.50', '1.5'))
  })

  it('gives plain numbers wherever they are exact', () => {
    expect(parseExact('{"id":12345678901234567890,"tokens":12,"cost":0.00014250000000000002}')).toMatchObject({
      tokens: 12,
      cost: 0.00014250000000000002,
    })
  })
})
