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
    ['/api/v1/chat/completions', "OpenRouter's address"],
    ['/v1beta/openai/chat/completions', "Google's address for OpenAI's clients"],
    ['/openai/chat/completions', "Azure's, where no deployment is in the path"],
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

  it('that asks for a stream without alt=sse is answered in a list, and refused in one', async () => {
    const path = (model: string) => `/v1beta/models/${model}:streamGenerateContent`
    scene.provider.answer({ body: completion('Ahoy') })
    const answer = await post(path('openai/gpt-4o'), CONTENTS)
    expect(await answer.json()).toMatchObject([{ candidates: [{ content: { parts: [{ text: 'Ahoy' }] } }] }])
    const refused = await post(path('nobody/nothing'), CONTENTS)
    expect({ status: refused.status, body: await refused.json() }).toMatchObject({ status: 404, body: [{ error: { code: 404 } }] })
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

it('a tenant whose slug reads like a part of a path finds its way', async () => {
  const { slug, id, key } = await scene.hand.tenant('models', 'enterprise')
  await scene.hand.setting(id, 'OPENAI_API_KEY', 'sk-proj-of-models-0001')
  await scene.hand.holds(key, 'openai/gpt-4o')
  const call = (path: string) => scene.gateway.call('GET', `/t/${slug}${path}`, { key })
  expect((await call('/v1/models/openai/gpt-4o')).body).toMatchObject({ id: 'openai/gpt-4o' })
  scene.provider.answer({ body: completion('Ahoy') })
  const generated = await scene.gateway.call('POST', `/t/${slug}/v1beta/models/openai/gpt-4o:generateContent`, { key, body: CONTENTS })
  expect(generated.body).toMatchObject({ candidates: [{ content: { parts: [{ text: 'Ahoy' }] } }] })
})

describe('methods', () => {
  const call = (method: string, path: string) =>
    fetch(scene.gateway.url + path, { method, headers: { 'x-tollgate-key': scene.tenant.key } })

  it.for([
    ['/v1/chat/completions', 'POST, OPTIONS'],
    ['/t/acme/v1/embeddings', 'POST, OPTIONS'],
    ['/v1/models', 'GET, HEAD, OPTIONS'],
    ['/v1/explain', 'GET, HEAD, OPTIONS'],
    ['/v1/responses/resp_1', 'GET, DELETE, OPTIONS'],
    ['/providers/openai/files', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'],
  ])('of %s are told to who asks, and others refused: %s', async ([path, allow]) => {
    const asked = await call('OPTIONS', path!)
    expect([asked.status, asked.headers.get('allow'), await asked.text()]).toEqual([204, allow, ''])
    const refused = await call('PURGE', path!)
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, allow])
    expect(await refused.json()).toMatchObject({ error: { code: 'method_not_allowed' } })
  })

  it.for(['/', '/v1/models', '/v1/models/openai/gpt-4o', '/health/live', '/health/ready', '/api/hello'])(
    'HEAD %s is its GET without a body',
    async (path) => {
      const [head, get] = await Promise.all([call('HEAD', path), call('GET', path)])
      expect([head.status, head.headers.get('content-type'), await head.text()]).toEqual([200, get.headers.get('content-type'), ''])
    },
  )
})

describe('a deployment of Azure’s', () => {
  const form = (model: string, field = 'file') => {
    const body = new FormData()
    body.set('model', model)
    body.set(field, new Blob(['bytes']), 'name')
    return body
  }
  const send = (path: string, body: FormData) =>
    fetch(`${scene.gateway.url}/openai/deployments/openai/whisper-1${path}?api-version=2024-10-21`, {
      method: 'POST',
      headers: { 'api-key': scene.tenant.key },
      body,
    })

  it('is named in the path of a form and in the form, alike', async () => {
    scene.provider.answer({ body: { text: 'Ahoy' } })
    expect(await (await send('/audio/transcriptions', form('openai/whisper-1'))).json()).toEqual({ text: 'Ahoy' })
    expect(scene.provider.journal.at(-1)!.path).toMatch(/\/audio\/transcriptions$/)
    const two = await send('/audio/transcriptions', form('openai/other'))
    expect([two.status, await two.text()]).toEqual([400, expect.stringContaining('whisper-1')])
  })
})

it('pictures are varied as they are painted, by a form', async () => {
  scene.provider.answer({ body: { created: 1, data: [{ url: 'https://pictures.example/1' }] } })
  const body = new FormData()
  body.set('model', 'openai/dall-e-2')
  body.set('n', '1')
  body.set('image', new Blob(['png']), 'a.png')
  const answer = await fetch(`${scene.gateway.url}/v1/images/variations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${scene.tenant.key}` },
    body,
  })
  expect([answer.status, await answer.json()]).toEqual([200, { created: 1, data: [{ url: 'https://pictures.example/1' }] }])
  const { path, body: sent } = scene.provider.journal.at(-1)!
  expect([path.endsWith('/images/variations'), sent.toString()]).toEqual([true, expect.stringContaining('\r\n\r\ndall-e-2\r\n')])
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

  it('are said to embed where they do nothing else', async () => {
    const { models } = await get('/v1beta/models', {})
    const embedding = models.find(({ name }: { name: string }) => name.includes('text-embedding-3-small'))
    expect(embedding).toMatchObject({ supportedGenerationMethods: ['embedContent'] })
  })

  it.for(['google/gemini-2.5-flash', 'google%2Fgemini-2.5-flash', 'gemini-2.5-flash'])('are found by %s', async (name) => {
    expect((await get(`/v1/models/${name}`, {})).object).toBe('model')
    expect((await get(`/v1beta/models/${name}`, {})).name).toMatch(/gemini-2\.5-flash$/)
  })

  it('are told as OpenAI and Anthropic tell them at /v1 to everyone else', async () => {
    expect(await get('/v1/models', {})).toMatchObject({ object: 'list', has_more: false })
    expect(await get('/v1/models/google/gemini-2.5-flash', {})).toMatchObject({ id: 'google/gemini-2.5-flash', object: 'model' })
  })
})
