import OpenAI from 'openai'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { answerOf, bytesOf, type Families, hasRecordings, openFamilies, recorded } from '../support/families.ts'

// Moderations, rankings and images from end to end.

let scene: Families
let client: OpenAI
beforeAll(async () => {
  scene = await openFamilies(['openai', 'xai', 'cohere', 'voyage', 'jina', 'openrouter', 'anthropic'], {
    config: {
      'models.yaml': `models:
  painter: { endpoints: [images], offers: [{ provider: openai, wire_model: painter-1, price: { image: 0.04 } }] }
`,
    },
  })
  client = new OpenAI({ baseURL: `${scene.gateway.url}/v1`, apiKey: scene.tenant.key, maxRetries: 0 })
})
afterAll(() => scene.close())
afterEach(() => {
  scene.provider.journal.length = 0
})

const lastBooked = async () => (await scene.hand.settled(scene.tenant.id)).at(-1)
const last = () => {
  const { path, body } = scene.provider.journal.at(-1)!
  return { path, body: JSON.parse(body.toString()) }
}

describe('moderations', () => {
  it('reach a provider that has them, by OpenAI’s own client', async () => {
    scene.provider.answer({ body: { id: 'modr-1', model: 'omni', results: [{ flagged: true }] } })
    const answer = await client.moderations.create({ model: 'openai/omni-moderation-latest', input: 'Hm' })
    expect(answer.results[0]?.flagged).toBe(true)
    expect(last()).toEqual({ path: '/openai/v1/moderations', body: { model: 'omni-moderation-latest', input: 'Hm' } })
    expect((await lastBooked())?.start).toMatchObject({ endpoint: 'moderations', provider: 'openai' })
  })

  it('are refused by name where a provider has none', async () => {
    const error = await client.moderations.create({ model: 'xai/grok-4', input: 'Hm' }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ status: 400, code: 'capability_missing', message: expect.stringContaining('moderations') })
    expect(scene.provider.journal).toEqual([])
  })
})

describe('rankings', () => {
  const documents = ['Paris is in France', 'London is in England']
  const ask = (model: string, more: object = {}) => scene.post('/v1/rerank', { model, query: 'France?', documents, top_n: 1, ...more })

  it('pass to Cohere as they are, and its searches are booked', async () => {
    const answer = `{"id":"r", "results":[{"index":0,"relevance_score":0.980}],"meta":{"billed_units":{"search_units":1}}}`
    scene.provider.answer({ headers: { 'content-type': 'application/json' }, body: answer })
    const response = await ask('cohere/rerank-v3.5')
    expect(await response.text()).toBe(answer)
    expect(last()).toEqual({ path: '/cohere/v2/rerank', body: { model: 'rerank-v3.5', query: 'France?', documents, top_n: 1 } })
    expect(await lastBooked()).toMatchObject({ state: 'settled', outcome: { usage: { searches: 1 } } })
  })

  it('pass to Jina as they are, and its tokens are booked', async () => {
    scene.provider.answer({ body: { results: [{ index: 0, relevance_score: 0.5 }], usage: { total_tokens: 43 } } })
    await (await ask('jina/jina-reranker-v3')).text()
    expect(last().path).toBe('/jina/v1/rerank')
    expect((await lastBooked())?.outcome.usage).toMatchObject({ input: 43, output: 0 })
  })

  it('are put in Voyage’s words and come back in those that were asked in', async () => {
    scene.provider.answer({
      body: {
        object: 'list',
        data: [{ relevance_score: 0.69, index: 0, document: documents[0] }],
        model: 'rerank-2',
        usage: { total_tokens: 43 },
      },
    })
    const response = await ask('voyage/rerank-2', { documents: [{ text: documents[0] }, documents[1]], max_tokens_per_doc: 100 })
    expect(last()).toEqual({ path: '/voyage/v1/rerank', body: { model: 'rerank-2', query: 'France?', documents, top_k: 1 } })
    expect(response.headers.get('x-tollgate-params-dropped')).toBe('max_tokens_per_doc')
    expect(await response.json()).toEqual({
      results: [{ relevance_score: 0.69, index: 0, document: { text: documents[0] } }],
      model: 'rerank-2',
      usage: { total_tokens: 43 },
    })
  })
})

describe('images', () => {
  it('are painted by OpenAI’s own client, counted and priced', async () => {
    scene.provider.answer({ body: { created: 1, data: [{ b64_json: 'aGk=' }, { b64_json: 'aG8=' }] } })
    const { data } = await client.images.generate({ model: 'painter', prompt: 'A stop sign', n: 2 })
    expect(data?.map(({ b64_json }) => b64_json)).toEqual(['aGk=', 'aG8='])
    expect(last()).toEqual({ path: '/openai/v1/images/generations', body: { model: 'painter-1', prompt: 'A stop sign', n: 2 } })
    // Two at 0.04 USD each.
    expect(await lastBooked()).toMatchObject({ state: 'settled', outcome: { usage: { images: 2 } }, cost: 80_000_000 })
  })

  it('stream as they become clear, and the tokens of the last are booked', async () => {
    const events = [
      { type: 'image_generation.partial_image', b64_json: 'aA==', partial_image_index: 0 },
      { type: 'image_generation.completed', b64_json: 'aGk=', usage: { input_tokens: 5, output_tokens: 100, total_tokens: 105 } },
    ]
    scene.provider.answer({ events })
    const stream = await client.images.generate({ model: 'openai/gpt-image-1', prompt: 'A stop sign', stream: true, partial_images: 1 })
    const seen: unknown[] = []
    for await (const event of stream) seen.push(event)
    expect(seen).toEqual(events)
    expect(await lastBooked()).toMatchObject({ state: 'settled', outcome: { usage: { input: 5, output: 100 } } })
  })
})

describe.skipIf(!hasRecordings)('recorded exchanges pass untouched', () => {
  it.for([
    ['/v1/moderations', 'openai', 'openai/openai.moderations-u-19156ad59d.json'],
    ['/v1/images/generations', 'openai', 'openai/openai.images.generations-u-145062e983.json'],
    ['/v1/images/generations', 'xai', 'xai/xai.images.generations-u-69bedbf9a9.json'],
    ['/v1/rerank', 'cohere', 'cohere/cohere.rerank.v2-u-febc1dabd6.json'],
    ['/v1/rerank', 'openrouter', 'openrouter/openrouter.rerank-u-b1a5d73d92.json'],
  ] as const)('%s of %s', async ([path, id, file]) => {
    const recording = recorded(file)
    scene.provider.answer(answerOf(recording))
    const body = recording.request?.body ?? ''
    const { model } = JSON.parse(body)
    const response = await scene.post(path, body.replace(JSON.stringify(model), JSON.stringify(`${id}/${model}`)))
    expect(Buffer.from(await response.arrayBuffer()).toString()).toBe(bytesOf(recording).toString())
    expect(scene.provider.journal.at(-1)?.body.toString()).toBe(body)
  })

  it('and a recorded ranking of voyage comes in the shape that was asked in', async () => {
    const recording = recorded('voyage/voyage.rerank-u-a8e0b64363.json')
    scene.provider.answer(answerOf(recording))
    const response = await scene.post('/v1/rerank', { model: 'voyage/rerank-2-lite', query: 'q', documents: ['a', 'b', 'c'] })
    const { results } = (await response.json()) as { results: unknown }
    expect(results).toEqual(JSON.parse(recording.response.body).data)
  })

  it('and what xAI says it takes is kept', async () => {
    scene.provider.answer(answerOf(recorded('xai/xai.images.generations-u-69bedbf9a9.json')))
    await (await scene.post('/v1/images/generations', { model: 'xai/grok-imagine-image', prompt: 'a cat' })).text()
    expect((await lastBooked())?.outcome.usage).toMatchObject({ images: 1, providerCost: 0.02 })
  })
})
