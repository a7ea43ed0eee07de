import OpenAI from 'openai'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { answerOf, bytesOf, type Families, hasRecordings, openFamilies, recorded } from '../support/families.ts'

// Sound out and sound in, from end to end.

let scene: Families
let client: OpenAI
beforeAll(async () => {
  scene = await openFamilies(['openai', 'openrouter', 'groq', 'cohere'], {
    config: {
      'models.yaml': `models:
  reader: { endpoints: [audio], offers: [{ provider: openai, wire_model: reader-1, price: { character: 15 } }] }
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
const speak = (more: object = {}) =>
  scene.post('/v1/audio/speech', { model: 'openai/reader-1', input: 'Grüß dich 🙂', voice: 'alloy', ...more })
/** Bytes that are no text in any charset. */
const SOUND = Buffer.from(Array.from({ length: 100_000 }, (_, at) => (at * 7919) % 256))
const cut = (size: number): Buffer[] =>
  Array.from({ length: Math.ceil(SOUND.length / size) }, (_, at) => SOUND.subarray(at * size, (at + 1) * size))

describe('speech', () => {
  it('comes as the bytes that the provider sends, to OpenAI’s own client', async () => {
    scene.provider.answer({ headers: { 'content-type': 'audio/mpeg' }, chunks: cut(997) })
    const answer = await client.audio.speech.create({ model: 'openai/reader-1', input: 'Hello', voice: 'alloy', response_format: 'mp3' })
    expect(answer.headers.get('content-type')).toBe('audio/mpeg')
    expect(Buffer.from(await answer.arrayBuffer()).equals(SOUND), 'the provider’s bytes').toBe(true)
    const { path, headers, body } = scene.provider.journal.at(-1)!
    expect({ path, accept: headers['accept'], body: JSON.parse(body.toString()) }).toEqual({
      path: '/openai/v1/audio/speech',
      accept: '*/*',
      body: { model: 'reader-1', input: 'Hello', voice: 'alloy', response_format: 'mp3' },
    })
  })

  it('is booked by the characters that were spoken', async () => {
    scene.provider.answer({ headers: { 'content-type': 'audio/mpeg' }, chunks: [SOUND] })
    await (await speak({ model: 'reader' })).arrayBuffer()
    // 11 characters at 15 USD per million.
    expect(await lastBooked()).toMatchObject({
      state: 'settled',
      start: { endpoint: 'audio' },
      outcome: { usage: { characters: 11 } },
      cost: 165_000,
    })
  })

  it('begins to sound before the provider has said all', async () => {
    scene.provider.answer({ headers: { 'content-type': 'audio/mpeg' }, chunks: [SOUND.subarray(0, 1000)], end: 'never' })
    const response = await speak()
    const reader = response.body!.getReader()
    expect(Buffer.from((await reader.read()).value ?? []).equals(SOUND.subarray(0, 1000))).toBe(true)
    await reader.cancel()
    // Whoever stops listening stops the provider.
    expect((await lastBooked())?.outcome.code).toBe('client_closed_request')
  })

  it('that breaks off breaks off for the client too', async () => {
    scene.provider.answer({ headers: { 'content-type': 'audio/mpeg' }, chunks: [SOUND.subarray(0, 1000), 20], end: 'reset' })
    const response = await speak()
    await expect(response.arrayBuffer()).rejects.toThrow()
    expect((await lastBooked())?.outcome.code).toBe('upstream_disconnected')
  })

  it('of a slow listener holds the provider back', async () => {
    const chunks = Array.from({ length: 300 }, () => Buffer.alloc(64 * 1024, 1))
    scene.provider.answer({ headers: { 'content-type': 'audio/wav' }, chunks })
    const response = await speak()
    await new Promise((resolve) => setTimeout(resolve, 300))
    const written = scene.provider.journal.at(-1)?.written ?? 0
    expect(written, 'bytes sent while nobody reads').toBeLessThan(16 * 1024 * 1024)
    expect((await response.arrayBuffer()).byteLength).toBe(300 * 64 * 1024)
  })

  it('may come as events, whose last tells the tokens', async () => {
    const events = [
      { type: 'speech.audio.delta', audio: 'aGk=' },
      { type: 'speech.audio.done', usage: { input_tokens: 4, output_tokens: 40, total_tokens: 44 } },
    ]
    scene.provider.answer({ events })
    const text = await (await speak({ stream_format: 'sse' })).text()
    expect(text).toBe(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''))
    expect((await lastBooked())?.outcome.usage).toMatchObject({ input: 4, output: 40 })
  })

  it('that is refused is refused in OpenAI’s envelope', async () => {
    scene.provider.answer({
      status: 400,
      body: { error: { message: 'No such voice', type: 'invalid_request_error', param: 'voice', code: null } },
    })
    const error = await client.audio.speech
      .create({ model: 'openai/reader-1', input: 'Hi', voice: 'nobody' })
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ status: 400, param: 'voice' })
  })

  it('is refused by name where the provider has no voice', async () => {
    const response = await speak({ model: 'cohere/command-a' })
    expect(await response.json()).toMatchObject({ error: { code: 'capability_missing', message: expect.stringContaining('speech') } })
    expect(scene.provider.journal).toEqual([])
  })

  it.runIf(hasRecordings).for([
    ['openai', 'openai/openai.audio.speech-u-eb93a06560.json'],
    ['openrouter', 'openrouter/openrouter.audio.speech-u-ed29e65aed.json'],
  ] as const)('recorded of %s passes untouched', async ([id, file]) => {
    const recording = recorded(file)
    scene.provider.answer(answerOf(recording))
    const body = recording.request?.body ?? ''
    const { model } = JSON.parse(body)
    const response = await scene.post('/v1/audio/speech', body.replace(JSON.stringify(model), JSON.stringify(`${id}/${model}`)))
    expect(response.headers.get('content-type')).toBe(recording.response.headers['content-type'])
    expect(Buffer.from(await response.arrayBuffer()).equals(bytesOf(recording)), 'the recorded bytes').toBe(true)
    expect(scene.provider.journal.at(-1)?.body.toString()).toBe(body)
  })
})
