import OpenAI from 'openai'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Any } from '../contract/dialects/words.ts'
import { answerOf, bytesOf, type Families, hasRecordings, openFamilies, recorded } from '../support/families.ts'

// Embeddings from end to end: bytes where client and provider speak OpenAI's, translated where they do not, booked in both.

let scene: Families
let client: OpenAI
beforeAll(async () => {
  scene = await openFamilies(['openai', 'google', 'cohere', 'voyage', 'jina', 'perplexity', 'mistral', 'anthropic', 'ollama'])
  client = new OpenAI({ baseURL: `${scene.gateway.url}/v1`, apiKey: scene.tenant.key, maxRetries: 0 })
})
afterAll(() => scene.close())
afterEach(() => {
  scene.provider.journal.length = 0
})

/** Values that 32 bits hold exactly, so that what is decoded can be compared with what was said. */
const VECTORS = [
  [0.5, -0.25, 1.75],
  [-1, 0.125, 3],
]
const packed = (vector: readonly number[]): string => Buffer.from(Float32Array.from(vector).buffer).toString('base64')
const openaiAnswer = (embedding: (vector: readonly number[]) => unknown) => ({
  object: 'list',
  data: VECTORS.map((vector, index) => ({ object: 'embedding', index, embedding: embedding(vector) })),
  model: 'as-served',
  usage: { prompt_tokens: 6, total_tokens: 6 },
})

const lastBody = () => JSON.parse(scene.provider.journal.at(-1)?.body.toString() ?? 'null')
const lastBooked = async () => (await scene.hand.settled(scene.tenant.id)).at(-1)

describe('with OpenAI on both sides', () => {
  it('the bytes of question and answer pass, but for the model', async () => {
    const answer = `{"object":"list", "odd":12345678901234567890,"data":[],"usage":{"prompt_tokens":5,"total_tokens":5}}`
    scene.provider.answer({ headers: { 'content-type': 'application/json' }, body: answer })
    const response = await scene.post('/v1/embeddings', '{ "input" : "x","unknown":0.10,"model":"openai/text-embedding-3-small" }')
    expect({ status: response.status, body: await response.text() }).toEqual({ status: 200, body: answer })
    expect(scene.provider.journal.at(-1)).toMatchObject({ path: '/openai/v1/embeddings' })
    expect(scene.provider.journal.at(-1)?.body.toString()).toBe('{ "input" : "x","unknown":0.10,"model":"text-embedding-3-small" }')
  })

  it('what was read is booked and priced, and nothing generated leaves the cost unknown', async () => {
    scene.provider.answer({ body: openaiAnswer(packed) })
    await (await scene.post('/v1/embeddings', { model: 'text-embedding-3-small', input: ['a', 'b'] })).text()
    const row = await lastBooked()
    expect(row).toMatchObject({
      state: 'settled',
      start: { endpoint: 'embeddings', provider: 'openai', wireModel: 'text-embedding-3-small' },
      outcome: { usage: { input: 6, output: 0 } },
      // 6 tokens at 0.02 USD per million.
      cost: 120,
    })
  })

  it('OpenAI’s own client decodes what it asked for', async () => {
    scene.provider.answer({ body: openaiAnswer(packed) })
    const { data } = await client.embeddings.create({ model: 'openai/text-embedding-3-small', input: ['a', 'b'] })
    expect(lastBody().encoding_format).toBe('base64')
    expect(data.map(({ embedding }) => [...embedding])).toEqual(VECTORS)
  })
})

describe('with a provider that speaks another format', () => {
  const googleAnswer = { embeddings: VECTORS.map((values) => ({ values })), usageMetadata: { promptTokenCount: 6 } }
  const cohereAnswer = { id: 'e', embeddings: { float: VECTORS }, meta: { billed_units: { input_tokens: 6 } } }
  const cases = [
    {
      model: 'google/gemini-embedding-001',
      answer: googleAnswer,
      path: '/google/v1beta/models/gemini-embedding-001:batchEmbedContents',
      asked: {
        requests: ['a', 'b'].map((text) => ({
          model: 'models/gemini-embedding-001',
          content: { parts: [{ text }] },
          outputDimensionality: 3,
        })),
      },
    },
    {
      model: 'cohere/embed-v4.0',
      answer: cohereAnswer,
      path: '/cohere/v2/embed',
      asked: {
        model: 'embed-v4.0',
        texts: ['a', 'b'],
        input_type: 'search_document',
        embedding_types: ['float'],
        output_dimension: 3,
      },
    },
    {
      model: 'voyage/voyage-3.5',
      answer: { ...openaiAnswer(packed), usage: { total_tokens: 6 } },
      path: '/voyage/v1/embeddings',
      asked: { model: 'voyage-3.5', input: ['a', 'b'], encoding_format: 'base64', output_dimension: 3 },
    },
    {
      model: 'jina/jina-embeddings-v4',
      answer: { ...openaiAnswer(packed), usage: { total_tokens: 6, prompt_tokens: 6 } },
      path: '/jina/v1/embeddings',
      asked: { model: 'jina-embeddings-v4', input: ['a', 'b'], dimensions: 3, embedding_type: 'base64' },
    },
  ]

  it.for(cases)('numbers arrive as OpenAI’s client decodes them: $model', async ({ model, answer, path, asked }) => {
    scene.provider.answer({ body: answer })
    const { data, usage } = await client.embeddings.create({ model, input: ['a', 'b'], dimensions: 3 })
    expect(data.map(({ embedding }) => [...embedding])).toEqual(VECTORS)
    expect(usage).toEqual({ prompt_tokens: 6, total_tokens: 6 })
    expect({ path: scene.provider.journal.at(-1)?.path, asked: lastBody() }).toEqual({ path, asked })
    expect((await lastBooked())?.outcome.usage).toMatchObject({ input: 6, output: 0 })
  })

  it.for(cases)('numbers arrive as numbers where those are asked for: $model', async ({ model, answer }) => {
    scene.provider.answer({ body: answer })
    const response = await scene.post('/v1/embeddings', { model, input: ['a', 'b'] })
    const { data } = (await response.json()) as { data: { index: number; embedding: number[] }[] }
    expect(data.map(({ index, embedding }) => ({ index, embedding }))).toEqual(VECTORS.map((embedding, index) => ({ index, embedding })))
  })

  it.for(cases)('token ids are refused by name before anything is sent: $model', async ({ model }) => {
    const response = await scene.post('/v1/embeddings', { model, input: [[1, 2, 3]] })
    const { error } = (await response.json()) as { error: { code: string; param: string } }
    expect({ status: response.status, code: error.code, param: error.param, sent: scene.provider.journal.length }).toEqual({
      status: 400,
      code: 'invalid_value',
      param: 'input',
      sent: 0,
    })
  })

  it('what it has no word for is named, and refused where the client is strict', async () => {
    scene.provider.answer({ body: googleAnswer })
    const body = { model: 'google/gemini-embedding-001', input: 'a', user: 'u-1' }
    const response = await scene.post('/v1/embeddings', body)
    expect(response.headers.get('x-tollgate-params-dropped')).toBe('user')
    const strict = await scene.post('/v1/embeddings', body, { 'x-tollgate-strict': 'true' })
    expect(strict.status).toBe(400)
  })

  it('whether texts ask or are to be found is told in its words', async () => {
    scene.provider.answer({ body: googleAnswer })
    await scene.post('/v1/embeddings', { model: 'google/gemini-embedding-001', input: ['a', 'b'], input_type: 'query' })
    expect(lastBody().requests[0].taskType).toBe('RETRIEVAL_QUERY')
    scene.provider.answer({ body: cohereAnswer })
    await scene.post('/v1/embeddings', { model: 'cohere/embed-v4.0', input: ['a', 'b'], input_type: 'query' })
    expect(lastBody().input_type).toBe('search_query')
  })

  it('its refusal comes in OpenAI’s envelope with its own status', async () => {
    scene.provider.answer({ status: 400, body: { error: { code: 400, message: 'Too many texts', status: 'INVALID_ARGUMENT' } } })
    const error = await client.embeddings.create({ model: 'google/gemini-embedding-001', input: 'a' }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(OpenAI.BadRequestError)
    expect(error).toMatchObject({ status: 400, code: 'INVALID_ARGUMENT' })
  })

  it('an answer without vectors is no answer', async () => {
    scene.provider.answer({ body: { embeddings: [] } })
    const response = await scene.post('/v1/embeddings', { model: 'google/gemini-embedding-001', input: 'a' })
    expect(response.status).toBe(502)
  })
})

describe('in Google’s words', () => {
  const single = { content: { parts: [{ text: 'a' }] }, taskType: 'RETRIEVAL_QUERY', outputDimensionality: 3 }
  const embed = (path: string, body: object) => scene.post(`/v1beta/models/${path}`, body)

  it('a text is embedded by Google itself, untouched', async () => {
    const answer = '{ "embedding": {"values": [0.1,  0.2]} }'
    scene.provider.answer({ headers: { 'content-type': 'application/json' }, body: answer })
    const response = await embed('google/gemini-embedding-001:embedContent', single)
    expect(await response.text()).toBe(answer)
    const { path, body } = scene.provider.journal.at(-1)!
    expect({ path, body: body.toString() }).toEqual({
      path: '/google/v1beta/models/gemini-embedding-001:embedContent',
      body: JSON.stringify(single),
    })
  })

  it('many are, and each names the model that is served', async () => {
    scene.provider.answer({ body: { embeddings: VECTORS.map((values) => ({ values })) } })
    const requests = ['a', 'b'].map((text) => ({ model: 'models/google/gemini-embedding-001', content: { parts: [{ text }] }, odd: 1 }))
    await (await embed('google/gemini-embedding-001:batchEmbedContents', { requests })).text()
    expect(lastBody().requests.map(({ model, odd }: Any) => ({ model, odd }))).toEqual([
      { model: 'models/gemini-embedding-001', odd: 1 },
      { model: 'models/gemini-embedding-001', odd: 1 },
    ])
  })

  it('a text is embedded by others, in their words', async () => {
    scene.provider.answer({ body: { ...openaiAnswer((vector) => vector), data: [{ index: 0, embedding: VECTORS[0] }] } })
    const response = await embed('openai/text-embedding-3-small:embedContent', single)
    expect(await response.json()).toEqual({ embedding: { values: VECTORS[0] }, usageMetadata: { promptTokenCount: 6, totalTokenCount: 6 } })
    expect(lastBody()).toEqual({ model: 'text-embedding-3-small', input: ['a'], dimensions: 3 })
    expect(response.headers.get('x-tollgate-params-dropped')).toBe('input_type')
  })

  it('many are, by Cohere, which is told what they are for', async () => {
    scene.provider.answer({ body: { embeddings: { float: VECTORS }, meta: { billed_units: { input_tokens: 6 } } } })
    const response = await embed('cohere/embed-v4.0:batchEmbedContents', { requests: [single, single] })
    expect(((await response.json()) as Any).embeddings).toEqual(VECTORS.map((values) => ({ values })))
    expect(lastBody()).toMatchObject({ texts: ['a', 'a'], input_type: 'search_query', output_dimension: 3 })
  })

  it('what cannot be said elsewhere is refused in Google’s shape', async () => {
    const other = { ...single, outputDimensionality: 4 }
    const response = await embed('openai/text-embedding-3-small:batchEmbedContents', { requests: [single, other] })
    expect(await response.json()).toMatchObject({ error: { code: 400, status: 'INVALID_ARGUMENT' } })
    expect(scene.provider.journal).toEqual([])
  })
})

it('a deployment in the path is the model, as Azure’s clients have it', async () => {
  scene.provider.answer({ body: openaiAnswer(packed) })
  const path = '/openai/deployments/openai%2Ftext-embedding-3-small/embeddings?api-version=2024-10-21'
  expect((await scene.post(path, { input: 'a' })).status).toBe(200)
  expect(lastBody()).toEqual({ input: 'a', model: 'text-embedding-3-small' })
})

describe('the decision', () => {
  const refusedFor = async (path: string, body: object) => {
    const response = await scene.post(path, body)
    const { error } = (await response.json()) as { error: { code: string; message: string } }
    return { status: response.status, code: error.code, message: error.message, sent: scene.provider.journal.length }
  }

  it('refuses a provider that serves no embeddings, and says so', async () => {
    expect(await refusedFor('/v1/embeddings', { model: 'anthropic/claude-sonnet-4-5', input: 'a' })).toEqual({
      status: 400,
      code: 'capability_missing',
      message: expect.stringContaining('anthropic serves no embeddings'),
      sent: 0,
    })
  })

  it('refuses a model that is known to do something else, and leaves one that is named with its provider to that provider', async () => {
    expect(await refusedFor('/v1/embeddings', { model: 'gpt-4o', input: 'a' })).toMatchObject({ status: 400, sent: 0 })
    const chat = { model: 'text-embedding-3-small', messages: [{ role: 'user', content: 'Hi' }] }
    expect(await refusedFor('/v1/chat/completions', chat)).toMatchObject({ status: 400, sent: 0 })
    scene.provider.answer({
      status: 403,
      body: { error: { message: 'You may not sample from this model', type: 'invalid_request_error' } },
    })
    const named = await scene.post('/v1/chat/completions', { ...chat, model: 'openai/text-embedding-3-small' })
    expect([named.status, scene.provider.journal.length]).toEqual([403, 1])
    expect(await refusedFor('/v1/chat/completions', { ...chat, model: 'voyage/voyage-3.5' })).toMatchObject({ code: 'capability_missing' })
  })

  it('lets a model pass that no catalogue knows', async () => {
    scene.provider.answer({ body: openaiAnswer(packed) })
    expect((await scene.post('/v1/embeddings', { model: 'openai/embed-of-tomorrow', input: 'a' })).status).toBe(200)
  })

  it('is asked by explain and by the list of models too', async () => {
    const explained = async (model: string) => {
      const { body } = await scene.gateway.call('GET', `/v1/explain?endpoint=embeddings&model=${model}`, { key: scene.tenant.key })
      return body.verdict
    }
    expect([await explained('openai/text-embedding-3-small'), await explained('gpt-4o')]).toEqual(['allowed', 'refused'])
    const { body } = await scene.gateway.call('GET', '/v1/models', { key: scene.tenant.key })
    expect(body.data.map(({ id }: { id: string }) => id)).toContain('text-embedding-3-small')
  })

  it('keeps the plan’s endpoints', async () => {
    const { key } = await scene.gateway.tenant('chat-only', 'enterprise', { endpoints: ['chat'] })
    const response = await scene.post(
      '/v1/embeddings',
      { model: 'openai/text-embedding-3-small', input: 'a' },
      { authorization: `Bearer ${key}` },
    )
    expect(((await response.json()) as { error: { code: string } }).error.code).toBe('endpoint_not_in_plan')
  })
})

describe.skipIf(!hasRecordings)('recorded embeddings', () => {
  it.for([
    ['openai', 'openai/openai.embeddings-u-edb26f2469.json'],
    ['perplexity', 'perplexity/perplexity.embeddings-u-411c19706d.json'],
  ] as const)('of %s pass untouched', async ([id, file]) => {
    const recording = recorded(file)
    scene.provider.answer(answerOf(recording))
    const body = recording.request?.body ?? ''
    const { model } = JSON.parse(body)
    const response = await scene.post('/v1/embeddings', body.replace(JSON.stringify(model), JSON.stringify(`${id}/${model}`)))
    expect(Buffer.from(await response.arrayBuffer()).equals(bytesOf(recording)), 'the answer is the provider’s, byte for byte').toBe(true)
    expect(scene.provider.journal.at(-1)?.body.toString()).toBe(body)
  })

  it.for([
    ['google', 'google/google.batchEmbedContents-u-29b175b874.json', (body: Any) => body.embeddings.map((one: Any) => one.values)],
    ['cohere', 'cohere/cohere.embed.v2-u-b74f9c396f.json', (body: Any) => body.embeddings.float],
  ] as const)('of %s give OpenAI’s client the provider’s numbers', async ([id, file, vectorsOf]) => {
    const recording = recorded(file)
    scene.provider.answer(answerOf(recording))
    const { data } = await client.embeddings.create({ model: `${id}/any`, input: 'Ruby is a programmer’s best friend' })
    const said = vectorsOf(JSON.parse(recording.response.body))
    expect(data.map(({ embedding }) => [...embedding])).toEqual(said.map((vector: number[]) => [...Float32Array.from(vector)]))
  })

  it('of ollama give OpenAI’s client the provider’s numbers', async () => {
    const recording = recorded('ollama/ollama.native.embed-u-be50f3cea6.json')
    scene.provider.answer(answerOf(recording))
    const { data, usage } = await client.embeddings.create({ model: 'ollama/nomic-embed-text', input: 'Hello, world!' })
    const [said] = JSON.parse(recording.response.body).embeddings
    expect(data.map(({ embedding }) => [...embedding])).toEqual([[...Float32Array.from(said)]])
    expect(usage.prompt_tokens).toBe(4)
    expect(scene.provider.journal.at(-1)?.path).toBe('/ollama/api/embed')
  })

  it.for([
    ['google/google.embedContent-u-6c25ffeaa8.json', 'embedContent'],
    ['google/google.batchEmbedContents-u-29b175b874.json', 'batchEmbedContents'],
    ['google/google.batchEmbedContents-u-e404-204d77f09c.json', 'batchEmbedContents'],
  ] as const)('%s passes untouched', async ([file, method]) => {
    const recording = recorded(file)
    scene.provider.answer(answerOf(recording))
    const { url = '', body = '' } = recording.request ?? {}
    const model = /models\/([^:]+):/.exec(url)?.[1] ?? ''
    const bare = JSON.parse(body).requests?.[0]?.model === undefined
    const response = await scene.post(`/v1beta/models/google/${model}:${method}`, body)
    expect({ status: response.status, body: await response.text() }).toEqual({
      status: recording.response.status,
      body: recording.response.body,
    })
    const sent = scene.provider.journal.at(-1)?.body.toString() ?? ''
    if (bare) expect(sent).toBe(body)
    else expect(JSON.parse(sent)).toEqual(JSON.parse(body))
  })

  it('a recorded refusal of a bad key says whose key is bad', async () => {
    scene.provider.answer(answerOf(recorded('google/google.batchEmbedContents-u-e400-47fbfb40ee.json')))
    const error = await client.embeddings.create({ model: 'google/gemini-embedding-001', input: 'a' }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ status: 403, code: 'credential_invalid' })
  })

  it('of voyage give OpenAI’s client the provider’s numbers', async () => {
    const recording = recorded('voyage/voyage.embeddings-u-0ea3d6ca0f.json')
    scene.provider.answer(answerOf(recording))
    const { data, usage } = await client.embeddings.create({ model: 'voyage/voyage-3-lite', input: ['a', 'b'] })
    const packed = JSON.parse(recording.response.body).data.map((row: { embedding: string }) => row.embedding)
    expect(data.map(({ embedding }) => Buffer.from(Float32Array.from(embedding).buffer).toString('base64'))).toEqual(packed)
    expect(usage.total_tokens).toBe(12)
  })
})
