import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as anthropic from '../contract/dialects/anthropic-words.ts'
import * as converse from '../contract/dialects/converse-words.ts'
import { eventsOf, OWN, type Recording, recordingsIn, SHARED, streamOf } from '../contract/dialects/recordings.ts'
import type { Any, Words } from '../contract/dialects/words.ts'
import { ByHand } from '../support/by-hand.ts'
import { event, exception } from '../support/event-stream.ts'
import { type FakeProvider, startFakeProvider } from '../support/fake-provider.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { type Protocol, protocols } from '../support/protocols.ts'

// Bedrock from end to end: every recorded answer in Converse comes to every protocol in the same words, Claude's own to its own clients as
// bytes, and what a client of each protocol sends takes the way that its model knows.

let provider: FakeProvider
let gateway: TestGateway
let hand: ByHand
let tenant: { id: string; key: string }
beforeAll(async () => {
  provider = await startFakeProvider()
  const invoking = `providers:\n  - { id: invoking, dialect: anthropic-on-bedrock, base_url: "${provider.origin}/invoking" }\n`
  gateway = await startGateway({
    providers: { bedrock: `${provider.origin}/bedrock`, 'bedrock-mantle': `${provider.origin}/mantle/v1` },
    config: { 'providers.yaml': invoking },
  })
  hand = new ByHand(gateway)
  tenant = await hand.tenant('clouded', 'enterprise')
  for (const name of ['AWS_BEARER_TOKEN_BEDROCK', 'INVOKING_API_KEY']) await hand.setting(tenant.id, name, `key-of-${name}-0001`)
  await hand.holds(tenant.key, 'invoking/any')
})
afterAll(async () => {
  await gateway.stop()
  await provider.close()
})

const recordings = [...recordingsIn(OWN), ...recordingsIn(SHARED)]
const CONVERSE = /^bedrock\.converse(-stream)?$/
const INVOKE = /^bedrock\.invoke(-with-response-stream)?\.anthropic$/
/** One is of the text completions that came before Messages. */
const isMessages = ({ request }: Recording) => request !== null && 'messages' in JSON.parse(request.body)
const inConverse = recordings.filter(({ api }) => CONVERSE.test(api))
const inInvoke = recordings.filter((one) => INVOKE.test(one.api) && isMessages(one))

/** Clients that read answers whose names of events matter not. */
const conversing = protocols.filter(({ name }) => ['chat', 'messages', 'responses', 'generateContent'].includes(name))

describe.each(conversing)('an answer in Converse, to a client of $name', (protocol) => {
  it.for(inConverse)('$file', async (recording) => {
    for (const size of CUTS) await saysTheSame(recording, { protocol, model: 'bedrock/meta.recorded-v1:0', words: converse, size })
    expect(provider.journal.at(-1)?.path).toBe(`/bedrock/model/meta.recorded-v1%3A0/converse${recording.stream ? '-stream' : ''}`)
  })
})

describe.each(conversing.filter(({ name }) => name !== 'messages'))('an answer of Claude’s own, to a client of $name', (protocol) => {
  it.for(inInvoke)('$file', async (recording) => {
    for (const size of CUTS) await saysTheSame(recording, { protocol, model: 'invoking/anthropic.claude-x', words: anthropic, size })
    const sent = JSON.parse(provider.journal.at(-1)!.body.toString())
    expect([sent.anthropic_version, 'model' in sent, 'stream' in sent]).toEqual(['bedrock-2023-05-31', false, false])
  })
})

describe('Claude’s own, to a client of messages', () => {
  it.for(inInvoke)('$file passes as bytes, but for what the path says', async (recording) => {
    const recorded = recording.request!.body
    const segment = new URL(recording.request!.url).pathname.split('/')[2]!
    const named = JSON.stringify(`bedrock/${decodeURIComponent(segment)}`)
    const body = recorded.replace('{', `{"model":${named},${recording.stream ? '"stream":true,' : ''}`)
    for (const size of CUTS) {
      answers(recording, size)
      const response = await post('/v1/messages', body)
      const sent = provider.journal.at(-1)!
      const action = recording.stream ? 'invoke-with-response-stream' : 'invoke'
      expect(sent.path).toBe(`/bedrock/model/${encodeURIComponent(decodeURIComponent(segment))}/${action}`)
      expect(sent.body.toString()).toBe(recorded)
      const answered = await response.text()
      if (recording.response.status === 200)
        expect({ status: response.status, body: answered }).toEqual({ status: 200, body: streamOf(recording.response) })
      else
        expect(JSON.parse(answered)).toMatchObject({
          type: 'error',
          error: { message: expect.stringContaining(JSON.parse(recording.response.body).message) },
        })
    }
  })

  it('asks for features in trial as Bedrock knows them, and names those it does not', async () => {
    provider.answer({ body: { type: 'message', content: [], stop_reason: 'end_turn', usage: { input_tokens: 1, output_tokens: 1 } } })
    const body = '{ "model":"bedrock/us.anthropic.claude-x", "anthropic_beta":["own"],"max_tokens":9 ,"messages":[] }'
    const response = await post('/v1/messages', body, {
      'anthropic-beta': 'context-1m-2025-08-07, oauth-2025-04-20',
      'anthropic-version': '2023-06-01',
    })
    expect(response.headers.get('x-tollgate-params-dropped')).toBe('anthropic-beta: oauth-2025-04-20')
    const sent = provider.journal.at(-1)!
    expect(sent.body.toString()).toBe(
      '{ "anthropic_beta":["own","context-1m-2025-08-07"],"max_tokens":9 ,"messages":[],"anthropic_version":"bedrock-2023-05-31" }',
    )
    expect([sent.headers['anthropic-beta'], sent.headers['anthropic-version']]).toEqual([undefined, undefined])
  })
})

describe('what a client sends goes the way that its model knows', () => {
  const WHOLE = { output: { message: { content: [{ text: 'a' }] } }, stopReason: 'end_turn', usage: { inputTokens: 1, outputTokens: 1 } }

  it.for([
    ['messages', 'bedrock/us.anthropic.claude-x', '/bedrock/model/us.anthropic.claude-x/invoke'],
    ['messages', 'bedrock/amazon.nova-lite-v1:0', '/bedrock/model/amazon.nova-lite-v1%3A0/converse'],
    ['chat', 'bedrock/us.anthropic.claude-x', '/bedrock/model/us.anthropic.claude-x/converse'],
    ['chat', 'bedrock/openai.gpt-oss-20b-1:0', '/bedrock/openai/v1/chat/completions'],
    ['responses', 'bedrock/openai.gpt-oss-20b-1:0', '/bedrock/model/openai.gpt-oss-20b-1%3A0/converse'],
    ['responses', 'bedrock/us.openai.gpt-5.6-luna', '/bedrock/openai/v1/responses'],
    ['chat', 'bedrock/us.openai.gpt-5.6-luna', '/bedrock/openai/v1/responses'],
    ['messages', 'bedrock/openai.gpt-oss-20b-1:0', '/bedrock/model/openai.gpt-oss-20b-1%3A0/converse'],
    ['chat', 'bedrock-mantle/openai.gpt-oss-20b', '/mantle/v1/chat/completions'],
    ['responses', 'bedrock-mantle/openai.gpt-oss-20b', '/mantle/v1/responses'],
    ['messages', 'bedrock-mantle/anthropic.claude-x', '/mantle/anthropic/v1/messages'],
    ['chat', 'bedrock-mantle/anthropic.claude-x', '/mantle/anthropic/v1/messages'],
    ['messages', 'bedrock-mantle/openai.gpt-5.6-luna', '/mantle/openai/v1/responses'],
    ['chat', 'bedrock-mantle/google.gemma-4-31b', '/mantle/openai/v1/chat/completions'],
  ] as const)('%s for %s', async ([name, model, path]) => {
    provider.answer({ body: WHOLE })
    const protocol = protocols.find((one) => one.name === name)!
    await (await post(protocol.path(model, false), JSON.stringify(protocol.ask(model, false)))).text()
    const { path: asked, headers } = provider.journal.at(-1)!
    expect([asked, headers['authorization']]).toEqual([path, 'Bearer key-of-AWS_BEARER_TOKEN_BEDROCK-0001'])
  })

  it('asks for a stream in Amazon’s framing, and books what it tells at its end', async () => {
    const usage = { inputTokens: 3, outputTokens: 5, totalTokens: 208, cacheReadInputTokens: 100, cacheWriteInputTokens: 100 }
    provider.answer(
      streamed([
        event('messageStart', { role: 'assistant' }),
        said('a'),
        event('messageStop', { stopReason: 'end_turn' }),
        event('metadata', { usage }),
      ]),
    )
    const response = await chat({ stream: true })
    expect(await response.text()).toContain('"content":"a"')
    expect(response.headers.get('x-tollgate-upstream-request-id')).toBe('amzn-1')
    expect(provider.journal.at(-1)?.headers['accept']).toBe('application/vnd.amazon.eventstream')
    const row = (await hand.settled(tenant.id)).at(-1)
    expect(row).toMatchObject({ state: 'settled', outcome: { usage: { input: 203, output: 5, cacheRead: 100, cacheWrite: 100 } } })
  })
})

describe('a stream that fails', () => {
  it('before it said anything keeps the status that its failure has', async () => {
    provider.answer(streamed([exception('throttlingException', { message: 'The mill is busy.' })]))
    const response = await chat({ stream: true })
    expect([response.status, (await json(response)).error]).toMatchObject([
      429,
      { message: 'The mill is busy.', code: 'throttlingException' },
    ])
  })

  it('later is told in one frame, without an end', async () => {
    provider.answer(
      streamed([
        event('messageStart', { role: 'assistant' }),
        20,
        said('a'),
        20,
        exception('modelStreamErrorException', { message: 'It broke.' }),
      ]),
    )
    const text = await (await chat({ stream: true })).text()
    expect(text).toContain('"content":"a"')
    expect(JSON.parse(eventsOf(text).at(-1)!.data).error).toMatchObject({ message: 'It broke.', code: 'modelStreamErrorException' })
    expect(text).not.toContain('[DONE]')
  })

  it('by a bit that turned over is no answer', async () => {
    const bytes = said('a')
    bytes[20] = (bytes[20] ?? 0) ^ 1
    provider.answer(streamed([event('messageStart', { role: 'assistant' }), bytes]))
    const text = await (await chat({ stream: true })).text()
    expect(text).toContain('upstream_protocol_error')
  })
})

describe('an error', () => {
  it.for([
    [
      { 'x-amzn-errortype': 'UnrecognizedClientException:http://internal' },
      { message: 'The security token included in the request is invalid.' },
    ],
    [{}, { Message: 'Authentication failed: Please make sure your API Key is valid.' }],
  ])('that calls the key bad does so by its own words: %j', async ([headers, body]) => {
    provider.answer({ status: 403, headers: headers as Record<string, string>, body: body as object })
    const response = await chat({})
    expect([response.status, (await json(response)).error.code]).toEqual([403, 'credential_invalid'])
  })

  it('of permission or of the clock does not', async () => {
    const expired = { message: 'Signature expired: 20251117T063822Z is now earlier than 20251117T063849Z' }
    for (const [type, body] of [
      ['AccessDeniedException', { message: "You don't have access." }],
      ['InvalidSignatureException', expired],
    ] as const) {
      provider.answer({ status: 403, headers: { 'x-amzn-errortype': `${type}:http://internal` }, body })
      expect((await json(await chat({}))).error.code).toBe('upstream_permission_denied')
    }
  })
})

describe('its own API, under /providers', () => {
  const lastBooked = async () => (await hand.settled(tenant.id)).at(-1)

  it.for([
    ['converse-stream', 'text-stream', 'amazon.nova-lite-v1:0', { input: 12, output: 9 }],
    ['converse', 'text', 'amazon.nova-lite-v1:0', { input: 12, output: 9 }],
    ['invoke-with-response-stream', 'invoke-stream', 'us.anthropic.claude-x', { input: 17, output: 9 }],
    ['invoke', 'invoke', 'us.anthropic.claude-x', { input: 17, output: 30 }],
    ['invoke', 'titan-embedding', 'amazon.titan-embed-text-v2:0', { input: 3, output: 0 }],
  ] as const)('passes as bytes and is counted: %s, %s', async ([action, file, model, usage]) => {
    const { response, request } = own(file)
    answers(own(file), 613)
    const answered = await post(`/providers/bedrock/model/${model}/${action}`, request!.body)
    const body = Buffer.from(await answered.arrayBuffer())
    expect(body.equals(Buffer.from(response.body, response.encoding === 'base64' ? 'base64' : 'utf8'))).toBe(true)
    expect(provider.journal.at(-1)).toMatchObject({ path: `/bedrock/model/${model}/${action}`, body: Buffer.from(request!.body) })
    expect(await lastBooked()).toMatchObject({ state: 'settled', start: { wireModel: model }, outcome: { usage } })
  })
})

describe('what does not converse', () => {
  const packed = (vector: readonly number[]): string => Buffer.from(Float32Array.from(vector).buffer).toString('base64')

  it.for([
    ['titan-embedding', 'tides', [[0.5, -0.25, 1.75]], 3],
    [
      'cohere-embedding',
      ['tides', 'moon'],
      [
        [0.5, -0.25, 1.75],
        [-1, 0.125, 3],
      ],
      5,
    ],
  ] as const)('%s: in the client’s shape, counted', async ([file, input, vectors, tokens]) => {
    const recording = own(file)
    answers(recording, CUTS[0]!)
    const model = decodeURIComponent(new URL(recording.request!.url).pathname.split('/')[2]!)
    const response = await post('/v1/embeddings', JSON.stringify({ model: `bedrock/${model}`, input, encoding_format: 'base64' }))
    expect((await json(response)).data.map(({ embedding }: Any) => embedding)).toEqual(vectors.map(packed))
    const sent = provider.journal.at(-1)!
    expect([sent.path, JSON.parse(sent.body.toString())]).toEqual([
      `/bedrock/model/${encodeURIComponent(model)}/invoke`,
      JSON.parse(recording.request!.body),
    ])
    expect((await hand.settled(tenant.id)).at(-1)).toMatchObject({ state: 'settled', outcome: { usage: { input: tokens, output: 0 } } })
  })

  it('Titan takes one text a request, and says so', async () => {
    const response = await post('/v1/embeddings', JSON.stringify({ model: 'bedrock/amazon.titan-embed-text-v2:0', input: ['a', 'b'] }))
    expect([response.status, (await json(response)).error.param]).toEqual([400, 'input'])
  })

  it('ranks documents', async () => {
    const recording = own('rerank')
    answers(recording, CUTS[0]!)
    const response = await post('/v1/rerank', '{"model":"bedrock/cohere.rerank-v3-5:0","query":"tide","documents":["moon","sea"]}')
    expect(await json(response)).toEqual(JSON.parse(recording.response.body))
    expect(JSON.parse(provider.journal.at(-1)!.body.toString())).toEqual(JSON.parse(recording.request!.body))
  })
})

async function json(response: Response): Promise<Any> {
  return response.json()
}

const own = (file: string): Recording => recordings.find((one) => one.file === `bedrock/${file}-handmade.json`)!

/** Bytes at a time: all at once, a message in many pieces, many messages and a part of one in a piece. */
const CUTS = [Number.POSITIVE_INFINITY, 7, 613]

interface Saying {
  readonly protocol: Protocol
  readonly model: string
  readonly words: Protocol['words']
  readonly size: number
}

async function saysTheSame(recording: Recording, { protocol, model, words, size }: Saying): Promise<void> {
  answers(recording, size)
  const { stream, response } = recording
  const answered = await post(protocol.path(model, stream), JSON.stringify(protocol.ask(model, stream)))
  const body = await answered.text()
  const said = response.status === 200 ? wordsIn(words, stream, streamOf(response)) : undefined
  if (said === undefined || said.finish === null) return expect(body).toMatch(/"message":"./)
  expect(answered.status, body).toBe(200)
  expect(essence(wordsIn(protocol.words, stream, body))).toEqual(essence(said))
}

function wordsIn(words: Protocol['words'], stream: boolean, body: string): Words {
  if (!stream) return words.wordsOfAnswer(JSON.parse(body))
  const told = eventsOf(body).filter(({ data }) => data !== '[DONE]')
  return words.wordsOfStream(told.map(({ data }) => JSON.parse(data)))
}

/** What every protocol can tell. Messages always tells counts, so there an untold one is 0. */
const essence = ({ text, reasoning, calls, finish, usage }: Words) => ({
  ...{ text, reasoning, calls, finish },
  usage: { input: usage.input ?? 0, output: usage.output ?? 0, cached: usage.cached ?? 0 },
})

function answers({ response }: Recording, size: number): void {
  const { 'set-cookie': _cookie, ...headers } = response.headers
  const bytes = Buffer.from(response.body, response.encoding === 'base64' ? 'base64' : 'utf8')
  const pieces =
    size >= bytes.length
      ? [bytes]
      : Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size))
  provider.answer({ status: response.status, headers, chunks: pieces })
}

const said = (text: string): Buffer => event('contentBlockDelta', { contentBlockIndex: 0, delta: { text } })

const streamed = (chunks: readonly (Buffer | number)[]) => ({
  headers: { 'content-type': 'application/vnd.amazon.eventstream', 'x-amzn-requestid': 'amzn-1' },
  chunks,
})

const chat = (more: object): Promise<Response> =>
  post(
    '/v1/chat/completions',
    JSON.stringify({ model: 'bedrock/amazon.nova-lite-v1:0', messages: [{ role: 'user', content: 'Hi' }], ...more }),
  )

function post(path: string, body: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(gateway.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-tollgate-key': tenant.key, ...headers },
    body,
  })
}
