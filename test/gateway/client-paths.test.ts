import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { completion, delta, finish, openRelayed, type Relayed, usageFrame } from '../support/relayed.ts'

// Addresses as real clients build them from the base URL they are given; test/clients runs the clients themselves.

let scene: Relayed
beforeAll(async () => {
  scene = await openRelayed()
})
afterAll(() => scene.close())

const post = (path: string, body: object) =>
  fetch(`${scene.gateway.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${scene.tenant.key}` },
    body: JSON.stringify(body),
  })

const CONTENTS = { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] }

describe('a client’s own path', () => {
  it.for([
    ['/openai/v1/chat/completions', 'groq-sdk, and the v1 API of Azure'],
    ['/t/acme/openai/v1/chat/completions', 'the same with the tenant in the path'],
    ['/chat/completions', 'a base URL without /v1'],
  ])('%s: %s', async ([path]) => {
    scene.provider.answer({ body: completion() })
    const answer = await post(path!, { model: 'openai/gpt-4o', messages: [{ role: 'user', content: 'Hello' }] })
    expect({ status: answer.status, body: await answer.json() }).toMatchObject({ status: 200, body: completion() })
  })

  it.for(['/v1beta', '/v1'])('%s/models/…:generateContent: @google/genai before and from its third major version', async (version) => {
    scene.provider.answer({ body: completion('Ahoy') })
    const answer = await post(`${version}/models/openai/gpt-4o:generateContent`, CONTENTS)
    expect(await answer.json()).toMatchObject({ candidates: [{ content: { parts: [{ text: 'Ahoy' }] } }] })
  })

  it('whose last word asks for a stream asks the provider for one, too', async () => {
    scene.provider.answer({ events: [delta('Ahoy'), finish(), usageFrame(), '[DONE]'] })
    const answer = await post('/v1/models/openai/gpt-4o:streamGenerateContent?alt=sse', CONTENTS)
    expect(await answer.text()).toContain('"text":"Ahoy"')
    expect(JSON.parse(scene.provider.journal.at(-1)!.body.toString())).toMatchObject({
      stream: true,
      stream_options: { include_usage: true },
    })
  })
})

describe('the models there are', () => {
  const get = async (path: string, headers: Record<string, string>) =>
    (await scene.gateway.call('GET', path, { headers: { 'x-tollgate-key': scene.tenant.key, ...headers } })).body
  const GEMINI = { name: 'models/google/gemini-2.5-flash', supportedGenerationMethods: ['generateContent', 'streamGenerateContent'] }

  it.for([
    ['/v1beta', {}],
    ['/v1', { 'x-goog-api-key': 'any' }],
  ] as const)('are told as Google tells them at %s with %o', async ([version, headers]) => {
    const { models } = await get(`${version}/models`, headers)
    expect(models.length).toBeGreaterThan(0)
    expect(models[0]).toMatchObject({ name: expect.stringMatching(/^models\//) })
    expect(await get(`${version}/models/google/gemini-2.5-flash`, headers)).toMatchObject(GEMINI)
  })

  it('are told as OpenAI and Anthropic tell them at /v1 to everyone else', async () => {
    expect(await get('/v1/models', {})).toMatchObject({ object: 'list', has_more: false })
    expect(await get('/v1/models/google/gemini-2.5-flash', {})).toMatchObject({ id: 'google/gemini-2.5-flash', object: 'model' })
  })
})
