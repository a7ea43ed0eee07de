import OpenAI, { toFile } from 'openai'
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

describe('listening', () => {
  const file = () => toFile(SOUND, 'said.wav', { type: 'audio/wav' })
  const said = { text: 'Good morning', usage: { type: 'duration', seconds: 7 } }
  const formSent = async () => {
    const { headers, body } = scene.provider.journal.at(-1)!
    return new Response(new Uint8Array(body), { headers: { 'content-type': headers['content-type'] ?? '' } }).formData()
  }

  it('takes a form with the model before or after the file, and passes the file untouched', async () => {
    for (const order of [
      { model: 'openai/whisper-1', file: await file() },
      { file: await file(), model: 'openai/whisper-1' },
    ]) {
      scene.provider.answer({ body: said })
      const { text } = await client.audio.transcriptions.create(order)
      expect(text).toBe('Good morning')
      const sent = await formSent()
      expect([...sent.keys()]).toEqual(Object.keys(order))
      expect(sent.get('model')).toBe('whisper-1')
      const sound = sent.get('file')
      expect(sound instanceof Blob && Buffer.from(await sound.arrayBuffer()).equals(SOUND), 'the file as it was').toBe(true)
      expect(scene.provider.journal.at(-1)?.path).toBe('/openai/v1/audio/transcriptions')
    }
    expect(await lastBooked()).toMatchObject({ state: 'settled', outcome: { usage: { seconds: 7 } } })
  })

  it('translates too, and answers as text where text was asked for', async () => {
    scene.provider.answer({ headers: { 'content-type': 'text/plain; charset=utf-8' }, body: 'Good morning\n' })
    const text = await client.audio.translations.create({ model: 'groq/whisper-large-v3', file: await file(), response_format: 'text' })
    expect(text).toBe('Good morning\n')
    expect(scene.provider.journal.at(-1)?.path).toBe('/groq/openai/v1/audio/translations')
    // Nobody told how long it was: unknown, not nothing.
    expect(await lastBooked()).toMatchObject({ state: 'settled', cost: null })
  })

  it('streams what it hears', async () => {
    const events = [
      { type: 'transcript.text.delta', delta: 'Good ' },
      { type: 'transcript.text.done', text: 'Good morning', usage: { type: 'tokens', input_tokens: 14, output_tokens: 3 } },
    ]
    scene.provider.answer({ events })
    const stream = await client.audio.transcriptions.create({ file: await file(), model: 'openai/gpt-4o-transcribe', stream: true })
    const seen: unknown[] = []
    for await (const event of stream) seen.push(event)
    expect(seen).toEqual(events)
    expect((await lastBooked())?.outcome.usage).toMatchObject({ input: 14, output: 3 })
  })

  it('edits images by the same way', async () => {
    scene.provider.answer({ body: { created: 1, data: [{ b64_json: 'aGk=' }], usage: { input_tokens: 9, output_tokens: 10 } } })
    const image = await toFile(SOUND, 'a.png', { type: 'image/png' })
    const { data } = await client.images.edit({ image, prompt: 'Brighter', model: 'openai/gpt-image-1' })
    expect(data?.[0]?.b64_json).toBe('aGk=')
    expect((await formSent()).get('model')).toBe('gpt-image-1')
    expect(scene.provider.journal.at(-1)?.path).toBe('/openai/v1/images/edits')
    expect(await lastBooked()).toMatchObject({ start: { endpoint: 'images' }, outcome: { usage: { input: 9, output: 10, images: 1 } } })
  })

  it('edits images that JSON names, too', async () => {
    scene.provider.answer({ body: { created: 1, data: [] } })
    await (await scene.post('/v1/images/edits', { model: 'openai/gpt-image-1', prompt: 'x', images: [{ file_id: 'f' }] })).text()
    expect(JSON.parse(scene.provider.journal.at(-1)!.body.toString()).model).toBe('gpt-image-1')
  })

  const heard = async (body: FormData | string, headers: Record<string, string> = {}) => {
    const init = { method: 'POST', headers: { authorization: `Bearer ${scene.tenant.key}`, ...headers }, body }
    const response = await fetch(`${scene.gateway.url}/v1/audio/transcriptions`, init)
    const { error } = (await response.json()) as { error: { code: string; param: string | null } }
    return { status: response.status, code: error.code, param: error.param }
  }
  const formOf = (fields: readonly (readonly [string, string])[]): FormData => {
    const form = new FormData()
    for (const [name, value] of fields) form.append(name, value)
    return form
  }

  it.for([
    ['without a model', [['language', 'de']], { status: 400, code: 'invalid_value', param: 'model' }],
    [
      'with two models',
      [
        ['model', 'openai/whisper-1'],
        ['model', 'openai/gpt-4o-transcribe'],
      ],
      { status: 400, code: 'duplicate_key', param: 'model' },
    ],
    ['for a model nobody knows', [['model', 'no-such-model']], { status: 404, code: 'model_not_found', param: 'model' }],
    ['for a provider that cannot listen', [['model', 'cohere/command-a']], { status: 400, code: 'capability_missing' }],
  ] as const)('refuses a form %s', async ([, fields, expected]) => {
    expect(await heard(formOf(fields))).toMatchObject(expected)
    expect(scene.provider.journal.length, 'whole forms that reached a provider').toBe(0)
  })

  it('refuses what is no form', async () => {
    expect(await heard('hello', { 'content-type': 'text/plain' })).toMatchObject({ status: 415, code: 'unsupported_media_type' })
    expect(await heard('hello', { 'content-type': 'multipart/form-data' })).toMatchObject({ status: 415 })
    expect(await heard('hello', { 'content-type': 'multipart/form-data; boundary=abc' })).toMatchObject({
      status: 400,
      code: 'invalid_value',
    })
  })

  it('keeps a provider’s refusal', async () => {
    scene.provider.answer({
      status: 400,
      body: { error: { message: 'Too short', type: 'invalid_request_error', param: 'file', code: 'audio_too_short' } },
    })
    const error = await client.audio.transcriptions
      .create({ model: 'openai/whisper-1', file: await file() })
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ status: 400, code: 'audio_too_short' })
  })
})
