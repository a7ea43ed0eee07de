import { APIError } from 'openai'
import { Stream } from 'openai/core/streaming'
import { ResponseStream } from 'openai/lib/responses/ResponseStream'
import { describe, expect, it } from 'vitest'
import type { ChatChunk, ChatDelta, ChatRequest } from '../../../src/contract/chat.ts'
import type { ErrorView, SseEvent, UpstreamDialect } from '../../../src/contract/dialect.ts'
import { anthropicMessages } from '../../../src/dialects/anthropic-messages.ts'
import { gemini } from '../../../src/dialects/gemini.ts'
import { openaiChat } from '../../../src/dialects/openai-chat.ts'
import { openaiResponses } from '../../../src/dialects/openai-responses.ts'
import { GatewayError } from '../../../src/errors.ts'
import { encodeSse } from '../../../src/wire/sse.ts'
import { pipe } from '../../../src/wire/step.ts'
import { decoding, eventsOf, OWN, recordingsIn, SHARED } from './recordings.ts'
import type { Any } from './words.ts'

// What clients of the Responses API are told, event by event.

const asking = { requestId: 'req-1', created: 1_700_000_000, model: 'asked-model', includeUsage: true }

const SPEAKERS: [UpstreamDialect, RegExp][] = [
  [openaiChat, /^(?!cohere|ollama\.native|watsonx).*\.chat$/],
  [anthropicMessages, /anthropic\.(messages|streamRawPredict)$/],
  [gemini, /\.streamGenerateContent$/],
  [openaiResponses, /\.responses$/],
]

const streams = [...recordingsIn(OWN), ...recordingsIn(SHARED)]
  .filter(({ stream, response }) => stream && response.status === 200)
  .flatMap((recording) => {
    const dialect = SPEAKERS.find(([, speaks]) => speaks.test(recording.api))?.[0]
    return dialect === undefined ? [] : [{ file: recording.file, body: recording.response.body, dialect }]
  })

describe('a recorded stream, told to a client of the Responses API', () => {
  it.for(streams)('$file', async ({ body, dialect }) => {
    const events = toldBy(dialect, eventsOf(body))
    if (events === undefined) return
    const payloads = events.map(({ data }) => JSON.parse(data))
    expect(payloads.map(({ sequence_number }) => sequence_number)).toEqual(payloads.map((_, index) => index))
    expect(events.map(({ event }) => event)).toEqual(payloads.map(({ type }) => type))
    const last = payloads.at(-1)
    expect(last.type).toMatch(/^response\.(completed|incomplete)$/)
    const done = payloads.filter(({ type }) => type === 'response.output_item.done').toSorted((a, b) => a.output_index - b.output_index)
    expect(done.map(({ item }) => item)).toEqual(last.response.output)
    expect((await putTogether(payloads)).output).toMatchObject(last.response.output)
  })
})

describe('a stream of the Responses API', () => {
  it('tells each item from its beginning to its end, and the whole answer last', () => {
    const call = { index: 0, id: 'call_1', type: 'function', function: { name: 'tide_at', arguments: '{"a"' } } as const
    const events = told([
      { role: 'assistant', content: '' },
      { reasoning_content: 'Hm' },
      { reasoning_content: '.' },
      { content: 'Yes' },
      { tool_calls: [call] },
      { tool_calls: [{ index: 0, function: { arguments: ':1}' } }] },
    ])
    expect(events.map(({ type }) => type)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.reasoning_summary_part.added',
      'response.reasoning_summary_text.delta',
      'response.reasoning_summary_text.delta',
      'response.reasoning_summary_text.done',
      'response.reasoning_summary_part.done',
      'response.output_item.done',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.output_item.added',
      'response.function_call_arguments.delta',
      'response.function_call_arguments.delta',
      'response.function_call_arguments.done',
      'response.output_item.done',
      'response.completed',
    ])
    expect(events.at(-1).response).toMatchObject({
      status: 'completed',
      output: [
        { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm.' }], encrypted_content: expect.any(String) },
        { type: 'message', status: 'completed', content: [{ type: 'output_text', text: 'Yes', annotations: [] }] },
        { type: 'function_call', status: 'completed', call_id: 'call_1', name: 'tide_at', arguments: '{"a":1}' },
      ],
      usage: { input_tokens: 3, output_tokens: 2, total_tokens: 5 },
    })
  })

  it('keeps parallel calls apart whose pieces alternate', () => {
    const piece = (index: number, args: string) => ({ tool_calls: [{ index, function: { arguments: args } }] })
    const open = (index: number, name: string) => ({
      tool_calls: [{ index, id: `call_${name}`, type: 'function' as const, function: { name, arguments: '' } }],
    })
    const events = told([open(0, 'a'), open(1, 'b'), piece(0, '{"x":'), piece(1, '{}'), piece(0, '1}')])
    expect(events.at(-1).response.output.map((item: Any) => [item.call_id, item.arguments])).toEqual([
      ['call_a', '{"x":1}'],
      ['call_b', '{}'],
    ])
  })

  it('keeps marks that come late for the end, and shows no thoughts for them', () => {
    const events = told([{ content: 'Yes' }, { reasoning_details: [{ type: 'reasoning.encrypted', data: 'c2ln' }] }, { content: '.' }])
    expect(events.at(-1).response.output).toMatchObject([
      { type: 'message', content: [{ text: 'Yes.' }] },
      { type: 'reasoning', summary: [] },
    ])
  })

  it('tells refusals, citations, probabilities and pictures', () => {
    const url_citation = { start_index: 0, end_index: 2, title: 'Log', url: 'https://log.example' }
    const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }
    const deltas = [{ content: 'Ja' }, { annotations: [{ type: 'url_citation', url_citation }] }, { refusal: 'No.' }, { images: [image] }]
    const logprobs = { content: [{ token: 'Ja', logprob: -0.5 }], refusal: null }
    expect(told(deltas, {}, logprobs).at(-1).response.output).toMatchObject([
      {
        type: 'message',
        content: [
          { type: 'output_text', text: 'Ja', annotations: [{ type: 'url_citation', ...url_citation }], logprobs: logprobs.content },
          { type: 'refusal', refusal: 'No.' },
        ],
      },
      { type: 'image_generation_call', result: 'AAAA' },
    ])
  })

  it.for([
    ['stop', 'completed', null],
    ['tool_calls', 'completed', null],
    ['length', 'incomplete', { reason: 'max_output_tokens' }],
    ['content_filter', 'incomplete', { reason: 'content_filter' }],
    [null, 'incomplete', null],
  ] as const)('that ended by %s is %s', ([finish_reason, status, incomplete_details]) => {
    const last = told([{ content: 'Yes' }], { finish_reason }).at(-1)
    expect(last).toMatchObject({ type: `response.${status}`, response: { status, incomplete_details, output: [{ status }] } })
  })

  it.for([
    [undefined, undefined],
    [{ prompt_tokens: 3 }, { input_tokens: 3, output_tokens: 0, total_tokens: 3 }],
    [
      {
        prompt_tokens: 3,
        completion_tokens: 2,
        prompt_tokens_details: { cached_tokens: 1 },
        completion_tokens_details: { reasoning_tokens: 1 },
      },
      {
        ...{ input_tokens: 3, output_tokens: 2, total_tokens: 5 },
        ...{ input_tokens_details: { cached_tokens: 1 }, output_tokens_details: { reasoning_tokens: 1 } },
      },
    ],
  ] as const)('tells usage where it was told: %j', ([usage, expected]) => {
    const encoder = openaiResponses.encodeStream(asking)
    expect(lastOf([...encoder.push(chunk({ content: 'a' }, { usage })), ...encoder.end()]).response.usage).toEqual(expected)
  })

  it('is whole even where nothing was said', () => {
    const events = openaiResponses.encodeStream(asking).end()
    expect(events.map(({ event }) => event)).toEqual(['response.created', 'response.in_progress', 'response.incomplete'])
    expect(lastOf([...events]).response).toMatchObject({ id: 'resp_req-1', created_at: 1_700_000_000, model: 'asked-model', output: [] })
  })
})

describe('calls of a client’s tool of free text', () => {
  const request = openaiResponses.decodeRequest({
    model: 'm',
    input: 'x',
    tools: [
      { type: 'custom', name: 'patch', description: 'Patches.', format: { type: 'grammar', syntax: 'lark', definition: 'start: /.+/' } },
    ],
  })
  const args = JSON.stringify({ input: 'say "é"\n' })

  it.for([
    [args, 'say "é"\n'],
    ['*** Begin', '*** Begin'],
    ['{"patch":1}', '{"patch":1}'],
  ] as const)('come back as such: %s', ([written, input]) => {
    const open = { index: 0, id: 'call_1', type: 'function', function: { name: 'patch', arguments: written.slice(0, 4) } } as const
    const events = told([{ tool_calls: [open] }, { tool_calls: [{ index: 0, function: { arguments: written.slice(4) } }] }], { request })
    expect(events.slice(2).map(({ type }) => type)).toEqual([
      'response.output_item.added',
      'response.custom_tool_call_input.delta',
      'response.custom_tool_call_input.done',
      'response.output_item.done',
      'response.completed',
    ])
    expect(events.at(-1).response).toMatchObject({
      output: [{ type: 'custom_tool_call', call_id: 'call_1', name: 'patch', input }],
      tools: [{ type: 'custom' }],
    })
  })

  it('are told apart, in a provider’s answer, from those of tools it runs itself', () => {
    const item = (name: string) => ({ type: 'custom_tool_call', call_id: name, name, input: 'x' })
    const output = [item('patch'), item('x_search')]
    const calls = (given: ChatRequest | undefined) =>
      openaiResponses
        .decodeResponse({ output, status: 'completed' }, decoding(given && { request: given }))
        .choices[0]!.message.tool_calls!.map(({ id }) => id)
    expect([calls(request), calls(undefined)]).toEqual([['patch'], ['patch', 'x_search']])
    const decoder = openaiResponses.decodeStream(decoding({ request }))
    const payloads = output.flatMap((one, output_index) => [
      { type: 'response.output_item.added', output_index, item: { ...one, input: '' } },
      { type: 'response.custom_tool_call_input.delta', output_index, delta: 'x' },
      { type: 'response.output_item.done', output_index, item: one },
    ])
    const deltas = payloads
      .flatMap((payload) => decoder.push({ data: JSON.stringify(payload) }))
      .flatMap(({ choices }) => choices[0]!.delta.tool_calls ?? [])
    expect(deltas.map(({ index, id, function: called }) => [index, id, called?.arguments])).toEqual([
      [0, 'patch', ''],
      [0, undefined, '{"input":"x'],
      [0, undefined, '"}'],
    ])
  })
})

describe('a failure inside a stream of the Responses API', () => {
  const failure: ErrorView = {
    ...{
      status: 502,
      code: 'upstream_disconnected',
      type: 'api_error',
      message: 'The mill fell silent.',
      requestId: 'req-1',
      metadata: {},
    },
  }
  const frame = openaiResponses.encodeStreamError(failure)

  it('is an error to OpenAI’s client, and a failed response to those who wait for one', async () => {
    const response = new Response(encodeSse(frame), { headers: { 'content-type': 'text/event-stream' } })
    const read = Stream.fromSSEResponse(response, new AbortController())[Symbol.asyncIterator]().next()
    await expect(read).rejects.toBeInstanceOf(APIError)
    await expect(read).rejects.toMatchObject({ error: { message: 'The mill fell silent.', code: 'upstream_disconnected' } })
    expect(JSON.parse(frame.data)).toMatchObject({
      type: 'response.failed',
      response: { status: 'failed', error: { code: 'upstream_disconnected', message: 'The mill fell silent.' } },
    })
  })

  it('is read back from a provider’s own frames', () => {
    const inner = { code: 'rate_limit_exceeded', message: 'Slow down.' }
    for (const payload of [
      { type: 'response.failed', response: { status: 'failed', error: inner } },
      { type: 'error', sequence_number: 3, ...inner, param: null },
      { type: 'error', error: inner },
    ]) {
      expect(openaiResponses.decodeError(payload)).toMatchObject(inner)
      const push = () => openaiResponses.decodeStream(decoding()).push({ data: JSON.stringify(payload) })
      expect(push).toThrow(expect.objectContaining({ code: 'upstream_error', message: 'Slow down.' }))
    }
  })
})

it.for([
  [{ event: 'response.completed', data: '{}' }, true],
  [{ data: '{"response":{"status":"incomplete"},"type": "response.incomplete"}' }, true],
  [{ data: '{"type":"response.output_text.delta","delta":"\\"type\\":\\"response.completed\\""}' }, false],
  [{ event: 'response.failed', data: '{}' }, false],
] as const)('knows the end of a stream: %j', ([event, isEnd]) => {
  const { ending } = openaiResponses
  expect([ending.isTerminal(event), ending.isFinish(event)]).toEqual([isEnd, isEnd])
})

/** Payloads for a few deltas of one answer. */
function told(deltas: ChatDelta[], given: { request?: ChatRequest; finish_reason?: Any } = {}, logprobs?: object): Any[] {
  const { request, finish_reason = 'stop' } = given
  const encoder = openaiResponses.encodeStream(request ? { ...asking, request } : asking)
  const [first, ...rest] = deltas
  const chunks = [chunk(first ?? {}, { logprobs }), ...rest.map((delta) => chunk(delta)), chunk({}, { finish_reason })]
  const usage: ChatChunk = { ...chunk({}), choices: [], usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } }
  return [...[...chunks, usage].flatMap((one) => encoder.push(one)), ...encoder.end()].map(({ data }) => JSON.parse(data))
}

function chunk(delta: ChatDelta, { usage, ...rest }: Any = {}): ChatChunk {
  return {
    id: 'c1',
    object: 'chat.completion.chunk',
    created: 7,
    model: 'm',
    choices: [{ index: 0, delta, finish_reason: null, ...rest }],
    usage,
  }
}

function lastOf(events: SseEvent[]): Any {
  return JSON.parse(events.at(-1)!.data)
}

/** The client's events; undefined where the recording itself holds an error. */
function toldBy(upstream: UpstreamDialect, events: readonly SseEvent[]): SseEvent[] | undefined {
  const stage = pipe(upstream.decodeStream(decoding()), openaiResponses.encodeStream(asking))
  try {
    return [...events.flatMap((event) => stage.push(event)), ...stage.end()]
  } catch (error) {
    if (error instanceof GatewayError) return undefined
    throw error
  }
}

/** As OpenAI's own client does it, from events alone. */
async function putTogether(payloads: Any[]): Promise<Any> {
  const lines = payloads.map((payload) => `${JSON.stringify(payload)}\n`)
  return ResponseStream.fromReadableStream(ReadableStream.from(lines.map((line) => new TextEncoder().encode(line)))).finalResponse()
}
